/// A reference to a cell, for instance `B12`.
enum CellReference {
  /// Its column and row, from 1; nil if the bytes are no reference. Bounds of sheets are not checked, but numbers are
  /// at most seven digits or four letters.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> (column: Int, row: Int)? {
    var (column, row) = (0, 0)
    var i = 0
    while i < bytes.count, i < 4 {
      let letter = bytes[i] & 0xDF
      guard (0x41...0x5A).contains(letter) else { break }
      column = column * 26 + Int(letter - 0x40)
      i += 1
    }
    guard column > 0, bytes.count > i, bytes.count - i <= 7, bytes[i] != 0x30 else { return nil }
    while i < bytes.count {
      guard (0x30...0x39).contains(bytes[i]) else { return nil }
      row = row * 10 + Int(bytes[i] - 0x30)
      i += 1
    }
    return (column, row)
  }

  /// The corners of a range, for instance `A1:B12`; of a single cell, this cell twice.
  static func range(_ text: String) -> (first: (column: Int, row: Int), last: (column: Int, row: Int))? {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(ends.count) else { return nil }
    let corners = ends.compactMap { end in Array(end.utf8).withUnsafeBufferPointer { read($0) } }
    guard corners.count == ends.count, let first = corners.first, let last = corners.last else { return nil }
    return (
      (min(first.column, last.column), min(first.row, last.row)),
      (max(first.column, last.column), max(first.row, last.row))
    )
  }
}
