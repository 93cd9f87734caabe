import CXLSXWriter
import Register
import Reporting

/// Writes the sheet that explains the columns of a form, in both languages.
struct ExplanationSheetWriter<Column: GuidedColumn> {
  private let workbook: Workbook
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let words: GuideWords
  private let title: String
  private static var widths: [Int] { [20, 10, 52, 38, 22, 36] }

  /// Adds the sheet; `words` decides which language comes first.
  init(in workbook: Workbook, _ words: GuideWords) throws(WorkbookError) {
    self.workbook = workbook
    self.words = words
    title = words.pick(("Explanations", "填写说明"))
    sheet = try workbook.addSheet(title: title, otherwise: "explanations").sheet
  }

  /// Writes the complete sheet.
  func write() throws(WorkbookError) {
    for (column, width) in Self.widths.enumerated() {
      worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), Double(width), nil)
    }
    let headings = [
      ("Column", "列"), ("Required", "必填"), ("Meaning", "含义"), ("Allowed values", "允许值"), ("Example", "示例"),
      ("Figures that depend on it", "影响的指标"),
    ]
    try write(headings.map(both), at: 0, CellStyle(isHeading: true))
    var row: lxw_row_t = 1
    for column in Column.allCases {
      try write(cells(column), at: row, CellStyle(wraps: true))
      row += 1
    }
    worksheet_freeze_panes(sheet, 1, 1)
    worksheet_repeat_rows(sheet, 0, 0)
    worksheet_set_paper(sheet, 9)  // A4
    worksheet_set_landscape(sheet)
    worksheet_fit_to_pages(sheet, 1, 0)
    worksheet_set_margins(sheet, 0.4, 0.4, 0.6, 0.6)
    worksheet_gridlines(sheet, UInt8(LXW_SHOW_ALL_GRIDLINES.rawValue))
    worksheet_set_footer(sheet, "&L" + title.forPageHeader + "&R&P / &N")
  }

  private func cells(_ column: Column) -> [String] {
    let guide = column.guide
    let (english, chinese) = (GuideWords(.english), GuideWords(.chinese))
    // The first example that has a value.
    func example(_ words: GuideWords) -> String { words.examples(column).first { !$0.isEmpty } ?? "" }
    let allowed = (english.allowed(column), chinese.allowed(column))
    return [
      both((english.heading(column), chinese.heading(column))),
      column.isRequired ? both(("yes", "是")) : both(("no", "否")),
      both(guide.meaning), both(allowed), both((example(english), example(chinese))), both(guide.figures),
    ]
  }

  /// Both texts on lines of their own, or one if they are equal.
  private func both(_ texts: (english: String, chinese: String)) -> String {
    guard texts.english != texts.chinese else { return texts.english }
    return words.language == .chinese
      ? texts.chinese + "\n" + texts.english : texts.english + "\n" + texts.chinese
  }

  private func write(_ cells: [String], at row: lxw_row_t, _ style: CellStyle) throws(WorkbookError) {
    var lines = 1
    for (cell, width) in zip(cells, Self.widths) {
      let wrapped = cell.split(separator: "\n", omittingEmptySubsequences: false).map {
        String($0).lines(inColumn: width)
      }
      lines = max(lines, wrapped.reduce(0, +))
    }
    worksheet_set_row(sheet, row, Double(lines) * SheetWriter.rowHeight, nil)
    for (column, cell) in cells.enumerated() {
      let error = worksheet_write_string(sheet, row, lxw_col_t(column), cell.forCell, workbook.format(style))
      guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
    }
  }
}
