/// Arranges a page: parts that belong together, and small parts side by side.
extension ReportDocument.Section {
  /// Places of the blocks in parts that belong together. A heading begins a part, and so does a table, a chart or a
  /// list that follows another one. Other texts belong to the part before them.
  var parts: [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    var hasFigure = false
    for (place, block) in blocks.enumerated() {
      let begins: Bool
      switch block {
      case .prose(_, .strong): begins = true
      case .prose: begins = false
      case .table, .chart, .fields:
        begins = hasFigure
        hasFigure = true
      }
      if begins, place > start {
        parts.append(start..<place)
        start = place
        if case .prose = block { hasFigure = false }
      }
    }
    if start < blocks.count { parts.append(start..<blocks.count) }
    return parts
  }

  /// The size of a part. A part is small if it has one small table or chart and no other one.
  func size(of part: Range<Int>, in document: ReportDocument) -> PartSize {
    let sizes = blocks[part].compactMap { block -> PartSize? in
      switch block {
      case .table(let table): table.repeatsCharts ? nil : table.size(in: document)
      case .chart(let chart): chart.size
      case .fields: .full
      case .prose: nil
      }
    }
    return sizes.count == 1 ? sizes[0] : .full
  }

  /// The size of the section: that of its only part, or a full page's width.
  func size(in document: ReportDocument) -> PartSize {
    let parts = parts
    return parts.count == 1 ? size(of: parts[0], in: document) : .full
  }
}

/// The width that a part of a page needs.
enum PartSize: Int, Comparable {
  /// Half of a page, also on paper.
  case small
  /// Half of a page on a wide screen.
  case medium
  case full

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Neighbours on a page: one part, or two small ones side by side.
struct Neighbours: Equatable {
  var places: Range<Int>
  /// The space that both parts need: the larger of their sizes. A part that stands alone takes the full width.
  var size: PartSize

  /// Arranges parts in rows, in their order. A row holds two parts if neither needs the full width, and else one.
  static func rows(of sizes: [PartSize]) -> [Neighbours] {
    var rows: [Neighbours] = []
    var place = 0
    while place < sizes.count {
      let larger = place + 1 < sizes.count ? max(sizes[place], sizes[place + 1]) : .full
      let length = larger == .full ? 1 : 2
      rows.append(Neighbours(places: place..<(place + length), size: larger))
      place += length
    }
    return rows
  }
}

extension DocumentTable {
  /// Maximum width in columns of text of a table in half of a sheet of paper, and of a wide screen.
  private static let smallWidth = 66
  private static let mediumWidth = 78
  /// Maximum number of rows of a table in half of a page's width.
  private static let smallRows = 24
  /// Maximum width of a column of texts in half of a page, and of a text that is wrapped to this width.
  private static let wrappedWidth = 24
  private static let longestWrapped = 72
  /// Maximum width in columns of text of a table that fits the narrowest screen as it is.
  private static let narrowWidth = 40
  /// Maximum number of rows that are measured.
  private static let rowsMeasured = 200
  /// Distance between two columns in columns of text.
  private static let gap = 2

  /// Width of each column in columns of text: that of its widest cell, or of the longest word of its heading.
  ///
  /// - Parameter counted: whether headings are counted; they may be broken anywhere on the narrowest screens.
  func widths(in document: ReportDocument, withHeadings counted: Bool = true) -> [Int] {
    var widths = columns.map { column in
      guard counted else { return 0 }
      return column.title.split(separator: " ").map { min(10, String($0).displayWidth) }.max() ?? 0
    }
    for row in rows.prefix(Self.rowsMeasured) {
      for (place, cell) in (row.cells ?? []).enumerated() where place < widths.count {
        widths[place] = max(widths[place], document.text(cell).displayWidth)
      }
    }
    return widths
  }

  /// The size of the table, with its longest texts in several lines.
  func size(in document: ReportDocument) -> PartSize {
    let widths = widths(in: document)
    guard rows.count <= Self.smallRows, widths.allSatisfy({ $0 <= Self.longestWrapped }) else { return .full }
    let width = zip(columns, widths).reduce(0) { sum, column in
      sum + (column.0.isNumeric ? column.1 : min(column.1, Self.wrappedWidth)) + Self.gap
    }
    return width <= Self.smallWidth ? .small : width <= Self.mediumWidth ? .medium : .full
  }

  /// The tracks that each column takes on the narrowest screens: 4 for a whole line, else 1 or 2. nil for a table that
  /// fits as it is.
  func tracks(in document: ReportDocument) -> [Int]? {
    let widths = widths(in: document)
    guard columns.count > 2, widths.reduce(0, { $0 + $1 + Self.gap }) > Self.narrowWidth else { return nil }
    return self.widths(in: document, withHeadings: false).enumerated().map { place, width in
      if place == headingColumn { return 4 }
      // Numbers break at their spaces.
      return width <= 9 ? 1 : width <= 20 || columns[place].isNumeric ? 2 : 4
    }
  }

  /// Number of tracks that the columns below a row's heading take side by side, from 2 to 5.
  func tracksAcross(_ tracks: [Int]) -> Int {
    max(2, min(5, tracks.dropFirst(headingColumn).reduce(0) { $0 + ($1 < 4 ? $1 : 0) }))
  }

  /// Number of rows beyond which a table takes the width there is.
  static var longest: Int { 12 }

  /// The column whose texts head their rows: the first one of texts.
  var headingColumn: Int { columns.firstIndex { !$0.isNumeric } ?? 0 }
}

extension Chart {
  /// Maximum number of days of columns in half of a page's width.
  private static let smallDays = 31

  /// The size of the chart.
  var size: PartSize {
    switch content {
    case .bars, .histogram, .slopes, .course: .small
    case .columns(let days, _, _): days.count <= Self.smallDays ? .small : .full
    case .dots, .heat, .gantt: .full
    }
  }
}

extension Markup {
  /// Adds parts that stand side by side unless their size is a full page's width. A narrow page has one below the
  /// other.
  mutating func neighbours(_ size: PartSize, _ body: (inout Markup) -> Void) {
    guard size != .full else { return body(&self) }
    element("div", [("class", size == .small ? "pair" : "pair roomy")], body)
    newLine()
  }
}
