import Ledgers
import Register
import Testing

@Suite("Workbooks of other programs are read as rows")
struct WorkbookTests {
  /// What Fixtures/make.py writes to the sheet 台账, for programs that keep numbers as binary numbers.
  static let ledger: [SheetRow] = [
    SheetRow(number: 1, cells: [.text("设备台账")]),
    SheetRow(
      number: 3,
      cells: [
        .text("设备编号*"), .text("名称"), .text("投用日期"), .text("资产净值（万元）"), .text("是否联网"), .text("备注"),
      ]),
    SheetRow(
      number: 4,
      cells: [.text("E001"), .text("数控车床"), .date(2024, 3, 5), .number("45.3"), .truth(true), .text("无")]),
    SheetRow(
      number: 5,
      cells: [
        .text("E002"), .text("加工中心 & <铣>"), .text("2024-03-05 13:30:00"), .number("0.3"), .truth(false),
        .error("#N/A"),
      ]),
    SheetRow(
      number: 6,
      cells: [
        .text("E003"), .empty, .date(2024, 3, 5), .number("1.234567890123457e+17"), .text("√"),
        .number("1e+21"),
      ]),
    SheetRow(number: 8, cells: [.text("一车间")]),
    SheetRow(number: 9, cells: [.empty, .text("钻床")], isHidden: true),
    SheetRow(number: 11, cells: [.empty, .empty, .empty, .empty, .number("0.5"), .text(" 两端有空格 ")]),
  ]

  static let merges: Set<[Int]> = [[1, 1, 1, 6], [8, 10, 1, 1]]

  static func numbers(_ merges: [SheetMerge]) -> Set<[Int]> {
    Set(
      merges.map { [$0.rows.lowerBound, $0.rows.upperBound, $0.columns.lowerBound, $0.columns.upperBound] })
  }

  @Test("openpyxl: dates, numbers, truths, errors, merged cells, and what is hidden") func openpyxl() throws {
    let ledger = try Sample.fixture("openpyxl.xlsx")
    #expect(ledger.format == .xlsx && ledger.text == nil)
    #expect(ledger.sheets.map(\.name) == ["台账", "选项", "空表"])
    #expect(ledger.sheets.map(\.isHidden) == [false, true, false])
    #expect(try Sample.rows(ledger) == Self.ledger)
    #expect(try Sample.rows(ledger, "选项") == [SheetRow(number: 1, cells: [.text("自动")])])
    #expect(try Sample.rows(ledger, "空表") == [])
    #expect(Self.numbers(try Sample.merges(ledger)) == Self.merges)
  }

  @Test("Merged cells are the same before and after the rows") func mergesAfterRows() throws {
    let ledger = try Sample.fixture("openpyxl.xlsx")
    var rows = try ledger.rows(of: Sample.sheet(ledger))
    while try rows.next() != nil {}
    #expect(Self.numbers(rows.merges) == Self.merges)
  }

  @Test("gnumeric: the same ledger in its own form") func gnumeric() throws {
    let ledger = try Sample.fixture("gnumeric.xlsx")
    var expected = Self.ledger
    // It writes 15 digits of a binary number.
    expected[4].cells[3] = .number("123456789012345700")
    #expect(try Sample.rows(ledger, "台账") == expected)
    #expect(Self.numbers(try Sample.merges(ledger, "台账")) == Self.merges)
  }

  @Test("openpyxl writing a stream: texts in their cells, with references to characters") func streamed()
    throws
  {
    let ledger = try Sample.fixture("openpyxl-streamed.xlsx")
    #expect(ledger.sheets.map(\.name) == ["Sheet & 1"])
    #expect(
      try Sample.rows(ledger) == [
        SheetRow(number: 1, cells: [.text("equipment_id"), .text("name")]),
        SheetRow(number: 2, cells: [.text("E1"), .text("lathe <big>\nsecond line")]),
        SheetRow(number: 3, cells: [.empty, .empty, .text("third")]),
      ])
  }

  @Test("XlsxWriter: runs of several formats, results of formulas, days from 1904, the last row and column")
  func xlsxWriter() throws {
    let rows = try Sample.rows(Sample.fixture("xlsxwriter.xlsx"))
    #expect(rows.map(\.number) == [1, 2, 1_048_576])
    #expect(
      rows[0].cells == [
        .text("数控车床"), .date(2024, 3, 5), .number("2"), .text("ab"), .error("#DIV/0!"), .truth(true),
      ])
    #expect(
      rows[1].cells.prefix(4) == [.text("a\rb_x0041_c"), .date(1904, 1, 1), .empty, .number("-1.5E-07")])
    #expect(rows[1].cells.count == 16_384 && rows[1].cells.last == .text("last column"))
    #expect(rows[2].cells == [.text("last row")])
  }

  @Test("A strict workbook with prefixes, comments, readings, and without references") func strict() throws {
    let ledger = try Sample.fixture("strict.xlsx")
    #expect(ledger.sheets.map(\.name) == ["表"])
    #expect(
      try Sample.rows(ledger) == [
        SheetRow(number: 1, cells: [.text("设备编号"), .text(" a\nb_x0041_ "), .date(2024, 3, 5)]),
        SheetRow(number: 4, cells: [.number("1"), .text("数 控"), .number("3")]),
        SheetRow(number: 5, cells: [.text("<a>一")]),
      ])
    #expect(Self.numbers(try Sample.merges(ledger)) == [[5, 7, 1, 2]])
  }

  @Test(
    "The scanner of plain rows and expat read the same rows",
    arguments: ["openpyxl.xlsx", "openpyxl-streamed.xlsx", "xlsxwriter.xlsx", "gnumeric.xlsx", "strict.xlsx"])
  func bothReaders(_ name: String) throws {
    let ledger = try Sample.fixture(name)
    for sheet in ledger.sheets {
      let rows = try Sample.rows(ledger, sheet.name)
      #expect(rows == (try Sample.rows(ledger, sheet.name, usesExpat: true)))
    }
  }

  @Test("A formula without a result is a cell of its own kind, after which reading goes on") func formula()
    throws
  {
    let ledger = try Sample.fixture("openpyxl-formula.xlsx")
    let rows = [
      SheetRow(number: 1, cells: [.text("数量"), .text("合计")]),
      SheetRow(number: 2, cells: [.number("2"), .unknownResult]),
    ]
    #expect(try Sample.rows(ledger) == rows)
    #expect(try Sample.rows(ledger, nil, usesExpat: true) == rows)
  }

  @Test("Several sheets are read by their names") func several() throws {
    let ledger = try Sample.fixture("openpyxl-several.xlsx")
    #expect(ledger.sheets.map(\.name) == ["一月", "二月"])
    #expect(try Sample.rows(ledger) == [SheetRow(number: 1, cells: [.text("E1")])])
    #expect(try Sample.rows(ledger, "二月") == [SheetRow(number: 1, cells: [.text("E2")])])
  }

  @Test("Bytes in memory are read as the file is") func inMemory() throws {
    let ledger = try LedgerFile.open(bytes: Sample.bytes("openpyxl.xlsx"), name: "a")
    #expect(try Sample.rows(ledger) == Self.ledger)
  }
}
