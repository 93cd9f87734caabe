import Register
import Telemetry

/// How a number format of spreadsheets shows numbers, as far as it matters here (ECMA-376 part 1, 18.8.30 and 18.8.31).
enum NumberFormat: Equatable {
  /// A number, or a time of day or a duration.
  case number
  /// A day, with or without a time of day.
  case day(hasTime: Bool)
  /// A part of a day, for instance `m"月"d"日"`: the cell does not show year or day.
  case partOfDay([DatePiece])
  /// Digits with zeros at the front or words beside them, for instance `"SB-"000`.
  case digits([DigitPiece])

  /// A part of a format of days.
  enum DatePiece: Equatable {
    /// A number of this width, or the name of a month or weekday from three on.
    case year(Int), month(Int), day(Int)
    case hour, minute, second
    case words(String)
  }

  /// A part of a format of digits.
  enum DigitPiece: Equatable {
    case zero
    /// A digit that is not shown if the number has none there.
    case optional
    case words(String)
  }

  /// Excel allows as many characters.
  private static let longest = 255

  /// A built-in format. Ids from 27 on are those of Chinese.
  init(builtIn id: Int) {
    switch id {
    case 14, 15, 30, 31: self = .day(hasTime: false)
    case 22: self = .day(hasTime: true)
    case 16: self.init("d-mmm")
    case 17: self.init("mmm-yy")
    case 27, 36, 50, 52, 57: self.init("yyyy\"年\"m\"月\"")
    case 28, 29, 51, 53, 54, 58: self.init("m\"月\"d\"日\"")
    // 18 to 21, 32 to 35, 45 to 47, 55 and 56 show times.
    default: self = .number
    }
  }

  /// The format of a code, of which the part for positive numbers counts.
  init(_ code: String) {
    self = .number
    let scan = Scan(Array(code.utf8.prefix(Self.longest)))
    let dates = scan.withMinutes
    func has(_ test: (DatePiece) -> Bool) -> Bool { dates.contains(where: test) }
    let hasYear = has { if case .year = $0 { true } else { false } }
    let hasMonth = has { if case .month = $0 { true } else { false } }
    let hasDay = has { if case .day(let width) = $0 { width < 3 } else { false } }
    let hasWeekday = has { if case .day(let width) = $0 { width > 2 } else { false } }
    let hasTime = scan.hasDuration || dates.contains(.hour) || dates.contains(.second)
    if hasYear, hasMonth, hasDay {
      self = .day(hasTime: hasTime)
    } else if hasYear || hasMonth || hasDay || hasWeekday {
      self = .partOfDay(dates)
    } else if !hasTime, let digits = scan.digits {
      self = .digits(digits)
    }
  }

  /// The cell of a number; nil if it is shown as one.
  ///
  /// - Parameters:
  ///   - digits: the number's text.
  ///   - value: its value.
  func cell(_ digits: String, _ value: Double, is1904: Bool) -> SheetCell? {
    switch self {
    case .number: return nil
    case .digits(let pieces):
      return Self.shown(digits, by: pieces).map { .formatted(digits: digits, shown: $0) }
    case .day(let hasTime):
      let cell = DayNumber.cell(value, is1904: is1904)
      guard hasTime, case .day(let day) = cell else { return cell }
      let seconds = Int(((value - value.rounded(.down)) * 86_400).rounded())
      if seconds == 86_400 { return DayNumber.cell(value.rounded(.down) + 1, is1904: is1904) }
      return seconds == 0 ? cell : .text("\(day) \(Self.time(seconds))")
    case .partOfDay(let pieces):
      let cell = DayNumber.cell(value, is1904: is1904)
      guard case .day(let day) = cell else { return cell }
      return .text(Self.shown(day, value, by: pieces))
    }
  }

  /// A whole number as a format of digits shows it; nil for other numbers.
  private static func shown(_ digits: String, by pieces: [DigitPiece]) -> String? {
    guard !digits.isEmpty, digits.utf8.count <= 20, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let zeros = pieces.count { $0 == .zero }
    let places = pieces.count { $0 == .zero || $0 == .optional }
    var rest = Substring(String(repeating: "0", count: max(0, zeros - digits.utf8.count)) + digits)
    var missing = max(0, places - rest.count)
    var shown = ""
    var isFirst = true
    for piece in pieces {
      guard case .words(let words) = piece else {
        if missing > 0 {
          missing -= 1
          continue
        }
        // The first place shows all digits that the others have no room for.
        let count = isFirst ? max(1, rest.count - places + 1) : 1
        shown += rest.prefix(count)
        rest = rest.dropFirst(count)
        isFirst = false
        continue
      }
      shown += words
    }
    let text = shown.trimmingSpaces
    return text == digits ? nil : text
  }

  /// A day as a format of a part of it shows it.
  private static func shown(_ day: CalendarDay, _ value: Double, by pieces: [DatePiece]) -> String {
    let civil = day.civil
    let seconds = Int(((value - value.rounded(.down)) * 86_400).rounded(.down))
    return pieces.map { piece in
      switch piece {
      case .year(let width): width < 3 ? padded(civil.year % 100, 2) : padded(civil.year, 4)
      case .month(let width):
        width < 3 ? padded(civil.month, width) : Self.name(months, civil.month - 1, width)
      case .day(let width):
        width < 3 ? padded(civil.day, width) : Self.name(weekdays, day.weekday % 7, width)
      case .hour: padded(seconds / 3600, 2)
      case .minute: padded(seconds / 60 % 60, 2)
      case .second: padded(seconds % 60, 2)
      case .words(let words): words
      }
    }.joined().trimmingSpaces
  }

  /// Seconds of a day as `08:30:00`.
  private static func time(_ seconds: Int) -> String {
    "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  private static func name(_ names: [String], _ place: Int, _ width: Int) -> String {
    guard names.indices.contains(place) else { return "" }
    return width == 3 ? String(names[place].prefix(3)) : names[place]
  }
}

extension String {
  /// The text without spaces at both ends.
  var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
