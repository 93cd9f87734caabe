import CXLSXWriter
import Register
import Reporting

/// Writes the sheet of examples: a line for each column of the form, and a column for each machine. An import takes no
/// such sheet for a ledger, because no row has the headings.
struct ExampleSheetWriter<Column: GuidedColumn> {
  private let workbook: Workbook
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let words: GuideWords
  private let title: String

  /// Adds the sheet.
  init(in workbook: Workbook, _ words: GuideWords) throws(WorkbookError) {
    self.workbook = workbook
    self.words = words
    title = words.pick(("Examples", "填写示例"))
    sheet = try workbook.addSheet(title: title, otherwise: "examples").sheet
  }

  /// Writes the complete sheet.
  ///
  /// - Parameter choices: the only values of a column in the form; nil for any.
  func write(choices: (Column) -> [String]?) throws(WorkbookError) {
    for (column, width) in [24, 26, 26, 26].enumerated() {
      worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), Double(width), nil)
    }
    let heading = CellStyle(isHeading: true)
    try write(words.pick(("Column", "列")), 0, 0, heading)
    for number in 1...3 { try write(words.pick(("Example \(number)", "示例 \(number)")), 0, number, heading) }
    for (place, column) in Column.allCases.enumerated() {
      try write(words.heading(column), place + 1, 0, CellStyle(isBold: true))
      for (number, example) in words.examples(column).prefix(3).enumerated() where !example.isEmpty {
        let text = choices(column)?.first ?? example
        switch SheetValue(text, as: column.guide.form) {
        case .empty, .blank: continue
        case .text(let text): try write(text, place + 1, number + 1, CellStyle())
        case .number(let value, let format):
          let style = workbook.format(CellStyle(number: format, isLeft: true))
          try check(
            worksheet_write_number(sheet, lxw_row_t(place + 1), lxw_col_t(number + 1), value, style))
        }
      }
    }
    worksheet_freeze_panes(sheet, 1, 1)
    worksheet_set_paper(sheet, 9)  // A4
    worksheet_set_landscape(sheet)
    worksheet_fit_to_pages(sheet, 1, 0)
    worksheet_set_margins(sheet, 0.4, 0.4, 0.6, 0.6)
    worksheet_gridlines(sheet, UInt8(LXW_SHOW_ALL_GRIDLINES.rawValue))
    worksheet_set_footer(sheet, "&L" + title.forPageHeader + "&R&P / &N")
  }

  private func write(_ text: String, _ row: Int, _ column: Int, _ style: CellStyle) throws(WorkbookError) {
    try check(
      worksheet_write_string(
        sheet, lxw_row_t(row), lxw_col_t(column), text.forCell, workbook.format(style)))
  }

  private func check(_ error: lxw_error) throws(WorkbookError) {
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }
}
