import Configuration
import Decoding
import Listening
import Telemetry
import Testing

@Suite("Proposed sources in a configuration") struct ProposedConfigurationTests {
  private static let head = """
    district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
    store: sqlite:/var/lib/millwright
    sources:

    """

  /// The sources of a configuration with the lines of proposals.
  private func sources(_ proposals: [Proposal]) throws -> [Source] {
    let lines = proposals.flatMap { $0.lines { "\($0)" } }
    let text = Self.head + lines.joined(separator: "\n") + "\n"
    return try Settings.parse(text, file: "draft.yaml").shardSettings().sources
  }

  @Test(
    "The lines proposed for each golden folder are the source that was tried",
    arguments: GoldenGuessTests.cases)
  func golden(_ name: String) throws {
    let survey = try Survey.of(try GoldenMessages(name).messages)
    guard !survey.proposals.isEmpty else { return }
    #expect(try sources(survey.proposals) == survey.proposals.map(\.source))
  }

  @Test("Names with any characters survive YAML") func names() throws {
    let received = Timestamp(milliseconds: 1_795_305_601_000)
    let topics = [
      "a: b", "- x", "'q'", "\"d\"", "null", "1.5", "状态 x", "a\\b", "{x", "*s", "&a", "!t", "%p", "@m",
      "`g",
    ]
    let survey = try Survey.of(
      topics.map { name in
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return HeardMessage(
          "\(name)/F001/E1", #"{"\#(escaped)/state":"\#(escaped)","good":1}"#, received: received)
      })
    // A brace in a topic would be a fault of a template, so that a wildcard stands for this level.
    #expect(survey.proposals.count == topics.count)
    #expect(survey.proposals.last?.source.template.description == "+/{factory}/{equipment}")
    #expect(try sources(survey.proposals) == survey.proposals.map(\.source))
  }
}
