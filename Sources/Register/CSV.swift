/// One record of a CSV file.
public struct CSVRecord: Equatable, Sendable {
  /// The line of the file it begins on, from 1. A quoted cell may hold line ends, so a record may span lines.
  public var line: Int
  /// Its cells, trimmed of white space unless the parser was asked to keep it.
  public var cells: [String]

  /// A record that begins on `line`.
  public init(line: Int, cells: [String]) {
    self.line = line
    self.cells = cells
  }
}

/// Fault in the form of a CSV file at one cell.
public struct CSVProblem: Equatable, Sendable {
  /// The line the cell begins on, from 1.
  public var line: Int
  /// The cell's number within its record, from 1.
  public var column: Int
  public var message: String
  /// The message in Chinese.
  public var chinese: String

  /// A problem at a cell.
  public init(line: Int, column: Int, message: String, chinese: String = "") {
    self.line = line
    self.column = column
    self.message = message
    self.chinese = chinese
  }
}

/// Reads CSV as RFC 4180 defines it, and as spreadsheets write it: lines end with CRLF, LF or CR, and a
/// record without any text (a blank line, or commas only) is skipped. Another separator may take the comma's place.
public struct CSVParser {
  private let bytes: [UInt8]
  private let separator: UInt8
  private let trimsCells: Bool
  private var position = 0
  private var line = 1
  /// Number of records passed, blank ones included: the row in which a spreadsheet shows the last one.
  public private(set) var recordCount = 0
  /// Problems of form not returned yet.
  private var problems: [CSVProblem] = []

  /// A parser of a file's content.
  ///
  /// - Parameters:
  ///   - bytes: the file as valid UTF-8 without a byte order mark.
  ///   - separator: the ASCII character between cells, a comma by default.
  ///   - trimsCells: whether white space around the text of cells is left out.
  ///   - firstLine: the line at which reading begins, from 1; lines before it are passed, whatever they have.
  public init(_ bytes: [UInt8], separator: UInt8 = 0x2C, trimsCells: Bool = true, firstLine: Int = 1) {
    (self.bytes, self.separator, self.trimsCells) = (bytes, separator, trimsCells)
    while line < firstLine, position < bytes.count {
      if bytes[position].endsLine { endLine() } else { position += 1 }
    }
  }

  /// Returns the next record that has any text, and its problems of form; nil at the end of the file.
  ///
  /// Reading continues after a problem, so that all of them are found at once.
  public mutating func next() -> (record: CSVRecord, problems: [CSVProblem])? {
    while position < bytes.count {
      let record = record()
      guard record.cells.contains(where: { !$0.isEmpty }) || !problems.isEmpty else { continue }
      defer { problems.removeAll(keepingCapacity: true) }
      return (record, problems)
    }
    return nil
  }

  /// Returns the records of a whole file and all problems of form.
  ///
  /// - Parameter bytes: the file as valid UTF-8 without a byte order mark.
  public static func parse(_ bytes: [UInt8]) -> (records: [CSVRecord], problems: [CSVProblem]) {
    var parser = CSVParser(bytes)
    var records: [CSVRecord] = []
    var problems: [CSVProblem] = []
    while let (record, found) = parser.next() {
      if record.cells.contains(where: { !$0.isEmpty }) { records.append(record) }
      problems += found
    }
    return (records, problems)
  }

  private mutating func record() -> CSVRecord {
    var record = CSVRecord(line: line, cells: [])
    while true {
      record.cells.append(cell(number: record.cells.count + 1))
      guard position < bytes.count, bytes[position] == separator else { break }
      position += 1
    }
    endLine()
    recordCount += 1
    return record
  }

  private mutating func cell(number: Int) -> String {
    if position < bytes.count, bytes[position] == .quote { return quotedCell(number: number) }
    let start = position
    while position < bytes.count, !endsCell(bytes[position]) {
      if bytes[position] == .quote {
        refuse(
          number, line, "a quote inside a cell that does not begin with one; enclose the cell in quotes",
          "单元格不以引号开头，但其中含有引号；请用引号括起整个单元格")
        while position < bytes.count, !endsCell(bytes[position]) { position += 1 }
        break
      }
      position += 1
    }
    return trimmed(bytes[start..<position])
  }

  private mutating func quotedCell(number: Int) -> String {
    let opened = line
    var content: [UInt8] = []
    position += 1
    while true {
      guard position < bytes.count else {
        refuse(number, opened, "a quote is opened here and never closed", "此处的引号没有对应的结束引号")
        return trimmed(content[...])
      }
      let byte = bytes[position]
      if byte == .quote {
        position += 1
        guard position < bytes.count, bytes[position] == .quote else { break }
        content.append(.quote)
        position += 1
      } else if byte.endsLine {
        let start = position
        endLine()
        content.append(contentsOf: bytes[start..<position])
      } else {
        content.append(byte)
        position += 1
      }
    }
    if position < bytes.count, !endsCell(bytes[position]) {
      refuse(
        number, line, "text after a closing quote; write a quote within a cell twice",
        "结束引号之后还有内容；单元格中的引号应写两次")
      while position < bytes.count, !endsCell(bytes[position]) { position += 1 }
    }
    return trimmed(content[...])
  }

  private func endsCell(_ byte: UInt8) -> Bool { byte == separator || byte.endsLine }

  /// Passes one line end: CRLF, LF or CR.
  private mutating func endLine() {
    guard position < bytes.count else { return }
    if bytes[position] == .carriageReturn, position + 1 < bytes.count, bytes[position + 1] == .lineFeed {
      position += 1
    }
    position += 1
    line += 1
  }

  private mutating func refuse(_ column: Int, _ line: Int, _ message: String, _ chinese: String) {
    problems.append(CSVProblem(line: line, column: column, message: message, chinese: chinese))
  }

  private func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    guard trimsCells else { return String(decoding: bytes, as: UTF8.self) }
    var (start, end) = (bytes.startIndex, bytes.endIndex)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while start < end, bytes[end - 1] <= 0x20 { end -= 1 }
    guard start < end else { return "" }
    let (first, last) = (bytes[start], bytes[end - 1])
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    if first < 0x80, last < 0x80 { return text }
    // The ideographic and no-break spaces of spreadsheets, and byte order marks left by joining files.
    let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    return String(scalars)
  }
}

extension UInt8 {
  fileprivate static let quote: UInt8 = 0x22
  fileprivate static let lineFeed: UInt8 = 0x0A
  fileprivate static let carriageReturn: UInt8 = 0x0D
  fileprivate var endsLine: Bool { self == .lineFeed || self == .carriageReturn }
}
