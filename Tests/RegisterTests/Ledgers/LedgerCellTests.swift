import Register
import Telemetry
import Testing

@Suite("Cells of ledgers are read by rules that are said, or refused with a remedy") struct LedgerCellTests {
  /// A ledger with one row, whose third column has a cell.
  private static func desk(_ heading: String, _ cell: SheetCell) -> Desk {
    Desk([["资产编号", "企业编号", .text(heading)], ["E1", "F001", cell]])
  }

  /// A ledger with one row, whose id is a cell.
  private static func id(_ cell: SheetCell) -> Desk { Desk([["资产编号", "企业编号"], [cell, "F001"]]) }

  @Test(
    "dates in other forms",
    arguments: [
      ("2024年3月5日", "2024-03-05", "dates written in another form", "其他写法的日期"),
      ("2024 年 3 月 5 号", "2024-03-05", "dates written in another form", "其他写法的日期"),
      ("2024.3.5", "2024-03-05", "dates written in another form", "其他写法的日期"),
      ("20240305", "2024-03-05", "dates written in another form", "其他写法的日期"),
      ("45356", "2024-03-05", "numbers of days are read as dates", "日期序列号读作日期"),
      ("2024/3/5 0:00", "2024-03-05", "times of day are left out", "舍去时刻"),
      ("2024-03-05 08:30:00", "2024-03-05", "times of day are left out", "舍去时刻"),
    ])
  func dates(_ cell: String, _ day: String, _ english: String, _ chinese: String) throws {
    let desk = Self.desk("投用日期", .text(cell))
    #expect(try desk.read().equipment.map { $0.commissionedOn?.description } == [day])
    #expect(
      try desk.rules() == [
        "投用日期 (column C): \(english): 1 row, first C2: '\(cell)' → '\(day)'",
        "“投用日期”（C 列）：\(chinese)，共 1 行，首见于 C2：“\(cell)”→“\(day)”",
      ])
  }

  @Test("date cells need no rule; day numbers and eight digits may be number cells") func dateCells() throws {
    let day = try #require(CalendarDay("2024-03-05"))
    #expect(try Self.desk("投用日期", .day(day)).read().equipment.map(\.commissionedOn) == [day])
    #expect(try Self.desk("投用日期", .day(day)).rules() == [])
    for number in ["45356", "45356.0", "20240305"] {
      #expect(try Self.desk("投用日期", .number(number)).read().equipment.map(\.commissionedOn) == [day])
    }
  }

  @Test(
    "dates that are refused",
    arguments: [
      (
        "3/5/2024", "'3/5/2024' may be 2024-03-05 or 2024-05-03; write the year first",
        "“3/5/2024”可能是 2024-03-05 或 2024-05-03；请将年份写在最前"
      ),
      (
        "13/5/2024", "'13/5/2024' may be 2024-05-13; write the year first",
        "“13/5/2024”可能是 2024-05-13；请将年份写在最前"
      ),
      ("5/5/2024", "'5/5/2024' may be 2024-05-05; write the year first", "“5/5/2024”可能是 2024-05-05；请将年份写在最前"),
      ("24/3/5", "the year of '24/3/5' has two digits; write four", "“24/3/5”的年份只有两位；请写四位年份"),
      ("24年3月5日", "the year of '24年3月5日' has two digits; write four", "“24年3月5日”的年份只有两位；请写四位年份"),
      (
        "2024年3月", "'2024年3月' has no day; write 2024-03-01 if the first of the month is meant",
        "“2024年3月”没有日；如为当月 1 日，请写 2024-03-01"
      ),
      (
        "2024", "'2024' is not a date such as 2024-03-05 or 2024/3/5",
        "“2024”不是有效日期，应形如 2024-03-05 或 2024/3/5"
      ),
      (
        "20240230", "'20240230' is not a date such as 2024-03-05 or 2024/3/5",
        "“20240230”不是有效日期，应形如 2024-03-05 或 2024/3/5"
      ),
    ])
  func badDates(_ cell: String, _ english: String, _ chinese: String) {
    #expect(
      Self.desk("投用日期", .text(cell)).complaints() == [
        "ledger.xlsx:台账:C2 (投用日期): \(english)", "ledger.xlsx 工作表“台账”C2“投用日期”：\(chinese)",
      ])
  }

  @Test(
    "marks for yes and no",
    arguments: [
      ("√", true), ("✓", true), ("✔", true), ("☑", true), ("Y", true), ("ｙ", true), ("有", true), ("×", false),
      ("✗", false), ("N", false), ("无", false),
    ])
  func marks(_ cell: String, _ expected: Bool) throws {
    let desk = Self.desk("数字化", .text(cell))
    #expect(try desk.read().equipment.map(\.digital) == [expected])
    let word = cell == "ｙ" ? "y" : cell
    #expect(
      try desk.rules().prefix(2) == [
        "数字化 (column C): marks are read as yes or no: 1 row, first C2: '\(word)' → '\(expected ? "yes" : "no")'",
        "“数字化”（C 列）：符号读作是或否，共 1 行，首见于 C2：“\(word)”→“\(expected ? "是" : "否")”",
      ])
  }

  @Test("a letter X may mean either: it is refused") func ambiguousMark() {
    #expect(
      Self.desk("数字化", "X").complaints() == [
        "ledger.xlsx:台账:C2 (数字化): 'X' may mean yes or no; write one of them",
        "ledger.xlsx 工作表“台账”C2“数字化”：“X”可能表示是，也可能表示否；请填写是或否",
      ])
  }

  @Test(
    "marks for none are empty cells",
    arguments: [
      ("投用日期", "/"), ("投用日期", "无"), ("序列号", "—"), ("序列号", "N/A"), ("车间", "-"), ("自动化程度", "/"), ("数字化", "——"),
      ("上报周期秒", "无"),
    ])
  func none(_ heading: String, _ cell: String) throws {
    let desk = Self.desk(heading, .text(cell))
    #expect(
      try desk.read().equipment == [RegisteredEquipment(key: EquipmentKey(factory: "F001", equipment: "E1"))])
    #expect(
      try desk.rules() == [
        "\(heading) (column C): marks for 'none' are read as empty: 1 row, first C2: '\(cell)' → empty",
        "“\(heading)”（C 列）：表示“无”的符号读作空，共 1 行，首见于 C2：“\(cell)”→空",
      ])
  }

  @Test("全自动 is 自动, and 无 is no degree of automation") func automation() throws {
    let desk = Self.desk("自动化程度", "全自动")
    #expect(try desk.read().equipment.map(\.automation) == [.automatic])
    #expect(
      try desk.rules() == [
        "自动化程度 (column C): other words for a degree of automation: 1 row, first C2: '全自动' → 'automatic'",
        "“自动化程度”（C 列）：自动化程度的其他说法，共 1 行，首见于 C2：“全自动”→“自动”",
      ])
    #expect(
      Self.desk("自动化程度", "无").complaints().last == "ledger.xlsx 工作表“台账”C2“自动化程度”：“无”应为手动、半自动、自动、未分类之一")
  }

  @Test("full-width digits and letters of ids, numbers and dates are folded; names keep theirs") func width()
    throws
  {
    let desk = Desk([["资产编号", "企业编号", "设备名称", "投用日期"], ["Ｅ１２", "F001", "车床（１号）", "２０２４－０３－０５"]])
    let one = try #require(try desk.read().equipment.first)
    #expect(one.key.equipment == "E12" && one.name == "车床（１号）")
    #expect(one.commissionedOn == CalendarDay("2024-03-05"))
    #expect(
      try desk.rules() == [
        "资产编号 (column A): full-width characters are read as the usual ones: 1 row, first A2: 'Ｅ１２' → 'E12'",
        "“资产编号”（A 列）：全角字符读作半角，共 1 行，首见于 A2：“Ｅ１２”→“E12”",
        "投用日期 (column D): full-width characters are read as the usual ones: 1 row, first D2: "
          + "'２０２４－０３－０５' → '2024-03-05'",
        "“投用日期”（D 列）：全角字符读作半角，共 1 行，首见于 D2：“２０２４－０３－０５”→“2024-03-05”",
      ])
  }

  @Test("invisible characters are named; a special space within an id is refused") func invisible() throws {
    let desk = Self.id("E\u{200B}1\u{FEFF}")
    #expect(try desk.keys() == ["F001/E1"])
    #expect(
      try desk.rules() == [
        "资产编号 (column A): invisible characters or special spaces are removed: 1 row, first A2: "
          + "'E\u{200B}1\u{FEFF} (U+200B ZERO WIDTH SPACE)' → 'E1'",
        "“资产编号”（A 列）：去除不可见字符或特殊空格，共 1 行，首见于 A2："
          + "“E\u{200B}1\u{FEFF} (U+200B ZERO WIDTH SPACE)”→“E1”",
      ])
    #expect(try Self.id("\u{FEFF}E1").rules().first?.contains("(U+FEFF BYTE ORDER MARK)") == true)
    #expect(
      Self.id("E\u{A0}1").complaints() == [
        "ledger.xlsx:台账:A2 (资产编号): 'E 1' contains U+00A0 NO-BREAK SPACE; remove it",
        "ledger.xlsx 工作表“台账”A2“资产编号”：“E 1”含有 U+00A0 NO-BREAK SPACE；请删除",
      ])
    // A sensor is none without its invisible character: it stays out of the base set.
    #expect(try Self.desk("类别", "传感\u{AD}器").read().equipment.map(\.isProduction) == [false])
  }

  @Test("numbers as ids: decimals are left out, and lost zeros are to be checked") func numberIDs() throws {
    let desk = Self.id(.number("12.0"))
    #expect(try desk.keys() == ["F001/12"])
    #expect(
      try desk.rules() == [
        "资产编号 (column A): decimals of whole numbers are left out: 1 row, first A2: '12.0' → '12'",
        "“资产编号”（A 列）：舍去整数后的小数位，共 1 行，首见于 A2：“12.0”→“12”",
        "资产编号 (column A): check: ids in number cells, where a spreadsheet drops zeros at the front: 1 row, "
          + "first A2: '12'", "“资产编号”（A 列）：请核对：编号存于数值单元格，开头的 0 会被表格软件去掉，共 1 行，首见于 A2：“12”",
      ])
  }

  @Test(
    "ids that a spreadsheet damaged are refused with the remedy",
    arguments: [
      (
        SheetCell.number("1.23457E+11"),
        "'1.23457E+11' is a number in scientific notation, whose digits are lost; format the column as text and type "
          + "the id again", "“1.23457E+11”为科学计数法，原编号的数字已丢失；请将该列设为文本格式后重新录入"
      ),
      (
        .text("4.2E+17"),
        "'4.2E+17' is a number in scientific notation, whose digits are lost; format the column as text and type the id "
          + "again", "“4.2E+17”为科学计数法，原编号的数字已丢失；请将该列设为文本格式后重新录入"
      ),
      (
        .number("5001012024030500"),
        "'5001012024030500' was rounded to 15 digits by a spreadsheet; format the column as text and type the id again",
        "“5001012024030500”已被表格软件舍入为 15 位有效数字；请将该列设为文本格式后重新录入"
      ),
      (
        .error("#N/A"), "the formula of this cell failed (#N/A); type its value", "此单元格的公式出错（#N/A）；请填写具体内容"
      ),
      (.text("#REF!"), "the formula of this cell failed (#REF!); type its value", "此单元格的公式出错（#REF!）；请填写具体内容"),
      (
        .day(CalendarDay(number: 19_787)),
        "the spreadsheet made a date of this cell (2024-03-05); format the column as text and type the value again",
        "表格软件已将此单元格变为日期（2024-03-05）；请将该列设为文本格式后重新录入"
      ),
    ])
  func damagedIDs(_ cell: SheetCell, _ english: String, _ chinese: String) {
    #expect(
      Self.id(cell).complaints() == [
        "ledger.xlsx:台账:A2 (资产编号): \(english)", "ledger.xlsx 工作表“台账”A2“资产编号”：\(chinese)",
      ])
    let serial = Self.desk("序列号", cell).complaints().first
    #expect(serial == "ledger.xlsx:台账:C2 (序列号): \(english)")
  }

  @Test("long ids that are text stay; in a text file zeros at their end are refused or to be checked")
  func longIDs()
    throws
  {
    #expect(try Self.id("50010120240305000").keys() == ["F001/50010120240305000"])
    #expect(try Self.id("1E5").keys() == ["F001/1E5"])
    let head = "资产编号,企业编号\n"
    #expect(
      Desk(csv: head + "50010120240305000,F001\n").complaints() == [
        "ledger.csv:2:资产编号 (column 1): '50010120240305000' was rounded to 15 digits by a spreadsheet; format the "
          + "column as text and type the id again, or save the file as a workbook if the id does end with zeros",
        "ledger.csv 第 2 行“资产编号”（第 1 列）：“50010120240305000”已被表格软件舍入为 15 位有效数字；请将该列设为文本格式后重新录入"
          + "；若编号确以零结尾，请将文件另存为工作簿",
      ])
    #expect(
      try Desk(csv: head + "5001012024030500,F001\n").rules().first
        == "资产编号 (column 1): check: ids of 16 digits that end with 0, as a spreadsheet rounds them: 1 row, first line 2: "
        + "'5001012024030500'")
    #expect(try Desk(csv: head + "50010120240305001,F001\n").rules() == [])
  }

  @Test("separators of thousands and decimals of whole numbers") func numbers() throws {
    let desk = Desk([
      ["资产编号", "企业编号", "上报周期秒", "电表量程"], ["E1", "F001", .number("60.0"), "1,234,567.5"],
    ])
    let one = try #require(try desk.read().equipment.first)
    #expect(one.reportInterval == .seconds(60) && one.energyRollover == 1_234_567_500)
    #expect(
      try desk.rules() == [
        "上报周期秒 (column C): decimals of whole numbers are left out: 1 row, first C2: '60.0' → '60'",
        "“上报周期秒”（C 列）：舍去整数后的小数位，共 1 行，首见于 C2：“60.0”→“60”",
        "电表量程 (column D): separators of thousands are left out: 1 row, first D2: '1,234,567.5' → '1234567.5'",
        "“电表量程”（D 列）：舍去千位分隔符，共 1 行，首见于 D2：“1,234,567.5”→“1234567.5”",
      ])
    #expect(Desk([["资产编号", "企业编号", "电表量程"], ["E1", "F001", "12,34"]]).complaints().count == 2)
  }

  @Test("ids that differ only in letter case are to be checked; the same id in another width is a duplicate")
  func similarIDs() throws {
    let desk = Desk([["资产编号", "企业编号"], ["E1", "F001"], ["e1", "F001"], ["E2", "F001"]])
    #expect(
      try desk.rules() == [
        "资产编号 (column A): check: ids that differ only in letter case: 1 row, first A3: 'e1' and 'E1'",
        "“资产编号”（A 列）：请核对：编号仅大小写不同，共 1 行，首见于 A3：“e1”与“E1”",
      ])
    #expect(
      Desk([["资产编号", "企业编号"], ["E1", "F001"], ["Ｅ１", "F001"]]).complaints() == [
        "ledger.xlsx:台账:A3 (资产编号): F001/E1 is already in row 2",
        "ledger.xlsx 工作表“台账”A3“资产编号”：F001/E1 已见于第 2 行",
      ])
  }

  @Test(
    "ids of thirty thousand machines that differ only in letter case are read as fast as others",
    .timeLimit(.minutes(1)))
  func manySimilarIDs() throws {
    let letters = Array("abcdefghijklmno")
    let ids = (0..<30_000).map { number in
      String(
        letters.indices.map { number >> $0 & 1 == 1 ? Character(letters[$0].uppercased()) : letters[$0] })
    }
    let desk = Desk([["资产编号", "企业编号"]] + ids.map { [.text($0), "F001"] })
    #expect(try desk.read().equipment.map(\.key.equipment) == ids.sorted())
    #expect(
      try desk.rules().first
        == "资产编号 (column A): check: ids that differ only in letter case: 29999 rows, first A3: "
        + "'Abcdefghijklmno' and 'abcdefghijklmno'")
    // The same id once more is found among all of them.
    let again = Desk([["资产编号", "企业编号"]] + (ids + [ids[20_000]]).map { [.text($0), "F001"] })
    #expect(
      again.complaints().first == "ledger.xlsx:台账:A30002 (资产编号): F001/\(ids[20_000]) is already in row 20002")
  }
}
