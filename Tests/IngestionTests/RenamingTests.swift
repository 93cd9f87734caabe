import Decoding
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Remembered values of machines that get other ids") struct RenamingTests {
  /// Sources whose messages have changes only; the topic or the payload names the equipment.
  private static let sources: [SettingsTree] = [
    [
      "format": "json", "topic": "json/{factory}/{equipment}", "timestamp": "receipt",
      "changes_only": "true", "state": ["at": "/s", "map": ["1": "running", "0": "idle"]],
      "counters": ["good": "/n"],
    ],
    [
      "format": "json", "topic": "list/{factory}/{workshop}", "timestamp": "receipt",
      "changes_only": "true", "equipment": "/id",
      "state": ["at": "/s", "map": ["1": "running", "0": "idle"]],
      "counters": ["good": "/n"],
    ],
    [
      "format": "values", "topic": "values/{factory}/{equipment}/{field}",
      "state": ["at": "s", "map": ["1": "running", "0": "idle"]], "counters": ["good": "n"],
    ],
    [
      "format": "line_protocol", "topic": "lines/{factory}", "equipment": "id", "changes_only": "true",
      "state": ["at": "s", "map": ["1": "running", "0": "idle"]], "counters": ["good": "n"],
    ],
  ]

  private static func entry(
    _ name: String, _ equipment: String, in factory: String = "F001", workshop: String = ""
  ) -> Naming.Entry {
    Naming.Entry(
      .published(factory: "Plant 9", workshop: workshop, equipment: name), factory: factory,
      equipment: equipment)
  }

  private func send(
    _ name: String, _ field: String, _ value: Int, at seconds: Int64, _ fixture: FormatFixture
  )
    throws
  {
    try fixture.hears("json/Plant 9/\(name)", #"{"\#(field)":\#(value)}"#, at: seconds)
    try fixture.hears("list/Plant 9/W1", #"{"id":"L\#(name)","\#(field)":\#(value)}"#, at: seconds)
    try fixture.hears("values/Plant 9/V\(name)/\(field)", "\(value)", at: seconds)
    try fixture.hears("lines/Plant 9", "m,id=R\(name) \(field)=\(value)i", at: seconds)
  }

  /// The states of a machine in order, with the seconds at which they begin.
  private func states(_ equipment: String, _ stored: StoreReading) throws -> [String] {
    try stored.stretches(of: EquipmentKey(factory: "F001", equipment: equipment)).map {
      "\($0.state.name) \(($0.from - morning).milliseconds / 1000)"
    }
  }

  private static let kinds = ["", "L", "V", "R"]

  private static func entries(_ a: String, _ b: String, in factory: String = "F001") -> [Naming.Entry] {
    kinds.flatMap { [entry($0 + "A", $0 + a, in: factory), entry($0 + "B", $0 + b)] }
  }

  @Test("stay with the published name; in another factory a machine begins anew") func renamed() throws {
    let fixture = try FormatFixture(Self.sources, naming: Self.entries("E1", "E2"))
    try send("A", "s", 1, at: 1, fixture)
    try send("B", "s", 0, at: 1, fixture)
    // The names change places: each machine keeps its own state.
    try fixture.use(Self.sources, naming: Self.entries("E2", "E1"), at: 100)
    try send("A", "n", 5, at: 101, fixture)
    try send("B", "n", 6, at: 101, fixture)
    let swapped = try fixture.stored
    for kind in Self.kinds {
      #expect(try states(kind + "E1", swapped) == ["running 1", "idle 101"], "\(kind)")
      #expect(try states(kind + "E2", swapped) == ["idle 1", "running 101"], "\(kind)")
    }
    #expect(try swapped.quarantined().isEmpty)
    // In another factory and back: what was remembered before does not hold.
    try fixture.use(Self.sources, naming: Self.entries("E9", "E1", in: "F002") + [Self.plant], at: 200)
    try fixture.use(Self.sources, naming: Self.entries("E2", "E1"), at: 300)
    try send("A", "n", 7, at: 301, fixture)
    try send("B", "n", 8, at: 301, fixture)
    let moved = try fixture.stored
    #expect(
      try moved.quarantined().map { "\($0.factory)/\($0.equipment) \($0.reason.name)" }.sorted() == [
        "F001/ missing_field", "F001/ missing_field", "F001/E2 missing_field", "F001/VE2 missing_field",
      ])
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try moved.everything()).isEmpty)
  }

  private static let plant = Naming.Entry(.published(factory: "Plant 9", equipment: ""), factory: "F001")

  @Test("stay when an entry gets or loses a workshop, and when a machine gets an entry of its own")
  func otherEntries() throws {
    let fixture = try FormatFixture(Self.sources, naming: [Self.plant, Self.entry("LA", "E1")])
    func send(_ field: String, _ value: Int, at seconds: Int64) throws {
      for name in ["LA", "E5"] {
        try fixture.hears("list/Plant 9/W1", #"{"id":"\#(name)","\#(field)":\#(value)}"#, at: seconds)
      }
    }
    try send("s", 1, at: 1)
    try fixture.use(
      Self.sources,
      naming: [Self.plant, Self.entry("LA", "E1", workshop: "W1"), Self.entry("E5", "E6")], at: 100)
    try send("n", 1, at: 101)
    try send("s", 0, at: 102)
    try fixture.use(Self.sources, naming: [Self.plant, Self.entry("LA", "E1")], at: 200)
    try send("n", 2, at: 201)
    let stored = try fixture.stored
    #expect(try stored.quarantined().isEmpty)
    #expect(try states("E1", stored) == ["running 1", "idle 102"])
    #expect(try states("E6", stored) == ["running 101", "idle 102"])
    #expect(try states("E5", stored) == ["running 1", "idle 201"])
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try stored.everything()).isEmpty)
  }

  @Test(
    "of other workshops stay when an entry moves the name in one workshop to another factory, and not back")
  func otherWorkshops() throws {
    let fixture = try FormatFixture(Self.sources, naming: [Self.plant])
    try fixture.hears("list/Plant 9/W2", #"{"id":"LA","s":1}"#, at: 1)
    let moved = Self.entry("LA", "E1", in: "F002", workshop: "W1")
    try fixture.use(Self.sources, naming: [Self.plant, moved], at: 100)
    try fixture.hears("list/Plant 9/W2", #"{"id":"LA","n":1}"#, at: 101)
    let stored = try fixture.stored
    #expect(try states("LA", stored) == ["running 1"])
    #expect(try stored.readings(of: EquipmentKey(factory: "F001", equipment: "LA")) == 2)
    #expect(try stored.quarantined().isEmpty)
    // A machine that comes from another factory gets no state of others.
    try fixture.use(Self.sources, naming: [Self.plant], at: 200)
    try fixture.hears("list/Plant 9/W1", #"{"id":"LA","n":2}"#, at: 201)
    #expect(try fixture.stored.quarantined().map(\.reason.name) == ["missing_field"])
    let rebuilt = try fixture.rebuilt().everything()
    #expect(rebuilt.difference(from: try fixture.stored.everything()).isEmpty)
  }

  @Test("are kept apart for one name in two workshops") func workshops() throws {
    let fixture = try FormatFixture(
      Self.sources,
      naming: [
        Self.entry("LA", "E1", workshop: "W1"), Self.entry("LA", "E2", workshop: "W2"),
      ])
    try fixture.hears("list/Plant 9/W1", #"{"id":"LA","s":1}"#, at: 1)
    try fixture.hears("list/Plant 9/W2", #"{"id":"LA","s":0}"#, at: 2)
    try fixture.hears("list/Plant 9/W1", #"{"id":"LA","n":1}"#, at: 3)
    let stored = try fixture.stored
    #expect(try states("E1", stored) == ["running 1"])
    #expect(try states("E2", stored) == ["idle 2"])
  }
}
