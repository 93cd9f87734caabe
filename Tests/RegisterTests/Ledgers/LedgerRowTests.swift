import Register
import Testing

@Suite("Rows that are no equipment are skipped by rules that are said, or refused with the remedy")
struct LedgerRowTests {
  private static let headings: [SheetCell] = ["序号", "资产编号", "设备名称", "企业编号", "资产净值"]
  private static let machine: [SheetCell] = [.number("1"), "E1", "车床", "F001", .number("12.5")]

  @Test("a total or a signature whose value stands below the id is no equipment") func valuesBelowTheID()
    throws
  {
    let desk = Desk([
      Self.headings, Self.machine, ["合计", .number("1"), "", "", .number("12.5")],
      ["一车间小计：", "1", "", "", "12.5"], ["联系电话", .number("13812345678")], ["填报日期：", .number("20241105")],
      ["附表", "Table-2"], ["填表人：", "ZhangSan", "审核人：", "LiSi"],
    ])
    let rows = try desk.read()
    #expect(rows.equipment.map(\.key.description) == ["F001/E1"])
    #expect(
      try desk.rules().prefix(4) == [
        "rows of totals are no equipment: 2 rows, first row 3: '合计'", "合计行不作为设备：共 2 行，首见于第 3 行：“合计”",
        "rows of signatures and notes are no equipment: 4 rows, first row 5: '联系电话'",
        "签字、说明行不作为设备：共 4 行，首见于第 5 行：“联系电话”",
      ])
  }

  @Test("in text files too") func text() throws {
    let desk = Desk(csv: "序号,资产编号,企业编号,设备名称\n1,E1,F001,车床\n合计,2,,\n")
    #expect(try desk.keys() == ["F001/E1"])
    #expect(try desk.rules().first == "rows of totals are no equipment: 1 row, first line 3: '合计'")
  }

  @Test(
    "the character that ends a text of old programs is no row",
    arguments: ["\u{1A}", "\u{1A}\r\n", "  \n\u{1A}\u{1A}"])
  func endOfText(_ end: String) throws {
    #expect(try Desk(csv: "资产编号,企业编号\nE1,F001\n" + end).keys() == ["F001/E1"])
  }

  @Test("a total that has what equipment has is refused") func doubtful() {
    let desk = Desk([Self.headings, Self.machine, ["小计", .number("1"), "车床", "F001", .number("12.5")]])
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:A3 (序号): the row begins with '小计' and has an id; delete the row if it is no equipment, or "
          + "change this cell", "ledger.xlsx 工作表“台账”A3“序号”：本行以“小计”开头，又填有编号；若不是设备，请删除本行，否则请改写此单元格",
      ])
  }

  @Test("machines whose names begin as such words are equipment") func names() throws {
    let desk = Desk([
      ["设备名称", "资产编号", "企业编号"], ["复核秤", "E1", "F001"], ["编制机", "E2", "F001"], ["流量总计", "E3", "F001"],
      ["累计流量计", "E4", "F001"],
    ])
    #expect(try desk.keys() == ["F001/E1", "F001/E2", "F001/E3", "F001/E4"])
    #expect(try desk.rules() == [])
  }

  @Test("rows with nothing but a row number are skipped") func numbersOnly() throws {
    let desk = Desk([Self.headings, Self.machine, [.number("2")], ["3", "", " "], ["4."]])
    #expect(try desk.keys() == ["F001/E1"])
    #expect(
      try desk.rules().prefix(2) == [
        "rows with nothing but a row number are skipped: 3 rows, first row 3: '2'",
        "仅有序号的行跳过：共 3 行，首见于第 3 行：“2”",
      ])
  }

  @Test(
    "totals and notes in other words",
    arguments: [
      ("本页合计（台）", "合计行不作为设备"), ("合   计", "合计行不作为设备"), ("合计：24台", "合计行不作为设备"),
      ("车间主任：张三", "签字、说明行不作为设备"), ("填表说明：1.本表一式两份", "签字、说明行不作为设备"), ("（以下空白）", "签字、说明行不作为设备"),
      ("注 1. 请如实填写", "签字、说明行不作为设备"), ("※ 请盖章", "签字、说明行不作为设备"), ("盖章：", "签字、说明行不作为设备"),
      ("第 1 页，共 3 页", "签字、说明行不作为设备"), ("单位（盖章）：", "签字、说明行不作为设备"),
    ])
  func words(_ word: String, _ rule: String) throws {
    let desk = Desk([Self.headings, Self.machine, [.text(word)]])
    #expect(try desk.rules()[1] == "\(rule)：共 1 行，首见于第 3 行：“\(word)”")
    // Below the id too, where it is no id.
    let below = Desk([["资产编号", "企业编号"], ["E1", "F001"], [.text(word)]])
    #expect(try below.rules()[1] == "\(rule)：共 1 行，首见于第 3 行：“\(word)”")
  }

  @Test("a row of other content without an id is refused with the remedy") func withoutID() {
    let desk = Desk([Self.headings, Self.machine, [.number("2"), "", "编制机", "F001"]])
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:B3 (资产编号): a value is required; delete the row if it is no equipment",
        "ledger.xlsx 工作表“台账”B3“资产编号”：必须填写；若本行不是设备，请删除本行",
      ])
  }
}
