import Register

/// The rows of a sheet of an `.xls` workbook.
final class BinaryRows: SheetRows {
  let file: String
  let sheet: String
  let merges: [SheetMerge]
  let hiddenColumns: [ClosedRange<Int>]
  private let workbook: BinaryWorkbook
  private var records: BinaryRecords
  /// The row that is read, from 0; -1 before the first.
  private var row = -1
  private var cells: [SheetCell] = []
  private var hidden: Set<Int> = []
  /// Column of a formula whose text stands in the next records.
  private var formula: Int?
  /// Number of documents within the sheet, for instance charts, that have begun and not ended.
  private var depth = 0
  private var hasEnded = false

  init(_ sheet: BinaryWorkbook.Sheet, of workbook: BinaryWorkbook) throws(RegisterProblem) {
    (file, self.sheet, self.workbook) = (workbook.file, sheet.name, workbook)
    records = BinaryRecords(workbook.stream, from: sheet.start, to: sheet.end)
    guard let first = records.next(), first.kind == BinaryRecord.Kind.begin else {
      throw LedgerProblem.incomplete(workbook.file)
    }
    merges = try Self.merges(records, workbook.file)
    hiddenColumns = Self.hiddenColumns(records)
  }

  func next() throws(RegisterProblem) -> SheetRow? {
    do throws(RegisterProblem) {
      while !hasEnded {
        guard let record = records.next() else { throw LedgerProblem.incomplete(file) }
        if let row = try read(record) { return row }
      }
      return nil
    } catch {
      // The next call returns nil.
      hasEnded = true
      throw error
    }
  }

  /// Reads a record; returns the row before if the record begins another or ends the sheet.
  private func read(_ record: BinaryRecord) throws(RegisterProblem) -> SheetRow? {
    switch record.kind {
    case BinaryRecord.Kind.begin: depth += 1
    case BinaryRecord.Kind.end:
      depth -= 1
      guard depth < 0 else { return nil }
      hasEnded = true
      return takeRow()
    case _ where depth > 0: return nil
    case BinaryRecord.Kind.row:
      // A bit of the flags says that the row's height is 0.
      if record.range.count >= 16, workbook.stream[record.range.lowerBound + 12] & 0x20 != 0 {
        hidden.insert(Int(workbook.stream.u16(record.range.lowerBound)))
      }
    case BinaryRecord.Kind.formulaText: try addFormulaText(record)
    case BinaryRecord.Kind.number, BinaryRecord.Kind.shortNumber, BinaryRecord.Kind.numbers,
      BinaryRecord.Kind.text, BinaryRecord.Kind.formattedText, BinaryRecord.Kind.sharedText,
      BinaryRecord.Kind.truthOrError, BinaryRecord.Kind.formula:
      return try readCells(record)
    default: break
    }
    return nil
  }

  private func readCells(_ record: BinaryRecord) throws(RegisterProblem) -> SheetRow? {
    let start = record.range.lowerBound
    guard record.range.count >= 6 else { throw LedgerProblem.incomplete(file) }
    let number = Int(workbook.stream.u16(start))
    var before: SheetRow?
    if number != row {
      guard number > row else {
        throw problem(
          "row \(number + 1) stands after row \(row + 1); open the file in Excel or WPS and save it as .xlsx",
          "第 \(number + 1) 行位于第 \(row + 1) 行之后；请用 Excel 或 WPS 打开后另存为 .xlsx")
      }
      before = takeRow()
      row = number
    }
    formula = nil
    try addCells(record)
    return before
  }

  /// Adds the cells of a record to the row.
  private func addCells(_ record: BinaryRecord) throws(RegisterProblem) {
    let stream = workbook.stream
    let (start, end) = (record.range.lowerBound, record.range.upperBound)
    let column = Int(stream.u16(start + 2))
    let style = Int(stream.u16(start + 4))
    func need(_ count: Int) throws(RegisterProblem) {
      guard record.range.count >= count else { throw LedgerProblem.incomplete(file) }
    }
    switch record.kind {
    case BinaryRecord.Kind.number:
      try need(14)
      try add(workbook.cell(Double(bitPattern: stream.u64(start + 6)), style: style), column)
    case BinaryRecord.Kind.shortNumber:
      try need(10)
      try add(workbook.cell(Self.shortNumber(stream.u32(start + 6)), style: style), column)
    case BinaryRecord.Kind.numbers:
      for (place, offset) in stride(from: start + 4, to: end - 7, by: 6).enumerated() {
        let number = Self.shortNumber(stream.u32(offset + 2))
        try add(workbook.cell(number, style: Int(stream.u16(offset))), column + place)
      }
    case BinaryRecord.Kind.sharedText:
      try need(10)
      let number = Int(stream.u32(start + 6))
      guard number < workbook.texts.count else { throw LedgerProblem.incomplete(file) }
      try add(workbook.texts[number], column)
    case BinaryRecord.Kind.text, BinaryRecord.Kind.formattedText:
      let reader = BinaryReader(stream, parts(of: record, from: start + 6))
      guard let text = workbook.text(reader, hasShortLength: false) else { throw notText(column) }
      try add(text.isEmpty ? .empty : .text(text), column)
    case BinaryRecord.Kind.truthOrError:
      try need(8)
      let value = stream[start + 6]
      try add(stream[start + 7] == 0 ? .truth(value != 0) : .error(Self.errorName(value)), column)
    default:
      try need(14)
      try addFormula(Array(stream[(start + 6)..<(start + 14)]), style, column)
    }
  }

