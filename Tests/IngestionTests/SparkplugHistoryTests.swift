import Decoding
import MQTT
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Historical values of Sparkplug devices") struct SparkplugHistoryTests {
  private static let key = EquipmentKey(factory: "F001", equipment: "M1")

  private static func time(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }

  private static func message(
    _ verb: String, at seconds: Int64, _ metrics: [[UInt8]] = []
  ) -> (topic: String, payload: [UInt8]) {
    let device = verb.hasPrefix("D") ? "/M1" : ""
    return (
      "spBv1.0/F001/\(verb)/E1\(device)", SparkplugMessage.payload(at: time(seconds), seq: 0, metrics)
    )
  }

  private static func births(_ session: UInt64, _ state: String, at seconds: Int64) -> [(
    topic: String, payload: [UInt8]
  )] {
    [
      message("NBIRTH", at: seconds, [SparkplugMessage.session(session)]),
      message(
        "DBIRTH", at: seconds,
        [
          SparkplugMessage.text("Status/State", alias: 1, state),
          SparkplugMessage.number("Production/GoodCount", alias: 2, 1),
        ]),
    ]
  }

  private func commit(
    _ messages: [(topic: String, payload: [UInt8])], at seconds: Int64, _ fixture: FormatFixture
  ) throws {
    var window = Window()
    for message in messages {
      var topic = message.topic
      topic.withUTF8 { topic in
        message.payload.withUnsafeBytes { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: payload, receivedAt: Self.time(seconds),
            retained: false)
        }
      }
    }
    try fixture.shard.commitOrdered(&window)
  }

  /// The states of the device in order, each with the seconds at which it begins. How readings vouch does not matter.
  private func states(_ stored: StoreReading) throws -> [String] {
    var states: [(name: String, from: Int64)] = []
    for stretch in try stored.stretches(of: Self.key) where states.last?.name != stretch.state.name {
      states.append((stretch.state.name, (stretch.from - morning).milliseconds / 1000))
    }
    return states.map { "\($0.name) \($0.from)" }
  }

  @Test("belong to the state of their own time, and not to that of the births after the gap")
  func stateOfTheirTime() throws {
    let fixture = try FormatFixture([["format": "sparkplug"]])
    try commit(Self.births(1, "running", at: 1), at: 1, fixture)
    try commit(Self.births(2, "fault", at: 1000), at: 1000, fixture)
    // Kept while the node was not connected: a counter, a change, and a counter after it.
    try commit(
      [
        Self.message("DDATA", at: 1001, [SparkplugMessage.number(alias: 2, 5, historical: Self.time(100))]),
        Self.message(
          "DDATA", at: 1001, [SparkplugMessage.text(alias: 1, "idle", historical: Self.time(200))]),
        Self.message("DDATA", at: 1001, [SparkplugMessage.number(alias: 2, 7, historical: Self.time(300))]),
      ], at: 1001, fixture)
    try fixture.restart()
    try commit(
      [
        Self.message("DDATA", at: 1002, [SparkplugMessage.number(alias: 2, 8, historical: Self.time(400))]),
        // Before everything that is known: its state is not.
        Self.message("DDATA", at: 1002, [SparkplugMessage.number(alias: 2, 0, historical: Self.time(-100))]),
        // After the births their state holds.
        Self.message("DDATA", at: 1020, [SparkplugMessage.number(alias: 2, 9, historical: Self.time(1010))]),
      ], at: 1020, fixture)
    let stored = try fixture.stored
    #expect(try states(stored) == ["running 1", "idle 200", "fault 1000"])
    #expect(try stored.readings(of: Self.key) == 7)
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try stored.everything()).isEmpty)
  }

  @Test("belong to the live state that had begun by then, whatever was heard since") func liveState() throws {
    let fixture = try FormatFixture([["format": "sparkplug"]])
    try commit(Self.births(1, "running", at: 1), at: 1, fixture)
    let live = Self.message("DDATA", at: 50, [SparkplugMessage.number(alias: 2, 9)])
    let past = Self.message(
      "DDATA", at: 51, [SparkplugMessage.number(alias: 2, 8, historical: Self.time(40))])
    try commit([live, past], at: 51, fixture)
    // Before the device stated anything.
    let unknown = Self.message(
      "DDATA", at: 52, [SparkplugMessage.number(alias: 2, 7, historical: Self.time(0))])
    try commit([unknown], at: 52, fixture)
    try fixture.restart()
    let late = Self.message(
      "DDATA", at: 53, [SparkplugMessage.number(alias: 2, 8, historical: Self.time(45))])
    try commit([late], at: 53, fixture)
    let stored = try fixture.stored
    #expect(try states(stored) == ["running 1"])
    #expect(try stored.readings(of: Self.key) == 4)
    #expect(try stored.quarantined().isEmpty)
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try stored.everything()).isEmpty)
  }

  @Test("count once however often a window repeats them, live and rebuilt") func repeated() throws {
    let fixture = try FormatFixture([["format": "sparkplug"]])
    try commit(Self.births(1, "running", at: 1), at: 1, fixture)
    let value = Self.message(
      "DDATA", at: 50, [SparkplugMessage.number(alias: 2, 5, historical: Self.time(40))])
    let other = Self.message(
      "DDATA", at: 51, [SparkplugMessage.number(alias: 2, 6, historical: Self.time(45))])
    try commit([value, value, other, value], at: 60, fixture)
    let stored = try fixture.stored
    #expect(try stored.readings(of: Self.key) == 3)
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try stored.everything()).isEmpty)
  }

  @Test("give the same views live and rebuilt, in any order and repeated") func random() throws {
    for seed in 0..<30 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let fixture = try FormatFixture([["format": "sparkplug"]])
      var seconds: Int64 = 1
      var session: UInt64 = 1
      try commit(Self.births(session, "running", at: seconds), at: seconds, fixture)
      for _ in 0..<25 {
        seconds += 1 + Int64(random.next(40_000 / (1 + random.next(400))))
        var window: [(topic: String, payload: [UInt8])] = []
        for _ in 0...random.next(6) {
          let past = Self.time(max(0, seconds - Int64(random.next(2000))))
          let state = ["running", "idle", "fault"][Int(random.next(3))]
          switch random.next(11) {
          case 0:
            session += 1
            window += Self.births(session, state, at: seconds)
          case 1:
            window.append(Self.message("DDATA", at: seconds, [SparkplugMessage.text(nil, alias: 1, state)]))
          case 2, 3:
            window.append(
              Self.message("DDATA", at: seconds, [SparkplugMessage.text(alias: 1, state, historical: past)]))
          case 4, 5:
            window.append(
              Self.message(
                "DDATA", at: seconds, [SparkplugMessage.number(alias: 2, random.next(99), historical: past)]))
          case 6, 7:
            // A live counter, after which historical values are older than the newest live reading.
            window.append(
              Self.message("DDATA", at: seconds, [SparkplugMessage.number(alias: 2, random.next(99))]))
          case 8:
            window.append(
              Self.message(
                "DDATA", at: seconds,
                [
                  SparkplugMessage.text(nil, alias: 1, state),
                  SparkplugMessage.number(alias: 2, random.next(99), historical: past),
                ]))
          default: if let earlier = window.randomElement(using: &random) { window.append(earlier) }
          }
        }
        try commit(window, at: seconds, fixture)
        if random.next(6) == 0 { try fixture.restart() }
      }
      let live = try fixture.stored.everything()
      let rebuilt = try fixture.rebuilt().everything()
      #expect(rebuilt.difference(from: live).isEmpty, "seed \(seed)")
      try fixture.restart()
      let replayed = try fixture.stored.everything()
      #expect(replayed.difference(from: live).isEmpty, "seed \(seed), replayed")
    }
  }
}
