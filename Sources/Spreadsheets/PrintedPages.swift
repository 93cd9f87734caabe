import CXLSXWriter

/// Where the printed pages of a sheet end, so that a heading stays with the rows below it.
struct PrintedPages {
  /// Heights of the rows that are higher than usual, in points, by position.
  private var heights: [Int: Double] = [:]
  /// First rows of the groups that stay on one page, ascending.
  private var groups: [Int] = []

  /// The printable area of A4 in landscape within the margins of a sheet of text: inches and points. A twentieth of the
  /// height is left free, since programs round the heights of rows.
  private static let (width, height) = (10.69, 463.0)
  /// Pixels of a character and of the border of a column; pixels of an inch.
  private static let (character, border, inch) = (7, 5, 96.0)

  /// Notes the height of a row in points.
  mutating func setHeight(_ points: Double, ofRow row: lxw_row_t) { heights[Int(row)] = points }

  /// Begins a group at a row. It lasts until the next one.
  mutating func begin(at row: lxw_row_t) { groups.append(Int(row)) }

  /// The scale in percent at which columns of these widths in characters fit on a page, 10 to 100.
  static func scale(of widths: [Int]) -> Int {
    let pixels = widths.reduce(0) { $0 + min($1, 255) * character + border }
    return max(10, min(100, Int(width * inch * 100 / Double(max(1, pixels)))))
  }

  /// First rows of the pages after the first, ascending. A group begins a page if the rest of the page before is too small
  /// for it; of one that is longer than a page the first rows decide.
  ///
  /// - Parameters:
  ///   - rows: number of rows of the sheet.
  ///   - scale: in percent.
  func breaks(rows: Int, scale: Int) -> [Int] {
    let page = Self.height * 100 / Double(max(10, scale))
    var used = height(0..<(groups.first ?? rows))
    var breaks: [Int] = []
    for (place, first) in groups.enumerated() {
      let end = place + 1 < groups.count ? groups[place + 1] : rows
      let all = height(first..<end)
      let needed = all <= page ? all : height(first..<min(end, first + 4))
      if used + needed > page {
        breaks.append(first)
        used = 0
      }
      used += all
      // A group that is longer than a page ends on a later one.
      while used > page { used -= page }
    }
    return breaks
  }

  private func height(_ rows: Range<Int>) -> Double {
    rows.reduce(0) { $0 + (heights[$1] ?? SheetWriter.rowHeight) }
  }
}
