import Aggregation
import Reporting

/// The layout of a document's table in a sheet. Fractions and bounds take two columns.
struct SheetTable {
  enum Kind {
    case cells, sum, warning, group
  }

  var caption: String
  var headings: [String] = []
  var isNumeric: [Bool] = []
  var rows: [(kind: Kind, values: [SheetValue])] = []
  /// Widths in which the columns' values fit, in characters (digits of the font).
  var widths: [Int] = []
  /// The column whose ratios may be drawn.
  var drawn: Int?
  /// Whether the rows are steps in time, whose ratios are drawn as lines.
  var isCourse = false
  /// The first sheet column of each column of the document's table.
  var starts: [Int] = []
  /// The column with the names of the rows.
  var naming = 0

  init(_ table: DocumentTable, _ document: ReportDocument) {
    caption = table.caption
    for (place, column) in table.columns.enumerated() {
      let words = table.parts(of: place).map { document.language == .english ? $0.english : $0.chinese }
      starts.append(headings.count)
      headings +=
        words.isEmpty ? [column.title] : words.map { Self.heading(column.title, $0, document.language) }
      isNumeric += Array(repeating: column.isNumeric, count: max(1, words.count))
    }
    drawn = table.drawn.map { starts[$0] }
    isCourse = table.isCourse
    naming = table.columns.firstIndex { !$0.isNumeric }.map { starts[$0] } ?? 0
    widths = headings.map { $0.displayWidth + 3 }
    for row in table.rows { append(row, document) }
  }

  /// Number of rows before the sums.
  var filteredRows: Int { rows.prefix { $0.kind != .sum }.count }

  /// Whether a column's texts would touch the numbers in the column before.
  func isIndented(_ column: Int) -> Bool { column > 0 && !isNumeric[column] && isNumeric[column - 1] }

  private mutating func append(_ row: DocumentTable.Row, _ document: ReportDocument) {
    switch row {
    case .group(let title): rows.append((.group, [.text(title)]))
    case .cells(let cells): rows.append((.cells, values(cells, document)))
    case .sum(let cells): rows.append((.sum, values(cells, document)))
    case .warning(let cells): rows.append((.warning, values(cells, document)))
    }
  }

  private mutating func values(_ cells: [Cell], _ document: ReportDocument) -> [SheetValue] {
    var values: [SheetValue] = []
    for (place, cell) in cells.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] : headings.count
      var parts = SheetValue.values(of: cell, document)
      let width = (document.text(cell).displayWidth + parts.count) / parts.count + 1
      while parts.count < end - starts[place] { parts.append(.empty) }
      for column in starts[place]..<end { widths[column] = max(widths[column], width) }
      values += parts
    }
    return values
  }

  private static func heading(_ title: String, _ part: String, _ language: Language) -> String {
    // A heading that only says that there are two values is replaced by the name of the part.
    if ["", "Of", "分子 / 分母"].contains(title) { return part }
    return language == .english ? "\(title): \(part.lowercased())" : "\(title)：\(part)"
  }
}

extension DocumentTable {
  /// Names of the two values in a column's cells; empty for a column with one value per cell.
  fileprivate func parts(of column: Int) -> [(english: String, chinese: String)] {
    for cell in rows.lazy.compactMap(\.cells).map({ $0[column] }) {
      switch cell {
      case .fraction: return [("Numerator", "分子"), ("Denominator", "分母")]
      case .bounds: return [("Lower", "下界"), ("Upper", "上界")]
      default: continue
      }
    }
    return []
  }
}
