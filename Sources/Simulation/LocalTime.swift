import Telemetry

/// An instant in the simulated district's time zone: UTC+8, as in China, without daylight saving.
struct LocalTime {
  static let hour: Int64 = 3_600_000
  private static let dayLength: Int64 = 24 * hour

  /// The date.
  var day: CalendarDay
  /// Milliseconds since local midnight.
  var ofDay: Int64

  init(_ instant: Timestamp) {
    let local = instant.milliseconds + 8 * Self.hour
    let (days, rest) = local.quotientAndRemainder(dividingBy: Self.dayLength)
    let before: Int64 = rest < 0 ? 1 : 0
    day = CalendarDay(number: Int32(clamping: days - before))
    ofDay = rest + before * Self.dayLength
  }

  /// Whether it is in the day shift, 08:00 to 20:00.
  var isDayShift: Bool { (8 * Self.hour..<20 * Self.hour).contains(ofDay) }

  /// Milliseconds until the next 08:00 or 20:00.
  var untilShiftChange: Int64 {
    let next = ofDay < 8 * Self.hour ? 8 : ofDay < 20 * Self.hour ? 20 : 32
    return Int64(next) * Self.hour - ofDay
  }
}
