import Telemetry

/// The periods over which a report shows the course of its headline figures: the last 12 months for a month, a quarter
/// or a year that is over, else the last 30 days that are over.
public struct TrendSteps: Sendable {
  /// The length of each step.
  public enum Unit: String, Sendable {
    case month, day
  }

  /// Number of steps, of months and of days.
  public static let (months, days) = (12, 30)

  public let unit: Unit
  /// Ascending; the last one ends with the report's last whole day.
  public let periods: [Period]

  /// The steps of a report over `period`.
  ///
  /// - Parameter now: the present, to which periods are clipped.
  public init(upTo period: Period, now: Timestamp) {
    let calendar = period.calendar
    let isWhole = period.until == calendar.start(of: period.lastDay + 1)
    guard !period.isOfInstant, period.name != nil else {
      let last = isWhole ? period.lastDay : period.lastDay - 1
      unit = .day
      periods = Self.lastDays(through: last).map { Period(from: $0, to: $0, calendar: calendar, now: now) }
      return
    }
    unit = .month
    var months: [Period] = []
    var last = period.lastDay
    for _ in 0..<Self.months {
      let first = last - (last.civil.day - 1)
      months.append(Period(from: first, to: last, calendar: calendar, now: now))
      last = first - 1
    }
    periods = months.reversed()
  }

  /// The days of a trend whose last day is `day`, ascending.
  public static func lastDays(through day: CalendarDay) -> [CalendarDay] {
    (0..<days).map { day - (days - 1 - $0) }
  }
}
