import Telemetry

/// A register file as a table: interprets the headings and reads rows one at a time.
struct RegisterTable<Column: RegisterColumn> {
  /// The columns given by the headings.
  struct Layout {
    let file: String
    /// Position and heading of each column in the file.
    fileprivate(set) var columns: [Column: (position: Int, heading: String)] = [:]
    /// Positions without a heading: spreadsheets save empty columns too.
    fileprivate var unnamed: Set<Int> = []
    /// Positions of row numbers, which are not an attribute.
    fileprivate(set) var rowNumbers: Set<Int> = []
    fileprivate var width = 0

    /// Number (from 1) and heading of a column, for problems; nil if the file lacks it.
    func place(_ column: Column) -> (number: Int, heading: String)? {
      columns[column].map { ($0.position + 1, $0.heading) }
    }
  }

  private(set) var layout: Layout
  private var parser = CSVParser([])
  /// Problems of the file as a whole and of its headings.
  private(set) var problems = RegisterProblems()

  /// Whether every required column is there, so that looking at rows makes sense.
  var isReadable: Bool { Column.allCases.allSatisfy { !$0.isRequired || layout.columns[$0] != nil } }

  init(_ source: RegisterFile) {
    layout = Layout(file: source.name)
    let text: [UInt8]
    do {
      text = try source.text()
    } catch {
      problems.add(error)
      return
    }
    parser = CSVParser(text)
    guard let (headings, malformed) = parser.next() else {
      problems.add(
        RegisterProblem(
          .form, file: source.name, message: "the file is empty; its first line holds the headings",
          chinese: "文件为空；首行应为表头"))
      return
    }
    problems.add(malformed.map { problem($0, heading: headings.cells) })
    guard !isSeparatedOtherwise(headings) else {
      parser = CSVParser([])
      return
    }
    readHeadings(headings)
  }

  /// Returns the next row with its problems of form; nil after the last.
  ///
  /// - Parameter isFull: whether further problems are only counted.
  mutating func nextRow(isFull: Bool) -> RowReader<Column>? {
    guard let (row, malformed) = parser.next() else { return nil }
    var reader = RowReader(row, of: layout, isFull: isFull)
    for problem in malformed { reader.refuse(self.problem(problem, heading: [])) }
    refuseStrayCells(row, &reader)
    return reader
  }

  private func problem(_ problem: CSVProblem, heading cells: [String]) -> RegisterProblem {
    let heading =
      cells.isEmpty
      ? layout.columns.values.first { $0.position == problem.column - 1 }?.heading
      : problem.column <= cells.count ? cells[problem.column - 1] : nil
    return RegisterProblem(
      .form, file: layout.file, line: problem.line, column: (problem.column, heading ?? ""),
      message: problem.message, chinese: problem.chinese)
  }

  private mutating func isSeparatedOtherwise(_ headings: CSVRecord) -> Bool {
    guard headings.cells.count == 1 else { return false }
    let others = [
      ("\t", "tabs", "制表符"), (";", "semicolons", "分号"), ("；", "semicolons", "分号"),
      ("，", "wide commas", "全角逗号"),
    ]
    for (separator, name, chinese) in others where headings.cells[0].contains(separator) {
      problems.add(
        RegisterProblem(
          .form, file: layout.file, line: headings.line,
          message: "the cells are separated by \(name); save the file as CSV separated by commas",
          chinese: "单元格以\(chinese)分隔；请另存为以英文逗号分隔的 CSV 文件"))
      return true
    }
    return false
  }

  private mutating func readHeadings(_ headings: CSVRecord) {
    let names = HeadingNames<Column>()
    layout.width = headings.cells.count
    for (position, heading) in headings.cells.enumerated() {
      if heading.isEmpty {
        layout.unnamed.insert(position)
      } else if let column = names.column(heading) {
        if let first = layout.columns[column] {
          refuse(
            headings, position, "this heading repeats column \(first.position + 1), '\(first.heading)'",
            "与第 \(first.position + 1) 列“\(first.heading)”重复")
        } else {
          layout.columns[column] = (position, heading)
        }
      } else if names.isRowNumber(heading) {
        layout.rowNumbers.insert(position)
      } else {
        let nearest = names.suggestion(for: heading)
        refuse(
          headings, position, "unknown heading" + (nearest.map { " (did you mean '\($0)'?)" } ?? ""),
          "无法识别的表头" + (nearest.map { "（是否应为“\($0)”？）" } ?? ""))
      }
    }
    for column in Column.allCases where column.isRequired && layout.columns[column] == nil {
      problems.add(
        RegisterProblem(
          .heading, file: layout.file, line: headings.line,
          message: "there is no column '\(column.rawValue)' ('\(column.chinese)')",
          chinese: "缺少“\(column.chinese)”（\(column.rawValue)）列"))
    }
  }

  private mutating func refuse(
    _ headings: CSVRecord, _ position: Int, _ message: String, _ chinese: String
  ) {
    problems.add(
      RegisterProblem(
        .heading, file: layout.file, line: headings.line, column: (position + 1, headings.cells[position]),
        message: message, chinese: chinese))
  }

  /// Refuses values without a heading, which would be lost silently. Cells missing at the end of a row are empty:
  /// spreadsheets leave out trailing commas.
  private func refuseStrayCells(_ row: CSVRecord, _ reader: inout RowReader<Column>) {
    guard row.cells.count > layout.width || !layout.unnamed.isEmpty else { return }
    for (position, cell) in row.cells.enumerated()
    where !cell.isEmpty && (position >= layout.width || layout.unnamed.contains(position)) {
      let shown = RowReader<Column>.shown(cell)
      reader.refuse(
        RegisterProblem(
          .strayValue, file: layout.file, line: row.line, column: (position + 1, ""),
          message: "column \(position + 1) has the value '\(shown)' but no heading",
          chinese: "第 \(position + 1) 列有内容“\(shown)”，但没有表头"))
    }
  }
}

/// The known headings: English and Chinese names in any letter case, with or without a star for required columns, and
/// with spaces or hyphens in place of underscores.
struct HeadingNames<Column: RegisterColumn> {
  private var columns: [String: Column] = [:]
  /// In the order of the columns, so that of two equally similar names always the same one is suggested.
  private let names = Column.allCases.map(\.rawValue) + Column.allCases.map(\.chinese)

  init() {
    for column in Column.allCases {
      columns[column.rawValue] = column
      columns[column.chinese] = column
    }
  }

  func column(_ heading: String) -> Column? { columns[Self.plain(heading)] }

  /// Whether a heading denotes row numbers, the usual first column of spreadsheets.
  func isRowNumber(_ heading: String) -> Bool {
    ["序号", "行号", "no", "no.", "#"].contains(Self.plain(heading))
  }

  /// The known name most similar to a heading; nil if none is. Chinese names differ in so few characters that only a
  /// name contained whole in the heading counts as similar.
  func suggestion(for heading: String) -> String? {
    let plain = Self.plain(heading)
    if plain.utf8.allSatisfy({ $0 < 0x80 }) { return Suggestion.nearest(to: plain, among: names) }
    return names.filter { plain.contains($0) }.max { $0.count < $1.count }
  }

  private static func plain(_ heading: String) -> String {
    var text = heading[...]
    let isStar = { (character: Character) in "*＊".contains(character) || character.isWhitespace }
    while let first = text.first, isStar(first) { text.removeFirst() }
    while let last = text.last, isStar(last) { text.removeLast() }
    return String(text.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
  }
}
