import Decoding
import Telemetry
import Testing

/// FNV-1a, 64 bits.
private func fnv1a(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

@Suite("Status messages")
struct StatusMessageTests {
  @Test("the documented message is a reading, field by field")
  func documented() throws {
    let expected = Reading(
      time: Timestamp(milliseconds: 1_795_305_600_000), received: sampleReceipt, state: .running,
      mode: .automatic,
      sequence: 4711, boot: 0x5556_9882_FF0D_F217,
      meters: Meters(energy: 1_523_250, good: 10_233_000, total: 10_241_000), alarms: fnv1a("E201"))
    #expect(try outcome(sample) == .reading(expected))
  }

  @Test("ts and state are enough; everything else is then unstated")
  func minimal() throws {
    let expected = Reading(
      time: Timestamp(milliseconds: 1_795_305_600_000), received: sampleReceipt, state: .idle, mode: .unstated
    )
    #expect(try outcome(message()) == .reading(expected))
  }

  @Test("every state has its word", arguments: EquipmentState.allCases)
  func states(state: EquipmentState) throws {
    #expect(try outcome(message(state: "\"\(state.name)\"")).reading?.state == state)
  }

  @Test("a mode is automatic or manual", arguments: [OperatingMode.automatic, .manual])
  func modes(mode: OperatingMode) throws {
    #expect(try outcome(message(#""mode":"\#(mode.name)""#)).reading?.mode == mode)
  }

  @Test("null is the same as leaving an optional field out")
  func nulls() throws {
    let nulls = """
      "mode":null,"seq":null,"boot":null,"energy_kwh":null,"good":null,"total":null,"alarms":null,\
      "factory":null,"workshop":null,"equipment":null
      """
    #expect(try outcome(message(nulls)) == outcome(message()))
  }

  @Test(
    "keys and words may be written with escapes",
    arguments: [
      #"{"\u0074s":"2026-11-22T00:00:00Z","state":"idle"}"#,
      #"{"ts":"2026-11-22T00:00:00\u005A","st\u0061te":"idle"}"#,
      #"{"ts":"2026-11-22T00:00:00Z","\u0073\u0074\u0061\u0074\u0065":"\u0069dl\u0065"}"#,
    ])
  func escapes(text: String) throws {
    #expect(try outcome(text) == outcome(message()))
  }

  @Test(
    "white space, order and unknown fields do not matter",
    arguments: [
      " \t\r\n{ \"state\" : \"idle\" ,\n\"ts\" : \"2026-11-22T00:00:00Z\" } \r\n",
      message(
        #""x":1,"y":[{"ts":0,"state":[]},"}"],"z":{"state":{"ts":"]"}},"":null,"TS":1,"State":"?","ts ":2"#),
      #"{"a":{"state":"fault"},"ts":"2026-11-22T00:00:00Z","b":[["state","fault"]],"state":"idle","c":[]}"#,
      message(#""t\u0000s":1,"deviceName":"注塑机 \ud83c\udfed","x":1e300,"y":-1e-300,"seq_":-1"#),
      message(#""key of more than thirty-one bytes, longer than any wanted one":0"#),
    ])
  func irrelevant(text: String) throws {
    #expect(try outcome(text) == outcome(message()))
  }

  @Test("meters after nested values are still those of the root object")
  func lockstep() throws {
    let text = message(
      #""a":{"energy_kwh":1.5,"b":[2.5,{"good":3.5}]},"energy_kwh":4.125,"c":[],"d":{},"good":5.5,"#
        + #""e":[1.5],"total":6.25"#)
    #expect(try outcome(text).reading?.meters == Meters(energy: 4_125, good: 5_500, total: 6_250))
  }

  @Test("boot is a digest: the same for the same text, on every run")
  func boot() throws {
    func digest(_ boot: String) throws -> UInt64? { try outcome(message(#""boot":\#(boot)"#)).reading?.boot }
    // The published FNV-1a values of "a" and "foobar".
    #expect(try digest(#""a""#) == 0xAF63_DC4C_8601_EC8C)
    #expect(try digest(#""foobar""#) == 0x8594_4171_F739_67E8)
    #expect(try digest(#""foo\u0062ar""#) == 0x8594_4171_F739_67E8)
    #expect(try digest("\"\(String(repeating: "x", count: 64))\"") != nil)
  }

  @Test(
    "alarms are strings, or none; their digest does not depend on their order",
    arguments: [
      ("[]", 0), ("null", 0), (#"["E201"]"#, fnv1a("E201")),
      (#"["E201","门未关",""]"#, fnv1a("E201") &+ fnv1a("门未关") &+ fnv1a("")),
      (#"["门未关","","E201"]"#, fnv1a("E201") &+ fnv1a("门未关") &+ fnv1a("")),
    ])
  func alarms(alarms: String, digest: UInt64) throws {
    #expect(try outcome(message(#""alarms":\#(alarms)"#)).reading?.alarms == digest)
  }

  @Test("the alarms of a message are read again, each once, in order") func alarmCodes() throws {
    var decoder = try StatusDecoder()
    func codes(_ text: String) -> [String] {
      var payload = text
      return payload.withUTF8 { decoder.alarms(in: UnsafeRawBufferPointer($0)) }
    }
    #expect(codes(#"{"alarms":["E2","\u0045\u0031","E2"],"ts":0}"#) == ["E1", "E2"])
    #expect(codes(#"{"alarms":[],"ts":0}"#) == [])
    #expect(codes(#"{"alarms":[1],"ts":0}"#) == [])
    #expect(codes(#"{"ts":0}"#) == [])
    #expect(codes("nul") == [])
  }

  @Test("a payload may name who the topic names")
  func agreement() throws {
    #expect(
      try outcome(message(#""factory":"F001","workshop":"W01","equipment":"E\u00317""#)) == outcome(message())
    )
  }

  @Test("where the topic names no workshop, the payload's is anyone's")
  func noWorkshop() throws {
    let result = try outcome(
      message(#""workshop":"W99""#), topic: "plant/F001/E17", template: "plant/{factory}/{equipment}")
    #expect(try result == outcome(message()))
  }

  @Test("a decoder forgets one message before the next")
  func forgets() throws {
    var decoder = try StatusDecoder()
    let template = try TopicTemplate(sampleTemplate)
    let topic = Array(sampleTopic.utf8)
    var results: [Reading?] = []
    for text in [sample, message(), "{", message(), sample] {
      let payload = Array(text.utf8)
      try topic.withUnsafeBytes { topic in
        let levels = try #require(try template.match(topic))
        payload.withUnsafeBytes {
          results.append(
            try? decoder.decode(
              payload: $0, topic: topic, levels: levels,
              receivedAt: sampleReceipt))
        }
      }
    }
    let full = try outcome(sample).reading
    let minimal = try outcome(message()).reading
    #expect(results == [full, minimal, nil, minimal, full])
  }
}
