import Telemetry

/// A date as a cell writes it.
enum WrittenDate: Equatable {
  /// Ways to write a day that only a rule makes a date.
  enum Form: Equatable {
    /// `2024-03-05` or `2024/3/5`.
    case usual
    /// `2024年3月5日`, `2024.3.5` or `20240305`.
    case other
    /// A date and a time of day, which is left out.
    case withTime
    /// The number of days since 1899-12-30 by which spreadsheets keep dates.
    case dayNumber
  }
  case day(CalendarDay, Form)
  /// The year is last: the day by its two readings, of which one may be none.
  case yearLast(monthFirst: CalendarDay?, dayFirst: CalendarDay?)
  /// The year has two digits.
  case shortYear
  /// Year and month without a day; the first of the month.
  case withoutDay(CalendarDay)
  case none

  /// Reads a text, folded and trimmed.
  init(_ text: String) {
    if let day = Self.usual(text.utf8) {
      self = .day(day, .usual)
      return
    }
    self = Self.read(Substring(text))
  }

  /// The day before the first, as spreadsheets count: 1899-12-30.
  private static let origin = CalendarDay(number: -25_569)

  private static func read(_ text: Substring) -> WrittenDate {
    if let date = withTime(text) { return date }
    guard let parts = Self.parts(of: text) else { return .none }
    switch parts.count {
    case 1: return single(parts[0])
    case 2:
      guard parts[0].utf8.count == 4, let month = Int(parts[1]), let year = Int(parts[0]),
        let first = CalendarDay(year: year, month: month, day: 1)
      else { return .none }
      return .withoutDay(first)
    case 3:
      return triple(parts.compactMap { Int($0) }, lengths: parts.map(\.utf8.count))
    default: return .none
    }
  }

  /// `YYYY-MM-DD` or `YYYY/M/D`.
  private static func usual(_ text: String.UTF8View) -> CalendarDay? {
    var numbers = (0, 0, 0)
    var lengths = (0, 0, 0)
    var part = 0
    var separator: UInt8?
    for byte in text {
      switch byte {
      case 0x30...0x39:
        let digit = Int(byte) - 0x30
        switch part {
        case 0 where lengths.0 < 4: (numbers.0, lengths.0) = (numbers.0 * 10 + digit, lengths.0 + 1)
        case 1 where lengths.1 < 2: (numbers.1, lengths.1) = (numbers.1 * 10 + digit, lengths.1 + 1)
        case 2 where lengths.2 < 2: (numbers.2, lengths.2) = (numbers.2 * 10 + digit, lengths.2 + 1)
        default: return nil
        }
      case 0x2D, 0x2F:
        guard part < 2, separator == nil || separator == byte else { return nil }
        separator = byte
        part += 1
      default: return nil
      }
    }
    guard part == 2, lengths.0 == 4, lengths.1 > 0, lengths.2 > 0 else { return nil }
    return CalendarDay(year: numbers.0, month: numbers.1, day: numbers.2)
  }

  /// A date before a time of day such as ` 0:00` or `T08:30:00`.
  private static func withTime(_ text: Substring) -> WrittenDate? {
    guard let gap = text.firstIndex(where: { $0 == " " || $0 == "T" }) else { return nil }
    let time = text[text.index(after: gap)...].split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(time.count), time.allSatisfy({ (1...2).contains($0.utf8.count) && isDigits($0) }),
      let hour = Int(time[0]), let minute = Int(time[1]), hour < 24, minute < 60
    else { return nil }
    switch read(text[..<gap]) {
    case .day(let day, let form): return .day(day, form == .dayNumber ? .dayNumber : .withTime)
    case let other: return other
    }
  }

  private static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Numbers between the separators of one kind: 年月日, points, hyphens or slashes.
  private static func parts(of text: Substring) -> [Substring]? {
    let bare = text.filter { $0 != " " }
    var found: [Substring] = []
    if bare.contains("年") {
      var rest = Substring(bare)
      for mark in ["年", "月", "日"] as [Character] {
        guard let end = rest.firstIndex(of: mark) else { break }
        found.append(rest[..<end])
        rest = rest[rest.index(after: end)...]
      }
      // 号 is said for 日, and the last mark is often left out.
      if found.count == 2, !rest.isEmpty {
        found.append(rest.hasSuffix("号") ? rest.dropLast() : rest)
      } else if !rest.isEmpty {
        return nil
      }
    } else {
      let separators = ["-", "/", "."].filter { bare.contains($0) }
      guard separators.count < 2 else { return nil }
      found =
        separators.isEmpty
        ? [Substring(bare)]
        : bare.split(separator: Character(separators[0]), omittingEmptySubsequences: false)
    }
    guard found.allSatisfy({ isDigits($0) && $0.utf8.count <= 8 }) else { return nil }
    return found
  }

  private static func single(_ digits: Substring) -> WrittenDate {
    guard let number = Int(digits) else { return .none }
    switch digits.utf8.count {
    case 8:
      let day = CalendarDay(year: number / 10_000, month: number / 100 % 100, day: number % 100)
      return day.map { .day($0, .other) } ?? .none
    // Fewer digits would be a year, or a year and a month.
    case 5 where number >= 10_000:
      return .day(CalendarDay(number: origin.number + Int32(number)), .dayNumber)
    default: return .none
    }
  }

  private static func triple(_ numbers: [Int], lengths: [Int]) -> WrittenDate {
    guard numbers.count == 3 else { return .none }
    if lengths[0] == 4, lengths[1] <= 2, lengths[2] <= 2 {
      return CalendarDay(year: numbers[0], month: numbers[1], day: numbers[2]).map { .day($0, .other) }
        ?? .none
    }
    if lengths[2] == 4, lengths[0] <= 2, lengths[1] <= 2 {
      let monthFirst = CalendarDay(year: numbers[2], month: numbers[0], day: numbers[1])
      let dayFirst = CalendarDay(year: numbers[2], month: numbers[1], day: numbers[0])
      guard monthFirst != nil || dayFirst != nil else { return .none }
      return .yearLast(monthFirst: monthFirst, dayFirst: dayFirst)
    }
    return lengths.allSatisfy { $0 <= 2 } ? .shortYear : .none
  }
}
