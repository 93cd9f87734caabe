import Journal
import Register
import Storage
import Telemetry
import Testing

@Suite("Contract: refusals") struct RefusalContract {
  @Test("A second owner is refused until the first lets go", arguments: StoreKind.all)
  func secondOwner(kind: StoreKind) throws {
    let made = try kind.make()
    let first = try made.store.shard(.embedded, ContractFixture.options())
    _ = try first.claim(remembering: 0)
    let second = try made.store.shard(.embedded, ContractFixture.options())
    #expect(storeError { _ = try second.claim(remembering: 0) }?.kind == .locked)
    first.release()
    #expect(try second.claim(remembering: 0).head == 0)
    second.release()
    #expect(storeError { _ = try made.store.shard(ShardID(7), ContractFixture.options()) }?.kind == .refused)
  }

  @Test("Views ahead of the journal are refused", arguments: StoreKind.all) func cursorAhead(kind: StoreKind)
    throws
  {
    let made = try kind.make()
    let views = try made.store.shard(.embedded, ContractFixture.options())
    _ = try views.claim(remembering: 0)
    try views.update(ViewUpdate(changes: ViewChanges(), senders: [], timelines: [], cursor: 7))
    views.release()
    let again = try made.store.shard(.embedded, ContractFixture.options())
    let refusal = storeError { _ = try again.claim(remembering: 0) }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("block 7") == true)
  }

  @Test("What days are cut by cannot change under a store", arguments: StoreKind.all)
  func fixedSettings(kind: StoreKind) throws {
    let made = try kind.make()
    let views = try made.store.shard(.embedded, ContractFixture.options())
    _ = try views.claim(remembering: 0)
    views.release()
    let zone = try made.store.shard(.embedded, ContractFixture.options(calendar: .utc))
    let refusal = storeError { _ = try zone.claim(remembering: 0) }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("Asia/Shanghai") == true)
    let horizon = try made.store.shard(.embedded, ContractFixture.options(horizonMinimum: .minutes(5)))
    #expect(storeError { _ = try horizon.claim(remembering: 0) }?.kind == .refused)
    #expect(try made.store.reader().timeZone() == "Asia/Shanghai")
  }

  @Test("Places of refused messages are those of a selection, ascending", arguments: StoreKind.all)
  func places(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E1/status", payload: "{", at: 1), .status("E1", 2),
      Sent(topic: "factory/F002/W01/E1/status", payload: #"{"state":"none"}"#, at: 3),
    ])
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E2/status", payload: "{", at: 4),
      Sent(topic: "factory/F001/W01/E2/status", payload: "{", at: 4),
    ])
    try fixture.shard.finish()
    let quarantine = try fixture.store.quarantine()
    let newest = try quarantine.newest(3, factory: nil, equipment: nil, reason: nil)
    let first = try #require(newest.last).block
    func places(
      _ change: (inout RefusedSelection) -> Void = { _ in },
      hasTopic: (UnsafeRawBufferPointer) -> Bool = { _ in true }
    ) throws -> [RefusedPlace] {
      var selection = RefusedSelection(received: .distantPast ..< .distantFuture)
      change(&selection)
      return try quarantine.places(selection, hasTopic: hasTopic)
    }
    let excerpts = Array(newest.reversed().map(\.excerpt))
    try #require(excerpts.count == 3)
    let all = [
      RefusedPlace(block: first, record: 0, messages: 1, excerpt: excerpts[0]),
      RefusedPlace(block: first, record: 2, messages: 1, excerpt: excerpts[1]),
      RefusedPlace(block: first + 1, record: 0, messages: 1, excerpt: excerpts[2]),
    ]
    #expect(try places() == all)
    #expect(try places { $0.factory = "F002" } == [all[1]])
    #expect(try places { $0.equipment = "E2" } == [all[2]])
    #expect(try places { $0.reason = .malformed } == [all[0], all[2]])
    #expect(
      try places {
        $0.received = morning + .seconds(3)..<morning + .seconds(4)
      } == [all[1]])
    let topics = Array("factory/F001/W01/E1/status".utf8)
    #expect(try places(hasTopic: { $0.elementsEqual(topics) }) == [all[0]])
    #expect(try quarantine.finalDay() == nil)
  }

  /// A released store with a message and a register.
  private func filled(_ kind: StoreKind) throws -> any StoreUnderTest {
    let fixture = try ContractFixture(kind)
    try fixture.commit((0..<200).map { .status("E\($0)", $0) })
    try fixture.shard.finish()
    fixture.views.release()
    let writer = try fixture.store.registerWriter()
    let equipment = (0..<200).map {
      RegisteredEquipment(
        key: EquipmentKey(factory: "F001", equipment: "E\($0)"), workshop: "W01", category: "cnc",
        automation: .manual)
    }
    _ = try writer.importSnapshot(
      RegisterRows(factories: [RegisteredFactory(id: "F001")], equipment: equipment), effectiveOn: firstDay,
      importedAt: morning, equipmentFile: RegisterFile(name: "e.csv", bytes: []), factoriesFile: nil)
    return fixture.made
  }

  /// Uses a part in every way that reads it.
  private func use(_ part: StorePart, of store: any Store) -> [StoreError?] {
    switch part {
    case .journal:
      [
        storeError { try store.verifyJournal { _ in } },
        storeError { _ = try store.shard(.embedded, ContractFixture.options()).claim(remembering: 1000) },
      ]
    case .views:
      [
        storeError { _ = try ContractFixture.listing(of: store) },
        storeError { _ = try store.shard(.embedded, ContractFixture.options()).claim(remembering: 0) },
      ]
    case .register:
      [storeError { _ = try store.registerReader().snapshot(day: firstDay) }]
    }
  }

  @Test("What a newer version wrote is refused", arguments: StoreKind.all, StorePart.allCases)
  func newerSchema(kind: StoreKind, part: StorePart) throws {
    let made = try filled(kind)
    #expect(use(part, of: made.store).allSatisfy { $0 == nil })
    try made.writeNewerSchema(into: part)
    for refusal in use(part, of: made.store) {
      #expect(refusal?.kind == .refused)
      #expect(refusal?.description.contains("newer Millwright") == true)
    }
  }

  @Test(
    "What was altered beneath the program is refused as damaged", arguments: StoreKind.all, StorePart.allCases
  )
  func damaged(kind: StoreKind, part: StorePart) throws {
    let made = try filled(kind)
    try made.damage(part)
    for refusal in use(part, of: made.store) { #expect(refusal?.kind == .corrupt) }
  }
}
