import Telemetry

/// Reads the dates of a row.
extension RowReader {
  /// `YYYY-MM-DD` or `YYYY/M/D`, from 1900 to 2199, in ledgers also other forms; nil for an empty cell.
  mutating func day(_ column: Column) -> CalendarDay? {
    let raw = rawCell(column)
    if case .day(let day) = raw { return withinRange(day, column) }
    let text = text(of: raw, column, as: .date)
    if text.isEmpty { return nil }
    let written = WrittenDate(text)
    if case .day(let day, let form) = written, form == .usual || isLedger {
      if let kind = form.rule { apply(kind, column, text, day.description) }
      return withinRange(day, column)
    }
    if isLedger, refuseDate(written, text, column) { return nil }
    refuse(
      column, .date, "'\(Self.shown(text))' is not a date such as 2024-03-05 or 2024/3/5",
      "“\(Self.shown(text))”不是有效日期，应形如 2024-03-05 或 2024/3/5")
    return nil
  }

  private mutating func withinRange(_ day: CalendarDay, _ column: Column) -> CalendarDay? {
    guard (1900...2199).contains(day.civil.year) else {
      refuse(
        column, .date, "\(day) is not a date from 1900 to 2199", "\(day) 不在 1900 年至 2199 年之间")
      return nil
    }
    return day
  }

  /// Refuses a date that can be read in several ways or lacks a part; returns whether it did.
  private mutating func refuseDate(_ written: WrittenDate, _ text: String, _ column: Column) -> Bool {
    let shown = Self.shown(text)
    switch written {
    case .day, .none: return false
    case .yearLast(let monthFirst, let dayFirst):
      let readings = [monthFirst, dayFirst].compactMap(\.self).map(\.description)
      let one = readings.count == 2 && readings[0] == readings[1] ? Array(readings.prefix(1)) : readings
      refuse(
        column, .date, "'\(shown)' may be \(one.joined(separator: " or ")); write the year first",
        "“\(shown)”可能是 \(one.joined(separator: " 或 "))；请将年份写在最前")
    case .shortYear:
      refuse(
        column, .date, "the year of '\(shown)' has two digits; write four", "“\(shown)”的年份只有两位；请写四位年份")
    case .withoutDay(let first):
      refuse(
        column, .date, "'\(shown)' has no day; write \(first) if the first of the month is meant",
        "“\(shown)”没有日；如为当月 1 日，请写 \(first)")
    }
    return true
  }
}

extension WrittenDate.Form {
  /// The rule that reads such a date; nil for the usual form.
  var rule: RegisterRule.Kind? {
    switch self {
    case .usual: nil
    case .other: .dateForm
    case .withTime: .timeOfDay
    case .dayNumber: .dayNumber
    }
  }
}
