import Register
import Telemetry
import Testing

@Suite("Ledgers of several files and sheets make one import") struct LedgerFilesTests {
  private static let rows: [[SheetCell]] = [["资产编号", "设备名称"], ["E1", "车床"], ["E2", "铣床"]]

  @Test(
    "the factory comes from a cell, the sheet's or the file's name, as an id or an exact name",
    arguments: [
      ("cell:B2", "F001.xlsx", "台账", "F002"), ("cell:A2", "x.xlsx", "台账", "F001"),
      ("file", "ledgers/F001.xlsx", "x", "F001"),
      ("file", "ledgers/高新电子.xlsx", "x", "F002"), ("sheet", "x.xlsx", "sample  works", "F001"),
      ("sheet", "x.xlsx", "渝北精密机械厂(示例)", "F001"),
    ])
  func factory(_ source: String, _ file: String, _ sheet: String, _ expected: String) throws {
    var desk = Desk()
    desk.add(file, [(sheet, Desk.numbered([["设备台账"], ["企业名称：渝北精密机械厂（示例）", "高新电子"]] + Self.rows), [])])
    desk.options.factorySource = FactorySource(source)
    #expect(try desk.keys() == ["\(expected)/E1", "\(expected)/E2"])
  }

  @Test("what the factory was taken from is said") func factoryRule() throws {
    var desk = Desk([["企业：", "高新电子"]] + Self.rows)
    desk.options.factorySource = .cell(row: 1, column: 2)
    #expect(
      try desk.rules().suffix(2) == [
        "factory of all rows, by --factory-from: '高新电子' → F002", "按 --factory-from 确定全部行的企业：“高新电子”→F002",
      ])
  }

  @Test("a factory that is not known, missing or ambiguous is one problem") func unknownFactory() {
    var desk = Desk([["企业：", "高新"]] + Self.rows)
    desk.options.factorySource = .cell(row: 1, column: 2)
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:B1: '高新' is neither the id nor the exact name of a factory in the register; name its file "
          + "with --factories (did you mean '高新电子', F002?)",
        "ledger.xlsx 工作表“台账”B1：“高新”作为企业编号或完整名称均未见于台账；请用 --factories 指明企业文件（是否应为“高新电子”，即 F002？）",
      ])
    desk.options.factorySource = .cell(row: 9, column: 2)
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:B9: the factory is missing: --factory-from names a cell above the headings, which are in row 2",
        "ledger.xlsx 工作表“台账”B9：缺少企业：--factory-from 应指明表头（第 2 行）以上有内容的单元格",
      ])
    desk.options.factorySource = .cell(row: 1, column: 2)
    desk.factories = [
      RegisteredFactory(id: "A", nameChinese: "高新"), RegisteredFactory(id: "B", nameEnglish: "高新"),
    ]
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:B1: several factories have the name '高新': A, B",
        "ledger.xlsx 工作表“台账”B1：多家企业使用名称“高新”：A、B",
      ])
    desk.options.factorySource = nil
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:row 2: there is no column 'factory_id' ('企业编号'); say where the factory is with --factory-from",
        "ledger.xlsx 工作表“台账”第 2 行：缺少“企业编号”（factory_id）列；请用 --factory-from 指明企业的来源",
      ])
  }

  @Test("a column with names of factories is read as their ids") func nameColumn() throws {
    let desk = Desk([["资产编号", "单位名称"], ["E1", "高新电子"], ["E2", "F001"]])
    #expect(try desk.keys() == ["F001/E2", "F002/E1"])
    #expect(
      try desk.rules().suffix(2) == [
        "单位名称 (column B): factories are read by name: 1 row, first B2: '高新电子' → 'F002'",
        "“单位名称”（B 列）：按企业名称确定企业，共 1 行，首见于 B2：“高新电子”→“F002”",
      ])
  }

  @Test("a column for the factory comes before --factory-from") func column() throws {
    var desk = Desk([["资产编号", "企业编号"], ["E1", "F001"]])
    desk.options.factorySource = .file
    #expect(try desk.keys() == ["F001/E1"])
    #expect(try desk.rules() == [])
  }

  @Test("duplicates across files and all problems of all files, with both places") func severalFiles() throws
  {
    var desk = Desk()
    desk.add("a/F001.xlsx", [("台账", Desk.numbered(Self.rows), [])])
    desk.add(
      "a/sub.xlsx",
      [("台账", Desk.numbered([["资产编号", "企业编号", "数字化"], ["E2", "F001", "X"], ["E 3", "F001"]]), [])])
    desk.ledgers.append(
      LedgerSource { () throws(RegisterProblem) in
        throw RegisterProblem(.form, file: "a/damaged.xls", message: "damaged", chinese: "已损坏")
      })
    desk.options.factorySource = .file
    #expect(
      desk.complaints() == [
        "a/sub.xlsx:台账:A2 (资产编号): F001/E2 is already in a/F001.xlsx:台账:row 3",
        "a/sub.xlsx 工作表“台账”A2“资产编号”：F001/E2 已见于 a/F001.xlsx 工作表“台账”第 3 行",
        "a/sub.xlsx:台账:C2 (数字化): 'X' may mean yes or no; write one of them",
        "a/sub.xlsx 工作表“台账”C2“数字化”：“X”可能表示是，也可能表示否；请填写是或否",
        "a/sub.xlsx:台账:A3 (资产编号): 'E 3' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "a/sub.xlsx 工作表“台账”A3“资产编号”：“E 3”不是有效编号：应为 1 至 64 个字母、数字或 _ . -",
        "a/damaged.xls: damaged", "a/damaged.xls：已损坏",
      ])
  }

  @Test("of several sheets the one with headings is read; several need --sheet or a factory each")
  func sheets() throws {
    let table = Desk.numbered([["资产编号", "企业编号"], ["E1", "F001"]])
    var desk = Desk()
    let words = Desk.numbered([["填写说明"]])
    desk.add("b.xlsx", [("说明", words, []), ("台账", table, []), ("示例", words, [])])
    #expect(try desk.keys() == ["F001/E1"])
    #expect(try desk.rules() == ["other sheets are not read: '说明', '示例'", "其他工作表不读取：“说明”、“示例”"])

    var two = Desk()
    let other = Desk.numbered([["资产编号", "企业编号"], ["E2", "F001"]])
    two.add("b.xlsx", [("一", table, []), ("二", other, []), ("空", [], [])])
    #expect(
      two.complaints() == [
        "b.xlsx: several sheets have headings: '一', '二'; name one with --sheet, or give --factory-from sheet if each is "
          + "a factory's",
        "b.xlsx：多个工作表含有表头：“一”、“二”；请用 --sheet 指明其一；如每个工作表对应一家企业，请用 --factory-from sheet",
      ])
    two.options.sheet = "二"
    #expect(try two.keys() == ["F001/E2"])
    two.options.sheet = "三"
    #expect(
      two.complaints() == [
        "b.xlsx: there is no sheet '三'; the file has '一', '二', '空'", "b.xlsx：没有工作表“三”；文件中有“一”、“二”、“空”",
      ])
    two.options.sheet = nil
    two.options.factorySource = .sheet
    #expect(try two.keys() == ["F001/E1", "F001/E2"])
  }

  @Test("merged cells over rows are refused with the remedy, or filled and counted") func merged() throws {
    let merges = [SheetMerge(rows: 2...4, columns: 3...3), SheetMerge(rows: 5...5, columns: 1...2)]
    let rows: [[SheetCell]] = [
      ["资产编号", "企业编号", "车间"], ["E1", "F001", "W01"], ["E2", "F001"], ["E3", "F001"], ["合计", "", ""],
    ]
    let desk = Desk(rows, merges: merges)
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:C2 (车间): the cells C2:C4 are merged and only the first has the value; give --fill-down to fill "
          + "the others, or split them",
        "ledger.xlsx 工作表“台账”C2“车间”：C2:C4 为合并单元格，仅首格有内容；请用 --fill-down 填充其余单元格，或取消合并",
      ])
    var filled = Desk(rows, merges: merges)
    filled.options.interpretation.fillsDown = true
    #expect(try filled.read().equipment.map(\.workshop) == ["W01", "W01", "W01"])
    #expect(
      try filled.rules().suffix(2) == [
        "车间 (column C): merged cells are filled with their first cell: 2 rows, first C3: empty → 'W01'",
        "“车间”（C 列）：合并单元格按首格内容填充，共 2 行，首见于 C3：空→“W01”",
      ])
    var wide = Desk(
      [["资产编号", "企业编号", "车间", "产线"], ["E1", "F001", "W01"]], merges: [SheetMerge(rows: 2...2, columns: 3...4)]
    )
    wide.options.interpretation.fillsDown = true
    #expect(
      wide.complaints() == [
        "ledger.xlsx:台账:C2 (车间): the cells C2:D2 are merged over several columns; split them",
        "ledger.xlsx 工作表“台账”C2“车间”：C2:D2 为跨列合并单元格；请取消合并",
      ])
  }

  @Test("rows of another factory than the file's are to be checked") func otherFactory() throws {
    var desk = Desk()
    desk.add("F001.xlsx", [("台账", Desk.numbered([["资产编号", "企业编号"], ["E1", "F001"], ["E2", "F002"]]), [])])
    desk.options.factorySource = .file
    #expect(try desk.keys() == ["F001/E1", "F002/E2"])
    #expect(
      try desk.rules() == [
        "企业编号 (column B): check: rows of another factory than --factory-from names: 1 row, first B3: 'F002' and 'F001'",
        "“企业编号”（B 列）：请核对：企业与 --factory-from 指明的企业不同，共 1 行，首见于 B3：“F002”与“F001”",
      ])
  }

  @Test("sheets that are not read are named, hidden ones by themselves") func unreadSheets() throws {
    let table = Desk.numbered([["资产编号", "设备名称"], ["E1", "车床"]])
    let others = ["填写示例", "填写说明"].map { ($0, Desk.numbered([["说明"]]), [SheetMerge]()) }
    var desk = Desk()
    desk.add("b.xlsx", [("F001", table, []), ("F002", table, [])] + others, hidden: ["F002"])
    desk.options.factorySource = .sheet
    #expect(try desk.keys() == ["F001/E1"])
    #expect(
      try desk.rules().prefix(4) == [
        "other sheets are not read: '填写示例', '填写说明'", "其他工作表不读取：“填写示例”、“填写说明”",
        "hidden sheets are not read; name one with --sheet to read it: 'F002'",
        "隐藏的工作表不读取，如需读取请用 --sheet 指明：“F002”",
      ])
    desk.options.sheet = "F002"
    #expect(try desk.keys() == ["F002/E1"])
    #expect(
      try desk.rules().prefix(2) == [
        "other sheets are not read: 'F001', '填写示例', '填写说明'", "其他工作表不读取：“F001”、“填写示例”、“填写说明”",
      ])
    desk.options.sheet = "F003"
    #expect(
      desk.complaints() == [
        "b.xlsx: there is no sheet 'F003'; the file has 'F001', '填写示例', '填写说明', 'F002'",
        "b.xlsx：没有工作表“F003”；文件中有“F001”、“填写示例”、“填写说明”、“F002”",
      ])
    var many = Desk()
    let more = (1...22).map { ("S\($0)", Desk.numbered([["说明"]]), [SheetMerge]()) }
    many.add("c.xlsx", [("F001", table, [])] + more)
    many.options.factorySource = .sheet
    #expect(try many.rules()[0].hasSuffix(", 'S20', …"))
    #expect(try many.rules()[1].hasSuffix("、“S20”等 22 个"))
  }

  @Test("rows that are passed on one at a time are not kept, and end with the first problem")
  func passing() throws {
    let desk = Desk([["资产编号", "企业编号"], ["E1", "F001"], ["E2", "F001"]])
    var received: [String] = []
    let rows = try RegisterRows.read(
      ledgers: desk.ledgers, factories: nil, registered: desk.factories,
      receive: { received.append($0.key.description) })
    #expect(received == ["F001/E1", "F001/E2"])
    #expect(rows.equipment == [] && rows.sheets.map(\.equipment) == [2])
    let bad = Desk([["资产编号", "企业编号"], ["E1", "F001"], ["E 2", "F001"], ["E3", "F001"]])
    received = []
    #expect(throws: RegisterProblems.self) {
      try RegisterRows.read(
        ledgers: bad.ledgers, factories: nil, registered: bad.factories,
        receive: { received.append($0.key.description) })
    }
    #expect(received == ["F001/E1"])
  }

  @Test(
    "columns are named as spreadsheets name them",
    arguments: [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
  func letters(_ column: Int, _ letters: String) { #expect(RegisterPlace.letters(column) == letters) }

  @Test(
    "sources of the factory",
    arguments: [
      ("cell:B2", FactorySource.cell(row: 2, column: 2)), ("cell:aa10", .cell(row: 10, column: 27)),
      ("sheet", .sheet),
      ("file", .file),
    ] as [(String, FactorySource?)])
  func sources(_ text: String, _ expected: FactorySource?) { #expect(FactorySource(text) == expected) }

  @Test(
    "texts that are none",
    arguments: ["", "cell:", "cell:B", "cell:2", "cell:2B", "cell:B0", "name", "cell:ZZZZ1"])
  func noSources(_ text: String) { #expect(FactorySource(text) == nil) }

  @Test("each sheet names the known factories of its rows once, also where rows have problems")
  func namedFactories() throws {
    let head: [SheetCell] = ["资产编号", "企业编号", "数字化"]
    var desk = Desk()
    desk.add(
      "a.xlsx",
      [("台账", Desk.numbered([head, ["E1", "F002", "是"], ["E2", "F001", "是"], ["E3", "F002", ""]]), [])])
    desk.add("b.xlsx", [("台账", Desk.numbered([head, ["E4", "F001", "是"]]), [])])
    #expect(try desk.read().sheets.map(\.factories) == [["F001", "F002"], ["F001"]])
    desk.add(
      "c.xlsx",
      [("台账", Desk.numbered([head, ["E 5", "F002", "maybe"], ["E6", "F009", "是"], ["E7", "", "是"]]), [])])
    do {
      _ = try desk.read()
      Issue.record("rows with problems were accepted")
    } catch {
      #expect(error.sheets.map(\.factories) == [["F001", "F002"], ["F001"], ["F002"]])
    }
  }
}
