import Ledgers
import Register
import Telemetry
import Testing

@Suite("Forms of sheets that programs write seldom")
struct SheetFormTests {
  static func cells(_ rows: String, strings: [String] = []) throws -> [[SheetCell]] {
    try HandMade(rows: rows, strings: strings).read().map(\.cells)
  }

  static func problem(_ sheet: HandMade) -> [String] { Sample.problem { _ = try sheet.read() } }

  @Test("Cells of every kind, without references and with them") func kinds() throws {
    #expect(
      try Self.cells(
        """
        <row><c><v>1</v></c><c t="n"><v> -2.50 </v></c><c t="b"><v>1</v></c><c t="b"><v>0</v></c>
        <c t="e"><v>#REF!</v></c><c t="str"><v>a &amp; b</v></c><c t="s"><v>0</v></c></row>
        <row r="3" spans='1:2'><c r="C3" s="0"/><c t='inlineStr'><is><t xml:space="preserve"> x </t></is></c></row>
        """, strings: ["一"])
        == [
          [
            .number("1"), .number("-2.50"), .truth(true), .truth(false), .error("#REF!"), .text("a & b"),
            .text("一"),
          ],
          [.empty, .empty, .empty, .text(" x ")],
        ])
  }

  @Test("References out of order, in small letters, and rows without numbers") func references() throws {
    let rows = try HandMade(
      rows: "<row r=\"2\"><c r=\"c2\"><v>3</v></c><c r=\"A2\"><v>1</v></c><c><v>2</v></c></row><row/>"
        + "<row><c r=\"A7\"><v>7</v></c></row><row><c><v>8</v></c></row>"
    ).read()
    #expect(rows.map(\.number) == [2, 7, 8])
    #expect(rows[0].cells == [.number("1"), .number("2"), .number("3")])
  }

  @Test("Fractions of more than 15 digits are shortened, whole numbers and texts are not") func digits()
    throws
  {
    #expect(
      try Self.cells(
        "<row><c><v>45.299999999999997</v></c><c><v>123456789012345678</v></c><c><v>1.5E+3</v></c>"
          + "<c><v>4.2000000000000001E+17</v></c><c t=\"str\"><v>45.299999999999997</v></c></row>") == [
          [
            .number("45.3"), .number("123456789012345678"), .number("1.5E+3"), .number("4.2e+17"),
            .text("45.299999999999997"),
          ]
        ])
  }

  /// The cell of a number with a format.
  private static func cell(_ number: String, _ code: String) throws -> SheetCell {
    let escaped = code.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    let sheet = HandMade(
      rows: "<row><c s=\"1\"><v>\(number)</v></c></row>", formats: [(170, escaped)], styles: [0, 170])
    return try #require(sheet.read().first?.cells.first)
  }

  @Test(
    "A number is a day if its format shows one",
    arguments: [
      ("yyyy\"年\"m\"月\"d\"日\"", true), ("yyyy-mm-dd", true), ("[$-804]yyyy/m/d;@", true),
      ("yyyy/m/d h:mm", true), ("[$-411]ge.m.d", true), ("d-mmm-yy", true),
      ("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", true), ("yyyy\"年\"m\"月\"d\"日\" dddd", true), ("h:mm", false),
      ("[h]:mm:ss", false), ("mm:ss.0", false), ("h:mm AM/PM", false), ("General", false), ("G/通用格式", false),
      ("0.00E+00", false), ("#,##0\"days\"", false), ("0.0\\d", false), ("[Red]0.00", false),
      ("_-* #,##0_d", false), ("0;\"d\"", false), ("\"y", false), ("[", false), ("", false), ("0_ ", false),
    ] as [(String, Bool)])
  func customFormats(_ code: String, _ isDay: Bool) throws {
    #expect(try Self.cell("45356", code) == (isDay ? .date(2024, 3, 5) : .number("45356")))
  }

  @Test(
    "A day whose format does not show the year or the day is what the cell shows",
    arguments: [
      ("yyyy\"年\"m\"月\"", "2024年3月"), ("m\"月\"d\"日\"", "3月5日"), ("m-d", "3-5"), ("m/d", "3/5"),
      ("mm/dd", "03/05"),
      ("mmm-yy", "Mar-24"), ("d-mmm", "5-Mar"), ("yyyy", "2024"), ("dddd", "Tuesday"),
      ("m/d h:mm", "3/5 12:00"),
      ("yyyy!.mm", "2024.03"), ("aaaa", "Tuesday"),
    ])
  func partsOfDays(_ code: String, _ shown: String) throws {
    #expect(try Self.cell("45356.5", code) == .text(shown))
  }

  @Test(
    "A time of day stands behind the day if the format shows it",
    arguments: [
      ("45352.99998842592", "yyyy-mm-dd h:mm:ss", "2024-03-01 23:59:59"),
      ("45352.5", "yyyy/m/d h:mm", "2024-03-01 12:00:00"),
      ("45352.000011574", "yyyy/m/d h:mm", "2024-03-01 00:00:01"),
    ])
  func timesOfDay(_ number: String, _ code: String, _ shown: String) throws {
    #expect(try Self.cell(number, code) == .text(shown))
    #expect(try Self.cell(number, "yyyy/m/d") == .date(2024, 3, 1))
  }

  @Test("Midnight is no time of day, and a moment before it is the next day") func midnight() throws {
    #expect(try Self.cell("45352", "yyyy/m/d h:mm") == .date(2024, 3, 1))
    #expect(try Self.cell("45352.9999999", "yyyy/m/d h:mm") == .date(2024, 3, 2))
    #expect(
      try Self.cells(
        "<row><c t=\"d\"><v>2024-03-01T00:00:00</v></c><c t=\"d\"><v>2024-03-01T23:59:59.000</v></c></row>")
        == [[.date(2024, 3, 1), .text("2024-03-01 23:59:59")]])
  }

  @Test(
    "A whole number with zeros or words beside it keeps both forms",
    arguments: [
      ("12", "00000", "00012"), ("7", "\"SB-\"000", "SB-007"), ("1234", "000", "1234"),
      ("1234567", "000-0000", "123-4567"),
      ("12345678", "000-0000", "1234-5678"), ("3", "General\"台\"", "3台"), ("3", "\\A0", "A3"),
      ("5", "#00", "05"),
      ("7", "0\"号\";-0", "7号"), ("7", "G/通用格式\"号\"", "7号"), ("7", "!A00", "A07"),
    ])
  func digitFormats(_ number: String, _ code: String, _ shown: String) throws {
    let cell = try Self.cell(number, code)
    #expect(cell == (shown == number ? .number(number) : .formatted(digits: number, shown: shown)))
  }

  @Test(
    "Other numbers are as they stand",
    arguments: [
      ("1.5", "000"), ("-7", "000"), ("12345", "#,##0"), ("12", "0.00"), ("7", "0%"), ("7", "# ?/?"),
      ("7", "@"), ("7", "0_)"),
    ])
  func plainNumbers(_ number: String, _ code: String) throws {
    #expect(try Self.cell(number, code) == .number(number))
  }

  @Test("A format of endless zeros is cut") func longFormat() throws {
    let cell = try Self.cell("7", String(repeating: "0", count: 100_000))
    #expect(cell == .formatted(digits: "7", shown: String(repeating: "0", count: 254) + "7"))
  }

  @Test("The built-in formats of days, among them those of Chinese") func builtInFormats() throws {
    let parts = [16: "5-Mar", 17: "Mar-24"]
    for id in 0...80 {
      let sheet = HandMade(rows: "<row><c s=\"0\"><v>45356</v></c></row>", styles: [id])
      let expected: SheetCell =
        switch id {
        case 14, 15, 22, 30, 31: .date(2024, 3, 5)
        case 16, 17: .text(parts[id] ?? "")
        case 27, 36, 50, 52, 57: .text("2024年3月")
        case 28, 29, 51, 53, 54, 58: .text("3月5日")
        default: .number("45356")
        }
      #expect(try sheet.read()[0].cells == [expected], "format \(id)")
    }
  }

  @Test("Day numbers of both systems, with the days that never were") func dayNumbers() throws {
    let numbers = ["0", "0.5", "1", "59", "60", "61", "45356.99", "2958465", "2958466", "-1"]
    var sheet = HandMade(
      rows: "<row>" + numbers.map { "<c s=\"0\"><v>\($0)</v></c>" }.joined() + "</row>", styles: [14])
    #expect(
      try sheet.read()[0].cells == [
        .text("1900-01-00"), .text("1900-01-00"), .date(1900, 1, 1), .date(1900, 2, 28), .text("1900-02-29"),
        .date(1900, 3, 1), .date(2024, 3, 5), .date(9999, 12, 31), .number("2958466"), .number("-1"),
      ])
    sheet.is1904 = true
    #expect(
      try sheet.read()[0].cells == [
        .date(1904, 1, 1), .date(1904, 1, 1), .date(1904, 1, 2), .date(1904, 2, 29), .date(1904, 3, 1),
        .date(1904, 3, 2), .date(2028, 3, 6), .number("2958465"), .number("2958466"), .number("-1"),
      ])
  }

  @Test(
    "Damaged cells are named with row, column and remedy",
    arguments: [
      ("<row r=\"5\"/><row r=\"5\"/>", ":S:row 5: row 5 stands after row 5; "),
      ("<row r=\"5\"><c r=\"B4\"/></row>", ":S:B5: a cell of row 4 stands in row 5; "),
      (
        "<row><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row>",
        ":S:A1: the cell is there twice; "
      ),
      ("<row><c><v>1x</v></c></row>", ":S:A1: the cell has the damaged value '1x'; "),
      ("<row><c t=\"s\"><v>7</v></c></row>", ":S:A1: the cell has the damaged value '7'; "),
      ("<row><c t=\"b\"><v>2</v></c></row>", ":S:A1: the cell has the damaged value '2'; "),
      ("<row><c r=\"A0\"/></row>", ":S:row 1: a cell has a damaged reference or kind; "),
      ("<row><c t=\"x\"/></row>", ":S:row 1: a cell has a damaged reference or kind; "),
      ("<row r=\"1048577\"/>", ": a sheet has at most 1048576 rows and 16384 columns; "),
      ("<row><c r=\"XFE1\"/></row>", ": a sheet has at most 1048576 rows and 16384 columns; "),
      ("<row><c><v>1</v></c>", ": the part 'xl/worksheets/sheet1.xml' of the workbook is damaged; "),
      ("<row><c><v>1</v><!--", ": the part 'xl/worksheets/sheet1.xml' of the workbook is damaged; "),
    ])
  func damaged(_ rows: String, _ expected: String) throws {
    let sheet = HandMade(rows: rows)
    let ledger = try LedgerFile.open(bytes: sheet.bytes, name: "a.xlsx")
    for usesExpat in [false, true] {
      let found = Sample.problem { _ = try Sample.rows(ledger, "S", usesExpat: usesExpat) }.first ?? ""
      #expect(found.contains(expected) && found.hasPrefix("a.xlsx:"), "\(found)")
      #expect(
        found.hasSuffix("open the file in Excel or WPS and save it")
          || found.hasSuffix("; open it in Excel or WPS and save it"))
    }
  }

  @Test("After a damaged row the sheet ends") func ends() throws {
    let ledger = try LedgerFile.open(
      bytes: HandMade(rows: "<row><c><v>1</v></c></row><row><c><v>x</v></c></row><row><c><v>3</v></c></row>")
        .bytes,
      name: "a.xlsx")
    var rows = try ledger.rows(of: ledger.sheets[0])
    #expect(try rows.next()?.cells == [.number("1")])
    #expect(throws: RegisterProblem.self) { try rows.next() }
    #expect(try rows.next() == nil)
  }

  @Test("A document type is refused, so that no entity is ever expanded") func entities() {
    let sheet = HandMade(
      rows: "<row><c t=\"str\"><v>&b;</v></c></row>",
      head: "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>")
    #expect(
      Self.problem(sheet) == [
        "a.xlsx: the part 'xl/worksheets/sheet1.xml' of the workbook is damaged (a document type declaration); "
          + "open it in Excel or WPS and save it",
        "a.xlsx：工作簿的部件“xl/worksheets/sheet1.xml”已损坏（含有文档类型声明）；请用 Excel 或 WPS 打开后另存",
      ])
  }

  @Test("Elements nested without end and tags without end are refused") func endless() {
    let deep = HandMade(tail: String(repeating: "<a>", count: 300))
    #expect(Self.problem(deep).first?.contains("(elements are nested too deep)") == true)
    let long = HandMade(tail: "<a b=\"" + String(repeating: "x", count: 3 << 20) + "\"/>")
    #expect(Self.problem(long).first?.contains("(a tag is too long)") == true)
  }

  @Test("More merged cells than a ledger has are a problem of the next row") func merges() throws {
    let sheet = HandMade(
      rows: "<row><c><v>1</v></c></row>",
      tail: "<mergeCells>" + String(repeating: "<mergeCell ref=\"A1:A2\"/>", count: 100_001) + "</mergeCells>"
    )
    let ledger = try LedgerFile.open(bytes: sheet.bytes, name: "a.xlsx")
    var rows = try ledger.rows(of: ledger.sheets[0])
    #expect(rows.merges.isEmpty)
    let error = #expect(throws: RegisterProblem.self) { try rows.next() }
    #expect(
      error?.message == "a sheet has more than 100000 merged cells; copy the ledger's cells to a new workbook"
    )
  }

  @Test("Plain rows with every unusual thing between them: expat goes on where the scanner stops")
  func handOver() throws {
    let plain = (1...40).map { "<row r=\"\($0)\"><c r=\"A\($0)\" t=\"str\"><v>行\($0)</v></c></row>" }
    let rows = try HandMade(
      rows: plain[..<20].joined() + "<!-- </row> -->" + plain[20..<30].joined() + "<x><y/></x>"
        + plain[30...].joined()
        + "<row r=\"41\"><c t=\"str\"><v>a&#x4E00;<![CDATA[<&]]></v><extLst/></c></row>"
    ).read()
    #expect(rows.map(\.number) == Array(1...41))
    #expect(rows[39].cells == [.text("行40")] && rows[40].cells == [.text("a一<&")])
  }

  @Test("Rows longer than the buffer, and many of them") func longRows() throws {
    let text = String(repeating: "长", count: 30_000)
    let row = { (number: Int) in
      "<row r=\"\(number)\">" + String(repeating: "<c t=\"str\"><v>\(text)</v></c>", count: 6) + "</row>"
    }
    let rows = try HandMade(rows: (1...5).map(row).joined()).read()
    #expect(rows.map(\.number) == [1, 2, 3, 4, 5])
    #expect(rows.allSatisfy { $0.cells == Array(repeating: .text(text), count: 6) })
  }

  @Test("Hidden columns are known before the rows; damaged elements hide nothing") func hiddenColumns() throws
  {
    var sheet = HandMade(rows: "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")
    func hidden() throws -> [ClosedRange<Int>] {
      let ledger = try LedgerFile.open(bytes: sheet.bytes, name: "a.xlsx")
      return try ledger.rows(of: ledger.sheets[0]).hiddenColumns
    }
    #expect(try hidden() == [])
    sheet.columns = """
      <cols><col min="1" max="1" width="9"/><col min="2" max="3" hidden="1"/><col min="5" max="5" hidden="true"/>
      <col min="7" max="7" hidden="0"/><col min="16384" max="16384" hidden="1"/></cols>
      """
    #expect(try hidden() == [2...3, 5...5, 16384...16384])
    #expect(try sheet.read().map(\.cells) == [[.number("1")]])
    sheet.columns = """
      <cols><col min="3" max="2" hidden="1"/><col min="0" max="2" hidden="1"/><col max="2" hidden="1"/>
      <col min="x" max="2" hidden="1"/><col min="1" max="16385" hidden="1"/>
      <col min="1" max="99999999999999999999" hidden="1"/></cols>
      """
    #expect(try hidden() == [])
  }

  @Test("Rows with a cell in the last column are read a few at a time, and none is lost") func wideRows()
    throws
  {
    // A comment lets expat read the rows: 40 of them, in one piece, hold more cells than may wait.
    let rows = try HandMade(
      rows: "<!-- x -->"
        + (1...40).map { "<row r=\"\($0)\"><c r=\"XFD\($0)\"><v>\($0)</v></c></row>" }.joined()
    ).read()
    #expect(rows.map(\.number) == Array(1...40))
    #expect(rows.map { $0.cells.last } == (1...40).map { .number("\($0)") })
    #expect(rows.allSatisfy { $0.cells.count == 16_384 })
  }

  @Test("A cell with a text longer than a spreadsheet allows is refused, in its place or shared")
  func longText() {
    let long = String(repeating: "x", count: 1 << 20)
    let own = HandMade(rows: "<row><c t=\"inlineStr\"><is><t>\(long)x</t></is></c></row>")
    var shared = HandMade(rows: "<row><c t=\"s\"><v>0</v></c></row>")
    shared.strings = [long + "x"]
    let problem = [
      "a.xlsx:S:A1: the cell's value is too long; shorten it", "a.xlsx 工作表“S”A1：单元格内容过长；请缩短",
    ]
    #expect(Self.problem(own) == problem)
    #expect(Self.problem(shared) == problem)
    shared.strings = [long]
    #expect(Self.problem(shared) == [])
    // Each of the cells is as long as one may be, and together they are more than a row may have.
    shared.rows = "<row>" + String(repeating: "<c t=\"s\"><v>0</v></c>", count: 65) + "</row>"
    #expect(
      Self.problem(shared).first
        == "a.xlsx: the workbook unpacks to far more than a ledger has; copy the ledger's cells to a new workbook and "
        + "save it")
  }

  @Test("More shared texts than a ledger has are refused, though they are empty") func manyTexts() throws {
    let bytes = HandMade(strings: ["", "", "x"]).bytes
    let archive = try ZipArchive(bytes: bytes, file: "a.xlsx")
    var texts = try SharedStrings("xl/sharedStrings.xml", of: archive, mostTexts: 3).texts
    #expect(texts.cell(2) == .text("x"))
    #expect(
      Sample.problem {
        _ = try SharedStrings("xl/sharedStrings.xml", of: archive, mostTexts: 2)
      } == [
        "a.xlsx: the workbook unpacks to far more than a ledger has; copy the ledger's cells to a new workbook and "
          + "save it",
        "a.xlsx：工作簿解压后的大小远超正常台账；请将台账内容复制到新工作簿后保存",
      ])
  }
}
