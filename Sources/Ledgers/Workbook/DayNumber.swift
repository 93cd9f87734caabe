import Register
import Telemetry

/// Days as spreadsheets number them.
enum DayNumber {
  /// The cell of a number that is shown as a day; nil if the number is no day that spreadsheets show.
  ///
  /// The system of 1900 has a day that never was, 1900-02-29, and a day 0: both are texts as the sheet shows them.
  static func cell(_ number: Double, is1904: Bool) -> SheetCell? {
    guard number >= 0, number < 2_958_466 else { return nil }
    let day = Int32(number.rounded(.down))
    if is1904 {
      // 1904-01-01 to 9999-12-31.
      guard day <= 2_957_003 else { return nil }
      return .day(CalendarDay(number: day - 24_107))
    }
    switch day {
    case 0: return .text("1900-01-00")
    case 1...59: return .day(CalendarDay(number: day - 25_568))
    case 60: return .text("1900-02-29")
    default: return .day(CalendarDay(number: day - 25_569))
    }
  }

  /// The cell of a day in ISO 8601; text if it has a time of day other than midnight, or is none.
  static func cell(iso text: String) -> SheetCell {
    let rest = text.dropFirst(10)
    guard rest.isEmpty || rest.first == "T", let day = CalendarDay(text.prefix(10)) else {
      return .text(text)
    }
    guard rest.contains(where: { ("1"..."9").contains($0) }) else { return .day(day) }
    return .text("\(day) \(rest.dropFirst().prefix { $0 != "." && $0 != "Z" })")
  }
}
