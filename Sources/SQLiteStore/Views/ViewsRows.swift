import GRDB
import GRDBSQLite
import Journal
import Telemetry

/// Binds a row's columns one after another to a prepared statement and steps it. Going to SQLite directly
/// costs a third of what an array of arguments does, and rows are written by the thousand.
struct RowWriter {
  private let handle: SQLiteStatement
  private let database: Database
  private var column: Int32 = 1

  init(_ database: Database, sql: String) throws {
    self.database = database
    handle = try database.cachedStatement(sql: sql).sqliteStatement
  }

  mutating func bind(_ value: Int64) {
    sqlite3_bind_int64(handle, column, value)
    column += 1
  }
  mutating func bind(_ value: Int64?) {
    guard let value else {
      sqlite3_bind_null(handle, column)
      column += 1
      return
    }
    bind(value)
  }
  mutating func bind(_ value: Int32) { bind(Int64(value)) }
  mutating func bind(_ value: UInt8) { bind(Int64(value)) }
  /// Sentinels of "none yet" become NULL.
  mutating func bind(_ value: Timestamp) {
    bind(value == .distantPast || value == .distantFuture ? nil : value.milliseconds)
  }

  mutating func bind(_ bytes: [UInt8]) { bytes.withUnsafeBytes { bind($0) } }
  mutating func bind(_ bytes: UnsafeRawBufferPointer) {
    // SQLITE_TRANSIENT: SQLite keeps a copy.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    _ =
      bytes.isEmpty
      ? sqlite3_bind_zeroblob(handle, column, 0)
      : sqlite3_bind_blob(handle, column, bytes.baseAddress, Int32(bytes.count), transient)
    column += 1
  }
  mutating func bind(_ text: String) {
    var text = text
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(handle, column, $0.baseAddress, Int32($0.count), transient)
      }
    }
    column += 1
  }

  mutating func step() throws {
    column = 1
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
    }
  }
}

extension RowWriter {
  static func insertLive(into schema: String) -> String {
    """
    INSERT INTO \(schema).live (equipment, \(FieldColumns.timeline.list), \(FieldColumns.totals.list))
    VALUES (\(placeholders(1 + FieldColumns.timeline.count + FieldColumns.totals.count)))
    """
  }
  static let insertClosing = """
    INSERT OR REPLACE INTO closing (equipment, \(FieldColumns.timeline.list), workshop)
    VALUES (\(placeholders(2 + FieldColumns.timeline.count)))
    """
  static let insertDay = """
    INSERT OR REPLACE INTO day_total (equipment, day, \(FieldColumns.totals.list))
    VALUES (\(placeholders(2 + FieldColumns.totals.count)))
    """

  static func placeholders(_ count: some BinaryInteger) -> String {
    repeatElement("?", count: Int(count)).joined(separator: ",")
  }

  /// Writes a row of `live`.
  mutating func writeLive(_ number: EquipmentNumber, _ timeline: Timeline) throws {
    var timeline = timeline
    bind(number)
    timeline.code(with: &self)
    try step()
  }

  /// Writes a row of `closing`.
  mutating func writeClosing(_ number: EquipmentNumber, _ timeline: Timeline, workshop: String) throws {
    var timeline = timeline
    bind(number)
    timeline.codeWithoutDay(with: &self)
    bind(workshop)
    try step()
  }

  /// Writes a row of `day_total`.
  mutating func writeDay(_ number: EquipmentNumber, _ day: CalendarDay, _ totals: DayTotals) throws {
    var totals = totals
    bind(number)
    bind(day.number)
    totals.code(with: &self)
    try step()
  }
}
