import GRDB
import GRDBSQLite
import Telemetry

/// Steps a prepared statement and reads its columns directly: an order of magnitude cheaper than a row of
/// values, and day totals are read by the million. A column that is not what it must be is `corrupt`.
struct StatementReader {
  private let handle: SQLiteStatement
  private let database: Database

  init(_ database: Database, sql: String) throws {
    self.database = database
    handle = try database.cachedStatement(sql: sql).sqliteStatement
  }

  /// Begins anew with integer arguments.
  func bind(_ arguments: Int64...) {
    sqlite3_reset(handle)
    for (index, argument) in arguments.enumerated() {
      sqlite3_bind_int64(handle, Int32(index + 1), argument)
    }
  }

  /// Goes to the next row; false after the last, when the statement is ready to be bound again.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      let message = String(cString: sqlite3_errmsg(database.sqliteConnection))
      sqlite3_reset(handle)
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  func integer<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value {
    guard sqlite3_column_type(handle, column) == SQLITE_INTEGER,
      let value = Value(exactly: sqlite3_column_int64(handle, column))
    else { throw misfit(column) }
    return value
  }

  func optionalInteger<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : try integer(column)
  }

  func timestamp(_ column: Int32) throws(StoreError) -> Timestamp {
    Timestamp(milliseconds: try integer(column))
  }

  func text(_ column: Int32) throws(StoreError) -> String {
    guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let text = sqlite3_column_text(handle, column)
    else { throw misfit(column) }
    return String(cString: text)
  }

  /// Lends the bytes of a blob.
  func blob<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) throws(StoreError) -> Result
  {
    guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { throw misfit(column) }
    return body(
      UnsafeRawBufferPointer(
        start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// Totals from column `first` on, in the order of ``ViewsSchema/totalsColumns``.
  func totals(from first: Int32) throws(StoreError) -> DayTotals {
    var totals = DayTotals()
    for (place, state) in EquipmentState.allCases.enumerated() {
      totals.states[state] = try integer(first + Int32(place))
    }
    totals.automaticRunning = try integer(first + 7)
    totals.manualRunning = try integer(first + 8)
    totals.energy = try integer(first + 9)
    totals.good = try integer(first + 10)
    totals.total = try integer(first + 11)
    totals.readings = try integer(first + 12)
    totals.missing = try integer(first + 13)
    totals.meterResets = try integer(first + 14)
    totals.ties = try integer(first + 15)
    totals.bootReturns = try integer(first + 16)
    totals.skew = try optionalInteger(first + 17)
    guard let minutes = try blob(first + 18, { MinuteSet(encoded: $0) }) else { throw misfit(first + 18) }
    totals.minutes = minutes
    return totals
  }

  func misfit(_ column: Int32) -> StoreError {
    let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "column \(column)"
    return StoreError(.corrupt, "a row's \(name) is not what it must be; the file is damaged")
  }
}
