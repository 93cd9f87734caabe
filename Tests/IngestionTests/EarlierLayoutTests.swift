import Storage
import Foundation
import GRDB
import Ingestion
import Journal
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Stores of earlier versions") struct EarlierLayoutTests {
  /// Turns a file into one that lacks a migration and those after it, by SQL: nothing else makes tables of an earlier
  /// version.
  private func turnBack(_ path: String, before migration: String = "8 how readings arrive") throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          DROP TABLE meter_reset;
          CREATE TABLE meter_reset (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, meter INTEGER NOT NULL, last INTEGER NOT NULL,
            value INTEGER NOT NULL, rebooted INTEGER NOT NULL,
            PRIMARY KEY (equipment, at, meter, value)) WITHOUT ROWID;
          """)
      try database.execute(
        sql: """
          DELETE FROM grdb_migrations
          WHERE CAST(identifier AS INTEGER) >= CAST(? AS INTEGER)
          """, arguments: [migration])
    }
    try queue.close()
  }

  /// Gives a file the layout of version 10, by the migrations up to it, with the same rows. Packed groups have content
  /// that cannot be read.
  private func turnBackToTen(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    let newest = path + ".newest"
    try FileManager.default.copyItem(atPath: path, toPath: newest)
    defer { try? FileManager.default.removeItem(atPath: newest) }
    try queue.write { database in
      let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
      for table in tables { try database.execute(sql: "DROP TABLE \(table)") }
    }
    try ViewsSchema.migrator.migrate(queue, upTo: ViewsSchema.oldestMigrated)
    try queue.writeWithoutTransaction { database in
      // The eighth migration creates the columns of today.
      try database.execute(sql: "ALTER TABLE closing DROP COLUMN vouching")
      try database.execute(sql: "ATTACH DATABASE ? AS newest", arguments: [newest])
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM main.sqlite_master WHERE type = 'table'")
      for table in tables where table != "grdb_migrations" {
        let columns = try database.columns(in: table, in: "main").map(\.name).joined(separator: ", ")
        try database.execute(
          sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM newest.\(table)")
      }
      try database.execute(sql: "UPDATE packed_days SET totals = X'00', stretches = X'00'")
      try database.execute(sql: "DETACH DATABASE newest")
      _ = try database.checkpoint(.truncate)
    }
    try queue.close()
  }

  private static let figures = """
    SELECT * FROM equipment; SELECT * FROM day_total ORDER BY 1, 2; 
    SELECT equipment, day, workshop, newest, stretch_start, state, mode, vouching FROM closing ORDER BY 1, 2;
    SELECT * FROM interval ORDER BY 1, 2; SELECT * FROM session_event; SELECT * FROM retain_flag;
    SELECT * FROM live; SELECT * FROM observation; SELECT * FROM cursor; SELECT * FROM packed_days ORDER BY 1
    """

  /// What `sqlite3` prints of the views as they are.
  private func rows(_ sql: String, of fixture: ShardFixture) throws -> String {
    let folder = try TemporaryDirectory("live")
    let live = folder.path + "/live.sqlite"
    try LiveRows.export(fixture.directory.views, to: live)
    return try run("sqlite3", ["-quote", fixture.directory.views, "ATTACH '\(live)' AS live_rows; \(sql)"])
      .output
  }

  @Test("Views and base of version 10 are migrated: what they say stays, and the journal is not read again")
  func ten() throws {
    let settings = JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero)
    let fixture = try ShardFixture(journal: settings, daysPerGroup: 2)
    for day in 0..<8 as Range<Int64> {
      for sender in 0..<10 as Range<Int64> {
        try fixture.commit([
          .status("E\(sender)", day * 86_400 + sender, sender % 2 == 0 ? "running" : "fault"),
          .connection("E\(sender)", "offline", at: day * 86_400 + 500 + sender),
        ])
      }
      try fixture.shard.finish()
      try fixture.keepDays(at: day * 86_400 + 1000)
    }
    try fixture.shard.finish()
    try fixture.store.packGroups()
    fixture.store.release()
    // The journal says W01.
    try DatabaseQueue(path: fixture.directory.views).write {
      try $0.execute(sql: "UPDATE equipment SET workshop = 'W77' WHERE equipment = 'E3'")
    }
    let before = try rows(Self.figures, of: fixture)
    #expect(try rows("SELECT COUNT(*) FROM packed_days", of: fixture) != "0\n")
    let opening = try #require(try fixture.directory.openingState(of: "F001"))
    #expect(opening.senders.compactMap(\.timeline).count == 10)
    try turnBackToTen(fixture.directory.views)
    try turnBackToTen(fixture.directory.base)
    let refusal = #expect(throws: StoreError.self) { try ViewsReader(fixture.directory) }
    #expect(refusal?.description.contains("made by an earlier Millwright") == true)
    try fixture.restart()
    try fixture.store.packGroups()
    #expect(try rows(Self.figures, of: fixture) == before)
    #expect(try rows("SELECT workshop FROM equipment WHERE equipment = 'E3'", of: fixture) == "'W77'\n")
    #expect(try fixture.directory.openingState(of: "F001") == opening)
  }

  @Test(
    "Views of layouts that cannot be migrated are made anew from the journal by the next start",
    arguments: ["8 how readings arrive", "10 retain flags, workshops by day"])
  func views(migration: String) throws {
    let fixture = try ShardFixture()
    for sender in 0..<30 as Range<Int64> {
      try fixture.commit([
        .status(
          "E\(sender)", sender, sender % 2 == 0 ? "running" : "fault", extra: #","energy_kwh":\#(sender)"#),
        .connection("E\(sender)", "offline", at: sender + 100),
      ])
    }
    let before = try fixture.claimed().timelines
    #expect(before.count == 30)
    try turnBack(fixture.directory.views, before: migration)
    let refusal = #expect(throws: StoreError.self) { try ViewsReader(fixture.directory) }
    #expect(refusal?.description.contains("made by an earlier Millwright") == true)
    try fixture.restart()
    #expect(try fixture.claimed().timelines == before)
    try fixture.restart()
    try fixture.commit([.status("E29", 5000, "idle")])
    let last = try fixture.claimed().timelines.suffix(2)
    #expect(last.map(\.state) == [.running, .idle])
    #expect(last.map(\.meters.energy) == [28_000, 29_000])
  }

  @Test("What is kept aside of dropped days cannot be made anew, and is refused by name") func base() throws {
    let fixture = try ShardFixture(journal: JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero))
    for day in 0..<8 as Range<Int64> {
      for sender in 0..<10 { try fixture.commit([.status("E\(sender)", day * 86_400)]) }
      try fixture.shard.finish()
      try fixture.keepDays(at: day * 86_400 + 1)
    }
    fixture.store.release()
    #expect(try fixture.directory.openingState(of: "F001")?.senders.compactMap(\.timeline).count == 10)
    try turnBack(fixture.directory.base)
    let refusal = #expect(throws: StoreError.self) { try fixture.restart() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("base.sqlite: made by an earlier Millwright") == true)
  }
}
