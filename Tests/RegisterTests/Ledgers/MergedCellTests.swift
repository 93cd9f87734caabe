import Register
import Testing

@Suite("Merged cells are read as the sheet shows them") struct MergedCellTests {
  private static let headings: [SheetCell] = ["资产编号", "企业编号", "车间"]

  private static func filled(_ rows: [[SheetCell]], _ merges: [SheetMerge]) -> Desk {
    var desk = Desk(rows, merges: merges)
    desk.options.interpretation.fillsDown = true
    return desk
  }

  @Test("the value of a region stands in a row of totals") func inTotal() throws {
    let desk = Self.filled(
      [Self.headings, ["", "小计", "W1"], ["E2", "F001"], ["E3", "F001"]],
      [SheetMerge(rows: 2...4, columns: 3...3)])
    #expect(try desk.read().equipment.map(\.workshop) == ["W1", "W1"])
    #expect(
      try desk.rules().suffix(2) == [
        "车间 (column C): merged cells are filled with their first cell: 2 rows, first C3: empty → 'W1'",
        "“车间”（C 列）：合并单元格按首格内容填充，共 2 行，首见于 C3：空→“W1”",
      ])
  }

  @Test("a value under a region is replaced by what the sheet shows, and that is said") func covered() throws
  {
    let desk = Self.filled(
      [Self.headings, ["E1", "F001", "W1"], ["E2", "F001", "W2"], ["E3", "F001", "W1"], ["E4", "F001"]],
      [SheetMerge(rows: 2...5, columns: 3...3)])
    #expect(try desk.read().equipment.map(\.workshop) == ["W1", "W1", "W1", "W1"])
    #expect(
      try desk.rules() == [
        "车间 (column C): merged cells are filled with their first cell: 1 row, first C5: empty → 'W1'",
        "“车间”（C 列）：合并单元格按首格内容填充，共 1 行，首见于 C5：空→“W1”",
        "车间 (column C): check: values hidden under merged cells are replaced by their first cell: 1 row, first C3: "
          + "'W2' → 'W1'", "“车间”（C 列）：请核对：合并单元格遮住的内容改用首格内容，共 1 行，首见于 C3：“W2”→“W1”",
      ])
  }

  @Test("a text file has no merged cells, and that is said where --fill-down is given") func text() throws {
    var desk = Desk(csv: "资产编号,企业编号,车间\nE1,F001,W01\nE2,F001,\n")
    #expect(try desk.rules() == [])
    desk.options.interpretation.fillsDown = true
    let rows = try desk.read()
    #expect(rows.equipment.map(\.workshop) == ["W01", ""])
    #expect(
      rows.sheets.flatMap(\.rules).flatMap {
        [$0.english, $0.chinese, $0.forSender.english, $0.forSender.chinese]
      } == [
        "--fill-down has no effect: a text file has no merged cells; empty cells are read as empty",
        "--fill-down 不起作用：文本文件没有合并单元格，空单元格按空读取",
        "a text file has no merged cells; empty cells are read as empty", "文本文件没有合并单元格，空单元格按空读取",
      ])
    #expect(try Self.filled([Self.headings, ["E1", "F001", "W01"]], []).rules() == [])
  }

  @Test("cells merged with their heading are refused", arguments: [false, true]) func heading(_ fills: Bool) {
    var desk = Desk(
      [Self.headings, ["E1", "F001"], ["E2", "F001"]], merges: [SheetMerge(rows: 1...9, columns: 3...3)])
    desk.options.interpretation.fillsDown = fills
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:C2 (车间): the cells C1:C9 are merged with the heading; split them",
        "ledger.xlsx 工作表“台账”C2“车间”：C1:C9 与表头合并；请取消合并",
      ])
  }

  @Test("regions that overlap are refused, however many they are") func overlapping() {
    let merges = (2...50_000).map { SheetMerge(rows: 2...(50_000 + $0), columns: 3...3) }
    let rows: [[SheetCell]] =
      [Self.headings] + (1...2000).map { [.text("E\($0)"), "F001", .text("W\($0 % 7)")] }
    #expect(
      Self.filled(rows, merges).complaints() == [
        "ledger.xlsx:台账:C2 (车间): the merged cells C2:C50002 and C2:C50003 overlap; open the file in Excel or WPS and "
          + "save it", "ledger.xlsx 工作表“台账”C2“车间”：合并单元格 C2:C50002 与 C2:C50003 重叠；请用 Excel 或 WPS 打开后另存",
      ])
  }
}
