import Decoding
import Telemetry
import TestSupport
import Testing

@Suite("Mapped JSON") struct MappedJSONTests {
  /// The native status message as a source of mapped JSON.
  private static let native: SettingsTree = [
    "format": "json", "topic": "factory/{factory}/{workshop}/{equipment}/status", "timestamp": "/ts",
    "state": "/state", "mode": "/mode", "alarms": "/alarms",
    "counters": ["energy_kwh": "/energy_kwh", "good": "/good", "total": "/total"],
  ]

  private func decoder(
    _ tree: SettingsTree, limits: DecodingLimits = DecodingLimits()
  ) throws -> any SourceDecoder {
    var problems: [SettingsProblem] = []
    let source = try #require(SourceFormats.source(tree, name: "source", &problems), "\(problems)")
    guard case .other(let name, let settings) = source.format else { throw UnknownFormat(name: "native") }
    return try SourceFormats.catalog.decoder(name, settings: settings, limits: limits)
  }

  /// The events of a payload, or the refusal.
  private func decode(
    _ payload: UnsafeRawBufferPointer, by decoder: inout any SourceDecoder, topic: String = sampleTopic,
    template: String = sampleTemplate, isPadded: Bool = false
  ) throws -> Result<[Event], Rejection> {
    let template = try TopicTemplate(template, .mapped)
    return try Array(topic.utf8).withUnsafeBytes { topic in
      let levels = try #require(try template.match(topic))
      var events = EventBuffer()
      _ = events.begin(message: 0)
      do throws(Rejection) {
        try decoder.decode(
          ReceivedMessage(
            topic: topic, levels: levels, payload: payload, isPadded: isPadded, received: sampleReceipt),
          into: &events)
        return .success(Array(events.events))
      } catch { return .failure(error) }
    }
  }

  @Test("A native status message gives the reading that its own decoder gives, however it is changed")
  func native() throws {
    var random = SeededGenerator(seed: 11)
    var mapped = try decoder(Self.native)
    var accepted = 0
    for _ in 0..<4000 {
      var bytes = Array(sample.utf8)
      if random.next(20) > 0 { bytes = MutationTests.mutated(bytes, by: &random) }
      guard case .reading(let expected) = try outcome(bytes) else { continue }
      accepted += 1
      let events = try bytes.withUnsafeBytes { try decode($0, by: &mapped).get() }
      #expect(events.count == 1)
      let reading = try #require(events.first).reading
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(reading.time == expected.time && reading.state == expected.state, "\(text)")
      #expect(reading.mode == expected.mode && reading.meters == expected.meters, "\(text)")
    }
    #expect(accepted > 300)
  }

  @Test("No byte beyond the payload is read, and beyond a padded one none beyond the padding") func bounds()
    throws
  {
    let memory = try GuardedMemory(capacity: 4096)
    var mapped = try decoder(Self.native)
    for payload in [sample, "{", "[", "\"", "{\"ts\":1", "1", "{\"state\":\"", "{\"alarms\":[\"E1\""] {
      for spare in [0, StatusDecoder.padding] {
        let isReading = memory.with(Array(payload.utf8), spare: spare) { bytes in
          (try? decode(bytes, by: &mapped, isPadded: spare > 0).get()) != nil
        }
        #expect(isReading == (payload == sample))
      }
    }
  }

  @Test("The number of events of a message is bounded") func bounded() throws {
    let tree: SettingsTree = [
      "format": "json", "topic": "a/{factory}", "each": "/r", "equipment": "/e", "timestamp": "receipt",
      "state": ["at": "/s", "map": ["1": "idle"]],
    ]
    func payload(_ count: Int, _ machines: Int) -> [UInt8] {
      Array(#"{"r":[\#((0..<count).map { #"{"e":\#($0 % machines),"s":1}"# }.joined(separator: ","))]}"#.utf8)
    }
    var decoder = try decoder(tree, limits: DecodingLimits(payload: 1 << 20))
    func outcome(_ bytes: [UInt8]) throws -> Result<[Event], Rejection> {
      try bytes.withUnsafeBytes { try decode($0, by: &decoder, topic: "a/F1", template: "a/{factory}") }
    }
    let events = try outcome(payload(EventBuffer.mostEvents, 5000)).get()
    #expect(events.count == EventBuffer.mostEvents)
    #expect(Set(events.map(\.sender)).count == 5000)
    #expect(throws: Rejection(.tooLarge, "events")) {
      _ = try outcome(payload(EventBuffer.mostEvents + 1, 7)).get()
    }
  }

  @Test("A payload above the limit is too large") func tooLarge() throws {
    var decoder = try decoder(Self.native, limits: DecodingLimits(payload: 100))
    let bytes = Array(sample.utf8)
    #expect(throws: Rejection(.tooLarge)) {
      _ = try bytes.withUnsafeBytes { try decode($0, by: &decoder).get() }
    }
  }

  @Test("Codes of alarms are kept by their digest") func alarms() throws {
    var decoder = try decoder(Self.native)
    let long = String(repeating: "x", count: 200)
    let payload = message(#""alarms":["B","A","B",7,"\#(long)"]"#)
    let topic = Array(sampleTopic.utf8)
    let template = try TopicTemplate(sampleTemplate)
    var events = EventBuffer()
    try topic.withUnsafeBytes { topic in
      try Array(payload.utf8).withUnsafeBytes { payload in
        let levels = try #require(try template.match(topic))
        try decoder.decode(
          ReceivedMessage(topic: topic, levels: levels, payload: payload, received: sampleReceipt),
          into: &events)
      }
    }
    let digest = try #require(events.events.first).reading.alarms
    #expect(events.alarmCodes == [digest: ["7", "A", "B", String(long.prefix(StatusDecoder.longestAlarm))]])
  }
}
