import GRDB
import GRDBSQLite
import Journal
import Storage
import Telemetry

/// Steps a prepared statement and reads its columns directly: an order of magnitude cheaper than a row of
/// values, and day totals are read by the million. A column that is not what it must be is `corrupt`.
struct StatementReader {
  private let handle: SQLiteStatement
  private let database: Database

  init(_ database: Database, sql: String) throws {
    self.database = database
    handle = try database.cachedStatement(sql: sql).sqliteStatement
    sqlite3_reset(handle)
  }

  /// Begins anew with an argument.
  func bind(_ first: Int64) {
    sqlite3_reset(handle)
    sqlite3_bind_int64(handle, 1, first)
  }

  /// Begins anew with two arguments.
  func bind(_ first: Int64, _ second: Int64) {
    bind(first)
    sqlite3_bind_int64(handle, 2, second)
  }

  /// Begins anew with three arguments.
  func bind(_ first: Int64, _ second: Int64, _ third: Int64) {
    bind(first, second)
    sqlite3_bind_int64(handle, 3, third)
  }

  /// Begins anew with a text.
  func bind(_ text: String) {
    sqlite3_reset(handle)
    bind(text, at: 1)
  }

  /// Begins anew with two texts and an integer.
  func bind(_ first: String, _ second: String, _ third: Int64) {
    bind(first)
    bind(second, at: 2)
    sqlite3_bind_int64(handle, 3, third)
  }

  private func bind(_ text: String, at place: Int32) {
    // SQLITE_TRANSIENT: SQLite keeps a copy.
    sqlite3_bind_text(handle, place, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// Lets go of the rows that were not read.
  func reset() { sqlite3_reset(handle) }

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

  /// Returns the result of `body` for the first row, and reads no other; nil if there is no row.
  func first<Value>(_ body: (StatementReader) throws -> Value) throws -> Value? {
    guard try step() else { return nil }
    defer { sqlite3_reset(handle) }
    return try body(self)
  }

  // MARK: Columns

  func integer<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value {
    guard sqlite3_column_type(handle, column) == SQLITE_INTEGER,
      let value = Value(exactly: sqlite3_column_int64(handle, column))
    else { throw misfit(column) }
    return value
  }

  /// A sum that never decreases: at least 0.
  func amount<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value {
    let value: Value = try integer(column)
    guard value >= 0 else { throw misfit(column) }
    return value
  }

  /// A count or a block's number: from 0 to 2⁴⁸, so that sums of thousands fit.
  func count<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value {
    let value: Value = try integer(column)
    guard value >= 0, value <= 1 << 48 as Int64 else { throw misfit(column) }
    return value
  }

  func optionalInteger<Value: FixedWidthInteger>(_ column: Int32) throws(StoreError) -> Value? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : try integer(column)
  }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func timestamp(_ column: Int32) throws(StoreError) -> Timestamp {
    guard let instant = Timestamp(stored: try integer(column)) else { throw misfit(column) }
    return instant
  }

  func optionalTimestamp(_ column: Int32) throws(StoreError) -> Timestamp? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : try timestamp(column)
  }

  /// A day that can be written as a date; nil for NULL.
  func optionalDay(_ column: Int32) throws(StoreError) -> CalendarDay? {
    guard let number: Int32 = try optionalInteger(column) else { return nil }
    guard let day = CalendarDay(stored: number) else { throw misfit(column) }
    return day
  }

  /// A day that can be written as a date.
  func day(_ column: Int32) throws(StoreError) -> CalendarDay {
    guard let day = try optionalDay(column) else { throw misfit(column) }
    return day
  }

  func state(_ column: Int32) throws(StoreError) -> EquipmentState {
    guard let state = EquipmentState(rawValue: try integer(column)) else { throw misfit(column) }
    return state
  }

  func mode(_ column: Int32) throws(StoreError) -> OperatingMode {
    guard let mode = OperatingMode(rawValue: try integer(column)) else { throw misfit(column) }
    return mode
  }

