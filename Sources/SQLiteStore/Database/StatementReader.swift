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

  func misfit(_ column: Int32) -> StoreError {
    let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "column \(column)"
    return StoreError(.corrupt, "a row's \(name) is not what it must be; the file is damaged")
  }
}

extension StatementReader {
  /// Totals without the minutes, from column `first` on, in the order of ``ViewsSchema/totalsColumns``.
  func sums(from first: Int32) throws(StoreError) -> DaySums {
    var sums = DaySums()
    sums.states = try states(from: first)
    sums.automaticRunning = try amount(first + 7)
    sums.manualRunning = try amount(first + 8)
    sums.energy = try amount(first + 9)
    sums.good = try amount(first + 10)
    sums.total = try amount(first + 11)
    sums.readings = try amount(first + 12)
    sums.missing = try amount(first + 13)
    sums.meterResets = try amount(first + 14)
    sums.ties = try amount(first + 15)
    sums.bootReturns = try amount(first + 16)
    sums.odd = try oddities(from: first + 17)
    sums.skew = try optionalInteger(first + 22)
    let rest = first + ViewsSchema.minutesColumn + 1
    sums.live = try amount(rest)
    sums.late = try amount(rest + 1)
    sums.sequenceJumps = try amount(rest + 2)
    return sums
  }

  private func oddities(from first: Int32) throws(StoreError) -> MeterOddities {
    var odd = MeterOddities()
    odd.glitches = try amount(first)
    odd.goodAboveTotal = try amount(first + 1)
    odd.openFalls = try amount(first + 2)
    odd.unpairedGood = try integer(first + 3)
    odd.unpairedTotal = try integer(first + 4)
    return odd
  }

  private func states(from first: Int32) throws(StoreError) -> InlineStates {
    var states = InlineStates()
    states[.running] = try amount(first)
    states[.idle] = try amount(first + 1)
    states[.setup] = try amount(first + 2)
    states[.stopped] = try amount(first + 3)
    states[.fault] = try amount(first + 4)
    states[.maintenance] = try amount(first + 5)
    states[.off] = try amount(first + 6)
    return states
  }

  /// Totals from column `first` on, in the order of ``ViewsSchema/totalsColumns``.
  func totals(from first: Int32) throws(StoreError) -> DayTotals {
    let sums = try sums(from: first)
    var totals = DayTotals()
    totals.states = sums.states
    totals.automaticRunning = sums.automaticRunning
    totals.manualRunning = sums.manualRunning
    totals.energy = sums.energy
    totals.good = sums.good
    totals.total = sums.total
    totals.readings = sums.readings
    totals.missing = sums.missing
    totals.meterResets = sums.meterResets
    totals.ties = sums.ties
    totals.bootReturns = sums.bootReturns
    totals.odd = sums.odd
    totals.skew = sums.skew
    totals.live = sums.live
    totals.late = sums.late
    totals.sequenceJumps = sums.sequenceJumps
    let place = first + ViewsSchema.minutesColumn
    let minutes = try blob(place) { (bytes) throws(StoreError) in MinuteSet(encoded: bytes) }
    guard let minutes else { throw misfit(place) }
    totals.minutes = minutes
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

  /// A stretch from column `first` on: start, last, cut, state, mode, lost.
  func stretch(of equipment: EquipmentNumber, from first: Int32) throws(StoreError) -> StateInterval {
    StateInterval(
      equipment: equipment, from: try timestamp(first), last: try timestamp(first + 1),
      cut: try optionalTimestamp(first + 2), state: try state(first + 3), mode: try mode(first + 4),
      lostUntil: try optionalTimestamp(first + 5))
  }

  /// A timeline with its open day from column `first` on: ``ViewsSchema/timelineColumns``, then totals.
  func timeline(from first: Int32) throws(StoreError) -> Timeline {
    func bits(_ column: Int32) throws(StoreError) -> UInt64? {
      let bits: Int64? = try optionalInteger(first + column)
      return bits.map { UInt64(bitPattern: $0) }
    }
    func instant(_ column: Int32, else none: Timestamp) throws(StoreError) -> Timestamp {
      try optionalTimestamp(first + column) ?? none
    }
    var timeline = Timeline()
    timeline.newest = try instant(0, else: .distantPast)
    timeline.stretchStart = try instant(1, else: .distantPast)
    timeline.cut = try instant(2, else: .distantFuture)
    timeline.state = try state(first + 3)
    timeline.mode = try mode(first + 4)
    timeline.sequence = try bits(5)
    timeline.boot = try bits(6)
    timeline.previousBoot = try bits(7)
    timeline.alarms = UInt64(bitPattern: try integer(first + 8) as Int64)
    timeline.lastOffline = try instant(9, else: .distantPast)
    timeline.lastOfflineReceived = try instant(10, else: .distantPast)
    timeline.offlinesSinceNewest = try integer(first + 11)
    timeline.lastOnline = try instant(12, else: .distantPast)
    timeline.firstHeard = try instant(13, else: .distantFuture)
    timeline.firstReading = try instant(14, else: .distantFuture)
    timeline.meters = try meters(from: first + 15)
    timeline.energyAt = try instant(18, else: .distantPast)
    timeline.meterMarks = MeterMarks(rawValue: try integer(first + 19)).intersection(.all)
    timeline.doubts = try doubts(first + 20)
    timeline.day = try optionalDay(first + 21) ?? CalendarDay(number: .min)
    timeline.newestReceived = try instant(22, else: .distantPast)
    timeline.clock = try integer(first + 23)
    timeline.sequenceSteps = try integer(first + 24)
    timeline.sequenceLeaps = try integer(first + 25)
    timeline.totals = try totals(from: first + Int32(ViewsSchema.timelineColumnCount))
    return timeline
  }
}
