import Journal
import Storage
import Telemetry

/// Names and types of the columns that fields are kept in.
struct FieldColumns: TimelineCoder {
  private(set) var names: [String] = []
  /// As CREATE TABLE has them.
  private(set) var declarations: [String] = []

  /// Of ``Telemetry/Timeline`` without the totals of its open day.
  static let timeline = {
    var (columns, timeline) = (FieldColumns(), Timeline())
    timeline.codeWithoutDay(with: &columns)
    return columns
  }()
  /// Of ``Telemetry/DayTotals``. The minutes are the last.
  static let totals = {
    var (columns, totals) = (FieldColumns(), DayTotals())
    totals.code(with: &columns)
    return columns
  }()

  /// The names, for a statement.
  var list: String { names.joined(separator: ", ") }
  var count: Int32 { Int32(truncatingIfNeeded: names.count) }

  private mutating func add(_ name: StaticString, _ type: String) {
    names.append("\(name)")
    declarations.append("\(name) \(type)")
  }

  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    add(name, "INTEGER NOT NULL")
  }
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    add(name, "INTEGER NOT NULL")
  }
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    add(name, "INTEGER")
  }
  mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    add(name, "INTEGER")
  }
  mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    add(name, "INTEGER")
  }
  mutating func digest(_ name: StaticString, _ value: inout UInt64) { add(name, "INTEGER NOT NULL") }
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) { add(name, "INTEGER") }
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) { add(name, "INTEGER") }
  mutating func standing(_ standing: inout Timeline.Standing) {
    add("state", "INTEGER NOT NULL")
    add("mode", "INTEGER NOT NULL")
    add("vouching", "INTEGER NOT NULL DEFAULT 0")
  }
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) { add(name, "INTEGER") }
  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) { add(name, "BLOB") }
  mutating func odd(of totals: inout DayTotals) { totals.odd.code(with: &self) }
  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) { add(name, "BLOB NOT NULL") }
}

/// Binds fields to neighbouring parameters of a statement.
extension RowWriter: TimelineCoder {
  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    bind(Int64(truncatingIfNeeded: value))
  }
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    bind(Int64(truncatingIfNeeded: value))
  }
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    bind(value.map { Int64(truncatingIfNeeded: $0) })
  }
  mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) { bind(instant) }
  mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) { bind(instant) }
  mutating func digest(_ name: StaticString, _ value: inout UInt64) { bind(Int64(bitPattern: value)) }
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) {
    bind(value.map { Int64(bitPattern: $0) })
  }
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) { digest(name, &value) }
  mutating func standing(_ standing: inout Timeline.Standing) {
    bind(standing.state.rawValue)
    bind(standing.mode.rawValue)
    bind(standing.vouching.rawValue)
  }
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) {
    bind(day.number == .min ? nil : Int64(day.number))
  }
  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) {
    if timeline.meterMarks.contains(.doubtful) {
      bind(MeterCoding.bytes(of: timeline.doubts))
    } else {
      bind(Int64?.none)
    }
  }
  mutating func odd(of totals: inout DayTotals) {
    var odd = totals.odd
    odd.code(with: &self)
  }
  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) {
    minutes.withEncoded { bind($0) }
  }
}

/// Reads fields from neighbouring columns of a row.
struct RowFields: TimelineCoder {
  private let row: StatementReader
  private var column: Int32

  /// The fields from column `first` on.
  init(_ row: StatementReader, from first: Int32) {
    self.row = row
    column = first
  }

  private mutating func next() -> Int32 {
    defer { column += 1 }
    return column
  }

  mutating func amount<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(StoreError) {
    value = try row.amount(next())
  }
  mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(StoreError) {
    value = try row.integer(next())
  }
  mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value?
  ) throws(StoreError) {
    value = try row.optionalInteger(next())
  }
  mutating func newest(
    _ name: StaticString, _ instant: inout Timestamp, none: Timestamp
  ) throws(StoreError) {
    instant = try row.optionalTimestamp(next()) ?? none
  }
  mutating func instant(
    _ name: StaticString, _ instant: inout Timestamp, none: Timestamp
  ) throws(StoreError) {
    instant = try row.optionalTimestamp(next()) ?? none
  }
  mutating func digest(_ name: StaticString, _ value: inout UInt64) throws(StoreError) {
    value = UInt64(bitPattern: try row.integer(next()) as Int64)
  }
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) throws(StoreError) {
    let bits: Int64? = try row.optionalInteger(next())
    value = bits.map { UInt64(bitPattern: $0) }
  }
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) throws(StoreError) {
    try digest(name, &value)
  }
  mutating func standing(_ standing: inout Timeline.Standing) throws(StoreError) {
    let (state, mode) = (try row.state(next()), try row.mode(next()))
    let vouching = next()
    let marks = Vouching.Past(rawValue: try row.integer(vouching))
    guard marks.isSubset(of: .all) else { throw row.misfit(vouching) }
    standing = Timeline.Standing(state: state, mode: mode, vouching: marks)
  }
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) throws(StoreError) {
    day = try row.optionalDay(next()) ?? CalendarDay(number: .min)
  }
  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) throws(StoreError) {
    timeline.doubts = try row.doubts(next())
  }
  mutating func odd(of totals: inout DayTotals) throws(StoreError) {
    var odd = MeterOddities()
    try odd.code(with: &self)
    totals.odd = odd
  }
  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) throws(StoreError) {
    let column = next()
    let set = try row.blob(column) { (bytes) throws(StoreError) in MinuteSet(encoded: bytes) }
    guard let set else { throw row.misfit(column) }
    minutes = set
  }
}
