import Decoding
import Ingestion
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Reading refused records of a message again") struct RetryRecordsTests {
  private static let everything = RefusedSelection(received: .distantPast ..< .distantFuture)

  /// A source of lists of records with a time each.
  private func source(_ states: SettingsTree, below topic: String = "lists") -> [SettingsTree] {
    [
      [
        "format": "json", "topic": SettingsTree(stringLiteral: topic + "/{factory}"), "equipment": "/id",
        "timestamp": "/t", "state": ["at": "/s", "map": states],
      ]
    ]
  }

  /// A message of records with equipment, state and seconds after `morning`.
  private func list(_ records: (id: String, state: String, seconds: Int64)...) -> String {
    let texts = records.map {
      #"{"id":"\#($0.id)","t":\#((morning + .seconds($0.seconds)).milliseconds),"s":"\#($0.state)"}"#
    }
    return "[\(texts.joined(separator: ","))]"
  }

  private func retry(_ fixture: FormatFixture, at seconds: Int64) throws {
    try fixture.shard.reread(
      RereadingScope(day: firstDay, refused: Self.everything), at: morning + .seconds(seconds))
  }

  private func listed(_ stored: StoreReading) throws -> [String] {
    try stored.quarantined().map { "\($0.factory)/\($0.equipment) \($0.excerpt)" }
  }

  @Test("A later decision reads those that the decision that accepted their message could not")
  func laterDecision() throws {
    let fixture = try FormatFixture(source(["run": "running"], below: "other"))
    try fixture.hears("lists/F001", list(("M1", "run", 1), ("M2", "off", 1), ("M3", "x", 1)), at: 2)
    try fixture.use(source(["run": "running"]), at: 100)
    try retry(fixture, at: 101)
    #expect(try listed(fixture.rebuilt()) == ["F001/M2 #2 +1"])
    try fixture.use(source(["run": "idle", "off": "off"]), at: 200)
    try retry(fixture, at: 201)
    let rebuilt = try fixture.rebuilt()
    #expect(try listed(rebuilt) == ["F001/M3 #3"])
    let counted = try ["M1", "M2", "M3"].map { name in
      try rebuilt.stretches(of: key(name)).map(\.state.name).joined(separator: ",")
    }
    #expect(counted == ["running", "off", ""])
  }

  @Test("Those that a decision added count once when the same content comes again by the new rules")
  func sentAgain() throws {
    let fixture = try FormatFixture(source(["run": "running"]))
    let content = list(("M1", "off", 1), ("M1", "run", 5), ("M1", "x", 7), ("M1", "run", 9))
    try fixture.hears("lists/F001", content, at: 10)
    try fixture.use(source(["run": "running", "off": "off"]), at: 100)
    try fixture.hears("lists/F001", content, at: 150)
    try retry(fixture, at: 200)
    let rebuilt = try fixture.rebuilt()
    #expect(try rebuilt.readings(of: key("M1")) == 3)
    #expect(try rebuilt.stretches(of: key("M1")).map(\.state.name) == ["off", "running"])
    // Live views of the same records after a restart from the journal agree.
    try fixture.hears("lists/F001", content, at: 300)
    #expect(try fixture.rebuilt().readings(of: key("M1")) == 3)
  }

  @Test("One with the equipment and time of a record that counts already stays listed")
  func sameInstant() throws {
    let fixture = try FormatFixture(source(["run": "running"]))
    try fixture.hears(
      "lists/F001", list(("M1", "run", 1), ("M1", "off", 1), ("M2", "off", 1), ("M3", "x", 1)), at: 2)
    try fixture.use(source(["run": "running", "off": "off"]), at: 100)
    try retry(fixture, at: 101)
    let rebuilt = try fixture.rebuilt()
    #expect(try listed(rebuilt) == ["F001/M1 #2 +1"])
    #expect(try ["M1", "M2", "M3"].map { try rebuilt.readings(of: key($0)) } == [1, 1, 0])
  }
}
