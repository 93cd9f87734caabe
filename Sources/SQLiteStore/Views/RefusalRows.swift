import Foundation
import GRDB
import Storage
import Telemetry

/// The tables of refused messages and fields left out: `quarantine`, `rejection` and `field_error`.
enum RefusalRows {
  /// Creates the tables, and migrates refused messages of earlier layouts; their faults are unknown.
  static func migrate(_ database: Database) throws {
    try database.execute(sql: "ALTER TABLE main.quarantine RENAME TO earlier_quarantine")
    try database.execute(
      sql: """
        DROP INDEX IF EXISTS main.quarantine_skew;
        DROP TABLE IF EXISTS main.rejection;
        -- Refused messages; those of one content (a digest of topic and payload) and one receipt share a
        -- row, and count as often as they came together. `day` is the local day of the receipt.
        CREATE TABLE quarantine (
          block INTEGER NOT NULL, record INTEGER NOT NULL, received INTEGER NOT NULL, day INTEGER NOT NULL,
          reason INTEGER NOT NULL, detail TEXT NOT NULL, fault INTEGER NOT NULL, factory TEXT NOT NULL,
          equipment TEXT NOT NULL, skew INTEGER, topic BLOB NOT NULL, preview BLOB NOT NULL,
          payload_bytes INTEGER NOT NULL, content INTEGER NOT NULL, messages INTEGER NOT NULL,
          excerpt TEXT NOT NULL, PRIMARY KEY (block, record), UNIQUE (received, content)) WITHOUT ROWID;
        CREATE INDEX quarantine_skew ON quarantine (factory, equipment, skew) WHERE skew IS NOT NULL;
        -- The same added up: by sender, day, reason, field and fault, with the newest of them as an example.
        CREATE TABLE rejection (
          factory TEXT NOT NULL, equipment TEXT NOT NULL, day INTEGER NOT NULL, reason INTEGER NOT NULL,
          detail TEXT NOT NULL, fault INTEGER NOT NULL, messages INTEGER NOT NULL, newest INTEGER NOT NULL,
          excerpt TEXT NOT NULL, block INTEGER NOT NULL, record INTEGER NOT NULL,
          PRIMARY KEY (factory, equipment, day, reason, detail, fault)) WITHOUT ROWID;
        -- Optional fields that could not be read and were left out, by day of event time.
        CREATE TABLE field_error (
          equipment INTEGER NOT NULL, day INTEGER NOT NULL, field INTEGER NOT NULL, fault INTEGER NOT NULL,
          messages INTEGER NOT NULL, excerpt TEXT NOT NULL,
          PRIMARY KEY (equipment, day, field, fault)) WITHOUT ROWID;
        """)
    try takeOver(database)
    try database.execute(sql: "DROP TABLE main.earlier_quarantine")
    try addUp(database)
  }

  private static func takeOver(_ database: Database) throws {
    let zone = try String.fetchOne(database, sql: "SELECT value FROM main.setting WHERE name = 'timezone'")
    guard let calendar = zone.flatMap({ LocalCalendar(identifier: $0) }) else { return }
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM main.earlier_quarantine")
    while let row = try rows.next() {
      let received: Int64 = try row.integer("received")
      try database.execute(
        sql: "INSERT INTO main.quarantine VALUES (\(RowWriter.placeholders(16)))",
        arguments: [
          row["block"], row["record"], received, calendar.day(at: Timestamp(milliseconds: received)).number,
          row["reason"], row["detail"], 0, row["factory"], row["equipment"], row["skew"], row["topic"],
          row["preview"], row["payload_bytes"], row["content"], row["messages"], "",
        ])
    }
  }

  /// Recomputes `rejection` from `quarantine`.
  static func addUp(_ database: Database) throws {
    try database.execute(
      sql: """
        DELETE FROM main.rejection;
        INSERT INTO main.rejection
        SELECT factory, equipment, day, reason, detail, fault, SUM(messages), MAX(received), '', block, record
        FROM main.quarantine GROUP BY factory, equipment, day, reason, detail, fault;
        UPDATE main.rejection AS r SET excerpt = (
          SELECT MIN(excerpt) FROM main.quarantine q WHERE q.factory = r.factory AND q.equipment = r.equipment
            AND q.day = r.day AND q.reason = r.reason AND q.detail = r.detail AND q.fault = r.fault);
        """)
  }

  /// Writes refused messages and adds them to `rejection`.
  static func write(_ messages: [Quarantined], into database: Database) throws {
    guard !messages.isEmpty else { return }
    let known = try database.cachedStatement(
      sql: "SELECT messages FROM quarantine WHERE received = ? AND content = ?")
    let row = try database.cachedStatement(
      sql: """
        INSERT INTO quarantine VALUES (\(RowWriter.placeholders(16)))
        ON CONFLICT DO UPDATE SET messages = excluded.messages
        """)
    let sum = try database.cachedStatement(
      sql: """
        INSERT INTO rejection VALUES (\(RowWriter.placeholders(11)))
        ON CONFLICT DO UPDATE SET messages = messages + excluded.messages,
          block = CASE WHEN excluded.newest >= newest THEN excluded.block ELSE block END,
          record = CASE WHEN excluded.newest >= newest THEN excluded.record ELSE record END,
          newest = MAX(newest, excluded.newest), excerpt = MIN(excerpt, excluded.excerpt)
        """)
    for message in messages {
      let content = Int64(bitPattern: message.content)
      let received = message.received.milliseconds
      // Replaying the journal gives the same messages again, with their counts; only a higher count adds to the
      // stored one.
      let counted = try Int.fetchOne(known, arguments: [received, content]) ?? 0
      guard message.messages > counted else { continue }
      try row.execute(arguments: [
        message.block, message.record, received, message.day.number, message.reason.rawValue, message.detail,
        message.fault.rawValue, message.factory, message.equipment, message.skew, Data(message.topic),
        Data(message.preview), message.payloadBytes, content, message.messages, message.excerpt,
      ])
      try sum.execute(arguments: [
        message.factory, message.equipment, message.day.number, message.reason.rawValue, message.detail,
        message.fault.rawValue, message.messages - counted, received, message.excerpt, message.block,
        message.record,
      ])
    }
  }

  /// Adds fields that were left out.
  static func write(_ errors: [FieldErrorCount], into database: Database) throws {
    guard !errors.isEmpty else { return }
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO field_error VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET messages = messages + excluded.messages
        """)
    for error in errors {
      try statement.execute(arguments: [
        error.equipment, error.day.number, error.field.rawValue, error.fault.rawValue, error.messages,
        error.excerpt,
      ])
    }
  }
}
