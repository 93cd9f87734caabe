/// A date without a time: days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// The register's dates (in service from, until) are these; where a day begins is the store's time
/// zone's to say (``LocalCalendar``).
public struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01; negative before.
  public var number: Int32

  /// The day `number` days after 1970-01-01.
  public init(number: Int32) { self.number = number }

  /// The day with this year, month (1–12) and day of month, or nil when there is none such.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= 28 || day <= Self.length(ofMonth: month, year: year)
    else { return nil }
    // Days from civil: years that begin in March put the leap day last.
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// The day written as `YYYY-MM-DD` (ISO 8601), or nil.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
    func digits(_ range: Range<Int>) -> Int? {
      var value = 0
      for i in range {
        guard bytes[i] >= 0x30, bytes[i] <= 0x39 else { return nil }
        value = value * 10 + Int(bytes[i] - 0x30)
      }
      return value
    }
    guard let y = digits(0..<4), let m = digits(5..<7), let d = digits(8..<10) else { return nil }
    self.init(year: y, month: m, day: d)
  }

  /// Year, month and day of month.
  public var civil: (year: Int, month: Int, day: Int) {
    let z = Int(number) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
  }

  /// The ISO 8601 weekday: Monday is 1, Sunday 7.
  public var weekday: Int {
    // 1970-01-01 was a Thursday.
    let offset = (Int(number) + 3) % 7
    return (offset < 0 ? offset + 7 : offset) + 1
  }

  /// Days that can be written as `YYYY-MM-DD`: 0001-01-01 to 9999-12-31. Days read from files must be within them.
  public static let written = CalendarDay(number: -719_162)...CalendarDay(number: 2_932_896)
  /// Instants of those days, in any time zone.
  public static let instants =
    Timestamp(milliseconds: -719_164 * 86_400_000)...Timestamp(milliseconds: 2_932_898 * 86_400_000)

  /// The number of days in a month.
  public static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  /// `YYYY-MM-DD`, with a sign before year 0.
  public var description: String {
    let (y, m, d) = civil
    func padded(_ n: Int, _ width: Int) -> String {
      let s = String(n.magnitude)
      return (n < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - s.count)) + s
    }
    return "\(padded(y, 4))-\(padded(m, 2))-\(padded(d, 2))"
  }

  /// Whether `a` is the earlier day.
  public static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.number < b.number }
  /// The day `days` later; the last day that can be held when there is none.
  public static func + (a: CalendarDay, days: Int) -> CalendarDay {
    let (sum, overflow) = Int(a.number).addingReportingOverflow(days)
    return CalendarDay(number: overflow ? (days < 0 ? .min : .max) : Int32(clamping: sum))
  }
  /// The day `days` earlier; the first day that can be held when there is none.
  public static func - (a: CalendarDay, days: Int) -> CalendarDay {
    let (difference, overflow) = Int(a.number).subtractingReportingOverflow(days)
    return CalendarDay(number: overflow ? (days < 0 ? .max : .min) : Int32(clamping: difference))
  }
}
