/// A file of comma-separated values as rows of a sheet.
public struct CSVSheet: SheetRows {
  public let file: String
  public var sheet: String { "" }
  public var merges: [SheetMerge] { [] }
  private var parser: CSVParser

  /// The rows of a file.
  ///
  /// - Throws: a problem for content that is not text in a known encoding.
  public init(_ source: RegisterFile) throws(RegisterProblem) {
    file = source.name
    parser = CSVParser(try source.text())
  }

  /// No rows of `file`.
  init(empty file: String) {
    self.file = file
    parser = CSVParser([])
  }

  public mutating func next() throws(RegisterProblem) -> SheetRow? {
    guard let (record, problems) = parser.next() else { return nil }
    return SheetRow(
      number: record.line, shownRow: parser.recordCount,
      cells: record.cells.map { $0.isEmpty ? .empty : .text($0) },
      problems: problems.map {
        RegisterProblem(
          .form, file: file, line: $0.line, column: ($0.column, ""), message: $0.message, chinese: $0.chinese)
      })
  }
}
