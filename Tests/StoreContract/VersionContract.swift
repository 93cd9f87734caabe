import Foundation
import Register
import Storage
import Telemetry
import Testing

@Suite("Contract: version") struct VersionContract {
  private static let day: Int64 = 86_400

  @Test(
    "It changes when a window is folded, a day recomputed, a register imported or a day closed, and else not",
    arguments: StoreKind.all)
  func changes(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind, journal: JournalSettings(compactAfterDays: 0, pause: .zero))
    try fixture.commit([.status("E1", 0), .status("E1", 1200), .status("E1", Self.day)])
    try fixture.shard.finish()
    let reader = try fixture.store.reader()
    var last = try reader.version()
    /// Whether the version is another than at the last call.
    func hasChanged() throws -> Bool {
      defer { if let now = try? reader.version() { last = now } }
      return try reader.version() != last
    }
    let first = try #require(last.cursors[.embedded])
    #expect(last.cursors.count == 1 && first > 0)
    #expect(last.register == 0 && last.calendars == 0 && last.repairsPending == 0 && last.closedDay == nil)
    // Nothing happens; what is only in the journal is not read by reports.
    #expect(try !hasChanged())
    _ = try fixture.listing()
    #expect(try !hasChanged())
    // A window is folded.
    try fixture.commit([.status("E1", Self.day + 1)])
    try fixture.shard.finish()
    #expect(try hasChanged())
    #expect(last.cursors == [.embedded: first + 1])
    // A late message, and then its day is computed anew.
    try fixture.commit([.status("E1", 600, "idle", received: Self.day + 2)])
    try fixture.shard.finish()
    #expect(try hasChanged())
    #expect(last.repairsPending == 1)
    try fixture.shard.repairAll()
    #expect(try hasChanged())
    #expect(last.repairsPending == 0 && last.cursors == [.embedded: first + 2])
    // Equipment, and then calendars, are imported.
    let file = RegisterFile(name: "e.csv", bytes: [])
    let writer = try fixture.store.registerWriter()
    _ = try writer.importSnapshot(
      RegisterRows(factories: [RegisteredFactory(id: "F001")], equipment: []), effectiveOn: firstDay,
      importedAt: morning,
      equipmentFile: file, factoriesFile: nil)
    #expect(try hasChanged())
    #expect(last.register == 1)
    let shift = CalendarEntry(
      factory: "F001", place: .init(workshop: "", line: ""),
      kind: .shift(days: firstDay...firstDay, weekdays: [1, 2, 3, 4, 5, 6, 7], start: 0, end: 60), note: "")
    _ = try writer.importCalendar([shift], from: file, at: morning)
    #expect(try hasChanged())
    #expect(last.calendars == 1)
    #expect(try !hasChanged())
    // The first day is closed.
    try fixture.keepDays(at: Self.day + 3)
    #expect(try hasChanged())
    #expect(last.closedDay == firstDay)
    // Another reader of the same state says the same; so does a restart.
    #expect(try fixture.store.reader().version() == last)
    try fixture.restart()
    #expect(try !hasChanged())
  }

  @Test(
    "A reader of views that were replaced says so, and the new ones have another version",
    arguments: StoreKind.all)
  func replaced(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    try fixture.commit([.status("E1", 0), .status("E1", 60)])
    try fixture.shard.finish()
    let reader = try fixture.store.reader()
    let before = try reader.version()
    fixture.views.release()
    let rebuild = try fixture.store.rebuild(.embedded, ContractFixture.options(), rules: "") { _, _ in }
    let shard = try ContractFixture.shard(rebuild.shard, rebuild.store)
    try shard.finish()
    #expect(try rebuild.handOver())
    #expect(storeError { _ = try reader.version() }?.kind == .removed)
    let after = try fixture.store.reader().version()
    #expect(after != before)
    #expect(after.cursors == before.cursors)
  }
}
