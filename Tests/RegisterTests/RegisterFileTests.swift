import Foundation
import Register
import Testing

@Suite("A register file is text in UTF-8, UTF-16 or GB18030, or says what it is instead")
struct RegisterFileTests {
  /// 设备,车床 in GB18030, and a four-byte character (U+3400 㐀) that GBK has not.
  static let gb18030: [UInt8] = [
    0xC9, 0xE8, 0xB1, 0xB8, 0x2C, 0xB3, 0xB5, 0xB4, 0xB2, 0x2C, 0x81, 0x39, 0xEE, 0x39,
  ]

  static func text(_ bytes: [UInt8]) throws -> String {
    String(decoding: try RegisterFile(name: "equipment.csv", bytes: bytes).text(), as: UTF8.self)
  }

  static func complaint(_ bytes: [UInt8]) -> String? {
    do {
      _ = try RegisterFile(name: "equipment.csv", bytes: bytes).text()
      return nil
    } catch { return error.description }
  }

  @Test("UTF-8 with and without a byte order mark")
  func utf8() throws {
    #expect(try Self.text(Array("设备,lathe".utf8)) == "设备,lathe")
    #expect(try Self.text([0xEF, 0xBB, 0xBF] + Array("设备".utf8)) == "设备")
    #expect(try Self.text([]) == "")
  }

  @Test("GB18030 with and without its own byte order mark")
  func gb18030() throws {
    #expect(try Self.text(Self.gb18030) == "设备,车床,㐀")
    #expect(try Self.text([0x84, 0x31, 0x95, 0x33] + Self.gb18030) == "设备,车床,㐀")
  }

