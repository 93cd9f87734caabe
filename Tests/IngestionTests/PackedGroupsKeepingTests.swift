import GRDB
import Ingestion
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Keeping packed days") struct PackedGroupsKeepingTests {
  private let day: Int64 = 86_400

  /// Days of E1 that are packed, and days that wait to be packed, ascending. Packed days are SQLite's own. A day reads
  /// the same with and without them, so only the tables show them.
  private func days(_ fixture: ShardFixture) throws -> String {
    try fixture.shard.finish()
    return try DatabaseQueue(path: fixture.directory.views).read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT 'packed,' || date(first_day * 86400, 'unixepoch') || char(10) FROM packed_days UNION ALL
          SELECT 'waits,' || date(first_day * 86400, 'unixepoch') || char(10) FROM unpacked_days
          """
      ).joined()
    }
  }

  /// Gives the shard time. A tick packs for a while, one group at least: on a slow machine four groups take four ticks.
  private func tick(_ fixture: ShardFixture, at seconds: Int64) throws {
    for _ in 1...5 { try fixture.shard.tick(now: (morning + .seconds(seconds)).milliseconds) }
  }

  private func differences(_ fixture: ShardFixture) throws -> [String] {
    var found: [String] = []
    let views = fixture.directory.views
    try ViewsComparison(stored: views, computed: views).forEachDifference { found.append($0) }
    return found
  }

  @Test("A commit only notes that days are over; they are packed when there is time")
  func afterwards() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    try fixture.commit([.status("E1", 0)])
    try fixture.commit([.status("E1", day)])
    #expect(try days(fixture) == "waits,2026-11-22\n")
    try tick(fixture, at: day + 1)
    #expect(try days(fixture) == "packed,2026-11-22\n")
  }

  @Test("Days that wait when the collector is killed are packed by the next one")
  func killed() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    try fixture.commit([.status("E1", 0)])
    try fixture.commit([.status("E1", day)])
    #expect(try days(fixture) == "waits,2026-11-22\n")
    try fixture.restart()
    try tick(fixture, at: day + 1)
    #expect(try days(fixture) == "packed,2026-11-22\n")
  }

  @Test(
    "A repaired day, and those after it that hold what it ended with, are packed no more until they are again"
  )
  func repaired() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    try fixture.commit([.status("E1", 0, "idle")])
    try fixture.commit([.status("E1", day), .status("E1", 2 * day), .status("E1", 3 * day)])
    try fixture.commit([.status("E1", 3 * day + 5, "idle"), .status("E1", 4 * day)])
    try tick(fixture, at: 4 * day + 1)
    let packed = (22...25).map { "packed,2026-11-\($0)\n" }.joined()
    #expect(try days(fixture) == packed)
    try fixture.commit([.status("E1", day + 60, "fault", received: 4 * day + 2)])
    #expect(try days(fixture) == packed)
    try fixture.shard.repairAll()
    // The first day's stretch ends on the second; that is another, and the third has another stretch before it.
    let waiting = (22...24).map { "waits,2026-11-\($0)\n" }.joined()
    #expect(try days(fixture) == "packed,2026-11-25\n" + waiting)
    #expect(try differences(fixture) == [])
    try tick(fixture, at: 4 * day + 3)
    #expect(try days(fixture) == packed)
    #expect(try differences(fixture) == [])
  }

  @Test("A stretch that ends after midnight is put into the packed day it began on")
  func endsLater() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    // Midnight is 16 hours after the morning.
    let midnight: Int64 = 16 * 3600
    try fixture.commit([.status("E1", midnight - 300), .status("E1", midnight + 300)])
    try tick(fixture, at: midnight + 301)
    #expect(try days(fixture) == "packed,2026-11-22\n")
    try fixture.commit([.status("E1", midnight + 400, "idle")])
    #expect(try days(fixture) == "waits,2026-11-22\n")
    try tick(fixture, at: midnight + 401)
    #expect(try days(fixture) == "packed,2026-11-22\n")
    #expect(try differences(fixture) == [])
  }

  @Test("A stretch that went on for days is put into the one it began on, and before those it went through")
  func goesOn() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    let end = 3 * day
    for seconds in stride(from: 0, through: end, by: 600) { try fixture.commit([.status("E1", seconds)]) }
    try tick(fixture, at: end + 1)
    let packed = (22...24).map { "packed,2026-11-\($0)\n" }.joined()
    #expect(try days(fixture) == packed)
    #expect(try differences(fixture) == [])
    try fixture.commit([.status("E1", end + 60, "idle")])
    #expect(try days(fixture) == (22...24).map { "waits,2026-11-\($0)\n" }.joined())
    try tick(fixture, at: end + 61)
    #expect(try days(fixture) == packed)
    #expect(try differences(fixture) == [])
  }

  @Test("A packed day that says something else than its rows is a difference")
  func damaged() throws {
    let fixture = try ShardFixture(daysPerGroup: 1)
    try fixture.commit([.status("E1", 0), .status("E1", day)])
    try tick(fixture, at: day + 1)
    #expect(try differences(fixture) == [])
    try DatabaseQueue(path: fixture.directory.views).write {
      try $0.execute(sql: "UPDATE day_total SET readings = 7")
    }
    #expect(
      try differences(fixture) == ["packed_days F001/E1/2026-11-22: is not what its days make"])
  }
}
