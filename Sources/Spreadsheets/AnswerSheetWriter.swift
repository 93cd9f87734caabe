import CXLSXWriter
import Register
import Reporting

/// Writes a file's own rows to a sheet, with every problem beside its cell. A row has the same number as in the file.
struct AnswerSheetWriter {
  /// Excel's numbers of rows and columns.
  private static let mostRows = 1_048_576
  private static let mostColumns = 16_384
  /// Width of the column of problems, in characters.
  private static let problemWidth = 52
  private static let widths = 6...20
  /// Maximum number of lines that a cell gets for its own text.
  private static let mostLines = 8
  /// Maximum number of merged cells that are checked against each other.
  private static let mostMerges = 2000

  private let workbook: Workbook
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private let library: LibraryRows
  /// Receives the rows of a long sheet; nil for a sheet whose rows the library keeps.
  private let streamed: StreamedRows?
  private let part: String
  private let answer: RegisterAnswer
  private let title: String
  private let headings: [String]
  /// Position of the column of problems. Cells of longer rows follow it.
  private let problemColumn: Int
  private var headingRow: Int?
  private var lastRow = 0
  private let columnWidths: [Int]
  /// First cells of possible merges.
  private var written: [Place: AnswerCell] = [:]
  private let corners: Set<Place>
  private var cells: [AnswerCell] = []
  private(set) var extent = RegisterAnswer.Extent(rows: 0)

  private struct Place: Hashable {
    var row: Int
    var column: Int
  }

