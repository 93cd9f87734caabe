import GRDB
import Journal
import Telemetry

/// Compares two views files, row by row and by who sent, not by the numbers senders were given.
public struct ViewsComparison {
  private let stored: DatabaseQueue
  private let computed: DatabaseQueue

  /// The files to compare.
  public init(stored: String, computed: String) throws(StoreError) {
    self.stored = try SQLiteConnection.openReader(path: stored, label: "stored")
    self.computed = try SQLiteConnection.openReader(path: computed, label: "computed")
  }

  /// Calls `body` with every row that only one of the files has, in words.
  public func forEachDifference(_ body: (String) throws -> Void) throws {
    try stored.read { a in
      try computed.read { b in
        try LiveRows.unpack(a)
        try LiveRows.unpack(b)
        for table in Self.tables { try compare(table, a, b, body) }
      }
      try checkPackedGroups(a, body)
    }
  }

  /// Compares packed groups of the stored file with its own rows: the other file may have packed others.
  private func checkPackedGroups(_ database: Database, _ body: (String) throws -> Void) throws {
    func setting(_ name: String) throws -> String? {
      try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
    }
    guard let calendar = try setting("timezone").flatMap({ LocalCalendar(identifier: $0) }) else { return }
    let length = try setting("days_per_group").flatMap { Int32($0) } ?? DayGroups.standardLength
    let packer = GroupPacker(database, calendar: calendar, groups: DayGroups(length: length))
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT e.factory, e.equipment, e.number, p.first_day FROM packed_days p
        JOIN equipment e ON e.number = p.id >> 32 ORDER BY 1, 2, 4
        """)
    while let row = try rows.next() {
      let firstDay = try row.day("first_day")
      guard try !packer.isTrue(try row.integer("number"), firstDay) else { continue }
      try body(
        "packed_days \(try row.text("factory"))/\(try row.text("equipment"))/\(firstDay): is not what its days make"
      )
    }
  }

  /// A table with the columns that name a row; the rest is what the row says.
  private struct Table {
    var name: String
    var keys: [String]
    /// Whether its rows belong to a sender.
    var isOfSender = true
  }

  private static let tables = [
    Table(name: "live", keys: []), Table(name: "closing", keys: ["day"]),
    Table(name: "interval", keys: ["start"]), Table(name: "day_total", keys: ["day"]),
    Table(name: "session_event", keys: ["at", "presence"]), Table(name: "alarm", keys: ["at"]),
    Table(name: "meter_reset", keys: ["at", "meter", "last", "value"]), Table(name: "repair", keys: ["day"]),
    Table(name: "observation", keys: ["number"], isOfSender: false),
    Table(name: "silence", keys: ["since"], isOfSender: false),
    Table(name: "broker_drop", keys: ["at", "total"], isOfSender: false),
    Table(name: "quarantine", keys: ["received", "content"], isOfSender: false),
    Table(
      name: "rejection", keys: ["factory", "equipment", "day", "reason", "detail", "fault"], isOfSender: false
    ),
    Table(name: "field_error", keys: ["day", "field", "fault"]),
    Table(name: "retain_flag", keys: ["factory", "day"], isOfSender: false),
  ]

  private func compare(
    _ table: Table, _ a: Database, _ b: Database, _ body: (String) throws -> Void
  ) throws {
    let rowsA = try rows(of: table, in: a)
    let rowsB = try rows(of: table, in: b)
    var (x, y) = (try rowsA.next(), try rowsB.next())
    let keys = table.isOfSender ? 2 + table.keys.count : table.keys.count
    while x != nil || y != nil {
      let order = Self.order(x, y, keys: keys)
      if order == 0, let first = x, let second = y {
        for (column, value) in first where second[column] != value {
          try body(
            "\(Self.place(table, first, keys)): \(column) is \(value), the journal gives \(second[column] as DatabaseValue? ?? .null)"
          )
        }
        (x, y) = (try rowsA.next(), try rowsB.next())
      } else if order < 0, let first = x {
        try body("\(Self.place(table, first, keys)): is stored, the journal gives none")
        x = try rowsA.next()
      } else if let second = y {
        try body("\(Self.place(table, second, keys)): is missing, the journal gives one")
        y = try rowsB.next()
      }
    }
  }

  private func rows(of table: Table, in database: Database) throws -> RowCursor {
    let columns = try database.columns(in: table.name).map(\.name)
    let own = columns.filter {
      !table.keys.contains($0) && $0 != "equipment" && $0 != "block" && $0 != "record"
    }
    let keys = table.keys.map { "t.\($0) AS \($0)" }
    let values = own.map { "t.\($0) AS \($0)" }
    if table.isOfSender {
      let selected = ["e.factory AS factory", "e.equipment AS equipment"] + keys + values
      return try Row.fetchCursor(
        database,
        sql: """
          SELECT \(selected.joined(separator: ", ")) FROM \(table.name) t
          JOIN equipment e ON e.number = t.equipment
          ORDER BY \((1...(2 + table.keys.count)).map(String.init).joined(separator: ", "))
          """)
    }
    let rest = own.filter { !table.keys.contains($0) }.map { "t.\($0) AS \($0)" }
    return try Row.fetchCursor(
      database,
      sql: """
        SELECT \((keys + rest).joined(separator: ", ")) FROM \(table.name) t
        ORDER BY \((1...table.keys.count).map(String.init).joined(separator: ", "))
        """)
  }

  /// Order of two rows by their keys: negative, 0 or positive.
  private static func order(_ a: Row?, _ b: Row?, keys: Int) -> Int {
    guard let a else { return 1 }
    guard let b else { return -1 }
    for index in 0..<keys {
      switch (a[index] as DatabaseValue, b[index] as DatabaseValue) {
      case (let x, let y) where x == y: continue
      case (let x, let y):
        if let x = Int64.fromDatabaseValue(x), let y = Int64.fromDatabaseValue(y) { return x < y ? -1 : 1 }
        let (x, y) = (String.fromDatabaseValue(x) ?? "", String.fromDatabaseValue(y) ?? "")
        return x < y ? -1 : 1
      }
    }
    return 0
  }

  private static func place(_ table: Table, _ row: Row, _ keys: Int) -> String {
    table.name + " "
      + (0..<keys).map { index in (row[index] as DatabaseValue).description.replacing("\"", with: "") }
      .joined(separator: "/")
  }
}
