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
