import Telemetry

/// Reads the rows of a message in CSV (RFC 4180): cells between separators, with optional quotes around a cell, in
/// which two quotes stand for one. A row ends with a line end or the message. Empty rows are skipped. Spaces around a
/// cell without quotes are left out.
///
/// A row that cannot be read is reported with its fault, and reading goes on with the line after it.
struct CSVRowReader {
  /// One row of the message.
  enum Row: Equatable {
    /// The cells are in ``CSVRowReader/cells``.
    case cells
    /// The row cannot be read: text in quotes without an end, text after quotes, or too many cells.
    case fault(Fault)
  }

  /// Maximum number of cells in a row.
  static let mostCells = 1024

  private let bytes: UnsafeRawBufferPointer
  private let separator: UInt8
  private var at = 0
  /// Whether a cell in quotes may hold line ends; not after a cell without an end, so that each byte is read at most
  /// a few times.
  private var allowsLineEndsInCell = true
  /// The cells of the row returned last.
  private(set) var cells: ContiguousArray<EscapedText>

  /// A reader of `bytes` with `separator` between cells. `cells` lends its memory.
  init(
    _ bytes: UnsafeRawBufferPointer, separator: UInt8, cells: consuming ContiguousArray<EscapedText> = []
  ) {
    self.bytes = bytes
    self.separator = separator
    self.cells = cells
    self.cells.removeAll(keepingCapacity: true)
  }

  /// Reads the next row; nil at the end of the message.
  mutating func next() -> Row? {
    while at < bytes.count {
      let start = at
      do throws(RowFault) {
        try row()
        if cells.count == 1, cells[0].raw.isEmpty, cells[0].escape == .none { continue }
        return .cells
      } catch {
        at = start
        while at < bytes.count, !Self.isLineEnd(bytes[at]) { at += 1 }
        endLine()
        return .fault(error.fault)
      }
    }
    return nil
  }

  private struct RowFault: Error { var fault: Fault }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private mutating func endLine() {
    if at < bytes.count, bytes[at] == UInt8(ascii: "\r") { at += 1 }
    if at < bytes.count, bytes[at] == UInt8(ascii: "\n") { at += 1 }
  }

  private mutating func row() throws(RowFault) {
    cells.removeAll(keepingCapacity: true)
    while true {
      guard cells.count < Self.mostCells else { throw RowFault(fault: .tooMany) }
      cells.append(try cell())
      guard at < bytes.count, bytes[at] == separator else { return endLine() }
      at += 1
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte != separator && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t"))
  }

  private mutating func cell() throws(RowFault) -> EscapedText {
    while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return try quotedCell() }
    let start = at
    while at < bytes.count, bytes[at] != separator, !Self.isLineEnd(bytes[at]) { at += 1 }
    var end = at
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return EscapedText(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
  }

  private mutating func quotedCell() throws(RowFault) -> EscapedText {
    at += 1
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        guard at + 1 < bytes.count, bytes[at + 1] == byte else { break }
        at += 1
      } else if Self.isLineEnd(byte), !allowsLineEndsInCell {
        throw RowFault(fault: .cutShort)
      }
      at += 1
    }
    guard at < bytes.count else {
      allowsLineEndsInCell = false
      throw RowFault(fault: .cutShort)
    }
    let cell = EscapedText(UnsafeRawBufferPointer(rebasing: bytes[start..<at]), .doubledQuote)
    at += 1
    while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    guard at == bytes.count || bytes[at] == separator || Self.isLineEnd(bytes[at]) else {
      throw RowFault(fault: .wrongType)
    }
    return cell
  }
}
