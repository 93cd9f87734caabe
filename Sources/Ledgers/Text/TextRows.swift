import Register

/// The rows of a text table.
///
/// A row's problems of form are thrown one by one; the next call goes on with the row after it.
struct TextRows: SheetRows {
  let file: String
  var sheet: String { "" }
  var merges: [SheetMerge] { [] }
  private var parser: CSVParser
  private var problems: [CSVProblem] = []

  /// The rows of a text from the line `firstLine` on.
  init(_ text: [UInt8], file: String, separator: Separator, firstLine: Int) {
    self.file = file
    parser = CSVParser(text, separator: separator.byte, trimsCells: false, firstLine: firstLine)
  }

  mutating func next() throws(RegisterProblem) -> SheetRow? {
    if problems.isEmpty {
      guard let (record, found) = parser.next() else { return nil }
      guard !found.isEmpty else {
        return SheetRow(
          number: record.line, shownRow: parser.recordCount,
          cells: record.cells.map { $0.isEmpty ? .empty : .text($0) })
      }
      problems = found
    }
    let problem = problems.removeFirst()
    throw RegisterProblem(
      .form, file: file, line: problem.line, column: (problem.column, ""), message: problem.message,
      chinese: problem.chinese)
  }
}
