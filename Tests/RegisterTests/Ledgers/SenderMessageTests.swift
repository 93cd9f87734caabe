import Register
import Testing

/// Messages and rules as an answer to the sender of a ledger has them.
@Suite("Messages for senders") struct SenderMessageTests {
  /// The messages for the sender in both languages, alternating.
  private func messages(_ desk: Desk) -> [String] {
    do {
      _ = try desk.read()
      return []
    } catch {
      return error.problems.flatMap { [$0.forSender.english, $0.forSender.chinese] }
    }
  }

  @Test("Headings that are unknown, missing or twice") func headings() {
    #expect(
      messages(Desk([["资产编号", "数字化", "数字化", "我的列"], ["E1", "是", "是", "x"]])) == [
        "this heading repeats column B, '数字化'; remove one of the two columns",
        "与 B 列“数字化”重复；请删除其中一列",
        "unknown heading; use a heading of the template, or remove the column", "无法识别的表头；请改用模板表头，或删除该列",
        "there is no column 'factory_id' ('企业编号'); add it", "缺少“企业编号”（factory_id）列；请增加该列",
      ])
  }

  @Test("Merged cells, and factories that are not registered") func rows() {
    let merged = Desk(
      [["资产编号", "企业编号", "车间"], ["E1", "F001", "W01"], ["E2", "F003"]],
      merges: [SheetMerge(rows: 2...3, columns: 3...3)])
    #expect(
      messages(merged) == [
        "the cells C2:C3 are merged and only the first has the value; split them and fill in each",
        "C2:C3 为合并单元格，仅首格有内容；请取消合并并逐格填写",
        "factory 'F003' is not registered (did you mean 'F001'?)", "企业“F003”未登记（是否应为“F001”？）",
      ])
  }

  @Test("Several sheets, and a factory that is not found") func sheets() {
    let table = Desk.numbered([["资产编号", "设备名称"], ["E1", "车床"]])
    var desk = Desk()
    desk.add("b.xlsx", [("一", table, []), ("二", table, [])])
    #expect(
      messages(desk) == [
        "several sheets have headings: '一', '二'; send a file with one of them", "多个工作表含有表头：“一”、“二”；请只保留一个",
      ])
    desk.options.sheet = "一"
    desk.options.factorySource = .cell(row: 9, column: 2)
    #expect(messages(desk) == ["the factory is missing; write its id or name here", "缺少企业；请在此填写企业编号或名称"])
    desk.options.factorySource = .sheet
    #expect(
      messages(desk) == [
        "'一' is neither the id nor the exact name of a registered factory", "“一”不是已登记企业的编号或完整名称",
      ])
  }

  @Test("A machine of another ledger is not said to be in its file") func duplicates() {
    let table = Desk.numbered([["资产编号", "企业编号"], ["E1", "F001"]])
    var desk = Desk()
    desk.add("in/a.xlsx", [("台账", table, [])])
    desk.add("in/b.xlsx", [("台账", table, [])])
    #expect(messages(desk) == ["F001/E1 is already in another ledger", "F001/E1 已见于另一份台账"])
  }

  @Test("Content in a doubtful encoding") func encodings() {
    let mark = RegisterFile(name: "a.csv", bytes: [0xEF, 0xBB, 0xBF, 0x61], encoding: .gb18030)
    #expect(throws: RegisterProblem.self) { _ = try mark.decoded() }
    do throws(RegisterProblem) { _ = try mark.decoded() } catch {
      #expect(error.message == "the file begins with the mark of UTF-8; leave out --encoding gb18030")
      #expect(error.forSender.english == "the file begins with the mark of UTF-8; save it as 'CSV UTF-8'")
      #expect(error.forSender.chinese == "文件带有 UTF-8 标记；请另存为“CSV UTF-8”")
    }
  }

  @Test("Rules name no options, and count no rows where none can be read") func rules() throws {
    var desk = Desk([["资产编号", "备注列"], ["E1", "x"]])
    desk.options.interpretation.ignored = ["备注列"]
    desk.options.factorySource = .sheet
    desk.factories = [RegisteredFactory(id: "F001", nameChinese: "台账")]
    let sheet = try #require(try desk.read().sheets.first)
    #expect(
      sheet.rules.flatMap { [$0.forSender.english, $0.forSender.chinese] } == [
        "factory of all rows: '台账' → F001", "全部行的企业：“台账”→F001",
        "备注列 (column B): not stored, 1 row", "“备注列”（B 列）：不予保存，共 1 行",
      ])
    #expect(sheet.rules.map(\.english)[1] == "备注列 (column B): not stored, by --ignore-columns, 1 row")
    let unreadable = Desk([["企业编号", "设备编码", "序号", "车间"], ["F001", "E1", "1", "W01"]])
    var other = unreadable
    other.options.interpretation.ignored = ["设备编码"]
    do {
      _ = try other.read()
      Issue.record("a ledger without ids was read")
    } catch {
      #expect(
        error.sheets.flatMap(\.rules).flatMap { [$0.english, $0.chinese] } == [
          "序号 (column C): row numbers, not stored", "“序号”（C 列）：序号，不予保存",
          "设备编码 (column B): not stored, by --ignore-columns", "“设备编码”（B 列）：按 --ignore-columns 不予保存",
        ])
    }
  }
}
