import Decoding
import Telemetry
import Testing

@Suite("Words of presence") struct PresenceWordsTests {
  private func source(_ yaml: String) throws -> (source: Source?, problems: [String]) {
    var problems: [SettingsProblem] = []
    let source = SourceFormats.source(try PlainYAML.tree(yaml), name: "sources[0]", &problems)
    return (source, problems.map { "\($0.place.line):\($0.place.column): \($0.message)" })
  }

  @Test("The journal's text has the words, and is read back to an equal source") func text() throws {
    let found = try source(
      """
      format: presence
      topic: "a/{factory}/{equipment}"
      at: /state
      words: { up: online, 离线: offline }
      """)
    let source = try #require(found.source)
    #expect(
      source.text
        == "source presence\ta/{factory}/{equipment}\t"
        + #"{"at":"/state","words":{"up":"online","离线":"offline"}}"#)
    let rules = DecodingRules(sources: [source], limits: DecodingLimits())
    #expect(try DecodingRules(text: rules.text) == rules)
  }

  @Test(
    "Every mistake is named with its place",
    arguments: [
      ("words: { up: on }", "6:1: sources[0].words.up must be one of online, offline, not 'on'"),
      ("words: { 1: online, true: offline }", "6:1: sources[0].words.true says the same as an earlier key"),
      ("words: {}", "6:1: sources[0].words must name a word, such as { up: online, down: offline }"),
      ("words: [up]", "6:1: sources[0].words must be a section, not a list"),
      ("at: state", "6:1: sources[0].at must be a JSON pointer, such as /state, not 'state'"),
      ("at: /*/state", "6:1: sources[0].at must be a JSON pointer, such as /state, not '/*/state'"),
      ("word: { up: online }", "6:1: unknown key 'word' in sources[0] (did you mean 'words'?)"),
    ])
  func mistakes(_ line: String, _ expected: String) throws {
    let found = try source("format: presence\ntopic: '{equipment}/link'\nfactory: F001\n\n\n\(line)")
    #expect(found.source == nil)
    let messages = found.problems.map { $0.drop { $0 != " " } }
    #expect(messages == [expected.drop { $0 != " " }])
    #expect(found.problems.allSatisfy { $0.hasPrefix("6:") })
  }

  @Test("A payload above the limit is refused") func limit() throws {
    var limits = DecodingLimits()
    limits.payload = 8
    var decoder = try SourceFormats.catalog.decoder(
      "presence", settings: #"{"words":{"up":"online"}}"#, limits: limits)
    var events = EventBuffer()
    func decode(_ text: String) -> Rejection? {
      let payload = Array(text.utf8)
      return payload.withUnsafeBytes { payload -> Rejection? in
        let message = ReceivedMessage(
          topic: UnsafeRawBufferPointer(start: nil, count: 0), levels: TopicLevels(), payload: payload,
          received: Timestamp(milliseconds: 1))
        do throws(Rejection) { try decoder.decode(message, into: &events) } catch { return error }
        return nil
      }
    }
    #expect(decode("      up") == nil)
    #expect(decode("       up") == Rejection(.tooLarge))
    #expect(decode("UP") == nil)
    #expect(decode("down") == Rejection(.malformed, "words"))
  }
}
