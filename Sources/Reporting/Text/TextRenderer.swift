import Aggregation
import Telemetry

/// Writes a report for a terminal: aligned, at the requested width, with shortened lists and inert names.
public struct TextRenderer: Sendable {
  public var language: Language
  /// Columns, 60 to 120.
  public var width: Int
  /// Whether to mark headings and warnings with ANSI colours.
  public var color: Bool
  /// Whether the terminal shows block elements and box drawing; otherwise ASCII is used.
  public var unicode: Bool
  /// Whether every row of long lists is printed; otherwise some rows are only counted.
  public var isComplete: Bool

  /// A renderer; a width outside 60 … 120 is clamped.
  public init(
    language: Language = .english, width: Int = 80, color: Bool = false, unicode: Bool = true,
    isComplete: Bool = false
  ) {
    self.language = language
    self.width = min(120, max(60, width))
    self.color = color
    self.unicode = unicode
    self.isComplete = isComplete
  }

  /// The report as text; every line ends in a newline.
  ///
  /// - Parameter sections: the requested sections; nil for all.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) -> String {
    render(ReportDocument(report, language: language, sections: sections))
  }

  /// The document for a terminal.
  public func render(_ document: ReportDocument) -> String {
    var page = Page(width: width, color: color, glyphs: Glyphs(unicode: unicode))
    if document.isTitleDated {
      for part in document.title.wrapped(to: width) { page.line(part, .strong) }
      for part in document.names.wrapped(to: width) { page.line(part) }
    } else {
      let title = [document.title, document.names].filter { !$0.isEmpty }.joined(separator: "  ")
      for part in title.wrapped(to: width) { page.line(part, .strong) }
    }
    page.rule()
    if let headline = document.headline { write(headline, to: &page) }
    for (place, section) in document.sections.enumerated() {
      // The first section needs no heading below the report's own.
      if place > 0 || section.name != .overview {
        page.heading(language == .english ? section.title.uppercased() : section.title, section.aside)
      }
      var isBelowHeading = true
      for (index, block) in section.blocks.enumerated() {
        if index > 0, !isBelowHeading, block.standsApart { page.line() }
        let before = page.text.utf8.count
        write(block, isIndented: index > 0, document, to: &page)
        // A chart may have no lines in a terminal.
        guard page.text.utf8.count > before else { continue }
        isBelowHeading = if case .prose(_, .strong) = block { true } else { false }
      }
    }
    return page.text
  }

  /// The sentences, and a line for each tile. A blank line separates them from the first section.
  private func write(_ headline: Headline, to page: inout Page) {
    for sentence in headline.sentences { page.prose(sentence) }
    if !headline.tiles.isEmpty {
      page.line()
      page.table(Table(headline.tiles, page.glyphs))
      page.prose(headline.note, .faint)
    }
    page.line()
  }

  private func write(
    _ block: ReportDocument.Block, isIndented: Bool, _ document: ReportDocument, to page: inout Page
  ) {
    switch block {
    case .fields(let fields):
      let labels = fields.map(\.label.displayWidth).max() ?? 0
      for field in fields {
        page.field(
          (isIndented ? "  " : "") + field.label, field.value, labelWidth: labels + (isIndented ? 2 : 0),
          field.style)
      }
    case .prose(let text, let style): page.prose(text, style)
    case .table(let table):
      var table = table.withoutRepeatedGroups
      if isComplete { table.brief = nil }
      page.table(Table(table, document, page.glyphs))
    case .chart(let chart):
      for line in Strips(glyphs: page.glyphs, terms: Terms(language)).lines(chart) { page.line("  " + line) }
    }
  }
}

extension ReportDocument.Block {
  /// Whether a blank line precedes the block; not below the section's heading.
  fileprivate var standsApart: Bool {
    switch self {
    case .prose(_, let style): style == .strong
    case .fields, .table: true
    case .chart: false
    }
  }
}

extension Table {
  /// A line for each tile, without the columns that are empty in all of them.
  fileprivate init(_ tiles: [Headline.Tile], _ glyphs: Glyphs) {
    let all: [(column: Column, texts: [String])] = [
      (Column(title: "", shrinksTo: 14, wraps: true), tiles.map(\.label)),
      (Column(title: "", right: true), tiles.map(\.value)),
      (Column(title: "", right: true, shrinksTo: 12, wraps: true), tiles.map(\.detail)),
      (Column(title: "", shrinksTo: 14, wraps: true), tiles.map(\.threshold)),
      (Column(title: "", shrinksTo: 12, wraps: true), tiles.map(\.change)),
    ]
    let used = all.filter { $0.texts.contains { !$0.isEmpty } }
    columns = used.map(\.column)
    rows = tiles.indices.map { place in used.map { glyphs.drawable($0.texts[place]) } }
  }

  /// A table of the document in the form for a terminal. A line counts the rows left out in each place; the last of
  /// these lines names the command that prints them.
  fileprivate init(_ table: DocumentTable, _ document: ReportDocument, _ glyphs: Glyphs) {
    let terms = Terms(document.language)
    columns = table.columns.map {
      Column(title: $0.title, right: $0.isNumeric, shrinksTo: $0.shrinksTo, wraps: $0.wraps)
    }
    let hasGroups = table.rows.contains { if case .group = $0 { true } else { false } }
    let lines = table.briefLines
    let last = lines.lastIndex { if case .more = $0 { true } else { false } }
    func span(_ text: String) {
      groups.insert(rows.count)
      rows.append([glyphs.drawable(text)] + Array(repeating: "", count: table.columns.count - 1))
      bars.append(Count(0, of: 0))
    }
    for (index, line) in lines.enumerated() {
      guard case .row(let place) = line else {
        if case .more(let hidden) = line {
          let colon = terms.pick(": ", "：")
          span(terms.more(hidden) + (index == last ? colon + document.command : ""))
        }
        continue
      }
      switch table.rows[place] {
      case .group(let title): span(title)
      case .cells(let cells), .sum(let cells), .warning(let cells):
        var texts = cells.map { glyphs.drawable(document.text($0)) }
        if hasGroups { texts[0] = " " + texts[0] }
        rows.append(texts)
        if case .sum = table.rows[place] { sums += 1 }
        if let drawn = table.drawn, case .ratio(let count) = cells[drawn] {
          bars.append(count)
        } else {
          bars.append(Count(0, of: 0))
        }
      }
    }
    if table.drawn == nil { bars = [] }
  }
}
