import Aggregation
import Telemetry

/// A report's period and as-of in the words of a document.
extension Terms {
  /// The Chinese word for a report on a period: a monthly, quarterly or annual report, else a report.
  func reportWord(_ period: Period) -> String {
    switch period.isOfInstant ? nil : period.name {
    case .month?: "月报"
    case .quarter?: "季报"
    case .year?: "年报"
    case nil: "报告"
    }
  }

  /// The days of a period: `August 2024`, `third quarter of 2024`, `2024`, or `5 to 20 August 2024`.
  func days(_ period: Period) -> String {
    switch period.name {
    case .month(let year, let month)?: pick("\(Self.months[month - 1]) \(year)", "\(year) 年 \(month) 月")
    case .quarter(let year, let quarter)?:
      pick(
        "\(Self.quarters[quarter - 1].english) quarter of \(year)",
        "\(year) 年第\(Self.quarters[quarter - 1].chinese)季度")
    case .year(let year)?: pick("\(year)", "\(year) 年")
    case nil: days(period.firstDay, period.lastDay)
    }
  }

  /// The days as a sentence names them: a quarter with an article.
  func daysInSentence(_ period: Period) -> String {
    if case .quarter? = period.name { return pick("the ", "") + days(period) }
    return days(period)
  }

  /// `in August 2024`, `on 5 August 2024`, `from 5 to 20 August 2024`: the English word before the days.
  func preposition(_ period: Period) -> String {
    if period.name != nil { return "in" }
    return period.firstDay == period.lastDay ? "on" : "from"
  }

  /// Two days and those between, or one day. The month and the year are written once if they are the same.
  private func days(_ first: CalendarDay, _ last: CalendarDay) -> String {
    let (a, b) = (first.civil, last.civil)
    if first == last { return day(last) }
    switch (a.year == b.year, a.month == b.month) {
    case (true, true): return pick("\(a.day) to \(day(last))", "\(day(first))至 \(b.day) 日")
    case (true, false):
      return pick(
        "\(a.day) \(Self.months[a.month - 1]) to \(day(last))", "\(day(first))至 \(b.month) 月 \(b.day) 日")
    case (false, _): return pick("\(day(first)) to \(day(last))", "\(day(first))至 \(day(last))")
    }
  }

  /// `5 August 2024`.
  func day(_ day: CalendarDay) -> String {
    let (year, month, day) = day.civil
    return pick("\(day) \(Self.months[month - 1]) \(year)", "\(year) 年 \(month) 月 \(day) 日")
  }

  /// The instant that a report holds for: `5 August 2024, 22:10`, or only the day if that is over by then.
  func asOf(_ instant: Timestamp, of period: Period) -> String {
    guard period.until < period.calendar.start(of: period.lastDay + 1) else { return day(period.lastDay) }
    let minute = period.calendar.minute(instant).suffix(5)
    return day(period.calendar.day(at: instant)) + pick(", ", " ") + minute
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
  ]
  private static let quarters = [("first", "一"), ("second", "二"), ("third", "三"), ("fourth", "四")]
    .map { (english: $0.0, chinese: $0.1) }
}
