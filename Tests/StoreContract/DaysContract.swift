import Ingestion
import Storage
import Telemetry
import Testing

@Suite("Contract: days of the journal") struct DaysContract {
  private static let day: Int64 = 86_400

  @Test(
    "A closed day has a root that follows the one before, and no byte of it changes", arguments: StoreKind.all
  )
  func closing(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind, journal: JournalSettings(compactAfterDays: 0, pause: .zero))
    for index in 0..<120 as Range<Int64> {
      try fixture.commit([.status("E\(index % 7)", index * 60), .status("E1", index * 60, factory: "F002")])
    }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.commit([.status("E1", Self.day * 2)])
    let before = try fixture.journaled()
    try fixture.keepDays(at: Self.day * 2 + 1)
    #expect(try fixture.journaled() == before)
    let roots = try fixture.store.closedDays()
    #expect(roots.map(\.day) == [firstDay, firstDay + 1])
    #expect(roots.first?.previous == .zero)
    #expect(roots.last?.previous == roots.first?.root)
    // The connection, the sources and 120 windows.
    #expect(roots.first?.firstBlock == 1)
    #expect(roots.first?.lastBlock == 122)
    #expect(roots.last?.firstBlock == 123)
    // A message for the compacted day is folded into it.
    try fixture.commit([.status("E1", 90, "idle", factory: "F002", received: Self.day * 2 + 2)])
    try fixture.shard.repairAll()
    #expect(try fixture.totals("E1", factory: "F002")?.states[.idle] == 30_000)
    try fixture.restart()
    try fixture.keepDays(at: Self.day * 2 + 10)
    #expect(try fixture.store.closedDays() == roots)
  }

  @Test(
    "Days beyond those kept go; their figures stay, and nothing more is counted for them",
    arguments: StoreKind.all)
  func retention(kind: StoreKind) throws {
    let settings = JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero)
    let fixture = try ContractFixture(kind, journal: settings)
    for day in 0..<8 as Range<Int64> {
      for step in 0..<6 as Range<Int64> {
        let at = day * Self.day + step * 600
        try fixture.commit([.status("E1", at, step < 3 ? "running" : "idle"), .status("E2", at + 1)])
      }
      try fixture.keepDays(at: day * Self.day + 3700)
    }
    let before = try fixture.listing(days: 8)
    #expect(try fixture.totals("E1")?.states[.running] == 1_800_000)
    #expect(fixture.views.finalDay == firstDay + 4)
    #expect(try fixture.store.closedDays().count == 7)
    var oldest: Int64?
    try fixture.store.verifyJournal { oldest = oldest ?? (($0.firstReceived - morning).milliseconds / 1000) }
    // The day begins with the sources in effect, as of the last message of its first window.
    #expect(oldest == 4 * Self.day + 1)
    // What comes for a dropped day is refused, and changes nothing.
    try fixture.commit([.status("E1", 30, "fault", received: 7 * Self.day + 4000)])
    #expect(try fixture.totals("E1")?.states[.fault] == 0)
    #expect(try fixture.totals("E1")?.states[.running] == 1_800_000)
    let refused = try fixture.store.quarantine().groups(factory: "F001", equipment: "E1", reason: .tooLate)
    #expect(refused.map(\.refusal.messages) == [1])
    // Views computed anew begin from what was kept aside of the dropped days.
    let rebuild = try fixture.store.rebuild(.embedded, ContractFixture.options(settings), rules: "") { _, _ in
    }
    var shard: Shard? = try ContractFixture.shard(rebuild.shard, rebuild.store)
    try shard?.repairAll()
    try shard?.finish()
    shard = nil
    func figures(_ lines: [String]) -> [String] { lines.filter { !$0.hasPrefix("refused") } }
    let after = try figures(ContractFixture.listing(of: rebuild.store, days: 7))
    try fixture.shard.finish()
    #expect(try after == figures(ContractFixture.listing(of: fixture.store, days: 7)))
    #expect(before.count > 30)
  }
}
