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
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let horizonMinimum: Span

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

  /// Each timeline as it was at the end of the days: the live one when nothing has come since, else the one
  /// its last day ended with.
  private func copyTimelines(_ days: BaseDays, _ database: Database) throws {
    let before = try LivePageReader(database, schema: "main")
    let live = try LivePageReader(database, schema: "views")
    var pages = try LivePageWriter(database, schema: "main")
    var page: ContiguousArray<Timeline> = []
    let senders = try StatementReader(
      database,
      sql: """
        SELECT e.number, s.number FROM main.equipment e LEFT JOIN temp.sender s ON s.base = e.number
        ORDER BY e.number
        """)
    var count: EquipmentNumber = 0
    while try senders.step() {
      let base: EquipmentNumber = try senders.integer(0)
      guard base == count else {
        throw StoreError(.corrupt, "\(directory.base): equipment \(count) is missing")
      }
      count += 1
      var timeline: Timeline?
      if let number: EquipmentNumber = try senders.optionalInteger(1), let now = try live.timeline(of: number)
      {
        if now.day.number <= days.lastDay {
          timeline = now
          try database.cachedStatement(
            sql: """
              UPDATE main.equipment SET workshop = (SELECT workshop FROM views.equipment WHERE number = ?)
              WHERE number = ?
              """
          ).execute(arguments: [number, base])
        } else {
          timeline = try ending(of: number, base, days, database)
        }
      }
      let kept = try timeline ?? before.timeline(of: base) ?? Timeline()
      if kept.hasReadings { try forgetStretch(from: kept.stretchStart, of: base, database) }
      page.append(kept)
      if page.count == LivePage.senders {
        try pages.write(LivePage.number(of: base), page[...])
        page.removeAll(keepingCapacity: true)
      }
    }
    if !page.isEmpty { try pages.write(LivePage.number(of: count - 1), page[...]) }
  }

  /// The timeline of a sender of the views after the last of the days that anything came on; nil when there is none.
  /// The sender's workshop is made that of the same day.
  private func ending(
    of number: EquipmentNumber, _ base: EquipmentNumber, _ days: BaseDays, _ database: Database
  ) throws -> Timeline? {
    let columns =
      FieldColumns.timeline.names.map { "c.\($0)" } + FieldColumns.totals.names.map { "d.\($0)" }
    let rows = try StatementReader(
      database,
      sql: """
        SELECT c.workshop, \(columns.joined(separator: ", ")) FROM views.closing c
        JOIN views.day_total d ON d.equipment = c.equipment AND d.day = c.day
        WHERE c.equipment = ?1 AND c.day BETWEEN ?2 AND ?3 ORDER BY c.day DESC LIMIT 1
        """)
    rows.bind(Int64(number), Int64(days.firstDay), Int64(days.lastDay))
    guard let (workshop, closed) = try rows.first({ (try $0.text(0), try $0.timeline(from: 1)) }) else {
      return nil
    }
    try database.cachedStatement(sql: "UPDATE main.equipment SET workshop = ? WHERE number = ?")
      .execute(arguments: [workshop, base])
    var timeline = closed
    var fold = TimelineFold(horizonMinimum: horizonMinimum, calendar: calendar)
    timeline.totals = fold.uncredited(closed.totals, of: timeline)
    return timeline
  }

  /// Removes a stretch from those that ended: it is open again.
  private func forgetStretch(
    from start: Timestamp, of base: EquipmentNumber, _ database: Database
  ) throws {
    try database.cachedStatement(sql: "DELETE FROM main.interval WHERE equipment = ? AND start = ?")
      .execute(arguments: [base, start.milliseconds])
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

/// Range by which a base is advanced: days of event time, and blocks.
private struct BaseDays {
  /// Numbers of the first and the last day.
  var firstDay: Int64
  var lastDay: Int64
  /// The same as instants.
  var start: Int64
  var end: Int64
  var blocksAfter: Int64
  var blocksThrough: Int64

  init(
    after final: CalendarDay?, through day: CalendarDay, calendar: LocalCalendar, blocksAfter: Int64,
    blocksThrough: Int64
  ) {
    firstDay = final.map { Int64($0.number) + 1 } ?? Int64(Int32.min)
    start = final.map { calendar.start(of: $0 + 1).milliseconds } ?? .min
    lastDay = Int64(day.number)
    end = calendar.start(of: day + 1).milliseconds
    self.blocksAfter = blocksAfter
    self.blocksThrough = blocksThrough
  }
}
