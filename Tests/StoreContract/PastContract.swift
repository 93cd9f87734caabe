import Journal
import Register
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Contract: one factory's past") struct PastContract {
  /// Eight days of two factories, of which the journal keeps three.
  private func collected(_ kind: StoreKind) throws -> ContractFixture {
    let fixture = try ContractFixture(
      kind, journal: JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero))
    for day in 0..<8 as Range<Int64> {
      let at = day * 86_400
      try fixture.commit([
        .status("E1", at, extra: ",\"energy_kwh\":\(day),\"good\":1,\"alarms\":[\"A\(day)\"]"),
        .status("E2", at + 60, extra: ",\"seq\":\(day),\"mode\":\"\(day)\""),
        .status("E1", at, factory: "F002"),
        Sent(
          topic: "factory/F001/W01/E1/connection", payload: day % 2 == 0 ? "online" : "offline", at: at + 90),
        Sent(topic: "factory/F001/W01/E2/status", payload: "{", at: at + 100),
      ])
      try fixture.shard.finish()
      try fixture.keepDays(at: at + 101)
    }
    let writer = try fixture.store.registerWriter()
    let file = RegisterFile(name: "equipment.csv", bytes: Array("abc".utf8))
    let keys = [("F001", "E1"), ("F001", "E2"), ("F002", "E1")].map(EquipmentKey.init)
    _ = try writer.importSnapshot(
      RegisterRows(
        factories: [RegisteredFactory(id: "F001"), RegisteredFactory(id: "F002")],
        equipment: keys.map {
          RegisteredEquipment(
            key: $0, workshop: "W1", name: "机", automation: .automatic, digital: true,
            reportInterval: .seconds(60), commissionedOn: firstDay, energyRollover: 5)
        }), effectiveOn: firstDay, importedAt: morning, equipmentFile: file, factoriesFile: file)
    _ = try writer.importSnapshot(
      RegisterRows(equipment: [RegisteredEquipment(key: keys[2])]), effectiveOn: firstDay,
      importedAt: morning, equipmentFile: file, factoriesFile: nil)
    let entries: [CalendarEntry.Kind] = [
      .shift(days: firstDay...firstDay + 9, weekdays: [1, 5], start: 60, end: 1500),
      .holiday(days: firstDay...firstDay), .shutdown(morning..<morning + .hours(1)),
    ]
    _ = try writer.importCalendar(
      zip(["F001", "F002", "F001"], entries).map {
        CalendarEntry(factory: $0, place: .init(workshop: "W1"), kind: $1, note: "n")
      }, from: file, at: morning)
    return fixture
  }

  @Test("Another store is filled with it, and holds the same", arguments: StoreKind.all)
  func restored(kind: StoreKind) throws {
    let fixture = try collected(kind)
    let store = fixture.store
    let opening = try #require(try store.openingState(of: "F001"))
    #expect(opening.senders.map(\.equipment) == ["E1", "E2"])
    #expect(opening.finalThrough != nil)
    #expect(opening.senders[0].alarms != nil && opening.senders[0].presence.count == 2)
    #expect(opening.senders[1].fieldErrors.first?.field == .mode)
    #expect(!opening.refusals.isEmpty && !opening.observations.isEmpty)
    let kept = try store.journalDays()
    let roots = try store.closedDays().filter { kept.contains($0.day) }
    #expect(roots.count >= 3)
    _ = try store.verifyRegister(anchoredIn: try store.closedDays())
    let register = try store.registerReader()
    let past = FactoryPast(
      factory: "F001", register: try register.contents(of: "F001"), chain: try register.proof(of: "F001"),
      opening: opening, days: try roots.map { try store.factoryRecords(of: "F001", on: $0) })
    #expect(past.register.imports.map(\.equipment.count) == [2, 0])
    #expect(past.register.calendars.first?.entries?.map(\.position) == [0, 2])
    #expect(past.days.allSatisfy { $0.contradiction(of: "F001") == nil })
    #expect(past.chain.contradiction(with: past.register, of: "F001") == nil)

    let other = try kind.make()
    let options = ContractFixture.options()
    try other.store.restore(past, options)
    #expect(try other.store.openingState(of: "F001") == opening)
    #expect(try other.store.registerReader().contents(of: "F001") == past.register)
    #expect(storeError { try other.store.restore(past, options) }?.kind == .refused)
    let rebuild = try other.store.rebuild(.embedded, options, rules: "", progress: { _, _ in })
    let shard = try ContractFixture.shard(rebuild.shard, rebuild.store)
    try shard.repairAll()
    try shard.finish()
    // That the collector listened until midnight shows in the first records after it.
    let end = shanghai.start(of: roots.last?.day ?? firstDay)
    func listing(_ store: any Store) throws -> [String] {
      try store.reader().snapshot { views in
        try views.evidence(of: views.senders(of: .one("F001")), asOf: end).map {
          "\($0.key) \(String(describing: $0.readings)) \(String(describing: $0.firstHeard)) \($0.sessionOpen)"
        }
      }
    }
    #expect(try listing(rebuild.store) == listing(store))
  }

  @Test("A row that is left out, or another's, contradicts the chain", arguments: StoreKind.all)
  func contradicted(kind: StoreKind) throws {
    let fixture = try collected(kind)
    let register = try fixture.store.registerReader()
    let (contents, proof) = (try register.contents(of: "F001"), try register.proof(of: "F001"))
    func expect(_ words: String, _ change: (inout RegisterContents, inout RegisterProof) -> Void) {
      var (contents, proof) = (contents, proof)
      change(&contents, &proof)
      #expect(proof.contradiction(with: contents, of: "F001")?.contains(words) == true)
    }
    expect("import 1 do not lead") { contents, _ in contents.imports[0].equipment.removeLast() }
    expect("import 1 do not lead") { contents, _ in contents.imports[0].equipment[0].name = "other" }
    expect("import 1 do not lead") { contents, _ in contents.imports[0].factory?.industry = "x" }
    expect("import 1 do not lead") { contents, _ in contents.imports[0].factoryRows += 1 }
    expect("import 2 do not lead") { contents, _ in contents.imports[1].factory = contents.imports[0].factory
    }
    expect("calendar import 1 do not lead") { contents, _ in contents.calendars[0].entries?[0].position = 1 }
    expect("calendar import 1 do not lead") { contents, _ in contents.calendars[0].entries = nil }
    expect("import 2 is missing") { contents, _ in contents.imports.removeLast() }
    expect("calendar import 1 is in no chain") { _, proof in proof.links.removeLast() }
    expect("import 1 do not lead") { _, proof in proof.links[0].proof = [] }
    expect("import 1 do not lead") { _, proof in proof.links[0].leaves = 3 }
    #expect(proof.contradiction(with: contents, of: "F002") != nil)
  }
}