  @Test("UTF-16 with a byte order mark, and without one where zero bytes show it")
  func utf16() throws {
    #expect(try Self.text([0xFF, 0xFE, 0x61, 0x00, 0xBE, 0x8B]) == "a设")
    #expect(try Self.text([0xFE, 0xFF, 0x00, 0x61, 0x8B, 0xBE]) == "a设")
    #expect(try Self.text([0x61, 0x00, 0x00, 0x4E, 0x0A, 0x00]) == "a一\n")
    #expect(try Self.text([0x00, 0x61, 0x4E, 0x00, 0x00, 0x2C]) == "a一,")
    #expect(
      Self.complaint([0xFF, 0xFE, 0x0A, 0x00, 0x00, 0xD8])
        == "equipment.csv:2: this line is not text in UTF-16LE; save the file as 'CSV UTF-8'")
    // Zero bytes on both sides, or control characters, are no text.
    #expect(Self.complaint([0x61, 0x00, 0x00, 0x61])?.contains("a zero byte") == true)
    #expect(Self.complaint([0x01, 0x00, 0x0A, 0x00])?.contains("a zero byte") == true)
    let named = RegisterFile(name: "a.csv", bytes: [0xBE, 0x8B], encoding: .utf16LittleEndian)
    #expect(String(decoding: try named.text(), as: UTF8.self) == "设")
    #expect(
      TextEncoding(name: "UTF-16LE") == .utf16LittleEndian && TextEncoding(name: "utf16be") == .utf16BigEndian
    )
  }

  @Test("bytes that are no text are named by line")
  func illFormed() {
    #expect(
      Self.complaint(Self.gb18030 + [0x0D, 0x0A, 0x61, 0x0A, 0xFF, 0x41])
        == "equipment.csv:3: the bytes FF 41 are neither UTF-8 nor GB18030; save the file as 'CSV UTF-8'")
    #expect(
      Self.complaint([0xEF, 0xBB, 0xBF, 0x61, 0x0A, 0xE8, 0xAE, 0x0A])
        == "equipment.csv:2: the bytes E8 AE 0A are not UTF-8; save the file as 'CSV UTF-8'")
  }

  @Test("UTF-8 with a damaged character is not taken for GB18030")
  func damagedUTF8() {
    var bytes = Array("设备名称\r\n数控车床\r\n磨床\r\n".utf8)
    bytes.remove(at: bytes.count - 3)
    #expect(
      Self.complaint(bytes)
        == "equipment.csv:3: the bytes E5 BA 0D 0A are not UTF-8; save the file as 'CSV UTF-8'")
  }

  @Test(
    "every ill-formed kind of UTF-8 is seen",
    arguments: [
      [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xE8, 0xAE], [0x80],
    ] as [[UInt8]])
  func illFormedSequences(_ sequence: [UInt8]) {
    #expect(Self.complaint([0xEF, 0xBB, 0xBF] + sequence)?.contains("are not UTF-8") == true)
  }

  @Test("other formats are called by their names")
  func otherFormats() {
    let workbook = "equipment.csv: this is a spreadsheet workbook, not CSV; save it as 'CSV UTF-8'"
    #expect(Self.complaint([0x50, 0x4B, 0x03, 0x04, 0x14]) == workbook)
    #expect(Self.complaint([0xD0, 0xCF, 0x11, 0xE0, 0xA1]) == workbook)
    #expect(
      Self.complaint([0x61, 0x0A, 0x62, 0x00])
        == "equipment.csv:2: a zero byte: this is not text in UTF-8 or GB18030; save it as 'CSV UTF-8'")
  }

  /// Text in GB18030, by the system's own converter.
  static func gbk(_ text: String) throws -> [UInt8] {
    let converter = try #require(iconv_open("GB18030", "UTF-8"))
    defer { iconv_close(converter) }
    var source = Array(text.utf8)
    var target = [UInt8](repeating: 0, count: source.count * 2 + 16)
    let produced = source.withUnsafeMutableBytes { source in
      target.withUnsafeMutableBytes { target in
        var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (left, room) = (source.count, target.count)
        return iconv(converter, &from, &left, &to, &room) == -1 ? -1 : target.count - room
      }
    }
    try #require(produced >= 0)
    return Array(target[..<produced])
  }

  @Test(
    "short Chinese words whose GBK bytes are well-formed UTF-8 come out right, under English and Chinese headings",
    arguments: ["equipment_id,category\n", "资产编号,类别\n"], ["压装", "涂装", "模压", "压装,涂装,模压", "猫"])
  func shortWords(_ head: String, _ word: String) throws {
    let file = head + (1...40).map { "E\($0),\(word)\n" }.joined()
    #expect(try Self.text(Self.gbk(file)) == file)
    #expect(try Self.text(Array(file.utf8)) == file)
  }

  @Test(
    "names and units of UTF-8 files stay what they are",
    arguments: ["Bühler", "Škoda lathe", "25°C", "±5 µm", "Ø50", "2 m²", "café №3", "焊接机器人", "镗床 ≥ 3 台"])
  func utf8Names(_ name: String) throws {
    #expect(try Self.text(Array("equipment_id,name\nE1,\(name)\n".utf8)) == "equipment_id,name\nE1,\(name)\n")
  }

  @Test("a file of both encodings is refused by the first line that differs")
  func mixed() throws {
    let utf8 = Array("资产编号,类别\nE1,数控车床\nE2,磨床\n".utf8)
    #expect(
      Self.complaint(utf8 + (try Self.gbk("E3,压装\n")))
        == "equipment.csv:4: this line is GB18030, the rest of the file UTF-8; save the whole file as 'CSV UTF-8', "
        + "or name its encoding with --encoding")
    #expect(
      Self.complaint(try Self.gbk("资产编号,类别\nE1,数控车床\nE2,磨床,冲压,焊接\n") + Array("E3,压装\n".utf8))
        == "equipment.csv:4: this line is UTF-8, the rest of the file GB18030; save the whole file as 'CSV UTF-8', "
        + "or name its encoding with --encoding")
  }

  @Test("a named encoding decides, and what does not fit it is refused")
  func named() throws {
    let bytes = try Self.gbk("类别\n压装\n")
    func read(_ encoding: TextEncoding?) throws -> String {
      String(
        decoding: try RegisterFile(name: "a.csv", bytes: bytes, encoding: encoding).text(), as: UTF8.self)
    }
    #expect(try read(.gb18030) == "类别\n压装\n")
    let error = #expect(throws: RegisterProblem.self) { try read(.utf8) }
    #expect(
      error?.description == "a.csv:1: the bytes C0 E0 B1 F0 are not UTF-8; save the file as 'CSV UTF-8'")
    #expect(error?.chineseDescription == "a.csv 第 1 行：字节 C0 E0 B1 F0 不是 UTF-8 编码；请将文件另存为“CSV UTF-8”")
    #expect(TextEncoding(name: "GBK") == .gb18030 && TextEncoding(name: "UTF8") == .utf8)
  }
}
