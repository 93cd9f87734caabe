import Register
import Telemetry
import Testing

@Suite("What a cell shows is what is stored, or it is refused") struct ShownCellTests {
  /// A ledger with one row, whose third column has a cell.
  private static func desk(_ heading: String, _ cell: SheetCell) -> Desk {
    Desk([["资产编号", "企业编号", .text(heading)], ["E1", "F001", cell]])
  }

  /// A ledger with one row, whose id is a cell.
  private static func id(_ cell: SheetCell) -> Desk { Desk([["资产编号", "企业编号"], [cell, "F001"]]) }

  @Test("a number is the id or the text that the sheet shows, and still a number") func shownNumbers() throws
  {
    let cell = SheetCell.formatted(digits: "7", shown: "SB-007")
    #expect(try Self.id(cell).keys() == ["F001/SB-007"])
    #expect(
      try Self.id(cell).rules() == [
        "资产编号 (column A): numbers are read as the sheet shows them: 1 row, first A2: '7' → 'SB-007'",
        "“资产编号”（A 列）：数值按表格所显示的内容读取，共 1 行，首见于 A2：“7”→“SB-007”",
      ])
    #expect(try Self.desk("工序", cell).read().equipment.map(\.process) == ["SB-007"])
    let interval = Self.desk("上报周期秒", .formatted(digits: "60", shown: "60秒"))
    #expect(try interval.read().equipment.map(\.reportInterval) == [.seconds(60)])
    #expect(
      Self.id(.formatted(digits: "7", shown: "7号")).complaints().first
        == "ledger.xlsx:台账:A2 (资产编号): '7号' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -")
  }

  @Test("a date that a spreadsheet made of a text is refused") func dateInText() {
    #expect(
      Self.desk("工序", .day(CalendarDay(number: 19_787))).complaints() == [
        "ledger.xlsx:台账:C2 (工序): the spreadsheet made a date of this cell (2024-03-05); format the column as text and "
          + "type the value again", "ledger.xlsx 工作表“台账”C2“工序”：表格软件已将此单元格变为日期（2024-03-05）；请将该列设为文本格式后重新录入",
      ])
  }

  @Test("a truth value is no id, text, number or date", arguments: ["序列号", "设备名称", "上报周期秒", "投用日期"])
  func truthValues(_ heading: String) {
    #expect(
      Self.desk(heading, .truth(true)).complaints() == [
        "ledger.xlsx:台账:C2 (\(heading)): the cell has the truth value TRUE; format the column as text and type the value "
          + "again", "ledger.xlsx 工作表“台账”C2“\(heading)”：单元格内容为逻辑值 TRUE；请将该列设为文本格式后重新录入",
      ])
    #expect(Self.id(.truth(false)).complaints().count == 2)
  }
}
