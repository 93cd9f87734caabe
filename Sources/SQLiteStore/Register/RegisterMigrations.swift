import GRDB

/// The schema of `register.sqlite`, step by step. A step that was released is never edited.
enum RegisterMigrations {
  static let migrator = makeMigrator()

  private static func makeMigrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("register 1: imports and their rows", migrate: createTables)
    migrator.registerMigration("register 2: energy_rollover") { database in
      try database.execute(sql: "ALTER TABLE equipment_row ADD COLUMN energy_rollover INTEGER")
    }
    migrator.registerMigration("register 3: production calendars", migrate: createCalendars)
    migrator.registerMigration("register 4: chain of imports") { database in
      try RegisterChain.create(database)
      try refuseChanges(of: ["chain"], in: database)
    }
    migrator.registerMigration(formColumns, migrate: addFormColumns)
    return migrator
  }

  /// The migration that a reader can do without: in a register of an older Millwright these attributes are empty.
  static let formColumns = "register 5: attributes for forms"

  /// Every column is NULL where an import states nothing, so that the hashes of earlier imports stay the same.
  private static func addFormColumns(_ database: Database) throws {
    for column in [
      "cnc INTEGER", "process TEXT", "key_process INTEGER", "ideal_cycle_ms INTEGER", "asset_value INTEGER",
      "meter_kind TEXT", "counts_output INTEGER",
    ] { try database.execute(sql: "ALTER TABLE equipment_row ADD COLUMN \(column)") }
  }

  /// Days are counted from 1970-01-01; instants are milliseconds UTC; flags are 0 or 1.
  private static func createTables(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE import (
          version INTEGER PRIMARY KEY,
          effective_on INTEGER NOT NULL,
          imported_at INTEGER NOT NULL,
          equipment_file TEXT NOT NULL,
          equipment_sha256 TEXT NOT NULL,
          equipment_rows INTEGER NOT NULL,
          factories_file TEXT,
          factories_sha256 TEXT,
          factory_rows INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE factory_row (
          factory TEXT NOT NULL,
          version INTEGER NOT NULL REFERENCES import,
          name_zh TEXT NOT NULL,
          name_en TEXT NOT NULL,
          industry TEXT NOT NULL,
          district TEXT NOT NULL,
          retrofit_completed_on INTEGER,
          PRIMARY KEY (factory, version)
        ) STRICT, WITHOUT ROWID;

        -- By key, then version: the rows among which a snapshot chooses lie side by side.
        CREATE TABLE equipment_row (
          factory TEXT NOT NULL,
          equipment TEXT NOT NULL,
          version INTEGER NOT NULL REFERENCES import,
          workshop TEXT NOT NULL,
          line TEXT NOT NULL,
          name TEXT NOT NULL,
          category TEXT NOT NULL,
          automation TEXT NOT NULL,
          intelligent INTEGER NOT NULL,
          digital INTEGER NOT NULL,
          connectable INTEGER NOT NULL,
          report_interval_ms INTEGER,
          commissioned_on INTEGER,
          decommissioned_on INTEGER,
          retrofitted_on INTEGER,
          serial TEXT NOT NULL,
          energy_meter TEXT NOT NULL,
          gateway TEXT NOT NULL,
          PRIMARY KEY (factory, equipment, version)
        ) STRICT, WITHOUT ROWID;

        -- Which factories an import's equipment file names: the first decides how far rows reach back.
        CREATE TABLE import_factory (
          factory TEXT NOT NULL,
          version INTEGER NOT NULL REFERENCES import,
          equipment_rows INTEGER NOT NULL,
          PRIMARY KEY (factory, version)
        ) STRICT, WITHOUT ROWID;
        """)
    try refuseChanges(of: ["import", "factory_row", "equipment_row", "import_factory"], in: database)
  }

  /// Days are counted from 1970-01-01; instants are milliseconds UTC; minutes are of local time.
  private static func createCalendars(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE calendar_import (
          version INTEGER PRIMARY KEY,
          imported_at INTEGER NOT NULL,
          file TEXT NOT NULL,
          sha256 TEXT NOT NULL
        ) STRICT;

        -- An import is the whole calendar of the factories it names, from when it was made on.
        CREATE TABLE calendar_factory (
          factory TEXT NOT NULL,
          version INTEGER NOT NULL REFERENCES calendar_import,
          PRIMARY KEY (factory, version)
        ) STRICT, WITHOUT ROWID;

        -- kind: shift (days, weekdays as bits from Monday, minutes), holiday (days) or shutdown (instants).
        CREATE TABLE calendar_entry (
          factory TEXT NOT NULL,
          version INTEGER NOT NULL REFERENCES calendar_import,
          position INTEGER NOT NULL,
          workshop TEXT NOT NULL,
          line TEXT NOT NULL,
          kind TEXT NOT NULL,
          first INTEGER NOT NULL,
          last INTEGER NOT NULL,
          weekdays INTEGER NOT NULL,
          start_minute INTEGER NOT NULL,
          end_minute INTEGER NOT NULL,
          note TEXT NOT NULL,
          PRIMARY KEY (factory, version, position)
        ) STRICT, WITHOUT ROWID;
        """)
    try refuseChanges(of: ["calendar_import", "calendar_factory", "calendar_entry"], in: database)
  }

  /// A report filed as known at a version can be repeated only while no fact ever changes.
  private static func refuseChanges(of tables: [String], in database: Database) throws {
    for table in tables {
      for event in ["UPDATE", "DELETE"] {
        try database.execute(
          sql: """
            CREATE TRIGGER \(table)_refuses_\(event.lowercased()) BEFORE \(event) ON \(table)
            BEGIN SELECT RAISE(ABORT, 'the register only grows: \(table) rows never change'); END;
            """)
      }
    }
  }
}
