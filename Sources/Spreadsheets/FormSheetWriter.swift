import CXLSXWriter
import Register
import Reporting
import Telemetry

/// Writes the sheet of a form: headings, formats and rules of the columns, and rows.
struct FormSheetWriter<Column: GuidedColumn> {
  /// Excel's number of rows.
  private static var mostRows: lxw_row_t { 1_048_576 }

  private let workbook: Workbook
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let columns = Array(Column.allCases)
  private let title: String
  private let words: GuideWords
  private var row: lxw_row_t = 1

  /// Adds a sheet with the headings.
  init(_ title: String, in workbook: Workbook, _ words: GuideWords) throws(WorkbookError) {
    self.workbook = workbook
    self.title = title
    self.words = words
    sheet = try workbook.addSheet(title: title, otherwise: "form").sheet
    worksheet_set_row(sheet, 0, 2 * SheetWriter.rowHeight, nil)
    for (place, column) in columns.enumerated() {
      let heading = words.heading(column)
      let form = column.guide.form
      let examples = words.examples(column).map(\.displayWidth).max() ?? 0
      let width = max(heading.displayWidth + 2, examples + 2, form.narrowest)
      worksheet_set_column(
        sheet, lxw_col_t(place), lxw_col_t(place), Double(min(width, 32)),
        workbook.format(CellStyle(number: form.format, isLeft: true)))
      try check(
        worksheet_write_string(
          sheet, 0, lxw_col_t(place), heading, workbook.format(CellStyle(isHeading: true))))
    }
  }

  /// Restricts the cells of a column.
  ///
  /// - Parameter choices: the only values; nil for the column's own words or bounds.
  func restrict(_ column: Column, choices: [String]?) throws(WorkbookError) {
    guard let place = columns.firstIndex(of: column) else { return }
    let rule = CellRule(column, choices: choices, words.language)
    try rule.apply(to: sheet, column: place, from: 1, to: Self.mostRows - 1)
  }

  /// Adds a row of texts as a file of the form's language writes them. Dates and numbers become such cells.
  mutating func write(_ texts: [String]) throws(WorkbookError) {
    guard row < Self.mostRows else {
      throw WorkbookError(description: "a sheet holds at most \(Self.mostRows - 1) rows; write CSV instead")
    }
    for (place, text) in texts.enumerated() where !text.isEmpty {
      let column = lxw_col_t(place)
      switch SheetValue(text, as: columns[place].guide.form) {
      case .empty, .blank: continue
      case .text(let text):
        try check(worksheet_write_string(sheet, row, column, text.forCell, workbook.format(CellStyle())))
      case .number(let number, let format):
        try check(
          worksheet_write_number(
            sheet, row, column, number, workbook.format(CellStyle(number: format, isLeft: true))))
      }
    }
    row += 1
  }

  /// Freezes the headings and sets up pages.
  func finish() throws(WorkbookError) {
    worksheet_freeze_panes(sheet, 1, 0)
    worksheet_repeat_rows(sheet, 0, 0)
    worksheet_set_paper(sheet, 9)  // A4
    worksheet_set_landscape(sheet)
    worksheet_fit_to_pages(sheet, 1, 0)
    worksheet_set_margins(sheet, 0.4, 0.4, 0.6, 0.6)
    worksheet_gridlines(sheet, UInt8(LXW_SHOW_ALL_GRIDLINES.rawValue))
    worksheet_set_footer(sheet, "&L" + title.forPageHeader + "&R&P / &N")
  }

  private func check(_ error: lxw_error) throws(WorkbookError) {
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }
}

extension ColumnGuide.Form {
  /// Excel's format of a column. Ids and texts are texts, so that leading zeros and long numbers stay.
  var format: String {
    switch self {
    case .id, .text, .words: "@"
    case .day: "yyyy\\-mm\\-dd"
    case .whole: "0"
    case .decimal: "General"
    }
  }

  /// Minimum width of a column in characters, in which every value is shown whole.
  fileprivate var narrowest: Int {
    switch self {
    case .day: 12
    case .decimal: 18
    default: 10
    }
  }
}

extension SheetValue {
  /// A text of a register file as a cell of a form.
  init(_ text: String, as form: ColumnGuide.Form) {
    switch form {
    case .id, .text, .words: self = .text(text)
    case .day: self = CalendarDay(text).map(SheetValue.day) ?? .text(text)
    case .whole, .decimal:
      // Excel keeps 15 digits.
      guard text.utf8.count(where: { $0 != 0x2E }) <= 15, let number = Double(text), number.isFinite else {
        self = .text(text)
        return
      }
      let places = text.split(separator: ".").dropFirst().first?.utf8.count ?? 0
      self = .number(number, format: places == 0 ? "0" : "0." + String(repeating: "0", count: places))
    }
  }
}
