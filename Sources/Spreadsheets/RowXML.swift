import Foundation
import Register

/// Rows of a sheet as XML, with the same elements as libxlsxwriter's (ECMA-376 part 1, 18.3.1).
struct RowXML {
  /// The attribute of the style behind a cell's reference, by the number of its look: ` s="3"`. Empty for a look without
  /// an index yet.
  private var styles = [[UInt8]](repeating: [], count: AnswerLook.count)
  /// `<c r="A`, `<c r="B` …: the beginnings of cells by column.
  private var beginnings: [[UInt8]] = []
  private var buffer: [UInt8]
  /// Number of bytes that are written.
  private(set) var count = 0
  /// Number of bytes from which they are to be taken.
  let pieceSize: Int

  /// The most bytes of the tags of a row or a cell.
  private static let longestTags = 128

  /// No rows.
  init(pieceSize: Int) {
    self.pieceSize = pieceSize
    buffer = [UInt8](repeating: 0, count: pieceSize * 5 / 4)
  }

  /// Whether cells of a look can be written.
  func has(_ look: AnswerLook) -> Bool { !styles[look.number].isEmpty }

  /// Sets the index of a look's format.
  mutating func set(_ look: AnswerLook, index: Int32) {
    styles[look.number] = Array("\" s=\"\(index)\"".utf8)
  }

  /// Takes the bytes that are written.
  mutating func take() -> ArraySlice<UInt8> {
    let taken = buffer[..<count]
    buffer = [UInt8](repeating: 0, count: pieceSize * 5 / 4)
    count = 0
    return taken
  }

  /// Writes a row; its cells are in the order of their columns, and their looks have an index.
  mutating func write(_ cells: [AnswerCell], row number: Int, height: Double?) {
    let digits = Array(String(number).utf8)
    makeRoom(Self.longestTags)
    append("<row r=\"")
    append(digits)
    if let height {
      append("\" ht=\"")
      append(height)
      append("\" customHeight=\"1")
    }
    append("\">")
    for cell in cells { write(cell, digits) }
    makeRoom(Self.longestTags)
    append("</row>")
  }

  private mutating func write(_ cell: AnswerCell, _ row: [UInt8]) {
    switch cell.value {
    case .empty, .blank:
      begin(cell, row)
      append("/>")
    case .number(let number, _):
      begin(cell, row)
      append("><v>")
      append(number)
      append("</v></c>")
    case .text(let text):
      var text = text.forCell
      // The longest reference is `&amp;`.
      makeRoom(text.utf8.count * 5)
      begin(cell, row)
      append(" t=\"inlineStr\"><is><t")
      text.withUTF8 { append(text: $0) }
      append("</t></is></c>")
    }
  }

  private mutating func begin(_ cell: AnswerCell, _ row: [UInt8]) {
    while beginnings.count <= cell.column {
      beginnings.append(Array("<c r=\"\(RegisterPlace.letters(beginnings.count + 1))".utf8))
    }
    makeRoom(Self.longestTags)
    append(beginnings[cell.column])
    append(row)
    append(styles[cell.look.number])
  }

  /// Appends a number as XML has it: whole numbers in digits, others in the 16 digits that libxlsxwriter writes.
  private mutating func append(_ number: Double) {
    guard let whole = Int(exactly: number), whole.magnitude < 1_000_000_000_000_000 else {
      return append(Array(String(format: "%.16G", number).utf8))
    }
    if whole < 0 { append("-") }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 15) { digits in
      var (place, rest) = (digits.count, whole.magnitude)
      repeat {
        place -= 1
        digits[place] = 0x30 + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      append(UnsafeBufferPointer(rebasing: digits[place...]))
    }
  }

  /// Appends the rest of the tag `<t` and a text, in which `<`, `>` and `&` are references.
  private mutating func append(text bytes: UnsafeBufferPointer<UInt8>) {
    let isPadded = (bytes.first ?? 0x21) <= 0x20 || (bytes.last ?? 0x21) <= 0x20
    if isPadded { append(" xml:space=\"preserve\">") } else { append(">") }
    var start = 0
    for (place, byte) in bytes.enumerated() where byte == 0x26 || byte == 0x3C || byte == 0x3E {
      append(UnsafeBufferPointer(rebasing: bytes[start..<place]))
      append(byte == 0x26 ? "&amp;" : byte == 0x3C ? "&lt;" : "&gt;")
      start = place + 1
    }
    append(UnsafeBufferPointer(rebasing: bytes[start...]))
  }

  // MARK: Bytes

  private mutating func makeRoom(_ needed: Int) {
    guard buffer.count - count < needed else { return }
    buffer += repeatElement(0, count: max(needed, pieceSize))
  }

  private mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let from = bytes.baseAddress else { return }
    makeRoom(bytes.count)
    buffer.withUnsafeMutableBytes { target in
      guard let start = target.baseAddress else { return }
      (start + count).copyMemory(from: from, byteCount: bytes.count)
    }
    count += bytes.count
  }
}