  /// Prepares a sheet.
  ///
  /// - Parameters:
  ///   - rows: the first rows, which decide the widths of columns.
  ///   - file: where the rows of a long sheet go; nil if the library keeps them.
  init(
    _ file: RegisterAnswer.File, of answer: RegisterAnswer, in workbook: Workbook,
    begins rows: [AnswerRows.Row],
    headings: [String], merges: [SheetMerge] = [], streamsTo path: String?
  ) throws(WorkbookError) {
    self.workbook = workbook
    self.answer = answer
    self.headings = headings
    title = file.shownName
    let stem = title.split(separator: ".").first.map(String.init) ?? title
    sheet = try workbook.addSheet(title: file.sheet.isEmpty ? stem : file.sheet.inert, otherwise: "rows")
      .sheet
    part = "xl/worksheets/sheet\(workbook.sheetCount).xml"
    library = LibraryRows(workbook: workbook, sheet: sheet)
    streamed = path.map { StreamedRows(file: $0, in: workbook) }
    problemColumn = min(rows.map(\.cells.count).max() ?? 0, Self.mostColumns - 1)
    corners = Set(merges.map { Place(row: $0.rows.lowerBound, column: $0.columns.lowerBound) })
    columnWidths = Self.widths(of: rows, problemColumn)
    worksheet_set_comments_author(sheet, "Millwright")
    for (column, width) in (columnWidths + [Self.problemWidth]).enumerated() {
      worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), Double(width), nil)
    }
  }

  private static func widths(of rows: [AnswerRows.Row], _ count: Int) -> [Int] {
    var found = [Int](repeating: widths.lowerBound, count: count)
    for row in rows where row.role != .title {
      for (column, cell) in row.cells.prefix(count).enumerated() where found[column] < widths.upperBound {
        found[column] = min(widths.upperBound, max(found[column], cell.shown.displayWidth + 2))
      }
    }
    return found
  }

  /// Writes a row. Rows must come in their order.
  mutating func write(_ row: AnswerRows.Row) throws(WorkbookError) {
    if row.role == .data { extent.rows += 1 }
    guard row.number <= Self.mostRows else {
      extent.leftOut += 1
      return
    }
    lastRow = row.number
    if row.role == .heading { headingRow = row.number }
    let texts = row.problems.isEmpty ? [] : row.problems.map { answer.text($0, headings: headings) }
    let height = height(addCells(of: row), row, texts)
    addProblems(texts, of: row)
    if let streamed {
      try streamed.write(cells, row: row.number, height: height)
    } else {
      try library.write(cells, row: row.number, height: height)
    }
    try comment(row, height)
  }

  /// Makes the cells of a row; returns the number of lines that the longest text needs.
  private mutating func addCells(of row: AnswerRows.Row) -> Int {
    cells.removeAll(keepingCapacity: true)
    let marked = Set(row.problems.lazy.compactMap(\.column))
    var lines = 1
    for (place, cell) in row.cells.enumerated() {
      // Only the beginning matters.
      let isLong = isWrapped(cell, of: row, at: place)
      if isLong {
        lines = max(lines, String(cell.shown.prefix(400)).wrapped(to: columnWidths[place] - 1).count)
      }
      add(cell, of: row, at: place, isLong: isLong, isProblem: marked.contains(place + 1))
    }
    // Empty cells with problems may be right of the row's last cell.
    var right = row.farCells
    let filled = Set(right.map(\.position))
    for column in marked where column > row.cells.count && !filled.contains(column - 1) {
      right.append((column - 1, .empty))
    }
    for (place, cell) in right.sorted(by: { $0.position < $1.position }) {
      add(cell, of: row, at: place, isLong: false, isProblem: marked.contains(place + 1))
    }
    return lines
  }

  private mutating func add(
    _ cell: SheetCell, of row: AnswerRows.Row, at place: Int, isLong: Bool, isProblem: Bool
  ) {
    if !isProblem, case .empty = cell { return }
    guard let column = position(place) else {
      extent.leftOut += 1
      return
    }
    let value = SheetValue(cell)
    var look = AnswerLook(isHeading: row.role == .heading, isProblem: isProblem)
    // Texts begin at the top, as the problems beside them do.
    look.wraps = row.role != .title && (!row.problems.isEmpty || isLong)
    if case .number = value {
      if case .day = cell { look.content = .day } else { look.content = .number }
    }
    let made = AnswerCell(column: column, value: value, look: look)
    cells.append(made)
    guard !corners.isEmpty else { return }
    let corner = Place(row: row.number, column: place + 1)
    if corners.contains(corner) { written[corner] = made }
  }

  /// The height of a row in points; nil for the usual one.
  ///
  /// - Parameter lines: number of lines that the longest text of a cell needs.
  private func height(_ lines: Int, _ row: AnswerRows.Row, _ texts: [String]) -> Double? {
    // Chinese fonts draw quotes as wide as other characters.
    var needed = texts.map { text in
      text.replacing("“", with: "「").replacing("”", with: "」").wrapped(to: Self.problemWidth - 6).count
    }.reduce(0, +)
    if row.role == .heading { needed = max(2, needed + 1) }
    needed = max(needed, min(Self.mostLines, lines))
    // Excel's highest row has 409 points.
    return needed > 1 ? min(409, Double(needed) * SheetWriter.rowHeight) : nil
  }

  /// Whether a text needs more than one line in its column. Titles may extend over the next cells.
  private func isWrapped(_ cell: SheetCell, of row: AnswerRows.Row, at place: Int) -> Bool {
    guard row.role != .title, place < columnWidths.count, case .text(let text) = cell,
      text.utf8.count > columnWidths[place] - 1
    else { return false }
    return text.isWider(than: columnWidths[place] - 1)
  }

  /// The position of a file's column in the sheet; nil if the sheet does not have it.
  private func position(_ place: Int) -> Int? {
    let position = place < problemColumn ? place : place + 1
    return (0..<Self.mostColumns).contains(position) ? position : nil
  }

  /// Adds comments with the exact messages. Several problems of a cell share a comment.
  private func comment(_ row: AnswerRows.Row, _ height: Double?) throws(WorkbookError) {
    var comments: [Int: [String]] = [:]
    for found in row.problems {
      guard let column = found.column.flatMap({ position($0 - 1) }), let text = answer.comment(found) else {
        continue
      }
      comments[column, default: []].append(text)
    }
    // The library places a comment by the height of its row.
    if streamed != nil, !comments.isEmpty, let height { library.setHeight(height, row: row.number) }
    for (column, texts) in comments.sorted(by: { $0.key < $1.key }) {
      let text = texts.joined(separator: "\n")
      var options = lxw_comment_options()
      options.width = 320
      // Lines of Tahoma 9 in a box of that width, of 16 pixels each.
      let lines = texts.map { $0.wrapped(to: 44).count }.reduce(0, +)
      options.height = UInt16(min(400, 16 * lines + 16))
      options.font_size = 9
      try check(
        worksheet_write_comment_opt(
          sheet, lxw_row_t(row.number - 1), lxw_col_t(column), text.forCell, &options))
    }
  }

  /// Adds the cell that lists the problems of the row; the cells of longer rows follow it.
  private mutating func addProblems(_ texts: [String], of row: AnswerRows.Row) {
    let lines = (row.role == .heading ? [answer.problemHeading] : []) + texts
    guard !lines.isEmpty else { return }
    let cell = AnswerCell(
      column: problemColumn, value: .text(lines.joined(separator: "\n")),
      look: AnswerLook(isHeading: row.role == .heading, wraps: true))
    cells.insert(cell, at: cells.firstIndex { $0.column > problemColumn } ?? cells.count)
  }

  // MARK: End

  /// Merges cells, freezes the headings, adds filters and sets up pages. Returns the rows that are not in the library's
  /// sheet; nil if all are.
  mutating func finish(
    merging merges: [SheetMerge], problems: [ProblemPlace]
  ) throws(WorkbookError) -> PackedSheet? {
    if streamed == nil {
      try merge(merges, problems)
    } else if !merges.isEmpty {
      extent.separatesCells = true
    }
    if let headingRow {
      let line = lxw_row_t(headingRow - 1)
      worksheet_repeat_rows(sheet, line, line)
      // Frozen headings further down would leave no room in the window for the rows.
      if headingRow <= 20 { worksheet_freeze_panes(sheet, line + 1, 0) }
      if lastRow > headingRow {
        worksheet_autofilter(sheet, line, 0, lxw_row_t(lastRow - 1), lxw_col_t(problemColumn))
      }
    }
    worksheet_set_paper(sheet, 9)  // A4
    worksheet_set_landscape(sheet)
    worksheet_fit_to_pages(sheet, 1, 0)
    worksheet_set_margins(sheet, 0.4, 0.4, 0.6, 0.6)
    worksheet_gridlines(sheet, UInt8(LXW_SHOW_ALL_GRIDLINES.rawValue))
    worksheet_set_footer(sheet, "&L" + title.forPageHeader + "&R&P / &N")
    return try streamed?.finish(part: part)
  }

  /// Merges cells as in the file. Cells stay separate if one of them other than the first has a problem, if they would
  /// overlap others, or reach into the column of problems.
  private mutating func merge(_ merges: [SheetMerge], _ problems: [ProblemPlace]) throws(WorkbookError) {
    guard merges.count <= Self.mostMerges else {
      extent.separatesCells = true
      return
    }
    let marked = Set(problems.compactMap { place in place.column.map { Place(row: place.line, column: $0) } })
    var done: [SheetMerge] = []
    for one in merges where one.rows.count > 1 || one.columns.count > 1 {
      let first = Place(row: one.rows.lowerBound, column: one.columns.lowerBound)
      let hidesProblem = marked.contains {
        $0 != first && one.rows.contains($0.row) && one.columns.contains($0.column)
      }
      let overlaps = done.contains { $0.rows.overlaps(one.rows) && $0.columns.overlaps(one.columns) }
      guard !hidesProblem, !overlaps, first.row >= 1, first.column >= 1, one.rows.upperBound <= lastRow,
        one.columns.upperBound <= problemColumn
      else {
        extent.separatesCells = true
        continue
      }
      done.append(one)
      let cell = written[first] ?? AnswerCell(column: first.column - 1, value: .empty, look: AnswerLook())
      try check(
        worksheet_merge_range(
          sheet, lxw_row_t(first.row - 1), lxw_col_t(first.column - 1), lxw_row_t(one.rows.upperBound - 1),
          lxw_col_t(one.columns.upperBound - 1), "", workbook.format(cell.look.style)))
      try library.write(cell, row: first.row)
    }
  }

  private func check(_ error: lxw_error) throws(WorkbookError) {
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }
}

extension SheetValue {
  /// A cell of a file: a text stays a text, whatever it begins with.
  init(_ cell: SheetCell) {
    switch cell {
    case .empty: self = .empty
    case .text(let text): self = text.isEmpty ? .empty : .text(text)
    case .number(let digits):
      if let number = Double(digits), number.isFinite {
        self = .number(number, format: Self.generalFormat)
      } else {
        self = .text(digits)
      }
    case .day(let day): self = .day(day)
    case .formatted, .truth, .error: self = .text(cell.shown)
    }
  }
}
