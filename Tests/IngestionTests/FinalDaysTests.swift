import Foundation
import GRDB
import Ingestion
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Days that are kept aside before their messages are dropped") struct FinalDaysTests {
  private static let day: Int64 = 86_400
  private static let settings = JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero)

  @Test(
    "The last day before a silence longer than the journal is kept stays, also when it reaches past midnight",
    arguments: [60, 57_590] as [Int64], [2, 3, 4, 5, 6, 9] as [Int64])
  func silence(last: Int64, back: Int64) throws {
    let fixture = try ShardFixture(journal: Self.settings)
    for day in 0..<(back + 6) {
      try run(day, fixture, last: last, back: back)
      let different = try fixture.differences()
      #expect(different == "", "day \(day)")
    }
    let before = try figures(fixture)
    try removeViews(fixture)
    #expect(try fixture.stored.totals(of: key("E5"), on: firstDay)?.readings == 4)
    #expect(try fixture.stored.totals(of: key("E5"), on: firstDay + Int(back))?.readings == 4)
    #expect(try figures(fixture) == before)
  }

  @Test(
    "A base that lacks such a day takes it from the views at the next start, and before views are built anew",
    arguments: [false, true])
  func lost(isRebuilt: Bool) throws {
    let fixture = try ShardFixture(journal: Self.settings)
    for day in 0..<9 as Range<Int64> { try run(day, fixture, last: 57_590, back: 5) }
    #expect(try fixture.differences() == "")
    fixture.store.release()
    let base = try DatabaseQueue(path: fixture.directory.base)
    try base.writeWithoutTransaction { database in
      for table in ["day_total", "closing"] {
        try database.execute(
          sql: """
            DELETE FROM \(table) WHERE day < ? AND equipment = (
              SELECT number FROM equipment WHERE equipment = 'E5')
            """, arguments: [(firstDay + 5).number])
      }
      try database.execute(sql: "DELETE FROM setting WHERE name = 'days_complete'")
      _ = try database.checkpoint(.truncate)
    }
    try base.close()
    #expect(try fixture.differences(isOpen: false).contains("day_total F001/E5/"))
    if isRebuilt {
      let options = ShardOptions(calendar: shanghai, horizonMinimum: .minutes(15))
      _ = try fixture.directory.rebuild(.embedded, options, rules: "") { _, _ in }
      #expect(try fixture.differences(isOpen: false) == "")
    }
    try fixture.restart()
    #expect(try fixture.differences() == "")
    try run(9, fixture, last: 57_590, back: 5)
    #expect(try fixture.differences() == "")
  }

  @Test("Messages flagged retained on the newest day that is kept aside count once") func retainFlags() throws
  {
    let fixture = try ShardFixture(journal: Self.settings)
    for day in 0..<8 as Range<Int64> {
      var flagged = Sent.status("E1", day * Self.day + 1)
      flagged.retained = true
      try fixture.commit([.status("E1", day * Self.day), flagged])
      try fixture.keepDays(at: day * Self.day + 57_595)
      let different = try fixture.differences()
      #expect(different == "", "day \(day)")
    }
    let flags = try fixture.evidence(at: 8 * Self.day).retainFlags
    #expect(flags.retained + flags.live == 8)
  }

  @Test(
    "A stretch that began on a dropped day and ends while a day waits for repair leaves the day as it was")
  func longStretch() throws {
    let fixture = try ShardFixture(journal: Self.settings)
    /// Readings every 10 minutes from `first` to `last`, in 10 minutes after the beginning.
    func send(_ first: Int64, _ last: Int64) throws {
      try fixture.commit((first...last).map { .status("E1", $0 * 600, "idle") })
    }
    for day in 0..<8 as Range<Int64> {
      try send(day * 144, day * 144 + 95)
      try fixture.keepDays(at: day * Self.day + 57_595)
      try send(day * 144 + 96, day * 144 + 143)
    }
    let before = try fixture.stored.totals(of: key("E1"), on: firstDay)
    #expect(before?.readings == 96)
    let now = 8 * Self.day
    try fixture.commit([.status("E1", now - 900, "idle", received: now)])
    try fixture.shard.finish()
    try fixture.commit([.status("E1", now + 1, "running")])
    try fixture.shard.finish()
    try fixture.shard.repairAll()
    #expect(try fixture.differences() == "")
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay) == before)
  }

  // MARK: Reading while days are dropped

  @Test("What is read while days are dropped is read again, and dropping waits for that") func steady() throws
  {
    let fixture = try ShardFixture(journal: Self.settings)
    for day in 0..<6 as Range<Int64> { try run(day, fixture, last: 60, back: 99) }
    func days() throws -> [String] { try fixture.dayFiles().filter { $0.hasSuffix(".sqlite") } }
    #expect(try days().first == "2026-11-24.sqlite")
    var next: Int64 = 6
    func runNext() throws {
      try run(next, fixture, last: 60, back: 99)
      next += 1
    }
    var seen: [String?] = []
    let result = try fixture.directory.withSteadyDays {
      try runNext()
      seen.append(try days().first)
      return seen.count
    }
    #expect(result == 2)
    #expect(seen == ["2026-11-25.sqlite", "2026-11-25.sqlite"])
    try runNext()
    #expect(try days().first == "2026-11-27.sqlite")
  }

  @Test("An error counts only if no day was dropped meanwhile") func failing() throws {
    let fixture = try ShardFixture(journal: Self.settings)
    for day in 0..<6 as Range<Int64> { try run(day, fixture, last: 60, back: 99) }
    var calls = 0
    let failure = #expect(throws: StoreError.self) {
      try fixture.directory.withSteadyDays {
        calls += 1
        if calls == 1 { try run(6, fixture, last: 60, back: 99) }
        throw StoreError(.missing, "call \(calls)")
      }
    }
    #expect(failure?.description == "call 2")
  }

  // MARK: -

  /// One day: E1 sends always, E5 on the first day up to `last` seconds and on day `back`, then in another workshop.
  private func run(_ day: Int64, _ fixture: ShardFixture, last: Int64, back: Int64) throws {
    let start = day * Self.day
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(start)).milliseconds)
    try fixture.commit([.status("E1", start, extra: #","energy_kwh":\#(day)"#)])
    if day == 0 || day == back {
      var messages = [Sent.connection("E5", "online", at: start + 10)]
      for step in 0..<4 as Range<Int64> {
        let at = start + last - 30 + step * 10
        messages.append(
          .status(
            "E5", at, step % 2 == 0 ? "running" : "idle",
            extra: #","energy_kwh":\#(at),"good_count":\#(at),"seq":\#(at),"alarms":["A\#(step % 2)"]"#))
      }
      for var message in messages {
        if day == back { message.topic = message.topic.replacing("W01", with: "W02") }
        try fixture.commit([message])
      }
    }
    try fixture.keepDays(at: start + 57_595)
  }

  private func figures(_ fixture: ShardFixture) throws -> [String] {
    let days = try #require(try fixture.stored.days())
    return try fixture.stored.figures(days)
  }

  /// Removes the views; the next start begins from the base.
  private func removeViews(_ fixture: ShardFixture) throws {
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    try fixture.shard.repairAll()
  }
}
