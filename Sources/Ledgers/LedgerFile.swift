import Register

/// A ledger as an office keeps it: a workbook of one or several sheets, or a table in text.
///
/// ```swift
/// let ledger = try LedgerFile.open(path: "台账.xlsx")
/// var rows = try ledger.rows(of: ledger.sheets[0])
/// while let row = try rows.next() { … }
/// ```
public struct LedgerFile {
  /// A sheet of a ledger.
  public struct Sheet: Equatable, Sendable {
    /// Its name; empty for a table in text.
    public let name: String
    /// Whether the spreadsheet does not show it. It is read all the same.
    public let isHidden: Bool
    let position: Int
  }

  /// Encoding and separator of a table in text, as recognised.
  public struct Text: Equatable, Sendable {
    public let encoding: TextEncoding
    public let separator: Separator
    public let separatorSource: SeparatorSource
  }

  /// The file's name as the user gave it.
  public let name: String
  /// Its sheets in their order; a table in text is one sheet.
  public let sheets: [Sheet]
  private let content: Content

  private enum Content {
    case workbook(WorkbookFile)
    case binary(BinaryWorkbook)
    case text([UInt8], Text, firstLine: Int)
  }

  /// The file's format.
  public var format: LedgerFormat {
    switch content {
    case .workbook: .xlsx
    case .binary: .xls
    case .text: .text
    }
  }

  /// Encoding and separator of a table in text; nil for a workbook.
  public var text: Text? { if case .text(_, let text, _) = content { text } else { nil } }

  /// The largest table in text and the largest workbook before Excel 2007 in bytes, which are read whole.
  private static let (largestText, largestBinary) = (2 << 30, 256 << 20)

  /// Opens the file at `path`. Of a workbook (.xlsx) only what is needed is read, when it is needed; it stays the same
  /// file if another gets its name meanwhile.
  ///
  /// - Parameters:
  ///   - name: the name for problems; the path by default.
  ///   - encoding: the encoding of a table in text; nil to recognise it.
  ///   - separator: the separator of a table in text; nil to recognise it.
  /// - Throws: a problem with its remedy for a file that is no ledger, damaged, protected with a password, or
  ///   changed while it was read.
  public static func open(
    path: String, name: String? = nil, encoding: TextEncoding? = nil, separator: Separator? = nil
  ) throws(RegisterProblem) -> LedgerFile {
    let name = name ?? path
    let file = try OpenedFile(path: path, name: name)
    let format = try FormatRecognition.format(file.bytes(limit: FormatRecognition.needed), file: name)
    if format == .xlsx { return try LedgerFile(WorkbookFile(ZipArchive(file))) }
    let largest = format == .xls ? largestBinary : largestText
    let bytes = try file.bytes(limit: largest + 1)
    guard bytes.count <= largest else {
      throw LedgerProblem.problem(
        name, "the file has more than \(largest >> 20) MiB; divide it", "文件超过 \(largest >> 20) MiB；请拆分为多个文件")
    }
    return try open(bytes: bytes, name: name, encoding: encoding, separator: separator)
  }

  /// Opens the file with these bytes: see ``open(path:name:encoding:separator:)``.
  public static func open(
    bytes: [UInt8], name: String, encoding: TextEncoding? = nil, separator: Separator? = nil
  ) throws(RegisterProblem) -> LedgerFile {
    switch try FormatRecognition.format(bytes.prefix(FormatRecognition.needed), file: name) {
    case .xlsx: return try LedgerFile(WorkbookFile(ZipArchive(bytes: bytes, file: name)))
    case .xls: return try LedgerFile(BinaryWorkbook(bytes, file: name))
    case .text: return try LedgerFile(text: bytes, name, encoding, separator)
    }
  }

  private init(_ workbook: WorkbookFile) {
    name = workbook.file
    content = .workbook(workbook)
    sheets = workbook.sheets.enumerated().map { place, sheet in
      Sheet(name: sheet.name, isHidden: sheet.isHidden, position: place)
    }
  }

  private init(_ workbook: BinaryWorkbook) {
    name = workbook.file
    content = .binary(workbook)
    sheets = workbook.sheets.enumerated().map { place, sheet in
      Sheet(name: sheet.name, isHidden: sheet.isHidden, position: place)
    }
  }

  private init(
    text bytes: [UInt8], _ name: String, _ encoding: TextEncoding?, _ separator: Separator?
  ) throws(RegisterProblem) {
    let (text, found) = try RegisterFile(name: name, bytes: bytes, encoding: encoding).decoded()
    try FormatRecognition.checkName(ofText: name)
    let recognised = try SeparatorRecognition(text, file: name, named: separator)
    self.name = name
    content = .text(
      text,
      Text(encoding: found, separator: recognised.separator, separatorSource: recognised.source),
      firstLine: recognised.firstLine)
    sheets = [Sheet(name: "", isHidden: false, position: 0)]
  }

  /// The rows of one of the ledger's sheets. Several sheets may be read at a time, by one thread.
  public func rows(of sheet: Sheet) throws(RegisterProblem) -> any SheetRows {
    try rows(of: sheet, usesExpat: false)
  }

  /// The rows of a sheet.
  ///
  /// - Parameter usesExpat: whether expat reads all rows of a workbook; for tests.
  package func rows(of sheet: Sheet, usesExpat: Bool) throws(RegisterProblem) -> any SheetRows {
    switch content {
    case .workbook(let workbook): try workbook.rows(of: sheet.position, usesExpat: usesExpat)
    case .binary(let workbook): try workbook.rows(of: sheet.position)
    case .text(let text, let recognised, let firstLine):
      TextRows(text, file: name, separator: recognised.separator, firstLine: firstLine)
    }
  }
}
