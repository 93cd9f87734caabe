import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Copies days that senders have left, tables `day_total` and `closing`, from attached `views` into a base.
///
/// The rows of a day are written only when its sender comes back, which may be many days after the day became final:
/// each sender's days are copied from the one that the base has as open.
struct LeftDays {
  private let database: Database

  /// Setting of a base that has all such days. Bases of earlier versions may lack the last day of a sender before it was
  /// silent for longer than the journal is kept.
  private static let completeName = "days_complete"

  init(_ database: Database) { self.database = database }

  /// Makes the table `temp.sender`: how the numbers of both files belong together, with the day and the start of the
  /// stretch that the base has as open.
  func matchSenders() throws {
    try database.execute(
      sql: """
        DROP TABLE IF EXISTS temp.sender;
        CREATE TEMP TABLE sender (
          base INTEGER PRIMARY KEY, number INTEGER NOT NULL, open_day INTEGER, stretch_start INTEGER);
        INSERT INTO temp.sender
        SELECT m.number, v.number, NULL, NULL FROM views.equipment v
        JOIN main.equipment m ON m.factory = v.factory AND m.equipment = v.equipment;
        """)
    let pages = try LivePageReader(database, schema: "main")
    let senders = try StatementReader(database, sql: "SELECT number FROM main.equipment ORDER BY number")
    while try senders.step() {
      let base: EquipmentNumber = try senders.integer(0)
      guard let timeline = try pages.timeline(of: base, withoutMinutes: true) else { continue }
      try database.cachedStatement(
        sql: "UPDATE temp.sender SET open_day = ?, stretch_start = ? WHERE base = ?"
      ).execute(arguments: [
        timeline.day.number, timeline.hasReadings ? timeline.stretchStart.milliseconds : nil, base,
      ])
    }
  }

  /// Copies the days from `first`, or each sender's open one if it is earlier, through `last`; by their numbers.
  func copy(from first: Int64, through last: Int64) throws {
    for table in ["day_total", "closing"] {
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO main.\(table)
          SELECT \(try ViewsBase.selected(table, database)) FROM temp.sender s
          JOIN views.\(table) t ON t.equipment = s.number AND t.day >= MIN(?1, COALESCE(s.open_day, ?1))
            AND t.day <= ?2
          """, arguments: [first, last])
    }
  }

  /// Adds earlier days that the base lacks, once.
  func complete() throws {
    guard try !Self.isComplete(database) else { return }
    for table in ["day_total", "closing"] {
      try database.execute(
        sql: """
          INSERT OR IGNORE INTO main.\(table)
          SELECT \(try ViewsBase.selected(table, database)) FROM temp.sender s
          JOIN views.\(table) t ON t.equipment = s.number AND t.day < s.open_day
          """)
    }
    try database.execute(
      sql: "INSERT OR REPLACE INTO main.setting VALUES (?, '1')", arguments: [Self.completeName])
  }

  private static func isComplete(_ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM main.setting WHERE name = ?)", arguments: [completeName]
    ) == true
  }

  /// Adds days to the base of a store that it lacks and the views have, once. Does nothing while a file is missing, of
  /// an earlier layout, the views are behind the base, or somebody else builds views anew.
  ///
  /// - Parameter isLocked: whether the caller holds the lock of rebuilding.
  static func complete(_ directory: StoreDirectory, isLocked: Bool) throws(StoreError) {
    let files = FileManager.default
    guard files.fileExists(atPath: directory.base), files.fileExists(atPath: directory.views) else { return }
    do {
      let isWanted = try SQLiteConnection.openReader(path: directory.base, label: "base").read {
        try ViewsSchema.migrator.hasCompletedMigrations($0) && ViewsBase.finalDay($0) != nil
          && !isComplete($0)
      }
      guard isWanted,
        try SQLiteConnection.openReader(path: directory.views, label: "views")
          .read(ViewsSchema.migrator.hasCompletedMigrations)
      else { return }
      let lock = isLocked ? nil : try? StoreLock(path: directory.rebuildLock, purpose: "rebuild")
      guard isLocked || lock != nil else { return }
      defer { withExtendedLifetime(lock) {} }
      let queue = try SQLiteConnection.openWriter(
        path: directory.base, label: "base", durable: true, schema: ViewsSchema.migrator)
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "ATTACH DATABASE ? AS views", arguments: [directory.views])
        try database.inTransaction(.deferred) {
          guard try ViewsCursor.block(database, of: "views") >= ViewsCursor.block(database) else {
            return .rollback
          }
          let days = LeftDays(database)
          try days.matchSenders()
          try days.complete()
          return .commit
        }
        try database.execute(sql: "DETACH DATABASE views")
        _ = try database.checkpoint(.truncate)
      }
      try queue.close()
    } catch {
      throw StoreError(path: directory.base, error)
    }
  }
}
