import Aggregation
import Telemetry

/// The glyphs of a text report: block elements and box drawing, or ASCII if the terminal has no UTF-8.
struct Glyphs: Sendable {
  let unicode: Bool

  var rule: String { unicode ? "─" : "-" }
  var ellipsis: String { unicode ? "…" : "..." }

  /// The text with the report's own signs in ASCII if the terminal needs it; names are unchanged.
  func drawable(_ text: String) -> String {
    guard !unicode, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
    let signs: [Character: String] = [
      "≥": ">=", "…": "...", "·": "|", "–": "-", "−": "-", "×": "x", "±": "+/-", "☐": "[ ]", "⚠": "!",
      "✓": "+", "✗": "-",
    ]
    return text.reduce(into: "") { $0 += signs[$1] ?? String($1) }
  }

  /// A bar of `width` columns for a ratio. It is full only at n = d, and empty only at 0.
  func bar(_ count: Count, width: Int) -> String {
    guard count.denominator > 0, count.numerator > 0, width > 0 else { return "" }
    let halves = max(
      1, Int(clamping: Int128(count.numerator) * Int128(2 * width) / Int128(count.denominator)))
    let full = min(halves, 2 * width) / 2
    let half = halves < 2 * width && halves % 2 == 1
    if unicode { return String(repeating: "█", count: full) + (half ? "▌" : "") }
    return String(repeating: "#", count: max(1, full))
  }
}

/// Rows of cells under headings, fitted to a width by shortening the columns that allow it.
struct Table {
  struct Column {
    var title: String
    var right = false
    /// Minimum width of this column; nil if it keeps its natural width.
    var shrinksTo: Int?
    /// Whether long cells are wrapped instead of cut.
    var wraps = false
  }

  var columns: [Column]
  var rows: [[String]] = []
  /// Places of the rows whose only text, the first, is a heading for the rows below. It extends over all columns.
  var groups: Set<Int> = []
  /// One ratio per row, drawn as a bar in the remaining width; no bars when empty.
  var bars: [Count] = []
  /// Number of the last rows that are sums, separated by a rule.
  var sums = 0

  private static let gap = 2
  private static let narrowestBar = 6
  private static let widestBar = 20

  /// The lines, each at most `width` columns. If the columns do not fit even when shortened, the last ones are
  /// printed below each row, preceded by their headings.
  func lines(width: Int, indent: Int, glyphs: Glyphs) -> [String] {
    let widths = fitted(to: width - indent)
    let used = Self.width(of: widths)
    let barRoom = width - indent - used - Self.gap
    let barWidth = barRoom < Self.narrowestBar ? 0 : min(Self.widestBar, barRoom)
    let margin = String(repeating: " ", count: indent)
    func line(_ cells: [String], _ last: String) -> String {
      var parts: [String] = []
      for (index, cell) in cells.prefix(widths.count).enumerated() {
        let cut = cell.truncated(to: widths[index], ellipsis: glyphs.ellipsis)
        parts.append(cut.padded(to: widths[index], right: columns[index].right))
      }
      let text = margin + parts.joined(separator: "  ") + (last.isEmpty ? "" : "  " + last)
      return text.trimmingTrailingSpaces
    }
    var lines: [String] = []
    if columns.contains(where: { !$0.title.isEmpty }) {
      lines.append(line(columns.map(\.title), ""))
    }
    for (index, row) in rows.enumerated() {
      if sums > 0 && index == rows.count - sums {
        lines.append(margin + String(repeating: glyphs.rule, count: used))
      }
      if groups.contains(index) {
        lines += (row.first ?? "").wrapped(to: width - indent).map { margin + $0 }
        continue
      }
      let bar = index < bars.count ? glyphs.bar(bars[index], width: barWidth) : ""
      for (place, part) in wrapped(row, widths).enumerated() {
        lines.append(line(part, place == 0 ? bar : ""))
      }
      lines += below(row, widths.count).wrapped(to: width - indent - Self.gap).map {
        margin + String(repeating: " ", count: Self.gap) + $0
      }
    }
    return lines
  }

  /// A row's cells as lines. A wrapped column takes several lines; continuation lines are indented further.
  private func wrapped(_ row: [String], _ widths: [Int]) -> [[String]] {
    let wrapped = widths.indices.map { index in
      guard columns[index].wraps, row[index].displayWidth > widths[index] else { return [row[index]] }
      let margin = row[index].prefix { $0 == " " }
      let lines = row[index].dropFirst(margin.count).description.wrapped(to: widths[index] - margin.count * 2)
      return lines.enumerated().map { ($0 == 0 ? margin : margin + margin) + $1 }
    }
    let height = max(1, wrapped.map(\.count).max() ?? 1)
    return (0..<height).map { place in wrapped.map { place < $0.count ? $0[place] : "" } }
  }

  /// The cells of a row from a column on, with their headings, for the lines below the row.
  private func below(_ row: [String], _ first: Int) -> String {
    columns.indices[first...].filter { !row[$0].isEmpty }
      .map { [columns[$0].title, row[$0]].filter { !$0.isEmpty }.joined(separator: " ") }
      .joined(separator: "  ")
  }

  private static func width(of widths: [Int]) -> Int { widths.reduce(0, +) + gap * (widths.count - 1) }

  /// The widths of the columns that fit side by side, leaving width for bars if possible.
  private func fitted(to room: Int) -> [Int] {
    let beside = room - Self.gap - Self.narrowestBar
    var widths = shortened(to: bars.isEmpty ? room : beside, columns.count)
    // Where no bar fits, the texts have its room.
    if !bars.isEmpty, Self.width(of: widths) > beside { widths = shortened(to: room, columns.count) }
    while Self.width(of: widths) > room, widths.count > 2 { widths = shortened(to: room, widths.count - 1) }
    return widths
  }

  /// The natural widths of the first columns; the widest shrinkable column is reduced first until all fit.
  private func shortened(to room: Int, _ count: Int) -> [Int] {
    var widths = columns.indices.prefix(count).map { index in
      rows.indices.reduce(columns[index].title.displayWidth) { width, row in
        groups.contains(row) ? width : max(width, rows[row][index].displayWidth)
      }
    }
    var excess = Self.width(of: widths) - room
    while excess > 0 {
      let shrinkable = widths.indices.filter { widths[$0] > columns[$0].shrinksTo ?? .max }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
