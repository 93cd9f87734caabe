import GRDB

extension JournalDay {
  /// The schema of a day's file.
  static let migrator = makeMigrator()

  private static func makeMigrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 blocks") { database in
      try database.execute(
        sql: """
          CREATE TABLE block (
            number INTEGER PRIMARY KEY,
            first_received INTEGER NOT NULL,
            last_received INTEGER NOT NULL,
            records INTEGER NOT NULL,
            content_bytes INTEGER NOT NULL,
            hash BLOB NOT NULL,
            content BLOB NOT NULL);
          CREATE TABLE opening (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, hash BLOB NOT NULL);
          """)
    }
    migrator.registerMigration("2 spans") { database in
      try database.execute(
        sql: """
          -- Blocks first to last, packed together; all blocks of a day's spans come before those of `block`.
          CREATE TABLE span (
            first INTEGER PRIMARY KEY,
            last INTEGER NOT NULL UNIQUE,
            last_received INTEGER NOT NULL,
            records INTEGER NOT NULL,
            hash BLOB NOT NULL);
          -- Their records: of one factory ('' for what belongs to none), or of all (NULL).
          CREATE TABLE part (
            span INTEGER NOT NULL REFERENCES span,
            factory TEXT,
            content_bytes INTEGER NOT NULL,
            content BLOB NOT NULL);
          CREATE INDEX part_of_span ON part (span, factory);
          """)
    }
    migrator.registerMigration("3 packet ids") { database in
      try database.execute(sql: "ALTER TABLE block ADD COLUMN packet_ids BLOB")
    }
    migrator.registerMigration("4 span seals") { database in
      try database.execute(
        sql: """
          -- What is said of a span and its parts, hashed (SpanSeal); NULL in a day that an earlier version packed.
          ALTER TABLE span ADD COLUMN seal BLOB;
          """)
    }
    migrator.registerMigration("5 closed") { database in
      try database.execute(
        sql: """
          -- The root that the day was closed with, which roots.sqlite has too: one that lost it is noticed.
          CREATE TABLE closed (only INTEGER PRIMARY KEY CHECK (only = 1), root BLOB NOT NULL);
          """)
    }
    migrator.registerMigration("6 sources") { database in
      try database.execute(
        sql: """
          -- Blocks that begin with a record of kind 6 (sources) or 8 (rereading), so that they are found.
          CREATE TABLE sources (block INTEGER PRIMARY KEY, kind INTEGER NOT NULL);
          """)
    }
    return migrator
  }
}
