import Decoding
import Telemetry
import Testing

@Suite("Rejected status messages")
struct RejectionTests {
  /// A message, and why it is refused.
  struct Case: CustomTestStringConvertible, Sendable {
    var payload: String
    var rejection: Rejection
    var testDescription: String { "\(payload) → \(rejection.reason.name) \(rejection.detail)" }

    init(_ payload: String, _ reason: RejectionReason, _ detail: StaticString) {
      self.payload = payload
      rejection = Rejection(reason, .fixed(detail))
    }
  }

  static let fields: [Case] = [
    Case("{}", .missingField, "ts"),
    Case(#"{"state":"idle"}"#, .missingField, "ts"),
    Case(#"{"ts":null,"state":"idle"}"#, .missingField, "ts"),
    Case(#"{"ts":"2026-11-22T00:00:00Z"}"#, .missingField, "state"),
    Case(#"{"ts":"2026-11-22T00:00:00Z","state":null}"#, .missingField, "state"),
    Case(#"{"TS":"2026-11-22T00:00:00Z","state":"idle"}"#, .missingField, "ts"),
    Case(#"{"x":{"ts":"2026-11-22T00:00:00Z","state":"idle"}}"#, .missingField, "ts"),

    Case(message(state: #""run\u0000ning""#), .unknownState, "state"),
    Case(message(state: #""runnin""#), .unknownState, "state"),
    Case(message(state: #""""#), .unknownState, "state"),
    Case(message(state: #""运行""#), .unknownState, "state"),
    Case(message(state: "1"), .unknownState, "state"),
    Case(message(state: "true"), .unknownState, "state"),
    Case(message(state: #"["idle"]"#), .unknownState, "state"),
    Case(message(#""factory":"F002""#), .identityMismatch, "factory"),
    Case(message(#""factory":"f001""#), .identityMismatch, "factory"),
    Case(message(#""factory":"F0011""#), .identityMismatch, "factory"),
    Case(message(#""factory":"""#), .identityMismatch, "factory"),
    Case(message(#""factory":1"#), .identityMismatch, "factory"),
    Case(message(#""workshop":"W02""#), .identityMismatch, "workshop"),
    Case(message(#""equipment":"E18""#), .identityMismatch, "equipment"),
    Case(message(#""equipment":["E17"]"#), .identityMismatch, "equipment"),
    Case(message(#""equipment":"E17\u0000""#), .identityMismatch, "equipment"),
  ]

  @Test("a field that is not as documented names itself", arguments: fields)
  func field(testCase: Case) throws {
    #expect(try outcome(testCase.payload) == .rejected(testCase.rejection))
  }

  @Test(
    "a known key may stand only once, with whatever value and however written",
    arguments: [
      Case(message(#""ts":"2026-11-22T00:00:00Z""#), .malformed, "ts"),
      Case(message(#""\u0074\u0073":1"#), .malformed, "ts"),
      Case(message(#""state":"idle""#), .malformed, "state"),
      Case(message(#""mode":null,"mode":null"#), .malformed, "mode"),
      Case(message(#""seq":1,"seq":2"#), .malformed, "seq"),
      Case(message(#""boot":"a","x":{},"boot":"b""#), .malformed, "boot"),
      Case(message(#""energy_kwh":1,"energy\u005fkwh":1"#), .malformed, "energy_kwh"),
      Case(message(#""good":1,"total":1,"good":1"#), .malformed, "good"),
      Case(message(#""total":{},"total":[]"#), .malformed, "total"),
      Case(message(#""alarms":[],"alarms":[]"#), .malformed, "alarms"),
      Case(message(#""factory":"F001","factory":"F001""#), .malformed, "factory"),
      Case(message(#""workshop":"W01","workshop":"W01""#), .malformed, "workshop"),
      Case(message(#""equipment":"E17","equipment":"E17""#), .malformed, "equipment"),
    ])
  func duplicate(testCase: Case) throws {
    #expect(try outcome(testCase.payload) == .rejected(testCase.rejection))
  }

  @Test("an unknown key may stand twice")
  func unknownTwice() throws {
    #expect(try outcome(message(#""x":1,"x":2"#)) == outcome(message()))
  }

  @Test("of several reasons the first documented one is given")
  func precedence() throws {
    #expect(try outcome(#"{"ts":1,"ts":2,"factory":"F2"}"#) == .rejected(.malformed, "ts"))
    #expect(try outcome(#"{"factory":"F2","seq":-1}"#) == .rejected(.identityMismatch, "factory"))
    #expect(try outcome(message(#""seq":-1"#, ts: "0")) == .rejected(.tooLate, "ts"))
    #expect(try outcome(message(ts: "0")) == .rejected(.tooLate, "ts"))
  }

  @Test("a topic that no source covers, or that has no id where one belongs, is unmatched")
  func unmatched() throws {
    #expect(try outcome(sample, topic: "factory/F001/W01/E17") == .rejected(.unmatchedTopic))
    #expect(
      try outcome(sample, topic: "factory/F001/W01/E 17/status") == .rejected(.unmatchedTopic, "equipment"))
  }

  @Test(
    "what exactly is wrong is told apart",
    arguments: [
      (message(ts: "1795305600"), Fault.seconds), (message(ts: "1795305600.25"), .seconds),
      (message(ts: "1795305600000000"), .microseconds), (message(ts: "1795305600000000000"), .nanoseconds),
      (message(ts: #""2026-11-22T08:00:00""#), .noZone), (message(ts: #""2026-11-22 08:00:00""#), .noZone),
      (message(ts: #""2026-11-22 08:00:00+08:00""#), .spaceForT),
      (message(ts: #""1795305600000""#), .textNumber),
      (message(ts: #""yesterday""#), .notATime), (message(ts: #""""#), .empty),
      (message(ts: "true"), .wrongType), (message(ts: "-5"), .negative),
      (#"{"ts":1795305600000,"state":null}"#, .unspecified), (#"{"ts":null,"state":"idle"}"#, .unspecified),
      (#"{"timestamp":1795305600000,"state":"idle"}"#, .otherKey),
      (#"{"TS":1795305600000,"state":"idle"}"#, .otherKey), (#"{"state":"idle"}"#, .unspecified),
      (#"{"ts":1795305600000,"status":"idle"}"#, .otherKey),
      (message(state: #""runing""#), .unknownWord), (message(state: "1"), .number),
      (message(state: #""""#), .empty),
      (message(#""x":NaN"#), .notFinite), (message(#""x":-Infinity"#), .notFinite),
      ("[\(message())]", .array),
      ("{'ts': 1795305600000, 'state': 'idle'}", .singleQuotes), (String(message().dropLast(3)), .cutShort),
    ])
  func fault(payload: String, fault: Fault) throws {
    guard case .rejected(let rejection) = try outcome(payload) else {
      Issue.record("\(payload) was accepted")
      return
    }
    #expect(rejection.fault == fault)
  }

  @Test("text in GBK and in UTF-16 is told apart from what is no text") func encodings() throws {
    func fault(_ bytes: [UInt8]) throws -> Fault? {
      if case .rejected(let rejection) = try outcome(bytes) { rejection.fault } else { nil }
    }
    let before = Array(message().utf8.dropLast()) + Array(#","x":""#.utf8)
    // 设备 in GB 18030.
    #expect(try fault(before + [0xC9, 0xE8, 0xB1, 0xB8] + Array("\"}".utf8)) == .gb18030)
    #expect(try fault(before + [0xFF, 0x20] + Array("\"}".utf8)) == .notUTF8)
    #expect(try fault(message().utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == .utf16)
  }
}
