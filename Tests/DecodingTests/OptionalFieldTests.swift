import Decoding
import Telemetry
import TestSupport
import Testing

@Suite("Optional fields that cannot be read")
struct OptionalFieldTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var members: String
    var field: OptionalField
    var fault: Fault
    var testDescription: String { members }

    init(_ members: String, _ field: OptionalField, _ fault: Fault) {
      self.members = members
      self.field = field
      self.fault = fault
    }
  }

  static let cases: [Case] = [
    Case(#""mode":"auto""#, .mode, .unknownWord), Case(#""mode":1"#, .mode, .number),
    Case(#""mode":"""#, .mode, .empty),
    Case(#""seq":"5""#, .sequence, .textNumber), Case(#""seq":-1"#, .sequence, .negative),
    Case(#""seq":1.0"#, .sequence, .fraction), Case(#""seq":true"#, .sequence, .wrongType),
    Case(#""seq":18446744073709551616"#, .sequence, .outOfRange),
    Case(#""boot":7"#, .boot, .number), Case(#""boot":"""#, .boot, .empty),
    Case(#""boot":"\#(String(repeating: "x", count: 65))""#, .boot, .tooLong),
    Case(#""energy_kwh":"12.5""#, .energy, .textNumber), Case(#""energy_kwh":-0.5"#, .energy, .negative),
    Case(#""energy_kwh":1e300"#, .energy, .outOfRange),
    Case(#""energy_kwh":1e400"#, .energy, .outOfRange),
    Case(#""energy_kwh":9223372036854776"#, .energy, .outOfRange),
    Case(#""good":"many""#, .good, .wrongType), Case(#""total":[1]"#, .total, .wrongType),
    Case(#""alarms":[201]"#, .alarms, .notTexts), Case(#""alarms":"E201""#, .alarms, .wrongType),
    Case(
      #""alarms":[\#((0...StatusDecoder.mostAlarms).map { "\"E\($0)\"" }.joined(separator: ","))]"#, .alarms,
      .tooMany),
  ]

  /// Decodes a message with every optional field, one of them replaced by `members`.
  private func decoded(_ members: String) throws -> (Reading?, FieldFaults) {
    var decoder = try StatusDecoder()
    let router = Router([Source(.status, template: try TopicTemplate(sampleTemplate))])
    let topic = Array(sampleTopic.utf8)
    let payload = Array(message(members).utf8)
    let reading: Reading? = topic.withUnsafeBytes { topic -> Reading? in
      payload.withUnsafeBytes { payload -> Reading? in
        do throws(Rejection) {
          return try decoder.decode(
            payload: payload, topic: topic, levels: try router.route(topic).levels, receivedAt: sampleReceipt)
        } catch { return nil }
      }
    }
    return (reading, decoder.faults)
  }

  @Test("the field is left out and named with its fault, time and state count", arguments: cases)
  func leftOut(testCase: Case) throws {
    let (reading, faults) = try decoded(testCase.members)
    var only = FieldFaults()
    only[testCase.field] = testCase.fault
    #expect(faults == only)
    #expect(reading?.state == .idle)
    #expect(reading?.time == Timestamp("2026-11-22T00:00:00Z"))
    #expect(reading?.mode == .unstated)
    #expect(reading?.sequence == nil)
    #expect(reading?.boot == nil)
    #expect(reading?.meters == Meters())
    #expect(reading?.alarms == 0)
  }

  @Test("several fields are left out at once, and the others stay") func several() throws {
    let (reading, faults) = try decoded(
      #""mode":"auto","seq":"5","boot":7,"energy_kwh":"12.5","good":3,"total":4,"alarms":[201]"#)
    #expect(reading?.meters == Meters(good: 3000, total: 4000))
    #expect(
      OptionalField.allCases.map { faults[$0] } == [
        .unknownWord, .textNumber, .number, .textNumber, nil, nil, .notTexts,
      ])
  }

  @Test(
    "a number out of range in a field nobody reads harms nothing",
    arguments: ["1e400", "[[-1E+999 ]]", "-99999999999999999999"])
  func unread(value: String) throws {
    let (reading, faults) = try decoded(#""x":\#(value),"good":7"#)
    #expect(reading?.meters.good == 7000)
    #expect(faults.isEmpty)
  }

  @Test(
    "words are read without case",
    arguments: [
      ("Running", "Manual"), ("RUNNING", "MANUAL"), (" running\\n", "manual "), ("running\\u0000", "manual"),
    ])
  func letterCase(state: String, mode: String) throws {
    let reading = try outcome(message(#""mode":"\#(mode)""#, state: "\"\(state)\"")).reading
    #expect(reading?.state == .running)
    #expect(reading?.mode == .manual)
  }

  @Test("an alarm list of 64 KiB is refused its place in time that follows its length")
  func alarmsAreBounded() throws {
    var decoder = try StatusDecoder()
    func time(alarms: Int) -> Double {
      let many = (0..<alarms).map { "\"A\($0)\"" }.joined(separator: ",")
      let payload = Array(message("\"alarms\":[\(many)]").utf8)
      #expect(payload.count <= 65_536)
      #expect(payload.withUnsafeBytes { decoder.alarms(in: $0) }.isEmpty)
      return leastProcessorTime { for _ in 0..<20 { _ = payload.withUnsafeBytes { decoder.alarms(in: $0) } } }
    }
    // Sixteen times the alarms take sixteen times as long, or 256 times where time grows with the square.
    #expect(time(alarms: 8000) < 64 * time(alarms: 500))
  }

  @Test("what is shown of a field is its value as written") func excerpts() throws {
    var decoder = try StatusDecoder()
    func excerpt(_ payload: String, _ field: String, _ fault: Fault = .unspecified) -> String {
      Array(payload.utf8).withUnsafeBytes { decoder.excerpt(of: field, fault, in: $0) }
    }
    #expect(excerpt(message(#""mode":"auto","x":1"#), "mode") == #""auto""#)
    #expect(excerpt(message(#""alarms":[201,[7]],"x":1"#), "alarms") == "[201,[7]]")
    #expect(excerpt(message(#""boot":7"#), "boot") == "7")
    #expect(excerpt(#"{"Timestamp":1,"state":"idle"}"#, "ts", .otherKey) == "Timestamp")
    #expect(excerpt("onlin", "presence") == "onlin")
    #expect(excerpt("", "presence") == "")
    // These would stand for records of a message that counts.
    #expect(excerpt("#2", "presence") == "\"#2\"")
    #expect(excerpt("#2 +1", "presence") == "\"#2 +1\"")
    #expect(excerpt(#"{"state":#7,"ts":1}"#, "state") == "\"#7\"")
    #expect(excerpt("#2 off", "presence") == "#2 off")
  }
}
