import CXLSXWriter
import Foundation
import Reporting
import Telemetry

/// Writes one section of a document to a separate sheet.
struct SheetWriter {
  let workbook: Workbook
  let sheet: UnsafeMutablePointer<lxw_worksheet>
  let name: String
  let document: ReportDocument
  let section: ReportDocument.Section

  /// Row of the next block.
  private var row: lxw_row_t = 0
  /// Width in characters of each column of a table or a list.
  private var widths: [Int] = []
  /// The last column that texts cover.
  private var lastColumn = 1
  private var isFrozen = false
  /// Whether the sheet has several sections. A filter of the first table would hide rows of no other.
  private var hasSections = false
  /// Whether headings stay on the page of the rows below them: for a sheet that is printed and sent.
  var keepsTogether = false
  private var pages = PrintedPages()
  /// Headings that are right for all rows below them: those of the only table, or of all tables. Written once.
  private var sharedHeadings: [String] = []
  /// The previous text. A chart with this title has no title of its own.
  private var lastText = ""
  /// The row below the previous chart.
  private(set) var chartRow: lxw_row_t = 0

  static let widest = 48
  private static let narrowest = 9
  /// Minimum width that texts cover, in characters.
  private static let textWidth = 84
  static let rowHeight = 15.0

  init(
    _ section: ReportDocument.Section, of document: ReportDocument, in workbook: Workbook
  ) throws(WorkbookError) {
    let added = try workbook.addSheet(title: section.title, otherwise: section.name.rawValue)
    self.init(section, of: document, in: workbook, added)
  }

  /// Writes to an empty sheet of the workbook.
  init(
    _ section: ReportDocument.Section, of document: ReportDocument, in workbook: Workbook,
    _ added: (sheet: UnsafeMutablePointer<lxw_worksheet>, name: String)
  ) {
    self.workbook = workbook
    self.document = document
    self.section = section
    (sheet, name) = added
  }

  /// Writes the complete sheet.
  mutating func write() throws(WorkbookError) { try write(SheetPart.parts(section.blocks, document)) }

  /// Writes the complete sheet of several sections, each below its heading.
  mutating func write(_ sections: [ReportSheet.Part]) throws(WorkbookError) {
    hasSections = sections.count > 1
    try write(
      sections.flatMap { section in
        (section.heading.isEmpty ? [] : [.heading(section.heading)])
          + SheetPart.parts(section.blocks, document)
      })
  }

  private mutating func write(_ parts: [SheetPart]) throws(WorkbookError) {
    fitColumns(parts)
    sharedHeadings = Self.sharedHeadings(parts)
    try heading()
    for (place, part) in parts.enumerated() {
      if place > 0, part.standsApart { row += 1 }
      if part.standsApart { pages.begin(at: row) }
      try write(part)
    }
    setUpPages()
  }

  /// The column to the right of all texts and tables.
  var chartColumn: lxw_col_t { lxw_col_t(lastColumn + 1) }

  /// Position of a chart; `height` is in pixels.
  mutating func place(height: Double, from row: lxw_row_t) -> lxw_row_t {
    let place = max(row, chartRow)
    chartRow = place + lxw_row_t((height / 20).rounded(.up)) + 1
    return place
  }

  // MARK: Parts

  private static func sharedHeadings(_ parts: [SheetPart]) -> [String] {
    var tables: [SheetTable] = []
    var isDrawn = false
    for case .table(let table, let chart) in parts {
      tables.append(table)
      isDrawn = isDrawn || chart != nil || table.drawn != nil
    }
    guard let first = tables.first?.headings else { return [] }
    // A chart has its own headings above its rows.
    return tables.count == 1 || (!isDrawn && tables.allSatisfy { $0.headings == first }) ? first : []
  }

