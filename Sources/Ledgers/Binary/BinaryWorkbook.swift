import Register

/// A workbook of Excel 5 to 2003 ([MS-XLS]): an `.xls` or `.et` file.
///
/// Debian's libfreexl reads these too, but it ends the process on damaged files, and it leaves out errors, merged cells
/// and what is hidden.
final class BinaryWorkbook {
  struct Sheet {
    let name: String
    let isHidden: Bool
    /// Offset of its records in the stream.
    let start: Int
    /// Offset of the next sheet's records, or the end of the stream: each record belongs to at most one sheet.
    var end: Int
  }

  let file: String
  private(set) var sheets: [Sheet] = []
  let stream: [UInt8]
  /// Whether texts are those of Excel 97 and later.
  let isUnicode: Bool
  private(set) var codePage = CodePage(number: 1252)
  private(set) var is1904 = false
  private(set) var texts: [SheetCell] = []
  private var styles: [Int] = []
  private var formats: [Int: NumberFormat] = [:]

  /// The workbook of a compound file's bytes.
  ///
  /// - Throws: a problem for other documents, for a workbook with a password, and for a damaged one.
  init(_ bytes: [UInt8], file: String) throws(RegisterProblem) {
    self.file = file
    guard let container = CompoundFile(bytes) else { throw LedgerProblem.incomplete(file) }
    try Self.refuseOthers(container, file)
    guard let stream = container.stream("Workbook") ?? container.stream("Book") else {
      throw LedgerProblem.incomplete(file)
    }
    self.stream = stream
    var records = BinaryRecords(stream, from: 0)
    guard let first = records.next(), first.kind == BinaryRecord.Kind.begin else {
      throw LedgerProblem.otherFormat(file, "a workbook of a very old Excel", "早期版本 Excel 的工作簿")
    }
    isUnicode = stream.u16(first.range.lowerBound) >= 0x0600
    var hasEnd = false
    while !hasEnd, let record = records.next() {
      if record.kind == BinaryRecord.Kind.end { hasEnd = true } else { try read(record, &records) }
    }
    guard hasEnd, !sheets.isEmpty, divideStream() else { throw LedgerProblem.incomplete(file) }
  }

  /// Ends each sheet where the next one in the stream begins; returns false if two begin at the same place.
  private func divideStream() -> Bool {
    let order = sheets.indices.sorted { sheets[$0].start < sheets[$1].start }
    for (one, next) in zip(order, order.dropFirst()) {
      guard sheets[one].start < sheets[next].start else { return false }
      sheets[one].end = sheets[next].start
    }
    return true
  }

  private func read(_ record: BinaryRecord, _ records: inout BinaryRecords) throws(RegisterProblem) {
    let start = record.range.lowerBound
    switch record.kind {
    case BinaryRecord.Kind.password: throw LedgerProblem.password(file)
    case BinaryRecord.Kind.codePage: codePage = CodePage(number: stream.u16(start))
    case BinaryRecord.Kind.dateMode: is1904 = stream.u16(start) == 1
    case BinaryRecord.Kind.style: styles.append(Int(stream.u16(start + 2)))
    case BinaryRecord.Kind.format:
      guard let code = text(stream, record.range.dropFirst(2), hasShortLength: !isUnicode) else { break }
      formats[Int(stream.u16(start))] = NumberFormat(code)
    case BinaryRecord.Kind.sheet:
      // The last byte is 0 for sheets with cells.
      guard record.range.count > 6, stream[start + 5] == 0 else { break }
      guard let name = text(stream, record.range.dropFirst(6), hasShortLength: true) else {
        throw LedgerProblem.incomplete(file)
      }
      guard sheets.count < WorkbookPart.mostSheets else { throw LedgerProblem.tooLarge(file) }
      sheets.append(
        Sheet(
          name: name, isHidden: stream[start + 4] & 0x03 != 0, start: Int(stream.u32(start)),
          end: stream.count))
    case BinaryRecord.Kind.sharedTexts:
      try readTexts(BinaryReader(stream, records.parts(of: record)))
    default: break
    }
  }

  private func readTexts(_ reader: BinaryReader) throws(RegisterProblem) {
    var reader = reader
    guard reader.u32() != nil, let count = reader.u32() else { throw LedgerProblem.incomplete(file) }
    for _ in 0..<count {
      guard let text = reader.text() else { throw LedgerProblem.incomplete(file) }
      texts.append(text.isEmpty ? .empty : .text(text))
    }
  }

  /// The text at a place of the stream; nil if it is damaged.
  func text(_ stream: [UInt8], _ range: Range<Int>, hasShortLength: Bool) -> String? {
    text(BinaryReader(stream, [range]), hasShortLength: hasShortLength)
  }

  /// The text that a reader has next; nil if it is damaged.
  func text(_ reader: BinaryReader, hasShortLength: Bool) -> String? {
    var reader = reader
    if isUnicode { return reader.text(hasShortLength: hasShortLength) }
    guard let count = hasShortLength ? reader.u8().map({ Int($0) }) : reader.u16().map({ Int($0) }) else {
      return nil
    }
    let bytes = reader.bytes(count)
    return bytes.count == count ? codePage.text(bytes) : nil
  }

  /// The cell of a number with a style.
  func cell(_ number: Double, style: Int) -> SheetCell {
    guard number.isFinite else { return .error("#NUM!") }
    let digits = Decimal.text(number)
    if style < styles.count {
      let id = styles[style]
      let format = formats[id] ?? NumberFormat(builtIn: id)
      if let shown = format.cell(digits, number, is1904: is1904) { return shown }
    }
    return .number(digits)
  }

  func rows(of position: Int) throws(RegisterProblem) -> BinaryRows {
    try BinaryRows(sheets[position], of: self)
  }

  /// Refuses compound files that are something else, by their streams.
  private static func refuseOthers(_ container: CompoundFile, _ file: String) throws(RegisterProblem) {
    let streams = container.streams
    if streams.contains("EncryptedPackage") { throw LedgerProblem.password(file) }
    if streams.contains("Workbook") || streams.contains("Book") { return }
    if streams.contains("WordDocument") {
      throw LedgerProblem.problem(
        file, "this is a Word document (.doc); copy its table to a workbook and save it as .xlsx",
        "这是 Word 文档（.doc）；请将其中的表格复制到工作簿，另存为 .xlsx")
    }
    throw LedgerProblem.problem(
      file,
      "this is a document of another program, not a workbook; save its table as 'Excel Workbook (.xlsx)'",
      "这是其他程序的文档，不是工作簿；请将其中的表格另存为“Excel 工作簿（.xlsx）”")
  }
}
