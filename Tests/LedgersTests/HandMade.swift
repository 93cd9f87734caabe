import Ledgers
import Register

/// Workbooks made of their parts, for forms that no program writes.
struct HandMade {
  /// What stands in the element `sheetData`.
  var rows = ""
  /// What stands before it in the root element.
  var columns = ""
  /// What stands after it.
  var tail = ""
  /// What stands before the root element of the sheet.
  var head = ""
  /// Elements `numFmt`, and ids of formats by the number of the style.
  var formats: [(id: Int, code: String)] = []
  var styles: [Int] = []
  var strings: [String] = []
  var is1904 = false

  private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  private static let package = "http://schemas.openxmlformats.org/package/2006/relationships"

  /// The workbook's bytes.
  var bytes: [UInt8] {
    let targets = [
      ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"),
      ("styles", "styles.xml"),
    ].enumerated().map { "<Relationship Id=\"r\($0)\" Type=\"\(Self.office)/\($1.0)\" Target=\"\($1.1)\"/>" }
    let codes = formats.map { "<numFmt numFmtId=\"\($0.id)\" formatCode=\"\($0.code)\"/>" }.joined()
    let cells = styles.map { "<xf numFmtId=\"\($0)\"/>" }.joined()
    return StoredArchive.bytes([
      (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"\(Self.package)\">\(targets.joined())</Relationships>"
      ),
      (
        "xl/workbook.xml",
        "<workbook xmlns=\"\(Self.main)\" xmlns:r=\"\(Self.office)\"><workbookPr date1904=\"\(is1904)\"/>"
          + "<sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r0\"/></sheets></workbook>"
      ),
      ("xl/styles.xml", "<styleSheet><numFmts>\(codes)</numFmts><cellXfs>\(cells)</cellXfs></styleSheet>"),
      ("xl/sharedStrings.xml", "<sst>" + strings.map { "<si><t>\($0)</t></si>" }.joined() + "</sst>"),
      (
        "xl/worksheets/sheet1.xml",
        head + "<worksheet xmlns=\"\(Self.main)\">\(columns)<sheetData>\(rows)</sheetData>\(tail)</worksheet>"
      ),
    ])
  }

  /// The cells of its rows by the scanner of plain rows; if expat can read them, both must read the same.
  func read() throws -> [SheetRow] {
    let ledger = try LedgerFile.open(bytes: bytes, name: "a.xlsx")
    let rows = Result { try Sample.rows(ledger, "S") }
    let others = try Sample.rows(ledger, "S", usesExpat: true)
    guard case .success(let found) = rows, found == others else {
      throw Difference(rows: rows, others: others)
    }
    return others
  }

  struct Difference: Error {
    let rows: Result<[SheetRow], any Error>
    let others: [SheetRow]
  }
}

/// A zip archive whose entries are not packed.
enum StoredArchive {
  static func bytes(_ entries: [(name: String, text: String)]) -> [UInt8] {
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, text) in entries {
      let (path, content) = (Array(name.utf8), Array(text.utf8))
      // Version, flags, method, time and day; then check sum, sizes and lengths of name and extra field.
      let common =
        words(20, 0, 0, 0, 0x21) + long(checkSum(content)) + long(UInt32(content.count))
        + long(UInt32(content.count)) + words(UInt16(path.count), 0)
      directory +=
        [0x50, 0x4B, 0x01, 0x02] + words(20) + common + words(0, 0, 0) + long(0) + long(UInt32(archive.count))
        + path
      archive += [0x50, 0x4B, 0x03, 0x04] + common + path + content
    }
    let end =
      [0x50, 0x4B, 0x05, 0x06] + words(0, 0, UInt16(entries.count), UInt16(entries.count))
      + long(UInt32(directory.count)) + long(UInt32(archive.count)) + words(0)
    return archive + directory + end
  }

  private static func words(_ values: UInt16...) -> [UInt8] {
    values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
  }

  private static func long(_ value: UInt32) -> [UInt8] {
    words(UInt16(value & 0xFFFF), UInt16(value >> 16))
  }

  private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xEDB8_8320 }
    }
    return ~sum
  }
}
