import Telemetry

/// Sets every field it is handed to a value of its own, other than that of a field that was never set.
public struct FieldFiller: TimelineCoder {
  private var next: Int64
  private let base: Timestamp
  private let openDay: CalendarDay
  private let sign: Int64
  /// The names in the order of the fields.
  public private(set) var names: [String] = []

  /// Numbers from `first` on; instants near `base`; the day `day`.
  ///
  /// - Parameter areNonNegative: whether numbers that may be below 0 are not.
  public init(from first: Int64 = 1, base: Timestamp, day: CalendarDay, areNonNegative: Bool = false) {
    sign = areNonNegative ? 1 : -1
    next = first
    self.base = base
    openDay = day
  }

  private mutating func number(_ name: StaticString) -> Int64 {
    names.append("\(name)")
    defer { next += 1 }
    return next
  }

  public mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    let number = number(name)
    // These are bits, of which four mean something.
    value = "\(name)" == "meter_marks" ? 15 : Value(truncatingIfNeeded: number)
  }
  public mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    value = Value(truncatingIfNeeded: sign * number(name))
  }
  public mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    value = Value(truncatingIfNeeded: sign * number(name))
  }
  public mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    instant = base + .milliseconds(number(name))
  }
  public mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    instant = base + .milliseconds(number(name))
  }
  public mutating func digest(_ name: StaticString, _ value: inout UInt64) {
    value = .max - UInt64(number(name))
  }
  public mutating func digest(_ name: StaticString, _ value: inout UInt64?) {
    value = .max - UInt64(number(name))
  }
  public mutating func sequence(_ name: StaticString, _ value: inout UInt64?) {
    value = .max - UInt64(number(name))
  }
  public mutating func standing(_ standing: inout Timeline.Standing) {
    names += ["state", "mode", "vouching"]
    standing = .init(state: .fault, mode: .manual, vouching: .all)
  }
  public mutating func day(_ name: StaticString, _ day: inout CalendarDay) {
    names.append("\(name)")
    day = openDay
  }
  public mutating func doubts(_ name: StaticString, of timeline: inout Timeline) {
    var doubts = MeterDoubts()
    doubts.good = MeterFall(first: .init(value: number(name), at: base))
    timeline.doubts = doubts
  }
  public mutating func odd(of totals: inout DayTotals) {
    var odd = totals.odd
    odd.code(with: &self)
    totals.odd = odd
  }
  public mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) {
    minutes.insert(Int(number(name)))
  }
}
