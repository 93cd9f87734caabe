/// Workbooks before Excel 2007 made of their records.
enum HandMadeBinary {
  /// A record with its kind and content.
  static func record(_ kind: UInt16, _ content: [UInt8] = []) -> [UInt8] {
    words(kind, UInt16(content.count)) + content
  }

  /// The record that begins a workbook (5) or a sheet (16) of Excel 97 and later.
  static func begin(_ kind: UInt16) -> [UInt8] { record(0x0809, words(0x0600, kind, 0, 0, 0, 0, 0, 0)) }

  static let end = record(0x000A)

  /// The record that names a sheet whose records stand at an offset.
  static func sheet(_ name: String, at offset: Int) -> [UInt8] {
    let letters = Array(name.utf8)
    return record(0x0085, long(UInt32(offset)) + [0, 0, UInt8(letters.count), 0] + letters)
  }

  /// A whole number in a cell; row and column from 0.
  static func number(_ value: Int, row: UInt16, column: UInt16) -> [UInt8] {
    record(0x027E, words(row, column, 0) + long(UInt32(value) << 2 | 0x02))
  }

  /// A compound file ([MS-CFB]) with one stream, `Workbook`, of these records.
  static func file(_ records: [UInt8]) -> [UInt8] {
    // Shorter streams stand elsewhere. Zeros behind the last record are never read.
    let stream = padded(records + Array(repeating: 0, count: max(0, 4096 - records.count)))
    let count = stream.count / 512
    // The stream's sectors, the directory, then the table of sectors.
    let tables = (count + 2 + 127) / 128 + 1
    var table: [UInt32] = (0..<count).map { $0 + 1 < count ? UInt32($0 + 1) : 0xFFFF_FFFE }
    table.append(0xFFFF_FFFE)
    table += Array(repeating: 0xFFFF_FFFD, count: tables)
    table += Array(repeating: 0xFFFF_FFFF, count: tables * 128 - table.count)
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<8, with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])
    header.replaceSubrange(24..<34, with: words(0x3E, 3, 0xFFFE, 9, 6))
    header.replaceSubrange(44..<52, with: long(UInt32(tables)) + long(UInt32(count)))
    header.replaceSubrange(56..<64, with: long(4096) + long(0xFFFF_FFFE))
    header.replaceSubrange(68..<72, with: long(0xFFFF_FFFE))
    for place in 0..<109 {
      let number = place < tables ? UInt32(count + 1 + place) : 0xFFFF_FFFF
      header.replaceSubrange((76 + 4 * place)..<(80 + 4 * place), with: long(number))
    }
    let directory =
      entry("Root Entry", kind: 5, start: 0xFFFF_FFFE, size: 0)
      + entry("Workbook", kind: 2, start: 0, size: UInt32(stream.count))
    return header + stream + padded(directory) + table.flatMap(long)
  }

  private static func entry(_ name: String, kind: UInt8, start: UInt32, size: UInt32) -> [UInt8] {
    var entry = [UInt8](repeating: 0, count: 128)
    let letters = name.utf16.flatMap { words($0) }
    entry.replaceSubrange(0..<letters.count, with: letters)
    entry.replaceSubrange(64..<66, with: words(UInt16(letters.count + 2)))
    entry[66] = kind
    entry.replaceSubrange(116..<124, with: long(start) + long(size))
    return entry
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  private static func words(_ values: UInt16...) -> [UInt8] {
    values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }

  private static func long(_ value: UInt32) -> [UInt8] {
    words(UInt16(value & 0xFFFF), UInt16(value >> 16))
  }
}
