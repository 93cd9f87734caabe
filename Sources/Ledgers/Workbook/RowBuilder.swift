import Register

/// The kind of a cell's value as a sheet of a workbook has it (ECMA-376 part 1, 18.18.11).
enum CellKind {
  case number, sharedText, text, inlineText, truth, error, day

  /// The kind of this name; nil if there is none.
  init?(_ name: UnsafeBufferPointer<UInt8>) {
    switch name.count == 1 ? name[0] : 0 {
    case UInt8(ascii: "n"): self = .number
    case UInt8(ascii: "s"): self = .sharedText
    case UInt8(ascii: "b"): self = .truth
    case UInt8(ascii: "e"): self = .error
    case UInt8(ascii: "d"): self = .day
    default:
      switch String(decoding: name, as: UTF8.self) {
      case "": self = .number
      case "str": self = .text
      case "inlineStr": self = .inlineText
      default: return nil
      }
    }
  }
}

/// Makes rows of the cells of a sheet, for every reader of the sheet's XML.
struct RowBuilder: Sendable {
  /// A cell before its value is known.
  struct Cell {
    /// Its column from 1, and the row its reference has; 0 if the file has no reference.
    var (column, row) = (0, 0)
    var kind = CellKind.number
    var style = 0
    var hasFormula = false
  }

  private let file: String
  private let sheet: String
  private let is1904: Bool
  private let formats: [NumberFormat]
  /// The texts that cells refer to.
  private var texts: SharedTexts
  /// Number of the row that is built, or of the last row.
  private(set) var number = 0
  private var lastNumber = 0
  /// Whether the row's number is not in the file.
  private var isNumberAssumed = false
  private var isHidden = false
  private var cells: [SheetCell] = []
  private var lastColumn = 0
  private var width = 0
  /// Bytes of the row's texts.
  private var textBytes = 0

  /// The bounds of spreadsheets.
  static let rows = 1_048_576
  static let columns = 16_384
  /// The longest value of a cell in bytes; Excel allows 32,767 characters.
  static let longestValue = 1 << 20
  /// The most bytes of a row's texts: cells may refer to long texts by short numbers.
  private static let mostTextBytes = 64 << 20

  init(file: String, sheet: String, is1904: Bool, styles: Styles, texts: SharedTexts) {
    (self.file, self.sheet, self.is1904, self.texts) = (file, sheet, is1904, texts)
    formats = styles.numberFormats
  }

  /// Begins a row; `number` is 0 if the file has none: it is the row after the last.
  mutating func begin(row number: Int, isHidden: Bool) throws(RegisterProblem) {
    guard number == 0 || number > self.number else {
      throw problem(
        "row \(number) stands after row \(self.number); open the file in Excel or WPS and save it",
        "第 \(number) 行位于第 \(self.number) 行之后；请用 Excel 或 WPS 打开后另存")
    }
    isNumberAssumed = number == 0
    lastNumber = self.number
    self.number = number == 0 ? self.number + 1 : number
    self.isHidden = isHidden
    (lastColumn, textBytes) = (0, 0)
    guard self.number <= Self.rows else { throw outOfBounds() }
  }

  /// Places a cell without a value.
  mutating func place(_ cell: inout Cell) throws(RegisterProblem) {
    if cell.column == 0 { cell.column = lastColumn + 1 }
    lastColumn = cell.column
    guard cell.column <= Self.columns, cell.row <= Self.rows else { throw outOfBounds() }
    guard cell.row != 0, cell.row != number else { return }
    // A row without a number has that of its first cell.
    guard isNumberAssumed, cells.isEmpty, cell.row > number else {
      throw problem(
        "a cell of row \(cell.row) stands in row \(number); open the file in Excel or WPS and save it",
        "第 \(number) 行中含有第 \(cell.row) 行的单元格；请用 Excel 或 WPS 打开后另存", cell.column)
    }
    number = cell.row
    isNumberAssumed = false
  }