  private func addFormula(_ result: [UInt8], _ style: Int, _ column: Int) throws(RegisterProblem) {
    guard result[6] == 0xFF, result[7] == 0xFF else {
      return try add(workbook.cell(Double(bitPattern: result.u64(0)), style: style), column)
    }
    switch result[0] {
    case 0: formula = column
    case 1: try add(.truth(result[2] != 0), column)
    case 2: try add(.error(Self.errorName(result[2])), column)
    default: break
    }
  }

  private func addFormulaText(_ record: BinaryRecord) throws(RegisterProblem) {
    guard let column = formula else { return }
    formula = nil
    let reader = BinaryReader(workbook.stream, parts(of: record, from: record.range.lowerBound))
    guard let text = workbook.text(reader, hasShortLength: false) else { throw notText(column) }
    try add(text.isEmpty ? .empty : .text(text), column)
  }

  /// The parts of a record's content from an offset on, with its continuations.
  private func parts(of record: BinaryRecord, from start: Int) -> [Range<Int>] {
    var parts = records.parts(of: record)
    parts[0] = min(start, record.range.upperBound)..<record.range.upperBound
    return parts
  }

  private func add(_ cell: SheetCell, _ column: Int) throws(RegisterProblem) {
    guard column < RowBuilder.columns else { throw LedgerProblem.incomplete(file) }
    if case .empty = cell { return }
    while cells.count <= column { cells.append(.empty) }
    cells[column] = cell
  }

  private func takeRow() -> SheetRow? {
    defer { cells = [] }
    return cells.isEmpty ? nil : SheetRow(number: row + 1, cells: cells, isHidden: hidden.contains(row))
  }

  /// A number of 30 bits, the upper ones of a binary number or a whole number, divided by 100 or not
  /// ([MS-XLS] 2.5.217).
  private static func shortNumber(_ bits: UInt32) -> Double {
    let value =
      bits & 0x02 != 0
      ? Double(Int32(bitPattern: bits) >> 2) : Double(bitPattern: UInt64(bits & 0xFFFF_FFFC) << 32)
    return bits & 0x01 != 0 ? value / 100 : value
  }

  private static func errorName(_ code: UInt8) -> String {
    switch code {
    case 0x00: "#NULL!"
    case 0x07: "#DIV/0!"
    case 0x0F: "#VALUE!"
    case 0x17: "#REF!"
    case 0x1D: "#NAME?"
    case 0x24: "#NUM!"
    case 0x2A: "#N/A"
    default: "#ERROR"
    }
  }

  /// The merged cells of a sheet, which stand after its rows.
  private static func merges(_ records: BinaryRecords, _ file: String) throws(RegisterProblem) -> [SheetMerge]
  {
    var (records, depth) = (records, 0)
    var found: [SheetMerge] = []
    while depth >= 0, let record = records.next() {
      if record.kind == BinaryRecord.Kind.begin { depth += 1 }
      if record.kind == BinaryRecord.Kind.end { depth -= 1 }
      guard record.kind == BinaryRecord.Kind.merges, depth == 0 else { continue }
      for start in stride(from: record.range.lowerBound + 2, to: record.range.upperBound - 7, by: 8) {
        let numbers = (0..<4).map { Int(records.bytes.u16(start + 2 * $0)) + 1 }
        guard numbers[0] <= numbers[1], numbers[2] <= numbers[3] else { throw LedgerProblem.incomplete(file) }
        guard found.count < SheetDocument.mostMerges else { throw LedgerProblem.tooLarge(file) }
        found.append(SheetMerge(rows: numbers[0]...numbers[1], columns: numbers[2]...numbers[3]))
      }
    }
    return found
  }

  /// The hidden columns of a sheet, which stand before its rows.
  private static func hiddenColumns(_ records: BinaryRecords) -> [ClosedRange<Int>] {
    var (records, depth) = (records, 0)
    var found: [ClosedRange<Int>] = []
    while depth >= 0, let record = records.next(), record.kind != BinaryRecord.Kind.row {
      if record.kind == BinaryRecord.Kind.begin { depth += 1 }
      if record.kind == BinaryRecord.Kind.end { depth -= 1 }
      guard record.kind == BinaryRecord.Kind.columns, depth == 0, record.range.count >= 10 else { continue }
      let start = record.range.lowerBound
      let (first, last) = (Int(records.bytes.u16(start)) + 1, Int(records.bytes.u16(start + 2)) + 1)
      // A bit of the flags says that the columns are not shown.
      guard records.bytes[start + 8] & 0x01 != 0, first <= last, found.count < RowBuilder.columns else {
        continue
      }
      found.append(first...last)
    }
    return found
  }

  private func notText(_ column: Int) -> RegisterProblem {
    problem(
      "the cell's text is damaged; open the file in Excel or WPS and save it as .xlsx",
      "单元格的文本已损坏；请用 Excel 或 WPS 打开后另存为 .xlsx", column)
  }

  private func problem(_ message: String, _ chinese: String, _ column: Int? = nil) -> RegisterProblem {
    LedgerProblem.at(file, sheet: sheet, row: row + 1, column: column.map { $0 + 1 }, message, chinese)
  }
}
