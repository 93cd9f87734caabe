import Decoding
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Sparkplug machines that a changed configuration no longer hears") struct SparkplugRemovalTests {
  private static let sparkplug: SettingsTree = ["format": "sparkplug"]
  /// Sources that state presence and readings in other ways.
  private static let others: [SettingsTree] = [
    [
      "format": "presence", "topic": "link/{factory}/{equipment}",
      "words": ["up": "online", "down": "offline"],
    ],
    [
      "format": "json", "topic": "json/{factory}/{equipment}", "timestamp": ["at": "/time", "unit": "ms"],
      "state": ["at": "/run", "map": ["1": "running", "0": "idle"]],
    ],
  ]

  private static func payload(at seconds: Int64, _ metrics: [[UInt8]]) -> [UInt8] {
    SparkplugMessage.payload(at: (morning + .seconds(seconds)).milliseconds, seq: 0, metrics)
  }

  private func births(at seconds: Int64, _ fixture: FormatFixture) throws {
    let state = [SparkplugMessage.text("Status/State", alias: 1, "running")]
    try fixture.hears(
      [
        ("spBv1.0/F001/NBIRTH/E1", Self.payload(at: seconds, [SparkplugMessage.session(4)])),
        ("spBv1.0/F001/DBIRTH/E1/M1", Self.payload(at: seconds, state)),
      ], at: seconds)
  }

  /// The newest online and offline of each machine, in seconds; `-` for none.
  private func sessions(_ stored: StoreReading) throws -> [String] {
    func seconds(_ time: Timestamp?) -> String {
      time.map { String(($0 - morning).milliseconds / 1000) } ?? "-"
    }
    return try stored.evidence().map {
      "\($0.key.equipment) online \(seconds($0.lastOnline)) offline \(seconds($0.lastOffline))"
    }
  }

  /// Checks that rebuilt views, and those after a restart, are the live ones.
  private func check(_ fixture: FormatFixture) throws {
    let live = try fixture.stored.everything()
    #expect(try fixture.rebuilt().everything().difference(from: live).isEmpty)
    try fixture.restart()
    #expect(try fixture.stored.everything().difference(from: live).isEmpty)
  }

  @Test("end their sessions when their source is removed, and other sessions go on, also in repaired days")
  func removed() throws {
    let fixture = try FormatFixture([Self.sparkplug] + Self.others)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try births(at: 1, fixture)
    try fixture.hears("link/F001/P1", "up", at: 2)
    try fixture.use(Self.others, at: 100)
    let sessions = ["M1 online 1 offline 100", "P1 online 2 offline -"]
    #expect(try self.sessions(fixture.stored) == sessions)
    // A late reading: the day is folded again from the journal.
    try fixture.hears("json/F001/M1", #"{"time":\#(morning.milliseconds),"run":0}"#, at: 110)
    #expect(try self.sessions(fixture.stored) == sessions)
    #expect(try fixture.stored.readings(of: EquipmentKey(factory: "F001", equipment: "M1")) == 2)
    try check(fixture)
    // The source comes back, and with it the next births.
    try fixture.use([Self.sparkplug] + Self.others, at: 200)
    try births(at: 201, fixture)
    #expect(
      try self.sessions(fixture.stored) == ["M1 online 201 offline 100", "P1 online 2 offline -"])
    try check(fixture)
  }

  @Test("end their sessions when their source was removed between two runs") func removedMeanwhile() throws {
    let fixture = try FormatFixture([Self.sparkplug] + Self.others)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try births(at: 1, fixture)
    try fixture.restart(with: Self.others)
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(100)).milliseconds)
    #expect(try sessions(fixture.stored) == ["M1 online 1 offline 100"])
    try check(fixture)
  }

  @Test("keep their sessions when another setting of the source changes") func changed() throws {
    let fixture = try FormatFixture([Self.sparkplug] + Self.others)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try births(at: 1, fixture)
    try fixture.use([["format": "sparkplug", "counters": ["good": "Good"]]] + Self.others, at: 100)
    #expect(try sessions(fixture.stored) == ["M1 online 1 offline -"])
    try check(fixture)
  }

  @Test("end the sessions of their ids when they get others") func renamed() throws {
    func naming(_ equipment: String) -> [Naming.Entry] {
      [
        Naming.Entry(
          .sparkplug(group: "F001", edge: "E1", device: "M1"), factory: "F001", equipment: equipment)
      ]
    }
    let fixture = try FormatFixture([Self.sparkplug], naming: naming("X1"))
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try births(at: 1, fixture)
    try fixture.use([Self.sparkplug], naming: naming("X2"), at: 100)
    try births(at: 101, fixture)
    #expect(
      try sessions(fixture.stored) == ["X1 online 1 offline 100", "X2 online 101 offline -"])
    try check(fixture)
  }
}
