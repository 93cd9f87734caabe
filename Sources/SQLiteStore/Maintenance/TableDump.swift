import Foundation
import GRDB
import Journal
import Telemetry

/// Rows of a table as plain values, to be carried elsewhere and put back as they were.
public struct TableDump: Codable, Equatable, Sendable {
  /// A column's value.
  public enum Cell: Codable, Equatable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    /// Written in base 64, behind `b64:`.
    case blob([UInt8])

    private static let blobPrefix = "b64:"
    private static let textPrefix = "txt:"

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let integer = try? container.decode(Int64.self) {
        self = .integer(integer)
      } else {
        let text = try container.decode(String.self)
        if text.hasPrefix(Self.blobPrefix) {
          guard let data = Data(base64Encoded: String(text.dropFirst(Self.blobPrefix.count))) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base 64")
          }
          self = .blob([UInt8](data))
        } else {
          self = .text(text.hasPrefix(Self.textPrefix) ? String(text.dropFirst(Self.textPrefix.count)) : text)
        }
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .null: try container.encodeNil()
      case .integer(let integer): try container.encode(integer)
      case .text(let text):
        let isPlain = !text.hasPrefix(Self.blobPrefix) && !text.hasPrefix(Self.textPrefix)
        try container.encode(isPlain ? text : Self.textPrefix + text)
      case .blob(let bytes): try container.encode(Self.blobPrefix + Data(bytes).base64EncodedString())
      }
    }
  }

  public var table: String
  public var columns: [String]
  public var rows: [[Cell]]

  /// Rows of `table` that a query finds.
  init(_ table: String, _ database: Database, sql: String, arguments: StatementArguments = []) throws {
    self.table = table
    let columns = try database.columns(in: table).map(\.name)
    self.columns = columns
    rows = try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
      try columns.map { column in
        switch (row[column] as DatabaseValue?)?.storage {
        case .int64(let integer): .integer(integer)
        case .string(let text): .text(text)
        case .blob(let data): .blob([UInt8](data))
        case .null: .null
        default: throw StoreError(.corrupt, "\(table).\(column) is not what it must be")
        }
      }
    }
  }

  /// Puts the rows into the table of the same name, one of `allowed`.
  func restore(into database: Database, allowed: Set<String>) throws {
    let known = allowed.contains(table) ? try database.columns(in: table).map(\.name) : []
    guard known == columns, rows.allSatisfy({ $0.count == columns.count }) else {
      throw StoreError(.corrupt, "rows of '\(table)' do not fit the table")
    }
    for row in rows {
      try database.execute(
        sql: "INSERT OR REPLACE INTO \(table) VALUES (\(RowWriter.placeholders(columns.count)))",
        arguments: StatementArguments(
          row.map { cell -> (any DatabaseValueConvertible)? in
            switch cell {
            case .null: nil
            case .integer(let integer): integer
            case .text(let text): text
            case .blob(let bytes): Data(bytes)
            }
          }))
    }
  }
}

extension RegisterStore {
  private static let tables: Set = [
    "import", "factory_row", "equipment_row", "import_factory", "calendar_import", "calendar_factory",
    "calendar_entry",
  ]

  /// Every import, and the rows and calendars of one factory with their versions.
  public func dump(factory: String) throws(StoreError) -> [TableDump] {
    try read(orElse: []) { database in
      try ["import", "calendar_import"].map {
        try TableDump($0, database, sql: "SELECT * FROM \($0) ORDER BY version")
      }
        + ["factory_row", "equipment_row", "import_factory", "calendar_factory", "calendar_entry"].map {
          // In the order of the primary key: these tables have no other.
          try TableDump($0, database, sql: "SELECT * FROM \($0) WHERE factory = ?", arguments: [factory])
        }
    }
  }

  /// Puts dumped rows into a register that holds none.
  public func restore(_ dump: [TableDump]) throws(StoreError) {
    try write { database in
      for table in dump { try table.restore(into: database, allowed: Self.tables) }
    }
  }
}

/// Views of one factory at the point where the journal begins, from `base.sqlite`.
public enum BaseDump {
  private static let tables: Set = [
    "setting", "equipment", "live", "closing", "day_total", "session_event", "alarm", "meter_reset",
    "rejection", "observation", "silence", "broker_drop", "field_error", "retain_flag",
  ]

  /// Column that distinguishes the kinds of rows in a table; the latest row of each kind is dumped.
  private static let kinds = ["session_event": "presence", "meter_reset": "meter"]

