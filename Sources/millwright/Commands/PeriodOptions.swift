import Aggregation
import ArgumentParser
import Reporting
import Telemetry

/// The days covered by a report.
struct PeriodOptions: ParsableArguments {
  @Option(name: .long, help: "First day of the period; with --to.")
  var from: String?

  @Option(name: .long, help: "Last day of the period, included.")
  var to: String?

  @Option(
    name: .long,
    help:
      "The period by name: last-month, last-30-days, 2026-10, 2026-Q3 or 2026; default: the last 30 days.",
    completion: .list(["last-month", "last-30-days"]))
  var period: String?

  /// The requested period, clipped to `now`; nil if none was requested.
  func period(calendar: LocalCalendar, now: Timestamp) throws -> Period? {
    if let period {
      guard from == nil, to == nil else {
        throw CommandFailure(
          .usage, "--period cannot be used with --from and --to", "--period 不能与 --from、--to 同时使用")
      }
      guard let days = NamedPeriod.days(period, today: calendar.day(at: now)) else {
        throw CommandFailure(
          .usage,
          "--period: '\(period.inert)' is not last-month, last-30-days, a month (2026-10), a quarter (2026-Q3) or a year "
            + "(2026)",
          "--period：“\(period.inert)”应为 last-month（上月）、last-30-days（近 30 天）、月（2026-10）、季度（2026-Q3）或年（2026）"
        )
      }
      return try checked(days, "--period", calendar, now)
    }
    switch (from, to) {
    case (nil, nil): return nil
    case (let from?, let to?):
      let first = try day(from, "--from")
      let last = try day(to, "--to")
      guard first <= last else {
        throw CommandFailure(.usage, "--to \(to) is before --from \(from)", "--to \(to) 早于 --from \(from)")
      }
      return try checked(first...last, "--from", calendar, now)
    case (nil, _):
      throw CommandFailure(
        .usage, "--to needs --from: the first day of the period", "--to 须与 --from（统计周期首日）一并使用")
    case (_, nil):
      throw CommandFailure(
        .usage, "--from needs --to: the last day of the period", "--from 须与 --to（统计周期末日）一并使用")
    }
  }

  private func day(_ text: String, _ option: String) throws -> CalendarDay {
    guard let day = CalendarDay(text) else {
      throw CommandFailure(
        .usage, "\(option): '\(text.inert)' is not a day (2026-11-22)",
        "\(option)：“\(text.inert)”不是日期（如 2026-11-22）")
    }
    return day
  }

  private func checked(
    _ days: ClosedRange<CalendarDay>, _ option: String, _ calendar: LocalCalendar, _ now: Timestamp
  ) throws -> Period {
    guard days.lowerBound <= calendar.day(at: now) else {
      throw CommandFailure(
        .usage, "\(option): the period begins on \(days.lowerBound), which is in the future",
        "\(option)：统计周期自 \(days.lowerBound) 开始，该日期尚未到来")
    }
    guard days.upperBound.number - days.lowerBound.number <= 3660 else {

      throw CommandFailure(
        .usage, "\(option): the period is longer than ten years", "\(option)：统计周期超过十年")
    }
    return Period(from: days.lowerBound, to: days.upperBound, calendar: calendar, now: now)
  }
}

/// Periods with a name.
enum NamedPeriod {
  /// The days of `last-month`, `last-30-days`, `2026-10`, `2026-Q3` or `2026`; nil for anything else.
  static func days(_ name: String, today: CalendarDay) -> ClosedRange<CalendarDay>? {
    switch name {
    case "last-30-days": return (today - 29)...today
    case "last-month":
      let (year, month, _) = today.civil
      return months(year: month == 1 ? year - 1 : year, from: month == 1 ? 12 : month - 1, count: 1)
    default: break
    }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = parts.first, first.count == 4, let year = Int(first) else { return nil }
    switch parts.count {
    case 1: return months(year: year, from: 1, count: 12)
    case 2 where parts[1].hasPrefix("Q") && parts[1].count == 2:
      guard let quarter = Int(parts[1].dropFirst()), (1...4).contains(quarter) else { return nil }
      return months(year: year, from: quarter * 3 - 2, count: 3)
    case 2 where parts[1].count == 2:
      guard let month = Int(parts[1]), (1...12).contains(month) else { return nil }
      return months(year: year, from: month, count: 1)
    default: return nil
    }
  }

  private static func months(year: Int, from month: Int, count: Int) -> ClosedRange<CalendarDay>? {
    let last = month + count - 1
    guard let first = CalendarDay(year: year, month: month, day: 1),
      let end = CalendarDay(year: year, month: last, day: CalendarDay.length(ofMonth: last, year: year))
    else { return nil }
    return first...end
  }
}
