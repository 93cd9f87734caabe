/// Writes CSV as RFC 4180 defines it: records end with CRLF, and a cell is enclosed in quotes where it must
/// be, or where a spreadsheet might take it for something else than text.
public struct CSVWriter: Sendable {
  /// The written text, in UTF-8.
  public private(set) var bytes: [UInt8] = []

  /// A file without records.
  public init() {}

  /// Adds a record; its cells are written as they are.
  public mutating func append(_ cells: [String]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(cell)
    }
    bytes += [0x0D, 0x0A]
  }

  private mutating func append(_ cell: String) {
    guard Self.needsQuotes(cell) else {
      bytes += cell.utf8
      return
    }
    let quote = UInt8(ascii: "\"")
    bytes.append(quote)
    for byte in cell.utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  private static func needsQuotes(_ cell: String) -> Bool {
    guard let first = cell.utf8.first, let last = cell.utf8.last else { return false }
    if "=+-@".utf8.contains(first) || first <= 0x20 || last <= 0x20 { return true }
    return cell.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
  }
}
