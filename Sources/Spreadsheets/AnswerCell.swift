import CXLSXWriter

/// A cell of an answer's sheet.
struct AnswerCell {
  /// Position of its column, from 0.
  var column: Int
  var value: SheetValue
  var look: AnswerLook
}

/// The appearance of a cell of an answer: one of few, so that a million cells find their format quickly.
struct AnswerLook: Hashable {
  enum Content: Int { case text, number, day }

  var isHeading = false
  var isProblem = false
  var wraps = false
  var content = Content.text

  /// Number of appearances.
  static let count = 24
  /// A number from 0 on, different for each appearance.
  var number: Int {
    (isHeading ? 1 : 0) + (isProblem ? 2 : 0) + (wraps ? 4 : 0) + content.rawValue * 8
  }

  var style: CellStyle {
    var style = CellStyle(isHeading: isHeading, isProblem: isProblem, wraps: wraps)
    switch content {
    case .text: break
    case .number: style.number = SheetValue.generalFormat
    case .day: style.number = SheetValue.dayFormat
    }
    return style
  }
}

/// Receives the rows of an answer's sheet in their order.
protocol AnswerRowOutput {
  /// Writes a row.
  ///
  /// - Parameters:
  ///   - cells: in the order of their columns.
  ///   - number: from 1.
  ///   - height: in points; nil for the usual height.
  func write(_ cells: [AnswerCell], row number: Int, height: Double?) throws(WorkbookError)
}

/// Writes rows by libxlsxwriter, which keeps them in memory until the workbook is closed.
struct LibraryRows: AnswerRowOutput {
  let workbook: Workbook
  let sheet: UnsafeMutablePointer<lxw_worksheet>

  func write(_ cells: [AnswerCell], row number: Int, height: Double?) throws(WorkbookError) {
    if let height { setHeight(height, row: number) }
    for cell in cells { try write(cell, row: number) }
  }

  func setHeight(_ height: Double, row number: Int) {
    worksheet_set_row(sheet, lxw_row_t(number - 1), height, nil)
  }

  func write(_ cell: AnswerCell, row number: Int) throws(WorkbookError) {
    let (row, column) = (lxw_row_t(number - 1), lxw_col_t(cell.column))
    let format = workbook.format(cell.look.style)
    let error =
      switch cell.value {
      case .empty, .blank: worksheet_write_blank(sheet, row, column, format)
      case .text(let text): worksheet_write_string(sheet, row, column, text.forCell, format)
      case .number(let number, _): worksheet_write_number(sheet, row, column, number, format)
      }
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }
}
