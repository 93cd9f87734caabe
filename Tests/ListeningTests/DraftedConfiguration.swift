import Configuration
import Decoding
import Listening
import Register
import Telemetry

/// The configuration and the naming file that the proposals of a survey make, read as a collector reads them.
struct DraftedConfiguration {
  /// The lines of the naming file, below its headings.
  let names: [String]
  let sources: [Source]
  let naming: Naming

  private static let head = """
    district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
    store: sqlite:/var/lib/millwright
    sources:

    """

  init(_ survey: Survey) throws {
    let lines = survey.proposals.flatMap { $0.lines { _ in "note" } }
    sources = try Settings.parse(Self.head + lines.joined(separator: "\n") + "\n", file: "draft.yaml")
      .shardSettings().sources
    var names: [String] = []
    for line in survey.proposals.flatMap({ $0.names.map(\.csv) }) where !names.contains(line) {
      names.append(line)
    }
    self.names = names
    let file = ([Naming.headings] + names).joined(separator: "\n") + "\n"
    naming =
      names.isEmpty ? .none : try Naming(RegisterFile(name: "naming.csv", bytes: Array(file.utf8)))
  }

  /// The readings of messages by the configuration as `FACTORY/EQUIPMENT STATE`, and the refusals of others.
  func read(_ messages: [HeardMessage]) throws -> [String] {
    let reader = try SourceReader(sources, naming: naming)
    return messages.flatMap { message -> [String] in
      let outcome = reader.read(message)
      if let refusal = outcome.refusal {
        return ["\(refusal.reason.name) \(RejectionDetail.shown(refusal.detail))"]
      }
      return outcome.events.compactMap { event in event.state.map { "\(event.name) \($0.name)" } }
    }
  }
}
