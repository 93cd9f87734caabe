import Decoding
import Listening
import Telemetry
import Testing

@Suite("Surveys of messages") struct SurveyTests {
  private let received = Timestamp(milliseconds: 1_795_305_601_000)
  private let native: [Source]

  init() throws {
    native = [Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status"))]
  }

  private func message(_ topic: String, _ payload: String, isRetained: Bool = false) -> HeardMessage {
    HeardMessage(topic, payload, received: received, isRetained: isRetained)
  }

  @Test("A topic states its messages, its events and its refusals by reason") func topic() throws {
    let topic = "factory/F001/W01/E1/status"
    let survey = try Survey.of(
      [
        message(topic, #"{"ts":1795305600000,"state":"idle","good":7}"#, isRetained: true),
        message(topic, #"{"ts":1795305600000,"state":"RUN"}"#),
        message(topic, #"{"ts":1795305600000,"state":"RUN"}"#), message(topic, "{"),
      ], sources: native)
    let found = survey.topics[0]
    #expect(found.messages == 4)
    #expect(found.retained == 1)
    #expect(found.accepted == 1)
    #expect(found.events.map(\.name) == ["F001/W01/E1"])
    #expect(found.events[0].state == .idle)
    #expect(found.events[0].good == 7000)
    #expect(found.refusals.map(\.refusal.reason) == [.unknownState, .malformed])
    #expect(found.refusals.map(\.messages) == [2, 1])
    #expect(found.refusals[0].excerpt == #""RUN""#)
    #expect(found.proposal == nil)
    #expect(survey.proposals.isEmpty)
  }

  @Test("Data of an edge node whose birth was not heard waits for it") func missingBirth() throws {
    let golden = try GoldenMessages("sparkplug/data-before-birth")
    let source = try #require(try Survey.of(golden.messages).proposals.first).source
    let data = golden.messages.filter { String(decoding: $0.topic, as: UTF8.self).contains("DATA/") }
    let survey = try Survey.of(data, sources: [source])
    #expect(survey.topics.allSatisfy { $0.lackingBirth > 0 && $0.read == 0 && $0.proposal == nil })
    #expect(!survey.topics.isEmpty)
    #expect(survey.proposals.isEmpty)
    // Without the source, it is proposed with a remark.
    let proposal = try #require(try Survey.of(data).proposals.first)
    #expect(proposal.lines { "\($0)" } == ["  - format: sparkplug", "    # noBirth"])
    #expect(!proposal.isFit)
  }

  @Test("Topics beyond the bound are counted and left out") func topicBound() throws {
    var bounds = Survey.Bounds()
    bounds.topics = 3
    var survey = try Survey(sources: native, bounds: bounds)
    for number in 0..<10 { survey.hear(message("plant/F001/E\(number)/state", "1")) }
    survey.hear(message("plant/F001/E0/state", "0"))
    try survey.finish()
    #expect(
      survey.topics.map(\.text) == ["plant/F001/E0/state", "plant/F001/E1/state", "plant/F001/E2/state"])
    #expect(survey.topics.map(\.messages) == [2, 1, 1])
    #expect(survey.messages == 11)
    #expect(survey.messagesLeftOut == 7)
    bounds.topics = 100
    bounds.topicBytes = 40
    survey = try Survey(sources: native, bounds: bounds)
    for number in 0..<10 { survey.hear(message("plant/F001/E\(number)/state", "1")) }
    #expect(survey.topics.count == 2)
    #expect(survey.messagesLeftOut == 8)
  }

  @Test("Samples are bounded by number, size and bytes; every message is counted") func samples() throws {
    var bounds = Survey.Bounds()
    bounds.sampleBytes = 100
    bounds.allBytes = 60
    var survey = try Survey(sources: native, bounds: bounds)
    survey.hear(message("a/E1", String(repeating: "x", count: 101)))
    for value in 0..<20 { survey.hear(message("a/E2", "\(value)")) }
    survey.hear(message("a/E3", String(repeating: "y", count: 60)))
    try survey.finish()
    #expect(survey.topics.map(\.messages) == [1, 20, 1])
    #expect(survey.topics.map(\.form) == [.unsampled, .values, .unsampled])
    #expect(survey.samplesLeftOut == 2)
    #expect(survey.bytes == 101 + 30 + 60)
  }

  @Test("A topic with very many levels is counted, and no source is proposed for it") func levels() throws {
    let topic = Array(repeating: "E1", count: 20_000).joined(separator: "/")
    let survey = try Survey.of([message(topic, "1")], sources: native)
    #expect(survey.topics[0].form == .values)
    #expect(survey.proposals.isEmpty)
  }

  @Test("Forms that no source reads") func unreadable() throws {
    let survey = try Survey.of([
      message("a/1", "hello, world; this is [text]"), message("a/2", "\u{1}\u{2}"), message("a/3", ""),
      message("factory/_millwright/ab/0/probe", "7"), message("spBv1.0/STATE/scada", #"{"online":true}"#),
    ])
    #expect(
      survey.topics.map(\.form) == [.text, .binary, .empty, .probe, .sparkplug(isFromHost: true)])
    #expect(survey.proposals.isEmpty)
  }

  @Test("A machine whose name is no id is not said to be read by the source of the others") func notAnID()
    throws
  {
    let survey = try Survey.of(
      ["plc/F001/E1", "plc/F001/E 2"].map { message($0, #"{"state":"running"}"#) })
    #expect(survey.topics.map(\.text) == ["plc/F001/E 2", "plc/F001/E1"])
    #expect(survey.topics.map(\.proposal) == [nil, 0])
    #expect(survey.topics[0].nearMiss?.difference == .notAnID(placeholder: "equipment", level: "E 2"))
    #expect(survey.topics[0].nearMiss?.suggestion == "plc/F001/{equipment}")
  }

  @Test("Online and offline are presence if topics name factory and equipment") func presence() throws {
    let survey = try Survey.of([message("plant/F001/E1/link", "online"), message("E1", "offline")])
    #expect(survey.topics.map(\.form) == [.presence, .presence])
    #expect(survey.topics.map(\.proposal) == [nil, 0])
    #expect(
      survey.proposals[0].lines { "\($0)" } == [
        "  - format: presence", #"    topic: "plant/{factory}/{equipment}/link""#,
      ])
    #expect(survey.proposals[0].events.map(\.kind) == [.online])
  }

  @Test("Names that the naming gives ids are read under these ids") func naming() throws {
    var problems: [SettingsProblem] = []
    let tree: SettingsTree = [
      "format": "json", "topic": "plc/{factory}/{equipment}", "timestamp": "receipt",
      "state": ["at": "/state"],
    ]
    let source = try #require(SourceFormats.source(tree, name: "source", &problems))
    let naming = try Naming([
      Naming.Entry(.published(factory: "一厂", equipment: "车床:1"), factory: "F001", equipment: "E1"),
      Naming.Entry(.published(factory: "F001", equipment: "modbus-2"), factory: "F001", equipment: "E2"),
    ])
    var survey = try Survey(sources: [source], naming: naming)
    for name in ["一厂/车床:1", "F001/modbus-2", "F001/E3"] {
      survey.hear(message("plc/\(name)", #"{"state":"running"}"#))
    }
    try survey.finish()
    #expect(survey.topics.flatMap { $0.events.map(\.name) }.sorted() == ["F001/E1", "F001/E2", "F001/E3"])
    #expect(survey.topics.allSatisfy { $0.nearMiss == nil })
    #expect(survey.proposals.isEmpty)
  }

  @Test("Other words for online and offline are presence with these words") func presenceWords() throws {
    let survey = try Survey.of([
      message("重庆一厂/二车间/M1/在线", "上线"), message("重庆一厂/二车间/M2/在线", "下线"),
      message("MTConnect/Probe/VMC-1/Availability", "AVAILABLE"),
    ])
    #expect(survey.topics.map(\.form) == [.presenceWords, .presenceWords, .presenceWords])
    #expect(
      survey.proposals.flatMap { $0.lines { "\($0)" } } == [
        "  - format: presence", #"    topic: "MTConnect/Probe/{equipment}/Availability""#, "    # factory",
        "    factory: FACTORY", "    words: { AVAILABLE: online, UNAVAILABLE: offline }",
        "  - format: presence", #"    topic: "重庆一厂/二车间/{equipment}/在线""#, "    # factory",
        "    factory: FACTORY", "    words: { 上线: online, 下线: offline }",
      ])
    #expect(survey.proposals.map { $0.events.map(\.kind) } == [[.online], [.online, .offline]])
  }

  @Test("A status message on a topic without a factory is proposed as JSON with one") func noFactory() throws
  {
    let survey = try Survey.of([
      message("machines/E1/data", #"{"ts":"2026-11-22T08:00:00+08:00","state":"running","energy_kwh":2}"#)
    ])
    #expect(
      survey.proposals[0].lines { "\($0)" } == [
        "  - format: json", #"    topic: "machines/{equipment}/data""#, "    # factory",
        "    factory: FACTORY",
        "    timestamp: /ts", "    state: /state", "    counters: { energy_kwh: /energy_kwh }",
      ])
    #expect(survey.proposals[0].events.map(\.name) == ["FACTORY/E1"])
    #expect(survey.proposals[0].events[0].energy == 2000)
  }

  @Test("Machines of several factories and kinds share the source of their form") func groups() throws {
    let payload = #"{"time":1795305600,"Status":"运行","wh":1500}"#
    let survey = try Survey.of(
      ["shop/F001/W01/press/info", "shop/F001/W02/lathe/info", "shop/F002/W01/saw/info"].map {
        message($0, payload)
      })
    #expect(survey.topics.map(\.proposal) == [0, 0, 0])
    #expect(
      survey.proposals.map { $0.lines { "\($0)" } } == [
        [
          "  - format: json", #"    topic: "shop/{factory}/{workshop}/{equipment}/info""#,
          "    timestamp: { at: /time, unit: s }", "    state: { at: /Status, map: { 运行: running } }",
          "    counters: { energy_kwh: { at: /wh, factor: 0.001 } }",
        ]
      ])
    #expect(survey.proposals[0].equipmentCount == 3)
    #expect(survey.proposals[0].events[0].energy == 1500)
  }

  @Test("Names of machines in payloads show their level in topics") func repeatedNames() throws {
    let survey = try Survey.of([
      message("hall/pump/north", #"{"machine":"pump","state":"on","t":1795305600000}"#),
      message("hall/fan/north", #"{"machine":"fan","state":"off","t":1795305600000}"#),
    ])
    #expect(
      survey.proposals.map { $0.lines { "\($0)" }.prefix(2) } == [
        ["  - format: json", #"    topic: "hall/{equipment}/north""#]
      ])
  }
}

@Suite("Captured messages") struct CapturedMessagesTests {
  private let now = Timestamp(milliseconds: 1_795_305_601_000)

  private func read(_ line: String, isHex: Bool = false) throws -> HeardMessage? {
    var reader = CapturedMessages(isHex: isHex, now: now)
    return try reader.message(Array(line.utf8))
  }

  @Test("A topic and a payload that may have spaces") func plain() throws {
    #expect(try read("a/b {\"x\": 1}\r") == HeardMessage("a/b", "{\"x\": 1}", received: now))
    #expect(try read("a/b ") == HeardMessage("a/b", "", received: now))
    #expect(try read("a/b") == HeardMessage("a/b", "", received: now))
    #expect(try read("  ") == nil)
  }

  @Test("Hexadecimal digits") func hex() throws {
    #expect(
      try read("spBv1.0/F001/NBIRTH/W01 08fF", isHex: true)
        == HeardMessage(topic: Array("spBv1.0/F001/NBIRTH/W01".utf8), payload: [8, 255], received: now))
    #expect(throws: CapturedMessages.Fault(line: 1, kind: .notHex)) { try read("a/b 0", isHex: true) }
    #expect(throws: CapturedMessages.Fault(line: 1, kind: .notHex)) { try read("a/b 0g", isHex: true) }
  }

  @Test("JSON of mosquitto_sub, with the payload as text or as JSON") func json() throws {
    let line =
      #"{"tst":"2026-11-22T08:00:00.250000+0800","topic":"a/b","qos":0,"retain":1,"payloadlen":1,"payload":"1"}"#
    #expect(
      try read(line)
        == HeardMessage(
          "a/b", "1", received: Timestamp(milliseconds: 1_795_305_600_250), isRetained: true))
    #expect(
      try read(#"{"topic":"a/b","payload":{"x":[1,null,"\u0001\""]}}"#)
        == HeardMessage("a/b", #"{"x":[1,null,"\u0001\""]}"#, received: now))
    #expect(try read(#"{"topic":"a/b"}"#) == HeardMessage("a/b", "", received: now))
    #expect(throws: CapturedMessages.Fault(line: 1, kind: .notJSON)) { try read(#"{"payload":"1"}"#) }
    #expect(throws: CapturedMessages.Fault(line: 1, kind: .notJSON)) { try read("{") }
  }

  @Test(
    "Forms of times",
    arguments: [
      "2026-11-22T00:00:00Z", "2026-11-22T08:00:00.000000+0800", "2026-11-22T00:00:00.000123Z+0000",
    ])
  func times(_ time: String) throws {
    let message = try #require(try read(#"{"tst":"\#(time)","topic":"a/b"}"#))
    #expect(message.received == Timestamp(milliseconds: 1_795_305_600_000))
  }

  @Test("Lines that are no messages are faults with their number") func faults() throws {
    var reader = CapturedMessages(isHex: false, now: now)
    #expect(try reader.message(Array("a/b 1".utf8)) != nil)
    #expect(throws: CapturedMessages.Fault(line: 2, kind: .noTopic)) {
      try reader.message(Array("word".utf8))
    }
    #expect(throws: CapturedMessages.Fault(line: 3, kind: .badTopic)) { try reader.message(Array(" 1".utf8)) }
    #expect(throws: CapturedMessages.Fault(line: 4, kind: .tooLong)) { try reader.message(nil) }
  }

  @Test("Lines are split wherever the bytes end, and those beyond the bound are left out", arguments: 1...9)
  func lines(chunk: Int) {
    var lines = CapturedLines(longest: 4)
    var found: [String?] = []
    func note(_ line: [UInt8]?) -> Bool {
      found.append(line.map { String(decoding: $0, as: UTF8.self) })
      return true
    }
    let text = Array("ab\n\nabcd\nabcde\nx\nabcdefghijkl".utf8)
    for start in stride(from: 0, to: text.count, by: chunk) {
      let bytes = Array(text[start..<min(start + chunk, text.count)])
      #expect(bytes.withUnsafeBytes { lines.take($0, note) })
    }
    lines.finish(note)
    #expect(found == ["ab", "", "abcd", nil, "x", nil])
    lines.finish(note)
    #expect(found.count == 6)
  }

  @Test("A topic of which no message can be kept is not called empty") func unsampled() throws {
    var bounds = Survey.Bounds()
    bounds.sampleBytes = 4
    var survey = try Survey(sources: [], bounds: bounds)
    survey.hear(HeardMessage("a/large", "12345", received: now))
    survey.hear(HeardMessage("a/none", "", received: now))
    try survey.finish()
    #expect(survey.topics.map(\.form) == [.unsampled, .empty])
  }
}

@Suite("Sources as YAML") struct SourceYAMLTests {
  @Test(
    "Text is quoted where YAML would read it otherwise",
    arguments: [
      ("state", "state"), ("/values/run", "/values/run"), ("运行", "运行"), ("-1", "\"-1\""), ("", "\"\""),
      ("on", "\"on\""), ("a b", "\"a b\""), ("{f}", "\"{f}\""), ("a\"\\\n", "\"a\\\"\\\\\\u000a\""),
      ("~", "\"~\""),
      ("0.001", "0.001"), ("a: b", "\"a: b\""),
    ])
  func quoted(_ text: String, _ expected: String) { #expect(SourceYAML.quoted(text) == expected) }

  @Test("Sections and lists are on one line") func flow() {
    let tree: SettingsTree = ["at": "/s", "map": ["1": "running"], "l": ["a", "b c"], "e": [:]]
    #expect(SourceYAML.flow(tree) == #"{ at: /s, map: { 1: running }, l: [a, "b c"], e: {} }"#)
  }
}
