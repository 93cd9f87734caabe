import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// `base.sqlite`: views as they are at the end of a day of event time, kept aside before the messages behind
/// them are dropped. A rebuild begins from it, with what the journal still has of later days.
///
/// No message that comes for a day up to it counts any more: `limits` refuse it as too late, two days before
/// the journal could lack a message of its day.
struct ViewsBase {
  let directory: StoreDirectory
  let calendar: LocalCalendar
  let horizonMinimum: Span

  init(_ directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span) {
    self.directory = directory
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
  }

  static let finalDayName = "final_through"

  /// The last day that is final; nil when nothing was ever dropped.
  static func finalDay(of directory: StoreDirectory) throws(StoreError) -> CalendarDay? {
    guard FileManager.default.fileExists(atPath: directory.base) else { return nil }
    let queue = try SQLiteConnection.openReader(path: directory.base, label: "base")
    do {
      return try queue.read { database in
        guard try database.tableExists("setting") else { return nil }
        return try finalDay(database)
      }
    } catch {
      throw StoreError(path: directory.base, error)
    }
  }

  /// Brings a base that an earlier version made to the newest schema. Not while views are built anew, which may be
  /// copying the file: then it stays as it is until days are dropped next.
  static func migrate(_ directory: StoreDirectory) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: directory.base) else { return }
    do {
      let isNewest = try SQLiteConnection.openReader(path: directory.base, label: "base")
        .read(ViewsSchema.migrator.hasCompletedMigrations)
      guard !isNewest, let lock = try? StoreLock(path: directory.rebuildLock, purpose: "rebuild") else {
        return
      }
      try withExtendedLifetime(lock) {
        let queue = try SQLiteConnection.openWriter(
          path: directory.base, label: "base", durable: true, schema: ViewsSchema.migrator)
        try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
      }
    } catch {
      throw StoreError(path: directory.base, error)
    }
  }

  /// Puts the base, where there is one, in the place of views that are not there.
  static func restore(_ directory: StoreDirectory) throws(StoreError) {
    let files = FileManager.default
    guard !files.fileExists(atPath: directory.views), files.fileExists(atPath: directory.base) else { return }
    let temporary = directory.views + ".new"
    do {
      try? files.removeItem(atPath: temporary)
      try files.copyItem(atPath: directory.base, toPath: temporary)
      try files.moveItem(atPath: temporary, toPath: directory.views)
    } catch {
      throw StoreError(.io, "\(directory.base): cannot be copied: \(error.localizedDescription)")
    }
  }

  /// Brings the base up to the end of the event day `day`, and the journal's last block of `closed`. False
  /// when the views are not ready for it: days wait to be recomputed, or they lack blocks up to `reached`.
  func advance(
    through day: CalendarDay, after closed: DayRootStore.ClosedDay, viewsReaching reached: Int64
  ) throws -> Bool {
    // Makes the file, brings it to the newest schema and holds its settings against ours.
    try ViewsWriter(path: directory.base, calendar: calendar, horizonMinimum: horizonMinimum).close()
    let queue = try SQLiteConnection.openWriter(
      path: directory.base, label: "base", durable: true, schema: ViewsSchema.migrator)
    let isAdvanced = try queue.writeWithoutTransaction { database in
      try database.execute(sql: "ATTACH DATABASE ? AS views", arguments: [directory.views])
      defer { try? database.execute(sql: "DETACH DATABASE views") }
      var isReady = false
      // Immediate, it would hold the write lock of the views as well, for which the collector waits.
      try database.inTransaction(.deferred) {
        isReady = try copy(through: day, after: closed, max(reached, closed.root.lastBlock), database)
        return isReady ? .commit : .rollback
      }
      return isReady
    }
    try queue.writeWithoutTransaction { database in
      _ = try database.checkpoint(.truncate)
    }
    try queue.close()
    return isAdvanced
  }

  // MARK: -

  /// The last day that is final, as a base says; nil if it says none.
  static func finalDay(_ database: Database) throws -> CalendarDay? {
    try Row.fetchOne(
      database, sql: "SELECT CAST(value AS INTEGER) AS day FROM main.setting WHERE name = ?",
      arguments: [finalDayName]
    ).map { try $0.day("day") }
  }

  private func copy(
    through day: CalendarDay, after closed: DayRootStore.ClosedDay, _ wanted: Int64, _ database: Database
  ) throws -> Bool {
    let block = closed.root.lastBlock
    let before = try ViewsCursor.block(database)
    if before >= block { return true }
    let waiting = try Int.fetchOne(
      database, sql: "SELECT COUNT(*) FROM views.repair WHERE day <= ?", arguments: [day.number])
    let reached = try ViewsCursor.block(database, of: "views")
    guard waiting == 0, reached >= wanted else { return false }
    let days = BaseDays(
      after: try Self.finalDay(database), through: day, calendar: calendar, blocksAfter: before,
      blocksThrough: block)
    let left = LeftDays(database)
    try copySenders(database)
    try left.matchSenders()
    try copyIntervals(days, database)
    try left.copy(from: days.firstDay, through: days.lastDay)
    try left.complete()
    try copyByTime(days, database)
    try copyTimelines(days, database)
    try copyReceipts(days, closed.observation, database)
    try database.execute(sql: "INSERT OR REPLACE INTO main.cursor VALUES (0, ?)", arguments: [block])
    try database.execute(
      sql: "INSERT OR REPLACE INTO main.setting VALUES (?, ?)",
      arguments: [Self.finalDayName, "\(day.number)"])
    return true
  }

  /// Senders that are new. The workshops of known senders are those of their timelines, which are copied later.
  private func copySenders(_ database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO main.equipment
        SELECT (SELECT COALESCE(MAX(number), -1) FROM main.equipment) + ROW_NUMBER() OVER (ORDER BY v.number),
          v.factory, v.equipment, v.workshop, v.moved
        FROM views.equipment v LEFT JOIN main.equipment m ON m.factory = v.factory AND m.equipment = v.equipment
        WHERE m.number IS NULL;
        UPDATE main.equipment SET moved = (
          SELECT v.moved FROM views.equipment v
          WHERE v.factory = equipment.factory AND v.equipment = equipment.equipment)
        WHERE EXISTS (
          SELECT 1 FROM views.equipment v
          WHERE v.factory = equipment.factory AND v.equipment = equipment.equipment);
        """)
  }

  /// Stretches that ended; the one open at the end of the days is the timeline's to write.
  private func copyIntervals(_ days: BaseDays, _ database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO main.interval SELECT \(try Self.selected("interval", database)) FROM temp.sender s
        JOIN views.interval t ON t.equipment = s.number
        WHERE t.start >= COALESCE(s.stretch_start, ?) AND t.start < ?
        """, arguments: [Int64.min, days.end])
  }

  /// Rows that are written when a message comes, by its time.
  private func copyByTime(_ days: BaseDays, _ database: Database) throws {
    for (table, column, from, until) in [
      ("session_event", "at", days.start, days.end), ("alarm", "at", days.start, days.end),
      ("meter_reset", "at", days.start, days.end), ("field_error", "day", days.firstDay, days.lastDay + 1),
    ] {
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO main.\(table) SELECT \(try Self.selected(table, database)) FROM temp.sender s
          JOIN views.\(table) t ON t.equipment = s.number AND t.\(column) >= ? AND t.\(column) < ?
          """, arguments: [from, until])
    }
  }

  /// Copies tables that follow receipts instead of event times.
  private func copyReceipts(_ days: BaseDays, _ observation: ObservedStretch?, _ database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO main.quarantine SELECT * FROM views.quarantine WHERE block > ? AND block <= ?;
        """, arguments: [days.blocksAfter, days.blocksThrough])
    try RefusalRows.addUp(database)
    try database.execute(
      sql:
        "INSERT OR IGNORE INTO main.broker_drop SELECT * FROM views.broker_drop WHERE at < ? ORDER BY rowid",
      arguments: [days.end])
    try database.execute(
      sql:
        "INSERT OR REPLACE INTO main.retain_flag SELECT * FROM views.retain_flag WHERE day BETWEEN ? AND ?",
      arguments: [days.firstDay, days.lastDay])
    try database.execute(
      sql: "INSERT OR REPLACE INTO main.silence SELECT * FROM views.silence WHERE since < ?",
      arguments: [days.end])
    guard let observation else { return }
    try database.execute(
      sql: "INSERT OR REPLACE INTO main.observation SELECT * FROM views.observation WHERE number < ?",
      arguments: [observation.number])
    try insert(observation, into: database)
  }

  private func insert(_ observation: ObservedStretch, into database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO main.observation VALUES (?, 0, ?, ?, ?, ?)",
      arguments: [
        observation.number, observation.from.milliseconds, observation.through.milliseconds,
        observation.resumed, observation.ended,
      ])
  }

  /// A table's columns, the sender's number being the base's.
  static func selected(_ table: String, _ database: Database) throws -> String {
    try database.columns(in: table).map { $0.name == "equipment" ? "s.base" : "t.\($0.name)" }
      .joined(separator: ", ")
  }
}