  /// The rows of one factory that later days go on from; empty when the journal begins with the store.
  public static func read(_ directory: StoreDirectory, factory: String) throws(StoreError) -> [TableDump] {
    guard FileManager.default.fileExists(atPath: directory.base) else { return [] }
    let queue = try SQLiteConnection.openReader(path: directory.base, label: "base")
    func ofFactory(_ table: String, _ latestBy: String?) -> String {
      let latest = latestBy.map {
        "AND t.\($0) = (SELECT MAX(\($0)) FROM \(table) u WHERE u.equipment = t.equipment"
          + (Self.kinds[table].map { " AND u.\($0) = t.\($0))" } ?? ")")
      }
      return """
        SELECT t.* FROM \(table) t JOIN equipment e ON e.number = t.equipment
        WHERE e.factory = ? \(latest ?? "") ORDER BY 1, 2
        """
    }
    do {
      return try queue.read { database in
        guard try ViewsSchema.migrator.hasCompletedMigrations(database) else {
          throw StoreError(
            .refused,
            "\(directory.base): made by an earlier Millwright; start the collector, which brings it up to date"
          )
        }
        try LiveRows.unpack(database, factory: factory)
        return [
          try TableDump("setting", database, sql: "SELECT * FROM setting ORDER BY name"),
          try TableDump(
            "equipment", database,
            sql: """
              SELECT ROW_NUMBER() OVER (ORDER BY number) - 1 AS number, factory, equipment, workshop, moved
              FROM equipment WHERE factory = ? ORDER BY 1
              """, arguments: [factory]),
          try TableDump(
            "rejection", database, sql: "SELECT * FROM rejection WHERE factory = ? ORDER BY 1, 2, 3, 4, 5, 6",
            arguments: [factory]),
          try TableDump(
            "retain_flag", database, sql: "SELECT * FROM retain_flag WHERE factory = ? ORDER BY day",
            arguments: [factory]),
          // With the newest loss of the session, which ended the sessions of senders before it.
          try TableDump(
            "observation", database,
            sql: """
              SELECT * FROM observation WHERE number = (SELECT max(number) FROM observation) OR number >= (
                SELECT max(number) - 1 FROM observation WHERE resumed = 0 AND number > 1) ORDER BY number
              """),
          try TableDump("silence", database, sql: "SELECT * FROM silence ORDER BY since DESC LIMIT 1"),
          try TableDump(
            "broker_drop", database, sql: "SELECT * FROM broker_drop ORDER BY rowid DESC LIMIT 1"),
        ]
          + (try [
            ("live", nil), ("closing", "day"), ("session_event", "at"), ("alarm", "at"),
            ("meter_reset", "at"),
          ].map { table, column in
            try TableDump(table, database, sql: ofFactory(table, column), arguments: [factory]).renumbered(
              try numbers(of: factory, database))
          })
          + [
            // By what clocks were off lately a skew is judged.
            try TableDump(
              "day_total", database,
              sql: """
                SELECT t.* FROM day_total t JOIN equipment e ON e.number = t.equipment
                WHERE e.factory = ? AND t.day > (SELECT MAX(day) FROM day_total) - 31 ORDER BY 1, 2
                """, arguments: [factory]
            ).renumbered(try numbers(of: factory, database)),
            try TableDump(
              "field_error", database,
              sql: """
                SELECT t.* FROM field_error t JOIN equipment e ON e.number = t.equipment
                WHERE e.factory = ? ORDER BY 1, 2, 3, 4
                """, arguments: [factory]
            ).renumbered(try numbers(of: factory, database)),
          ]
      }
    } catch {
      throw StoreError(path: directory.base, error)
    }
  }

  /// Makes dumped rows the base of a store, whose blocks are counted from 1.
  public static func restore(
    _ dump: [TableDump], to directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span
  ) throws {
    guard !dump.isEmpty else { return }
    try ViewsWriter(path: directory.base, calendar: calendar, horizonMinimum: horizonMinimum).close()
    let queue = try SQLiteConnection.openWriter(
      path: directory.base, label: "base", durable: false, schema: ViewsSchema.migrator)
    try queue.write { database in
      try LiveRows.create(database, schema: "temp")
      for table in dump { try table.restore(into: database, allowed: tables) }
      try LiveRows.pack(database, from: "temp.live")
      try database.execute(sql: "INSERT OR REPLACE INTO cursor VALUES (0, 0)")
    }
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    try queue.close()
  }

  private static func numbers(of factory: String, _ database: Database) throws -> [Int64: Int64] {
    let numbers = try Int64.fetchAll(
      database, sql: "SELECT number FROM equipment WHERE factory = ? ORDER BY number", arguments: [factory])
    return Dictionary(uniqueKeysWithValues: zip(numbers, 0...))
  }
}

extension TableDump {
  /// The same rows, with senders counted anew.
  fileprivate func renumbered(_ numbers: [Int64: Int64]) -> TableDump {
    guard let column = columns.firstIndex(of: "equipment") else { return self }
    var dump = self
    for index in dump.rows.indices {
      if case .integer(let number) = dump.rows[index][column], let new = numbers[number] {
        dump.rows[index][column] = .integer(new)
      }
    }
    return dump
  }
}
