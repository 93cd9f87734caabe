import Telemetry

extension Period {
  /// A calendar month, quarter or year that a period covers from its first to its last instant.
  public enum Name: Equatable, Sendable {
    /// `month` is 1 to 12.
    case month(year: Int, month: Int)
    /// `quarter` is 1 to 4.
    case quarter(year: Int, quarter: Int)
    case year(Int)
  }

  /// The month, quarter or year that the period is; nil for other days, and for one that is not over.
  public var name: Name? {
    guard until == calendar.start(of: lastDay + 1) else { return nil }
    let (year, month, day) = firstDay.civil
    let (lastYear, lastMonth, end) = lastDay.civil
    guard day == 1, year == lastYear, end == CalendarDay.length(ofMonth: lastMonth, year: lastYear) else {
      return nil
    }
    switch (month, lastMonth - month) {
    case (_, 0): return .month(year: year, month: month)
    case (1, 2), (4, 2), (7, 2), (10, 2): return .quarter(year: year, quarter: (month + 2) / 3)
    case (1, 11): return .year(year)
    default: return nil
    }
  }
}
