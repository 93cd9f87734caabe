import Ledgers
import Register
import Testing

@Suite("Workbooks before Excel 2007 are read as rows")
struct BinaryWorkbookTests {
  @Test(
    "gnumeric: the same ledger for Excel 2003, and for Excel 95 in the code page of Chinese",
    arguments: ["gnumeric.xls", "gnumeric-95.xls"])
  func gnumeric(_ name: String) throws {
    let ledger = try Sample.fixture(name)
    #expect(ledger.format == .xls)
    #expect(ledger.sheets.map(\.name) == ["台账", "选项", "空表"])
    #expect(try Sample.rows(ledger, "台账") == WorkbookTests.ledger)
    #expect(WorkbookTests.numbers(try Sample.merges(ledger, "台账")) == WorkbookTests.merges)
  }

  @Test("xlwt: texts over several records, days that never were, errors, and what is hidden") func xlwt()
    throws
  {
    let ledger = try Sample.fixture("xlwt.xls")
    #expect(ledger.sheets.map(\.isHidden) == [false, true, false])
    let long = "é“x”" + String(repeating: "长", count: 5000)
    #expect(
      try Sample.rows(ledger) == [
        SheetRow(number: 1, cells: [.text("设备台账")]),
        SheetRow(
          number: 2,
          cells: [.text("设备编号"), .text("名称"), .text("投用日期"), .text("资产净值"), .text("是否联网"), .text("备注")]),
        SheetRow(
          number: 3,
          cells: [.text("E001"), .text("数控车床"), .date(2024, 3, 5), .number("12.5"), .truth(true)]),
        SheetRow(
          number: 4,
          cells: [
            .number("123456789012"), .text(long), .date(2024, 3, 5), .number("0.1"), .truth(false),
            .error("#N/A"),
          ]),
        SheetRow(
          number: 5,
          cells: [
            .text("1900-02-29"), .date(1900, 1, 1), .text("1900-01-00"), .number("-4"), .number("2958466"),
            .number("0.5"),
          ]),
        SheetRow(number: 7, cells: [.text("一车间")]),
        SheetRow(number: 8, cells: [.empty, .text("钻床")], isHidden: true),
      ])
    #expect(WorkbookTests.numbers(try Sample.merges(ledger)) == [[1, 1, 1, 6], [7, 9, 1, 1]])
  }

  @Test("Hidden columns are known before the rows", arguments: ["gnumeric.xls", "gnumeric-95.xls"])
  func hiddenColumns(_ name: String) throws {
    var bytes = try Sample.bytes(name)
    func hidden() throws -> [ClosedRange<Int>] {
      let ledger = try LedgerFile.open(bytes: bytes, name: name)
      return try ledger.rows(of: Sample.sheet(ledger, "台账")).hiddenColumns
    }
    #expect(try hidden() == [])
    // The first record COLINFO is that of the ledger's six columns: first, last, width, style and flags.
    let record = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x7D, 0x00, 0x0C, 0x00, 0x00, 0x00, 0x05, 0x00]) })
    bytes[record + 12] |= 0x01
    #expect(try hidden() == [1...6])
    (bytes[record + 4], bytes[record + 6]) = (1, 2)
    #expect(try hidden() == [2...3])
    // Ends before it begins.
    (bytes[record + 4], bytes[record + 6]) = (3, 2)
    #expect(try hidden() == [])
  }

  @Test("A workbook with a password says so, of either format") func password() throws {
    #expect(
      Sample.problem { _ = try Sample.fixture("password.xlsx") } == [
        "password.xlsx: the workbook has a password; open it, remove the password and save it",
        "password.xlsx：工作簿设有打开密码；请打开后取消密码并保存",
      ])
    // The first record after the beginning of the workbook becomes FILEPASS.
    var bytes = try Sample.bytes("xlwt.xls")
    let begin = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x09, 0x08, 0x10, 0x00, 0x00, 0x06]) })
    bytes[begin + 20] = 0x2F
    bytes[begin + 21] = 0x00
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: bytes, name: "a.xls") }.first
        == "a.xls: the workbook has a password; open it, remove the password and save it")
  }

  @Test("A workbook that was cut says so", arguments: ["gnumeric.xls", "xlwt.xls"])
  func cut(_ name: String) throws {
    let bytes = try Sample.bytes(name)
    let found = Sample.problem {
      _ = try Sample.rows(LedgerFile.open(bytes: bytes.dropLast(bytes.count / 2), name: name), "台账")
    }
    #expect(
      found == [
        "\(name): the workbook is damaged or incomplete; copy it again, or open it in Excel or WPS and save it",
        "\(name)：工作簿已损坏或不完整；请重新复制该文件，或用 Excel 或 WPS 打开后另存",
      ])
  }

  /// A workbook whose sheets have one cell each, 1 in A1. Each sheet begins behind the one before, or at its place too.
  private static func workbook(sheets: Int, atOnePlace: Bool = false) -> [UInt8] {
    let content =
      HandMadeBinary.begin(16) + HandMadeBinary.number(1, row: 0, column: 0) + HandMadeBinary.end
    func head(_ first: Int) -> [UInt8] {
      HandMadeBinary.begin(5)
        + (0..<sheets).flatMap {
          HandMadeBinary.sheet("S\($0)", at: first + (atOnePlace ? 0 : $0 * content.count))
        } + HandMadeBinary.end
    }
    let length = head(0).count
    return HandMadeBinary.file(head(length) + (0..<(atOnePlace ? 1 : sheets)).flatMap { _ in content })
  }

  @Test("A workbook has at most a thousand sheets, as one of a newer Excel") func manySheets() throws {
    let ledger = try LedgerFile.open(bytes: Self.workbook(sheets: 1000), name: "a.xls")
    #expect(ledger.sheets.count == 1000)
    #expect(try Sample.rows(ledger, "S999") == [SheetRow(number: 1, cells: [.number("1")])])
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: Self.workbook(sheets: 1001), name: "a.xls") } == [
        "a.xls: the workbook unpacks to far more than a ledger has; copy the ledger's cells to a new workbook and "
          + "save it",
        "a.xls：工作簿解压后的大小远超正常台账；请将台账内容复制到新工作簿后保存",
      ])
  }

  @Test("Sheets do not share their records, which would be read once for each") func sharedRecords() {
    #expect(
      Sample.problem {
        _ = try LedgerFile.open(bytes: Self.workbook(sheets: 2, atOnePlace: true), name: "a.xls")
      } == [
        "a.xls: the workbook is damaged or incomplete; copy it again, or open it in Excel or WPS and save it",
        "a.xls：工作簿已损坏或不完整；请重新复制该文件，或用 Excel 或 WPS 打开后另存",
      ])
    // A sheet without its end does not go on in the next one.
    let content = HandMadeBinary.begin(16) + HandMadeBinary.number(1, row: 0, column: 0)
    func head(_ first: Int) -> [UInt8] {
      HandMadeBinary.begin(5) + HandMadeBinary.sheet("A", at: first)
        + HandMadeBinary.sheet("B", at: first + content.count) + HandMadeBinary.end
    }
    let bytes = HandMadeBinary.file(
      head(head(0).count) + content + content + HandMadeBinary.end + HandMadeBinary.end)
    #expect(
      Sample.problem { _ = try Sample.rows(LedgerFile.open(bytes: bytes, name: "a.xls"), "A") }.first
        == "a.xls: the workbook is damaged or incomplete; copy it again, or open it in Excel or WPS and save it"
    )
  }
}

extension LedgerFile {
  static func open(bytes: ArraySlice<UInt8>, name: String) throws -> LedgerFile {
    try open(bytes: Array(bytes), name: name)
  }
}
