import Register
import Testing

/// Formulas whose results are not in the file, as programs write them that do not compute.
@Suite("Formulas without results") struct FormulaResultTests {
  @Test("a formula without a result is refused where it is stored, and nowhere else") func unknownResult()
    throws
  {
    let head: [SheetCell] = ["资产编号", "企业编号", "设备名称", "备注"]
    let kept = Desk([
      head, ["E1", "F001", "车床", .unknownResult], ["合计", "", "", .unknownResult], ["E2", "F001", "铣床", ""],
    ])
    #expect(try kept.keys() == ["F001/E1", "F001/E2"])
    let refused = Desk([
      head, ["E1", "F001", .unknownResult, ""], [.unknownResult, "F001", "铣床", ""],
      ["E3", "F001", "刨床", "", .unknownResult], ["E 4", "F001", "磨床", ""],
    ])
    #expect(
      refused.complaints() == [
        "ledger.xlsx:台账:C2 (设备名称): the file has no result of the formula; open it in Excel or WPS and save it",
        "ledger.xlsx 工作表“台账”C2“设备名称”：文件中没有公式的计算结果；请用 Excel 或 WPS 打开后保存",
        "ledger.xlsx:台账:A3 (资产编号): the file has no result of the formula; open it in Excel or WPS and save it",
        "ledger.xlsx 工作表“台账”A3“资产编号”：文件中没有公式的计算结果；请用 Excel 或 WPS 打开后保存",
        "ledger.xlsx:台账:E4: column E has a formula without a result but no heading",
        "ledger.xlsx 工作表“台账”E4：E 列有公式但没有计算结果，且没有表头",
        "ledger.xlsx:台账:A5 (资产编号): 'E 4' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "ledger.xlsx 工作表“台账”A5“资产编号”：“E 4”不是有效编号：应为 1 至 64 个字母、数字或 _ . -",
      ])
  }
}
