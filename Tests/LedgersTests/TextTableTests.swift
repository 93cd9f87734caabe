import Foundation
import Ledgers
import Register
import Testing

@Suite("Tables in text are read as rows, whatever separates their cells and encodes their characters")
struct TextTableTests {
  static let rows: [SheetRow] = [
    SheetRow(number: 1, cells: [.text("设备编号"), .text("名称"), .text("备注")]),
    SheetRow(number: 2, cells: [.text("E001"), .text(" 数控车床"), .text("一行\n又一行")]),
    SheetRow(number: 5, shownRow: 4, cells: [.text("E002"), .empty, .text("a\"b")]),
  ]

  static func table(_ separator: String) -> String {
    ["设备编号,名称,备注", "E001, 数控车床,\"一行\n又一行\"", ",,", "E002,,\"a\"\"b\""].joined(separator: "\n")
      .replacing(",", with: separator) + "\n"
  }

  static func utf16(_ text: String, isLittle: Bool, hasMark: Bool) -> [UInt8] {
    ((hasMark ? [0xFEFF] : []) + text.utf16).flatMap { unit in
      isLittle ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
    }
  }

  @Test("Comma, semicolon and tab", arguments: [(",", Separator.comma), (";", .semicolon), ("\t", .tab)])
  func separators(_ character: String, _ separator: Separator) throws {
    let ledger = try LedgerFile.open(bytes: Array(Self.table(character).utf8), name: "台账")
    #expect(ledger.format == .text)
    #expect(ledger.text?.encoding == .utf8)
    #expect(ledger.text?.separator == separator && ledger.text?.separatorSource == .rows)
    #expect(ledger.sheets.map(\.name) == [""])
    #expect(try Sample.rows(ledger) == Self.rows)
  }

