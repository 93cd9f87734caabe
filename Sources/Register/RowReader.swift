import Telemetry

/// Reads the cells of one row as values, and notes every one that is none.
struct RowReader<Column: RegisterColumn> {
  private let table: RegisterTable<Column>
  private let row: CSVRecord
  private(set) var problems: [RegisterProblem] = []

  /// The longest text a cell may hold, in characters.
  static var longestText: Int { 200 }
  /// The longest report interval, in seconds: 31 days.
  static var longestInterval: Int64 { 31 * 86_400 }

  init(_ row: CSVRecord, of table: RegisterTable<Column>) {
    self.row = row
    self.table = table
  }

  /// The row's line in the file.
  var line: Int { row.line }

  /// The heading of a column as the file spells it.
  func heading(_ column: Column) -> String { table.columns[column]?.heading ?? column.rawValue }

  mutating func refuse(_ column: Column, _ message: String) {
    let place = table.columns[column].map { ($0.position + 1, $0.heading) }
    problems.append(RegisterProblem(file: table.file, line: row.line, column: place, message: message))
  }

  private func cell(_ column: Column) -> String {
    guard let position = table.columns[column]?.position, position < row.cells.count else { return "" }
    return row.cells[position]
  }

  mutating func text(_ column: Column) -> String {
    let text = cell(column)
    if text.utf8.count > Self.longestText, text.count > Self.longestText {
      refuse(column, "\(text.count) characters, where \(Self.longestText) are the most")
    }
    return text
  }

  /// An id as topics and scopes use it; empty when the cell is and the column is not required.
  mutating func id(_ column: Column) -> String {
    let text = cell(column)
    if text.isEmpty {
      if column.isRequired { refuse(column, "a value is required") }
    } else if !EquipmentKey.isID(text.utf8) {
      refuse(column, "'\(Self.shown(text))' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -")
    }
    return text
  }

  /// `YYYY-MM-DD` or `YYYY/M/D`, from 1900 to 2199; nil for an empty cell.
  mutating func day(_ column: Column) -> CalendarDay? {
    let text = cell(column)
    if text.isEmpty { return nil }
    guard let day = Self.day(text) else {
      refuse(column, "'\(Self.shown(text))' is not a date such as 2024-03-05 or 2024/3/5")
      return nil
    }
    guard (1900...2199).contains(day.civil.year) else {
      refuse(column, "\(day) is not a date from 1900 to 2199")
      return nil
    }
    return day
  }

  /// yes, true, 1, 是 or no, false, 0, 否 in any letter case; an empty cell is no.
  mutating func flag(_ column: Column) -> Bool {
    let text = cell(column)
    switch text.lowercased() {
    case "yes", "true", "1", "是": return true
    case "no", "false", "0", "否", "": return false
    default:
      refuse(column, "'\(Self.shown(text))' is neither yes (true, 1, 是) nor no (false, 0, 否)")
      return false
    }
  }

  /// The English or the Chinese word; an empty cell is unclassified.
  mutating func automation(_ column: Column) -> Automation {
    let text = cell(column)
    if text.isEmpty { return .unclassified }
    if let known = Automation.allCases.first(where: { $0.rawValue == text || $0.chinese == text }) {
      return known
    }
    let choices = Automation.allCases
    refuse(
      column,
      "'\(Self.shown(text))' is not one of "
        + choices.map { "\($0.rawValue) \($0.chinese)" }.joined(separator: ", ")
        + Suggestion.phrase(for: text, among: choices.map(\.rawValue) + choices.map(\.chinese)))
    return .unclassified
  }

  /// Whole seconds from 1 to 31 days; nil for an empty cell.
  mutating func interval(_ column: Column) -> Span? {
    let text = cell(column)
    if text.isEmpty { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(text),
      (1...Self.longestInterval).contains(seconds)
    else {
      refuse(
        column, "'\(Self.shown(text))' is not a whole number of seconds from 1 to \(Self.longestInterval)")
      return nil
    }
    return .seconds(seconds)
  }

  /// A number above zero with at most three decimals, in thousandths; nil for an empty cell.
  mutating func thousandths(_ column: Column) -> Int64? {
    let text = cell(column)
    if text.isEmpty { return nil }
    guard let value = Thousandths.value(text), value > 0 else {
      refuse(column, "'\(Self.shown(text))' is not a number above 0 with at most three decimals")
      return nil
    }
    return value
  }

  private static func day(_ text: String) -> CalendarDay? {
    let separator: Character = text.contains("/") ? "/" : "-"
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, (1...2).contains(parts[1].utf8.count),
      (1...2).contains(parts[2].utf8.count),
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    return CalendarDay(year: year, month: month, day: day)
  }

  /// A cell as an error quotes it: not endlessly.
  private static func shown(_ text: String) -> String {
    text.count <= 60 ? text : text.prefix(60) + "…"
  }
}
