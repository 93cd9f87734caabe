import GRDB
import Journal

/// The tables of `views.sqlite`: everything derivable from the journal. Times are milliseconds UTC,
/// meters thousandths; NULL stands for "none yet".
package enum ViewsSchema {
  package static let migrator = makeMigrator()

  private static func makeMigrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    // Views of earlier layouts are rebuilt from the journal: their migrations are only registered, and the eighth
    // creates the tables.
    for earlier in earlierMigrations { migrator.registerMigration(earlier) { _ in } }
    migrator.registerMigration("8 how readings arrive") { database in
      try refuseKeptDays(database)
      for table in earlierTables { try database.execute(sql: "DROP TABLE IF EXISTS \(table)") }
      try database.execute(
        sql: """
          CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
          -- The last journal block the views reflect.
          CREATE TABLE cursor (shard INTEGER PRIMARY KEY, block INTEGER NOT NULL);
          CREATE TABLE equipment (
            number INTEGER PRIMARY KEY, factory TEXT NOT NULL, equipment TEXT NOT NULL,
            workshop TEXT NOT NULL, UNIQUE (factory, equipment));
          -- The open stretch, the open day, the session and the meters of eight senders; see LivePage.
          CREATE TABLE live_page (number INTEGER PRIMARY KEY, timelines BLOB NOT NULL);
          -- The timeline after the last record of a day: from it the next day can be folded anew.
          CREATE TABLE closing (
            equipment INTEGER NOT NULL, \(timelineColumns), PRIMARY KEY (equipment, day)) WITHOUT ROWID;
          -- Closed stretches: vouched for [start, min(next start, last + T, cut)). Where messages are missing
          -- before the next one, `lost` is its start: what is not vouched for until then is unobserved.
          CREATE TABLE interval (
            equipment INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL, cut INTEGER,
            state INTEGER NOT NULL, mode INTEGER NOT NULL, lost INTEGER,
            PRIMARY KEY (equipment, start)) WITHOUT ROWID;
          CREATE INDEX interval_lost ON interval (equipment, lost) WHERE lost IS NOT NULL;
          CREATE TABLE day_total (
            equipment INTEGER NOT NULL, day INTEGER NOT NULL, \(totalsColumns),
            PRIMARY KEY (equipment, day)) WITHOUT ROWID;
          CREATE TABLE session_event (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, presence INTEGER NOT NULL,
            PRIMARY KEY (equipment, at, presence)) WITHOUT ROWID;
          -- From when on a reading carried other alarms than the one before; codes separated by U+001F.
          CREATE TABLE alarm (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, codes TEXT NOT NULL,
            PRIMARY KEY (equipment, at)) WITHOUT ROWID;
          -- Meters that fell and stayed below, by the reading that confirmed it: 1 energy, 2 good pieces, 3 all
          -- pieces. `last` was shown at `last_at`, `value` at `fell_at`; `counts_value` says that it was booked.
          CREATE TABLE meter_reset (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, meter INTEGER NOT NULL,
            last INTEGER NOT NULL, value INTEGER NOT NULL, last_at INTEGER, fell_at INTEGER NOT NULL,
            counts_value INTEGER NOT NULL,
            PRIMARY KEY (equipment, at, meter, last, value)) WITHOUT ROWID;
          -- When the shard was connected and subscribed. What lies between two rows was not observed.
          CREATE TABLE observation (
            number INTEGER PRIMARY KEY, shard INTEGER NOT NULL, start INTEGER NOT NULL,
            through INTEGER NOT NULL, resumed INTEGER NOT NULL, ended INTEGER NOT NULL);
          -- When the broker's count of messages it dropped was heard to have changed, and what it was then.
          -- The row id tells which came last, whatever the clock was.
          CREATE TABLE broker_drop (at INTEGER NOT NULL, total INTEGER NOT NULL, PRIMARY KEY (at, total));
          -- Refused messages; those of one content (a digest of topic and payload) and one receipt share a
          -- row, and count as often as they came together.
          CREATE TABLE quarantine (
            block INTEGER NOT NULL, record INTEGER NOT NULL, received INTEGER NOT NULL,
            reason INTEGER NOT NULL, detail TEXT NOT NULL, factory TEXT NOT NULL, equipment TEXT NOT NULL,
            skew INTEGER, topic BLOB NOT NULL, preview BLOB NOT NULL, payload_bytes INTEGER NOT NULL,
            content INTEGER NOT NULL, messages INTEGER NOT NULL, PRIMARY KEY (block, record), UNIQUE (received, content)) WITHOUT ROWID;
          CREATE TABLE rejection (
            factory TEXT NOT NULL, equipment TEXT NOT NULL, reason INTEGER NOT NULL,
            messages INTEGER NOT NULL, PRIMARY KEY (factory, equipment, reason)) WITHOUT ROWID;
          -- Days of equipment that wait to be recomputed, and the block that last said so.
          CREATE TABLE repair (
            equipment INTEGER NOT NULL, day INTEGER NOT NULL, block INTEGER NOT NULL,
            PRIMARY KEY (equipment, day)) WITHOUT ROWID;
          CREATE INDEX repair_by_day ON repair (day);
          -- What the rows of one sender say on a group of days that are over, a second time and in few bytes;
          -- see DayGroups. Where a group is not here, its rows are read.
          CREATE TABLE packed_days (
            id INTEGER PRIMARY KEY, equipment INTEGER NOT NULL, first_day INTEGER NOT NULL,
            totals BLOB NOT NULL, stretches BLOB NOT NULL);
          -- Groups that are over and wait to be packed.
          CREATE TABLE unpacked_days (
            equipment INTEGER NOT NULL, first_day INTEGER NOT NULL,
            PRIMARY KEY (equipment, first_day)) WITHOUT ROWID;
          CREATE INDEX quarantine_skew ON quarantine (factory, equipment, skew)
            WHERE skew IS NOT NULL;
          CREATE INDEX IF NOT EXISTS quarantine_received ON quarantine (factory, received);
          """)
      try RefusalRows.migrate(database)
    }
    migrator.registerMigration("9 heard days") { database in
      try database.execute(
        sql: """
          -- When the shard was connected and heard nothing though senders had been speaking: not observed, of
          -- the observations up to the one in which that was noted.
          CREATE TABLE silence (
            since INTEGER PRIMARY KEY, until INTEGER NOT NULL, number INTEGER NOT NULL);
          """)
      // Packed groups said on how many of their days a reading came.
      try packAgain(database)
    }
    migrator.registerMigration(oldestMigrated) { database in
      try database.execute(
        sql: """
          -- Whether a sender was ever heard under different workshops, and the workshop of each day's last record.
          ALTER TABLE equipment ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE closing ADD COLUMN workshop TEXT NOT NULL DEFAULT '';
          -- Messages flagged retained by day of receipt: those that the broker had retained before the
          -- subscription, and live ones.
          CREATE TABLE retain_flag (
            factory TEXT NOT NULL, day INTEGER NOT NULL, retained INTEGER NOT NULL, live INTEGER NOT NULL,
            PRIMARY KEY (factory, day)) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("11 vouching") { database in
      // By the horizon: 0.
      let vouching = [("vouching", "vouching INTEGER NOT NULL DEFAULT 0")]
      try add(vouching, to: "interval", database)
      try add(vouching, to: "closing", database)
      // Packed groups have the fields of a day in another order.
      try packAgain(database)
    }
    // Packed groups keep no sums of all their days any more.
    migrator.registerMigration("12 packed days without sums", migrate: packAgain)
    return migrator
  }

  /// Removes the packed groups and notes them, so that they are packed again from their rows, a few at a time.
  private static func packAgain(_ database: Database) throws {
    try database.execute(
      sql: "INSERT OR IGNORE INTO unpacked_days SELECT equipment, first_day FROM packed_days")
    try database.execute(sql: "DELETE FROM packed_days")
  }

  /// The oldest layout that later migrations bring to the newest without loss: 11 adds columns whose default holds for
  /// every earlier reading, and 11 and 12 have groups packed again from their rows. Migration 10 itself cannot fill the workshops of past
  /// days and the retain flags, which only the journal has, and 8 creates the tables anew: before 10, views are rebuilt.
  package static let oldestMigrated = "10 retain flags, workshops by day"

  /// Whether views have a layout from which they can be migrated.
  static func canMigrate(_ database: Database) throws -> Bool {
    try migrator.completedMigrations(database).contains(oldestMigrated)
  }

  /// Refuses views with days whose messages were dropped: those cannot be rebuilt.
  private static func refuseKeptDays(_ database: Database) throws {
    guard try database.tableExists("setting") else { return }
    let kept = try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM setting WHERE name = ?)",
      arguments: [ViewsBase.finalDayName])
    guard kept != true else {
      let path = try String.fetchOne(
        database, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")
      throw StoreError(
        .refused,
        "\(path ?? "views"): made by an earlier Millwright, with figures of days whose messages are gone; use that version, or a new store"
      )
    }
  }

  private static let earlierMigrations = [
    "1 views", "2 views by day", "3 sequence gaps, broker drops", "4 packed days", "5 live pages",
    "6 falls of meters", "7 faults by day",
  ]
  private static let earlierTables = [
    "setting", "cursor", "equipment", "live", "closing", "interval", "day_total", "session_event", "alarm",
    "meter_reset", "observation", "silence", "broker_drop", "quarantine", "rejection", "repair",
    "packed_days", "unpacked_days", "live_page", "field_error", "retain_flag",
  ]

  /// Columns of ``Telemetry/Timeline`` without the totals of its open day, and of ``Telemetry/DayTotals``.
  static var timelineColumns: String { FieldColumns.timeline.declarations.joined(separator: ", ") }
  static var totalsColumns: String { FieldColumns.totals.declarations.joined(separator: ", ") }

  /// Columns of a stretch, in the order in which they are read and written.
  static let stretchColumns = "start, last, cut, state, mode, lost, vouching"

  /// Adds columns that a table of an earlier version does not have. Columns are selected by name, so that their order
  /// in a file says nothing.
  private static func add(
    _ columns: [(name: String, declaration: String)], to table: String, _ database: Database
  ) throws {
    let present = Set(try database.columns(in: table).map(\.name))
    for column in columns where !present.contains(column.name) {
      try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column.declaration)")
    }
  }
}
