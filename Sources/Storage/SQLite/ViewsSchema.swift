import GRDB

/// The tables of `views.sqlite`: everything derivable from the journal. Times are milliseconds UTC,
/// meters thousandths; NULL stands for "none yet".
enum ViewsSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 views") { database in
      try database.execute(
        sql: """
          CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
          -- The last journal block the views reflect.
          CREATE TABLE cursor (shard INTEGER PRIMARY KEY, block INTEGER NOT NULL);
          CREATE TABLE equipment (
            number INTEGER PRIMARY KEY, factory TEXT NOT NULL, equipment TEXT NOT NULL,
            workshop TEXT NOT NULL, UNIQUE (factory, equipment));
          -- One row each: the open stretch, the open day, the session, the meters.
          CREATE TABLE live (
            equipment INTEGER PRIMARY KEY,
            newest INTEGER, stretch_start INTEGER, cut INTEGER, state INTEGER NOT NULL, mode INTEGER NOT NULL,
            sequence INTEGER, boot INTEGER,
            last_offline INTEGER, last_offline_received INTEGER, offlines INTEGER NOT NULL,
            last_online INTEGER, first_heard INTEGER,
            energy_meter INTEGER, good_meter INTEGER, total_meter INTEGER,
            day INTEGER, \(totalsColumns));
          -- Closed stretches: vouched for [start, min(next start, last + T, cut)).
          CREATE TABLE interval (
            equipment INTEGER NOT NULL, start INTEGER NOT NULL, last INTEGER NOT NULL, cut INTEGER,
            state INTEGER NOT NULL, mode INTEGER NOT NULL, PRIMARY KEY (equipment, start)) WITHOUT ROWID;
          CREATE TABLE day_total (
            equipment INTEGER NOT NULL, day INTEGER NOT NULL, \(totalsColumns),
            PRIMARY KEY (equipment, day)) WITHOUT ROWID;
          CREATE TABLE session_event (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, presence INTEGER NOT NULL,
            PRIMARY KEY (equipment, at, presence)) WITHOUT ROWID;
          -- When the shard was connected and subscribed. What lies between two rows was not observed.
          CREATE TABLE observation (
            number INTEGER PRIMARY KEY, shard INTEGER NOT NULL, start INTEGER NOT NULL,
            through INTEGER NOT NULL, resumed INTEGER NOT NULL, ended INTEGER NOT NULL);
          CREATE TABLE quarantine (
            block INTEGER NOT NULL, record INTEGER NOT NULL, received INTEGER NOT NULL,
            reason INTEGER NOT NULL, detail TEXT NOT NULL, factory TEXT NOT NULL, equipment TEXT NOT NULL,
            topic BLOB NOT NULL, preview BLOB NOT NULL, payload_bytes INTEGER NOT NULL,
            PRIMARY KEY (block, record)) WITHOUT ROWID;
          CREATE TABLE rejection (
            factory TEXT NOT NULL, equipment TEXT NOT NULL, reason INTEGER NOT NULL,
            messages INTEGER NOT NULL, PRIMARY KEY (factory, equipment, reason)) WITHOUT ROWID;
          -- Days of equipment that wait to be recomputed after late records.
          CREATE TABLE repair (
            equipment INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (equipment, day)) WITHOUT ROWID;
          """)
    }
    return migrator
  }

  /// Columns of ``Telemetry/DayTotals``, in the order ``TotalsColumns`` binds and reads them.
  static let totalsColumns = """
    running INTEGER NOT NULL, idle INTEGER NOT NULL, setup INTEGER NOT NULL, stopped INTEGER NOT NULL,
    fault INTEGER NOT NULL, maintenance INTEGER NOT NULL, off INTEGER NOT NULL,
    automatic INTEGER NOT NULL, manual INTEGER NOT NULL,
    energy INTEGER NOT NULL, good INTEGER NOT NULL, total INTEGER NOT NULL,
    readings INTEGER NOT NULL, missing INTEGER NOT NULL, meter_resets INTEGER NOT NULL
    """
}