  @Test("A line sep= decides, is passed, and counts as a line", arguments: ["sep=;\r\n", "\"SEP=;\"\n"])
  func separatorLine(_ line: String) throws {
    let ledger = try LedgerFile.open(bytes: Array((line + "a;b,c,d\n1;2,3,4\n").utf8), name: "a.csv")
    #expect(ledger.text?.separator == .semicolon && ledger.text?.separatorSource == .line)
    #expect(
      try Sample.rows(ledger) == [
        SheetRow(number: 2, shownRow: 1, cells: [.text("a"), .text("b,c,d")]),
        SheetRow(number: 3, shownRow: 2, cells: [.text("1"), .text("2,3,4")]),
      ])
    #expect(
      Sample.problem { _ = try Sample.rows(text: Array("sep=|\na|b\n".utf8), name: "a.csv") }.first
        == "a.csv: line 1 names a separator that is none of comma, semicolon and tab; save the file as 'CSV UTF-8'"
    )
  }

  /// The result of reading a text with the factory in a cell: the keys, or the problems in both languages.
  private static func register(_ text: String, cell: String) throws -> [String] {
    let file = try LedgerFile.open(bytes: Array(text.utf8), name: "a.csv")
    let sheet = try Sample.sheet(file)
    let source = LedgerSource { () throws(RegisterProblem) in
      Ledger(name: file.name, english: "text", chinese: "文本", sheets: [""]) { (_) throws(RegisterProblem) in
        try file.rows(of: sheet)
      }
    }
    do throws(RegisterProblems) {
      return try RegisterRows.read(
        ledgers: [source], factories: nil, registered: [RegisteredFactory(id: "F001")],
        options: LedgerOptions(factorySource: FactorySource(cell))
      ).equipment.map(\.key.description)
    } catch {
      return error.lines() + error.lines(inChinese: true)
    }
  }

  @Test(
    "The cell of the factory is the one that a spreadsheet shows: sep= is no row, a text of two lines is one")
  func factoryCell() throws {
    let text = "sep=;\n企业：;F001\n\n\"设备台账\n（2024年）\";F009\n资产编号;设备名称\nE1;车床\n"
    #expect(try Self.register(text, cell: "cell:B1") == ["F001/E1"])
    #expect(
      try Self.register(text, cell: "cell:B3") == [
        "a.csv:4:column 2: 'F009' is neither the id nor the exact name of a factory in the register; name its file "
          + "with --factories (did you mean 'F001'?)",
        "a.csv 第 4 行第 2 列：“F009”作为企业编号或完整名称均未见于台账；请用 --factories 指明企业文件（是否应为“F001”？）",
      ])
    #expect(
      try Self.register(text, cell: "cell:B2") == [
        "a.csv:3:column 2: the factory is missing: --factory-from names a cell above the headings, which are in row 4",
        "a.csv 第 3 行第 2 列：缺少企业：--factory-from 应指明表头（第 4 行）以上有内容的单元格",
      ])
    #expect(try Self.register("企业：;F001\n资产编号;设备名称\nE1;车床\n", cell: "cell:B1") == ["F001/E1"])
  }

  @Test("Commas in texts of a table separated by semicolons do not decide") func commasInTexts() throws {
    let ledger = try LedgerFile.open(
      bytes: Array("台账\n编号;净值;备注\nE1;1,5;a,b\nE2;2,5;c\nE3;3;d, e, f\n".utf8), name: "a.csv")
    #expect(ledger.text?.separator == .semicolon)
  }

  @Test("A real doubt names both separators; --separator decides") func doubt() throws {
    let text = Array("a;b,c\n1;2,3\n".utf8)
    #expect(
      Sample.problem { _ = try Sample.rows(text: text, name: "a.csv") } == [
        "a.csv: the cells may be separated by comma or by semicolon; "
          + "name one with --separator comma or --separator semicolon",
        "a.csv：无法判断单元格以逗号还是分号分隔；请用 --separator comma 或 --separator semicolon 指明",
      ])
    #expect(try Sample.rows(text: text, nil, .comma)[0].cells == [.text("a;b"), .text("c")])
    #expect(try Sample.rows(text: text, nil, .semicolon)[0].cells == [.text("a"), .text("b,c")])
  }

  @Test("One column has no separator; wide separators are refused") func oneColumn() throws {
    let ledger = try LedgerFile.open(bytes: Array("编号\nE1\nE2\n".utf8), name: "a.csv")
    #expect(ledger.text?.separatorSource == .oneColumn)
    #expect(try Sample.rows(ledger).count == 3)
    #expect(
      Sample.problem { _ = try Sample.rows(text: Array("编号，名称，备注\n".utf8), name: "a.csv") } == [
        "a.csv: the cells are separated by wide commas; save the file as CSV separated by commas",
        "a.csv：单元格以全角逗号分隔；请另存为以英文逗号分隔的 CSV 文件",
      ])
  }

  @Test("UTF-16 with a mark and without, in both orders of bytes") func utf16() throws {
    for isLittle in [true, false] {
      for hasMark in [true, false] {
        let bytes = Self.utf16(Self.table("\t"), isLittle: isLittle, hasMark: hasMark)
        let ledger = try LedgerFile.open(bytes: bytes, name: "a.txt")
        #expect(ledger.text?.encoding == (isLittle ? .utf16LittleEndian : .utf16BigEndian))
        #expect(ledger.text?.separator == .tab)
        #expect(try Sample.rows(ledger) == Self.rows)
      }
    }
    #expect(
      try Sample.rows(text: Self.utf16("编号\t😀\r\n", isLittle: true, hasMark: true))[0].cells == [
        .text("编号"), .text("😀"),
      ])
  }

  @Test("Half a character of UTF-16 is named by its line") func damagedUTF16() throws {
    var bytes = Self.utf16("a\r\nb\r\nc", isLittle: true, hasMark: true)
    bytes.append(0x61)
    #expect(
      Sample.problem { _ = try Sample.rows(text: bytes, name: "a.csv") } == [
        "a.csv:3: this line is not text in UTF-16LE; save the file as 'CSV UTF-8'",
        "a.csv 第 3 行：本行不是 UTF-16LE 编码的文本；请将文件另存为“CSV UTF-8”",
      ])
    let half: [UInt8] = [0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x61]
    #expect(
      Sample.problem { _ = try Sample.rows(text: half, name: "a.csv") }.first?.contains("UTF-16BE") == true)
    #expect(
      Sample.problem { _ = try Sample.rows(text: half, name: "a.csv", .utf8) }.first
        == "a.csv: the file begins with the mark of UTF-16BE; leave out --encoding utf-8")
  }

  @Test("GB18030 with quoted line ends; its encoding is told") func gb18030() throws {
    // 编号,名称 / E1,"车床 / 磨床"
    let bytes: [UInt8] =
      [0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0xC3, 0xFB, 0xB3, 0xC6, 0x0D, 0x0A, 0x45, 0x31, 0x2C, 0x22]
      + [0xB3, 0xB5, 0xB4, 0xB2, 0x0A, 0xC4, 0xA5, 0xB4, 0xB2, 0x22, 0x0D, 0x0A]
    let ledger = try LedgerFile.open(bytes: bytes, name: "a.csv")
    #expect(ledger.text?.encoding == .gb18030)
    #expect(
      try Sample.rows(ledger) == [
        SheetRow(number: 1, cells: [.text("编号"), .text("名称")]),
        SheetRow(number: 2, cells: [.text("E1"), .text("车床\n磨床")]),
      ])
  }

  @Test("Each problem of form is thrown, and reading goes on after the row") func form() throws {
    let ledger = try LedgerFile.open(bytes: Array("a,b\n1\"2,3\"4\n5,6\n".utf8), name: "a.csv")
    var rows = try ledger.rows(of: Sample.sheet(ledger))
    #expect(try rows.next()?.number == 1)
    for column in [1, 2] {
      let problem = #expect(throws: RegisterProblem.self) { try rows.next() }
      #expect(problem?.line == 2 && problem?.column?.number == column)
    }
    #expect(try rows.next() == SheetRow(number: 3, cells: [.text("5"), .text("6")]))
    #expect(try rows.next() == nil)
  }
}