  /// Adds a cell that has been placed, with the bytes of its value.
  mutating func add(_ cell: Cell, _ value: UnsafeBufferPointer<UInt8>) throws(RegisterProblem) {
    guard value.count <= Self.longestValue else { throw tooLong(cell) }
    let content = try content(cell, value)
    switch content {
    case .empty: return
    case .text(let text):
      textBytes += text.utf8.count
      guard textBytes <= Self.mostTextBytes else { throw LedgerProblem.tooLarge(file) }
    default: break
    }
    if cell.column == cells.count + 1 {
      cells.append(content)
      return
    }
    while cells.count < cell.column { cells.append(.empty) }
    guard cells[cell.column - 1] == .empty else {
      throw problem(
        "the cell is there twice; open the file in Excel or WPS and save it",
        "单元格重复出现；请用 Excel 或 WPS 打开后另存", cell.column)
    }
    cells[cell.column - 1] = content
  }

  /// Ends the row; nil if it has no cell.
  mutating func end() -> SheetRow? {
    guard !cells.isEmpty else { return nil }
    width = max(width, cells.count)
    let row = SheetRow(number: number, cells: cells, isHidden: isHidden)
    cells = []
    cells.reserveCapacity(width)
    return row
  }

  /// Forgets the row that was begun, so that it can be read again.
  mutating func abandon() {
    number = lastNumber
    cells.removeAll(keepingCapacity: true)
  }

  private mutating func content(_ cell: Cell, _ value: UnsafeBufferPointer<UInt8>) throws(RegisterProblem)
    -> SheetCell
  {
    switch cell.kind {
    case .number: return try number(cell, value)
    case .sharedText:
      if value.isEmpty { return .empty }
      guard let found = Decimal.whole(value).flatMap({ texts.cell($0) }) else { throw invalid(cell, value) }
      if case .text(let text) = found, text.utf8.count > Self.longestValue { throw tooLong(cell) }
      return found
    case .text, .inlineText:
      return value.isEmpty ? .empty : .text(text(value))
    case .truth:
      switch text(value) {
      case "": return .empty
      case "1", "true": return .truth(true)
      case "0", "false": return .truth(false)
      default: throw invalid(cell, value)
      }
    case .error: return value.isEmpty ? .empty : .error(String(decoding: value, as: UTF8.self))
    case .day: return value.isEmpty ? .empty : DayNumber.cell(iso: text(value))
    }
  }

  private func number(_ cell: Cell, _ bytes: UnsafeBufferPointer<UInt8>) throws(RegisterProblem) -> SheetCell
  {
    let value = Decimal.trimmed(bytes)
    if value.isEmpty {
      return cell.hasFormula ? .unknownResult : .empty
    }
    guard let form = Decimal(value) else { throw invalid(cell, value) }
    if cell.style >= 0, cell.style < formats.count, formats[cell.style] != .number,
      let number = Decimal.whole(value).map({ Double($0) }) ?? form.double(value),
      let shown = formats[cell.style].cell(form.text(value), number, is1904: is1904)
    {
      return shown
    }
    return .number(form.text(value))
  }

  private func text(_ value: UnsafeBufferPointer<UInt8>) -> String {
    guard value.contains(UInt8(ascii: "_")) else { return String(decoding: value, as: UTF8.self) }
    var bytes = Array(value)
    EscapedText.decode(&bytes, from: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func invalid(_ cell: Cell, _ value: UnsafeBufferPointer<UInt8>) -> RegisterProblem {
    let shown = String(decoding: value.prefix(30), as: UTF8.self)
    return problem(
      "the cell has the damaged value '\(shown)'; open the file in Excel or WPS and save it",
      "单元格的值“\(shown)”已损坏；请用 Excel 或 WPS 打开后另存", cell.column)
  }

  private func tooLong(_ cell: Cell) -> RegisterProblem {
    problem("the cell's value is too long; shorten it", "单元格内容过长；请缩短", cell.column)
  }

  private func outOfBounds() -> RegisterProblem {
    problem(
      "a sheet has at most \(Self.rows) rows and \(Self.columns) columns; open the file in Excel or WPS and save it",
      "工作表最多 \(Self.rows) 行、\(Self.columns) 列；请用 Excel 或 WPS 打开后另存")
  }

  func problem(_ message: String, _ chinese: String, _ column: Int? = nil) -> RegisterProblem {
    LedgerProblem.at(file, sheet: sheet, row: number, column: column, message, chinese)
  }
}
