import Aggregation
import Reporting
import Telemetry

/// The value of a sheet's cell: a text (never a formula or an address), or a number with its format.
enum SheetValue: Equatable {
  case empty
  /// A cell to fill in: without a value, with a border.
  case blank
  case text(String)
  /// A number; `format` is Excel's number format.
  case number(Double, format: String)

  /// Number formats of a cell that shows a number as it is, and of a day.
  static let generalFormat = "General"
  static let dayFormat = "yyyy\\-mm\\-dd"
  /// Excel counts days from 1899-12-30. Its dates are correct from 1900-03-01 on.
  private static let epoch = 25_569.0
  private static let firstDay = CalendarDay(year: 1900, month: 3, day: 1)
  /// The largest integer of which Excel keeps every digit has 15 nines.
  private static let largest = 999_999_999_999_999

  /// The values of a cell: two for a fraction and for bounds, one for all other cells.
  static func values(of cell: Cell, _ document: ReportDocument) -> [SheetValue] {
    switch cell {
    case .empty: return [.empty]
    case .blank: return [.blank]
    case .text(let text), .status(_, let text): return [.text(text)]
    case .number(let number): return [whole(number)]
    case .thousandths(let value): return [thousandths(value, document.text(cell))]
    case .decimal(let text): return [decimal(text)]
    case .ratio(let count):
      guard let permille = count.permille else { return [.text(document.text(cell))] }
      // A positive value is not shown as zero.
      if permille == 0, count.numerator > 0 { return [.number(0, format: "\"<0.1 %\"")] }
      return [ratio(permille)]
    case .fraction(let count, let unit):
      return [count.numerator, count.denominator].map { amount($0, unit, document.language) }
    case .bounds(let lower, let upper):
      return [lower.permille, upper.permilleRoundedUp].map { $0.map(ratio) ?? .empty }
    case .points(let tenths):
      return [.number(Double(tenths) / 10, format: "\"+\"0.0;\"−\"0.0;\"±\"0.0")]
    case .day(let day): return [Self.day(day)]
    case .instant(let instant):
      let local = instant.milliseconds + document.calendar.offset(at: instant).milliseconds
      let days = Double(local / 1000) / 86_400
      guard let first = firstDay, days >= Double(first.number) else { return [.text(document.text(cell))] }
      return [.number(days + epoch, format: "yyyy\\-mm\\-dd hh:mm")]
    }
  }

  /// A date, or a text for a day before the first correct one.
  static func day(_ day: CalendarDay) -> SheetValue {
    guard let first = firstDay, day >= first else { return .text(day.description) }
    return .number(Double(day.number) + epoch, format: dayFormat)
  }

  /// A percentage floored to a tenth before it becomes a number, so that no program rounds it up to 100 %.
  private static func ratio(_ permille: Int) -> SheetValue {
    .number(Double(permille) / 1000, format: "0.0%")
  }

  private static func whole(_ number: Int) -> SheetValue {
    number.magnitude <= largest ? .number(Double(number), format: "#,##0") : .text(String(number))
  }

  private static func amount(_ value: Int, _ unit: Cell.Unit, _ language: Language) -> SheetValue {
    switch unit {
    case .plain: return whole(value)
    case .pieces: return whole(value / 1000)
    case .yuan: return .number(Double(value) / 100, format: "#,##0.00")
    case .hours:
      let word = language == .english ? "h" : "小时"
      return .number(Double(value / 360_000) / 10, format: "#,##0.0\" \(word)\"")
    }
  }

  private static func thousandths(_ value: Int64, _ text: String) -> SheetValue {
    guard value.magnitude <= UInt64(largest) else { return .text(text) }
    let places = text.contains(".") ? text.split(separator: ".").last?.count ?? 0 : 0
    return .number(Double(value) / 1000, format: "#,##0" + fraction(places))
  }

  private static func decimal(_ text: String) -> SheetValue {
    guard text.count <= 15, let value = Double(text), value.isFinite else { return .text(text) }
    let places = text.contains(".") ? text.split(separator: ".").last?.count ?? 0 : 0
    return .number(value, format: "0" + fraction(places))
  }

  private static func fraction(_ places: Int) -> String {
    places == 0 ? "" : "." + String(repeating: "0", count: places)
  }
}
