import Decoding
import Ingestion
import Telemetry
import TestSupport
import Testing

@Suite("Machines that were counted under published names") struct RenamedSendersTests {
  private static let sources: [SettingsTree] = [
    [
      "format": "json", "topic": "list/{factory}/{workshop}", "timestamp": "receipt", "equipment": "/id",
      "state": ["at": "/s", "map": ["1": "running"]],
    ]
  ]
  private static let plant = Naming.Entry(.published(factory: "Plant 9", equipment: ""), factory: "F001")

  private static func entry(
    _ name: String, _ equipment: String, of factory: String = "Plant 9", workshop: String = ""
  ) -> Naming.Entry {
    Naming.Entry(
      .published(factory: factory, workshop: workshop, equipment: name), factory: "F001",
      equipment: equipment)
  }

  /// The published names and ids that a shard lists for a naming, after it has heard machines by another one.
  private func renamed(
    _ names: [(factory: String, equipment: String)], before: [Naming.Entry], now: [Naming.Entry]
  ) throws -> [String] {
    let fixture = try FormatFixture(Self.sources, naming: before)
    for (place, name) in names.enumerated() {
      try fixture.hears(
        "list/\(name.factory)/W1", #"{"id":"\#(name.equipment)","s":1}"#, at: Int64(place + 1))
    }
    try fixture.use(Self.sources, naming: now, at: 100)
    return fixture.shard.renamedSenders.machines.map { "\($0.published) \($0.named)" }
  }

  @Test("are found in the factory of the register too, which has the published factory's name")
  func mappedFactory() throws {
    let found = try renamed(
      [("Plant 9", "LA")], before: [Self.plant], now: [Self.plant, Self.entry("LA", "E1")])
    #expect(found == ["F001/LA F001/E1"])
    // Without an entry of its own, the factory follows from its equipment.
    #expect(
      try renamed([("Plant 9", "LA")], before: [Self.plant], now: [Self.entry("LA", "E1")])
        == ["F001/LA F001/E1"])
    // The published factory is an id, and has another one now.
    let moved = Naming.Entry(.published(factory: "F009", equipment: ""), factory: "F001")
    #expect(
      try renamed([("F009", "LA")], before: [], now: [moved, Self.entry("LA", "E1", of: "F009")])
        == ["F009/LA F001/E1"])
  }

  @Test("are not those of other workshops, nor those whose ids are published names of others")
  func others() throws {
    #expect(
      try renamed([("F001", "LA")], before: [], now: [Self.entry("LA", "E1", of: "F001", workshop: "W2")])
        == [])
    let swapped = [Self.entry("E1", "E2", of: "F001"), Self.entry("E2", "E1", of: "F001")]
    #expect(try renamed([("F001", "E1"), ("F001", "E2")], before: swapped, now: swapped) == [])
  }
}