  private mutating func fitColumns(_ parts: [SheetPart]) {
    for part in parts {
      switch part {
      case .table(let table, _): widen(table.widths)
      case .fields(let fields):
        widen([(fields.map(\.label.displayWidth).max() ?? 0) + 2, Self.narrowest])
      case .prose, .heading: continue
      }
    }
    widths = widths.map { min(Self.widest, max(Self.narrowest, $0)) }
    for (column, width) in widths.enumerated() {
      worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), Double(width), nil)
    }
    while widths.count < 2 || widths.reduce(0, +) < Self.textWidth { widths.append(Self.narrowest) }
    lastColumn = widths.count - 1
  }

  private mutating func widen(_ other: [Int]) {
    for (column, width) in other.enumerated() {
      if column < widths.count { widths[column] = max(widths[column], width) } else { widths.append(width) }
    }
  }

  /// Writes the report, its period and the section at the top of the sheet.
  private mutating func heading() throws(WorkbookError) {
    let title = [document.title, document.names].filter { !$0.isEmpty }.joined(separator: "  ")
    try text(title, CellStyle(isBold: true, size: 14))
    try text(document.period, CellStyle())
    let about = [section.title, section.aside].filter { !$0.isEmpty }.joined(separator: "  ")
    try text(about, CellStyle(isBold: true, size: 12))
    row += 1
  }

  private mutating func write(_ part: SheetPart) throws(WorkbookError) {
    switch part {
    case .heading(let text): try prose(text, CellStyle(isBold: true, size: 12))
    case .prose(let text, let style):
      try prose(text, style.cell)
      lastText = text
    case .fields(let fields):
      for field in fields {
        try write(.text(field.label), at: 0, CellStyle(isBold: true))
        try spread(field.value, from: 1, field.style.cell)
      }
    case .table(let table, let chart):
      if let chart {
        if chart.title != lastText { try prose(chart.title, CellStyle(isBold: true)) }
        if !chart.description.isEmpty { try prose(chart.description, CellStyle(isItalic: true)) }
      }
      try write(table, chart)
    }
  }

  private mutating func write(_ table: SheetTable, _ chart: Chart?) throws(WorkbookError) {
    let top = row
    // The headings above are frozen in the window, and repeated on each page.
    if !isFrozen || table.headings != sharedHeadings { try writeHeadings(of: table) }
    let first = row
    for (kind, values) in table.rows {
      // A heading for the rows below extends over the empty cells at its right.
      if kind != .group { setHeight(for: values) }
      for (column, value) in values.enumerated() {
        var style = CellStyle(
          isBold: kind == .group, isWarning: kind == .warning, isSum: kind == .sum,
          isRight: kind != .group && table.isNumeric[column],
          isLeft: !table.isNumeric[column], isIndented: table.isIndented(column))
        style.wraps = kind != .group && isWrapped(value, at: column)
        try write(value, at: column, style)
      }
      row += 1
    }
    if !isFrozen { freeze(table, below: top) }
    if first > top { try draw(table, chart, top: top) }
  }

  private mutating func writeHeadings(of table: SheetTable) throws(WorkbookError) {
    setHeight(for: table.headings.map(SheetValue.text))
    for (column, heading) in table.headings.enumerated() {
      try write(
        .text(heading), at: column,
        CellStyle(
          isHeading: true, isRight: table.isNumeric[column], isIndented: table.isIndented(column)))
    }
    row += 1
  }

  /// Gives the row the height that its texts need in their columns. Programs other than Excel do not fit it by
  /// themselves, and crop the texts.
  private mutating func setHeight(for values: [SheetValue]) {
    var lines = 1
    for (column, value) in values.enumerated() {
      guard case .text(let text) = value, isWrapped(value, at: column) else { continue }
      lines = max(lines, text.lines(inColumn: widths[column]))
    }
    setHeight(lines: lines)
  }

  private mutating func setHeight(lines: Int) {
    guard lines > 1 else { return }
    // Excel's highest row has 409 points.
    let points = min(409, Double(lines) * Self.rowHeight)
    pages.setHeight(points, ofRow: row)
    worksheet_set_row(sheet, row, points, nil)
  }

  /// Whether a text needs more than one line in its column.
  private func isWrapped(_ value: SheetValue, at column: Int) -> Bool {
    guard case .text(let text) = value, column < widths.count else { return false }
    return text.displayWidth > widths[column] - 1
  }

  /// Freezes the headings of the first table of a sheet and repeats them on each page, unless another table has others;
  /// adds filters.
  private mutating func freeze(_ table: SheetTable, below top: lxw_row_t) {
    isFrozen = true
    // Pages that begin with a table of their own would have the headings of another above it.
    if !sharedHeadings.isEmpty, !keepsTogether { worksheet_repeat_rows(sheet, top, top) }
    // Frozen headings further down would leave no room in the window for the rows.
    worksheet_freeze_panes(sheet, top <= 8 && !sharedHeadings.isEmpty ? top + 1 : 3, 0)
    guard table.filteredRows > 0, !table.headings.isEmpty, !hasSections else { return }
    worksheet_autofilter(
      sheet, top, 0, top + lxw_row_t(table.filteredRows), lxw_col_t(table.headings.count - 1))
  }

  private func setUpPages() {
    if !isFrozen { worksheet_freeze_panes(sheet, 3, 0) }
    worksheet_set_paper(sheet, 9)  // A4
    worksheet_set_landscape(sheet)
    if keepsTogether { breakPages() } else { worksheet_fit_to_pages(sheet, 1, 0) }
    worksheet_set_margins(sheet, 0.5, 0.5, 0.8, 0.7)
    worksheet_set_header(sheet, "&L" + document.title.forPageHeader + "&R" + document.period.forPageHeader)
    worksheet_set_footer(sheet, "&L" + section.title.forPageHeader + "&R&P / &N")
  }

  /// Scales the sheet to the page's width: programs ignore page breaks of a sheet that is fitted to pages.
  private func breakPages() {
    let scale = PrintedPages.scale(of: widths)
    worksheet_set_print_scale(sheet, UInt16(scale))
    var breaks = pages.breaks(rows: Int(row), scale: scale).map { lxw_row_t($0) }
    guard !breaks.isEmpty else { return }
    breaks.append(0)
    worksheet_set_h_pagebreaks(sheet, &breaks)
  }

  // MARK: Cells

  private mutating func text(_ text: String, _ style: CellStyle) throws(WorkbookError) {
    try write(.text(text), at: 0, style)
    row += 1
  }

  private mutating func prose(_ text: String, _ style: CellStyle) throws(WorkbookError) {
    try spread(text, from: 0, style)
  }

  /// Writes a text across all columns from one on, with the row height that it needs.
  private mutating func spread(_ text: String, from column: Int, _ style: CellStyle) throws(WorkbookError) {
    var style = style
    style.wraps = true
    let lines = text.lines(inColumn: widths[column...].reduce(0, +))
    setHeight(lines: lines)
    let format = workbook.format(style)
    if column < lastColumn {
      try check(
        worksheet_merge_range(sheet, row, lxw_col_t(column), row, lxw_col_t(lastColumn), "", format))
    }
    try write(.text(text), at: column, style)
    row += 1
  }

  private func write(_ value: SheetValue, at column: Int, _ style: CellStyle) throws(WorkbookError) {
    var style = style
    switch value {
    case .empty:
      // The rule above sums and the background of headings continue across the row.
      guard style.isSum else { return }
      try check(worksheet_write_blank(sheet, row, lxw_col_t(column), workbook.format(style)))
    case .blank:
      style.isBlank = true
      style.number = "General"
      try check(worksheet_write_blank(sheet, row, lxw_col_t(column), workbook.format(style)))
    case .text(let text):
      try check(
        worksheet_write_string(sheet, row, lxw_col_t(column), text.forCell, workbook.format(style)))
    case .number(let number, let format):
      style.number = format
      try check(worksheet_write_number(sheet, row, lxw_col_t(column), number, workbook.format(style)))
    }
  }

  func check(_ error: lxw_error) throws(WorkbookError) {
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }
}