  /// A text; nil for NULL.
  func optionalText(_ column: Int32) throws(StoreError) -> String? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : try text(column)
  }

  func text(_ column: Int32) throws(StoreError) -> String {
    try bytes(ofText: column) { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a text is `other`, byte by byte.
  func isText(_ column: Int32, _ other: String) throws(StoreError) -> Bool {
    try bytes(ofText: column) { bytes in
      var other = other
      return other.withUTF8 { other in
        other.count == bytes.count && other.elementsEqual(bytes)
      }
    }
  }

  /// Lends the bytes of a text.
  func bytes<Result>(
    ofText column: Int32, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(StoreError) -> Result {
    guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let text = sqlite3_column_text(handle, column)
    else { throw misfit(column) }
    return body(UnsafeRawBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// Lends the bytes of a blob.
  func blob<Result>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { throw misfit(column) }
    return try body(
      UnsafeRawBufferPointer(
        start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// A digest of 32 bytes.
  func digest(_ column: Int32) throws(StoreError) -> SHA256Digest {
    let digest = try blob(column) { (bytes) throws(StoreError) in SHA256Digest(bytes: bytes) }
    guard let digest else { throw misfit(column) }
    return digest
  }

  func misfit(_ column: Int32) -> StoreError {
    let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "column \(column)"
    return StoreError(.corrupt, "a row's \(name) is not what it must be; the file is damaged")
  }
}

extension StatementReader {
  /// Totals without the minutes, from column `first` on, in the order of ``FieldColumns/totals``.
  func sums(from first: Int32) throws(StoreError) -> DaySums {
    var sums = DaySums()
    var fields = RowFields(self, from: first)
    try sums.numbers.code(with: &fields)
    try sums.odd.code(with: &fields)
    return sums
  }

  /// Totals from column `first` on, in the order of ``FieldColumns/totals``.
  func totals(from first: Int32) throws(StoreError) -> DayTotals {
    var totals = DayTotals()
    var fields = RowFields(self, from: first)
    try totals.code(with: &fields)
    return totals
  }

  /// Unsettled state of meters, in a column that is usually NULL.
  func doubts(_ column: Int32) throws(StoreError) -> MeterDoubts {
    guard !isNull(column) else { return MeterDoubts() }
    return try blob(column) { (bytes) throws(StoreError) in try MeterCoding.doubts(Array(bytes)) }
  }

  /// Values of the three meters, from column `first` on.
  func meters(from first: Int32) throws(StoreError) -> Meters {
    Meters(
      energy: try optionalInteger(first), good: try optionalInteger(first + 1),
      total: try optionalInteger(first + 2))
  }

  /// A stretch from column `first` on: ``ViewsSchema/stretchColumns``.
  func stretch(of equipment: EquipmentNumber, from first: Int32) throws(StoreError) -> StateInterval {
    guard let vouching = Vouching(rawValue: try integer(first + 6)) else { throw misfit(first + 6) }
    return StateInterval(
      equipment: equipment, from: try timestamp(first), last: try timestamp(first + 1),
      cut: try optionalTimestamp(first + 2), state: try state(first + 3), mode: try mode(first + 4),
      vouching: vouching, lostUntil: try optionalTimestamp(first + 5))
  }

  /// A timeline with its open day from column `first` on: ``FieldColumns/timeline``, then ``FieldColumns/totals``.
  func timeline(from first: Int32) throws(StoreError) -> Timeline {
    var timeline = Timeline()
    var fields = RowFields(self, from: first)
    try timeline.code(with: &fields)
    return timeline
  }

  /// A timeline without the totals of its day, from column `first` on: ``FieldColumns/timeline``.
  func closing(from first: Int32) throws(StoreError) -> Timeline {
    var timeline = Timeline()
    var fields = RowFields(self, from: first)
    try timeline.codeWithoutDay(with: &fields)
    return timeline
  }
}
