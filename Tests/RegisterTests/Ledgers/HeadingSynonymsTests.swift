import Foundation
import Register
import Testing

@Suite("Tables of synonyms") struct HeadingSynonymsTests {
  private static func complaints(_ text: String) -> [String] {
    var synonyms = HeadingSynonyms()
    do {
      try synonyms.add(RegisterFile(name: "synonyms.csv", bytes: Array(text.utf8)))
      return []
    } catch {
      return zip(error.lines(), error.lines(inChinese: true)).flatMap { [$0, $1] }
    }
  }

  @Test("the shipped file has the program's own synonyms") func shipped() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "Config/register/synonyms.csv")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text == HeadingSynonyms.shippedTable)
    #expect(Self.complaints(text) == [])
  }

  @Test("a table of the user adds synonyms and replaces meanings") func added() throws {
    var desk = Desk([["资产编号", "企业编号", "使用部门", "工位号"], ["E1", "F001", "W01", "L1"]])
    try desk.options.interpretation.synonyms.add(
      RegisterFile(name: "mine.csv", bytes: Array("列,同义表头\nworkshop,使用部门\n产线,工位号\n".utf8)))
    #expect(try desk.read().equipment.map { "\($0.workshop) \($0.line)" } == ["W01 L1"])
    #expect(
      try desk.rules().enumerated().filter { $0.offset % 2 == 0 }.map(\.element) == [
        "使用部门 (column C): read as workshop 车间, 1 row", "工位号 (column D): read as line 产线, 1 row",
      ])
  }

  @Test("short forms of headings that can mean one column only are read") func shortForms() throws {
    let desk = Desk([
      ["资产编号", "企业", "净值（万元）", "数控", "自动化", "智能", "联网", "分类", "投用", "设计节拍（秒）"],
      ["E1", "F001", .number("35.2"), "是", "全自动", "否", "是", "车床", "2024-03-05", .number("12.5")],
    ])
    let one = try #require(try desk.read().equipment.first)
    #expect(one.assetValue == 35_200_000)
    #expect(one.cnc == true && one.automation == .automatic && !one.intelligent && one.connectable)
    #expect(one.category == "车床" && one.commissionedOn?.description == "2024-03-05")
    #expect(one.idealCycle?.milliseconds == 12_500)
    #expect(
      Desk([["资产编号", "企业编号", "净值"], ["E1", "F001", .number("35.2")]]).complaints() == [
        "ledger.xlsx:台账:C1 (净值): the heading does not say the unit; write it in brackets, for instance 净值（元）",
        "ledger.xlsx 工作表“台账”C1“净值”：表头未注明计量单位；请在括号内注明，例如 净值（元）",
      ])
  }

  @Test(
    "short forms of several columns, and longer ones, are refused with the columns and a line for a table of synonyms",
    arguments: [
      ("日期", ["投用日期", "退役日期", "改造日期"], "commissioned_on"), ("类型", ["类别", "计量器具类型"], "category"),
      ("编号", ["资产编号", "企业编号", "车间", "产线"], "equipment_id"), ("节拍", ["标准节拍"], "ideal_cycle_s"),
      ("量程", ["电表量程"], "energy_rollover"), ("数控机床", ["数控化"], "cnc"), ("是否自动化", ["自动化程度"], "automation"),
      ("联网情况", ["可联网"], "connectable"), ("报废", ["退役日期"], "decommissioned_on"),
    ])
  func severalColumns(_ heading: String, _ names: [String], _ column: String) {
    let (english, chinese) = (names.map { "'\($0)'" }, names.map { "“\($0)”" })
    let last = names.count - 1
    let meant =
      last == 0
      ? (english[0], chinese[0])
      : (
        english[..<last].joined(separator: ", ") + " or " + english[last],
        chinese[..<last].joined(separator: "、") + "或" + chinese[last]
      )
    #expect(
      Desk([["资产编号", "企业编号", .text(heading)], ["E1", "F001", "x"]]).complaints() == [
        "ledger.xlsx:台账:C1 (\(heading)): unknown heading (did you mean \(meant.0)?); leave it out with "
          + "--ignore-columns, or name its column with --synonyms, a CSV file with the lines column,synonym and "
          + "\(column),\(heading)",
        "ledger.xlsx 工作表“台账”C1“\(heading)”：无法识别的表头（是否应为\(meant.1)？）；可用 --ignore-columns 不读取此列，"
          + "或用 --synonyms 指明其含义（CSV 文件，首行为 column,synonym，次行如 \(column),\(heading)）",
      ])
  }

  @Test("words of ids and names within a heading suggest nothing", arguments: ["供应商名称列", "企业性质", "颜色"])
  func noSuggestion(_ heading: String) {
    #expect(
      Desk([["资产编号", "企业编号", .text(heading)], ["E1", "F001", "x"]]).complaints().first
        == "ledger.xlsx:台账:C1 (\(heading)): unknown heading; leave it out with --ignore-columns, or name its column "
        + "with --synonyms")
  }

  @Test("a synonym of two columns, of another column's name, or of no column is refused") func refused() {
    #expect(
      Self.complaints("column,synonym\nserial,编号\nequipment_id,编号\nworkshop,产线\nautomatic,x\nline,\n") == [
        "synonyms.csv:3:synonym (column 2): '编号' is already a synonym of serial on line 2",
        "synonyms.csv 第 3 行“synonym”（第 2 列）：“编号”已在第 2 行作为“serial”的同义表头",
        "synonyms.csv:4:synonym (column 2): '产线' is the heading of the column line",
        "synonyms.csv 第 4 行“synonym”（第 2 列）：“产线”是“产线”列的表头",
        "synonyms.csv:5:column (column 1): 'automatic' is no column of equipment files, and not '-' (did you mean "
          + "'automation'?)", "synonyms.csv 第 5 行“column”（第 1 列）：“automatic”不是设备台账的列名，也不是“-”",
        "synonyms.csv:6:synonym (column 2): a value is required", "synonyms.csv 第 6 行“synonym”（第 2 列）：必须填写",
      ])
  }
}
