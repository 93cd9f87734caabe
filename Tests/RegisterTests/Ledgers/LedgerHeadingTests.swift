import Register
import Testing

@Suite("Headings of ledgers are found and understood, and that is said") struct LedgerHeadingTests {
  private static let key: [SheetCell] = ["资产编号", "企业编号"]

  @Test("titles above the headings, blank rows and columns are skipped and counted") func titles() throws {
    let desk = Desk([
      ["2024年设备台账"], ["单位：渝北精密机械厂", "", "日期：2024-03-05"], [], ["资产编号", "企业编号", "", "设备名称"],
      ["E1", "F001", "", "车床"], [], [], ["E2", "F001", "", "铣床"],
    ])
    let rows = try desk.read()
    #expect(rows.equipment.map(\.name) == ["车床", "铣床"])
    #expect(
      rows.sheets.map(\.english) == ["ledger.xlsx: XLSX, sheet '台账', headings in row 4, 2 equipment"])
    #expect(rows.sheets.map(\.chinese) == ["ledger.xlsx：XLSX，工作表“台账”，表头在第 4 行，设备 2 台"])
    #expect(
      try desk.rules() == [
        "rows above the headings are not read: 2 rows, first row 1: '2024年设备台账'",
        "表头以上的行不读取：共 2 行，首见于第 1 行：“2024年设备台账”",
        "blank rows are skipped: 2 rows, first row 6", "空行跳过：共 2 行，首见于第 6 行",
        "column C: has no heading and no values, skipped, 2 rows", "C 列：无表头且无内容，跳过，共 2 行",
      ])
  }

  @Test("headings in two rows are one row of headings where cells are merged") func twoRows() throws {
    let merges = [
      SheetMerge(rows: 1...2, columns: 1...1), SheetMerge(rows: 1...2, columns: 2...2),
      SheetMerge(rows: 1...1, columns: 3...4),
    ]
    let desk = Desk(
      [["资产编号", "企业编号", "基本情况"], ["", "", "设备名称", "类别"], ["E1", "F001", "车床", "数控"]], merges: merges)
    #expect(try desk.read().equipment.map { "\($0.key) \($0.name) \($0.category)" } == ["F001/E1 车床 数控"])
    #expect(
      try desk.rules() == [
        "headings in several rows are read as one row: 2 rows, first row 1", "多行表头合并为一行读取：共 2 行，首见于第 1 行",
      ])
  }

  /// Groups of headings in the first row, headings of the groups in the second; 序号 and 资产编号 take both.
  private static let grouped: [[SheetCell]] = [
    ["F001"], ["序号", "资产编号", "基本信息", "", "", "数字化情况"], ["", "", "设备名称", "类别", "自动化程度", "是否数控", "是否联网"],
    [.number("1"), "E1", "车床", "机床", "自动", "是", "是"],
  ]
  private static let groups = [
    SheetMerge(rows: 2...3, columns: 1...1), SheetMerge(rows: 2...3, columns: 2...2),
    SheetMerge(rows: 2...2, columns: 3...5), SheetMerge(rows: 2...2, columns: 6...7),
  ]

  @Test("headings that merged cells join to the row above belong to it") func joinedAbove() throws {
    var desk = Desk(Self.grouped, merges: Self.groups)
    desk.options.factorySource = .cell(row: 1, column: 1)
    let rows = try desk.read()
    #expect(rows.equipment.map { "\($0.key) \($0.name) \($0.category)" } == ["F001/E1 车床 机床"])
    #expect(rows.equipment.map(\.cnc) == [true])
    #expect(
      try desk.rules().prefix(4) == [
        "rows above the headings are not read: 1 row, first row 1: 'F001'", "表头以上的行不读取：共 1 行，首见于第 1 行：“F001”",
        "headings in several rows are read as one row: 2 rows, first row 2", "多行表头合并为一行读取：共 2 行，首见于第 2 行",
      ])
  }

  @Test("neither row has enough headings by itself, on the second sheet") func joinedOnly() throws {
    var desk = Desk()
    let rows: [[SheetCell]] = [
      ["2024年台账", "", ""], ["资产编号", "基本信息", ""], ["", "设备名称", "企业编号"], ["E1", "车床", "F001"],
    ]
    let merges = [
      SheetMerge(rows: 1...1, columns: 1...3), SheetMerge(rows: 2...3, columns: 1...1),
      SheetMerge(rows: 2...2, columns: 2...3),
    ]
    desk.add("b.xlsx", [("说明", Desk.numbered([["填写说明"]]), []), ("台账", Desk.numbered(rows), merges)])
    #expect(try desk.keys() == ["F001/E1"])
  }

  @Test("a title merged over several rows is no heading") func mergedTitle() throws {
    let desk = Desk(
      [["设备台账"], [], ["资产编号", "企业编号", "设备名称"], ["E1", "F001", "车床"]],
      merges: [SheetMerge(rows: 1...2, columns: 1...3)])
    #expect(try desk.keys() == ["F001/E1"])
    #expect(try desk.read().sheets.map(\.headingRow) == [3])
  }

  @Test("without enough headings the row that is most like them is named, not the title") func mostLikely() {
    let desk = Desk([["某某公司设备清单"], ["序号", "机器", "型号", "备注"], [.number("1"), "a", "b"]])
    #expect(
      desk.complaints() == [
        "ledger.xlsx:台账:B2 (机器): unknown heading; leave it out with --ignore-columns, or name its column with --synonyms",
        "ledger.xlsx 工作表“台账”B2“机器”：无法识别的表头；可用 --ignore-columns 不读取此列，或用 --synonyms 指明其含义",
        "ledger.xlsx:台账:row 2: there is no column 'equipment_id' ('资产编号')",
        "ledger.xlsx 工作表“台账”第 2 行：缺少“资产编号”（equipment_id）列",
        "ledger.xlsx:台账:row 2: there is no column 'factory_id' ('企业编号'); say where the factory is with --factory-from",
        "ledger.xlsx 工作表“台账”第 2 行：缺少“企业编号”（factory_id）列；请用 --factory-from 指明企业的来源",
      ])
  }

  @Test("a sheet without headings is one problem") func withoutHeadings() {
    #expect(
      Desk([["某某公司设备清单"], ["机器一", "甲"], ["机器二", "乙"]]).complaints() == [
        "ledger.xlsx:台账: no headings were found in the first 30 rows: they have '资产编号' (equipment_id) and other columns "
          + "of the register in one row; give other names of columns with --synonyms",
        "ledger.xlsx 工作表“台账”：前 30 行中未找到表头：表头应在同一行内写明“资产编号”等台账列名；其他列名请用 --synonyms 指明",
      ])
  }

  @Test("rows of totals, signatures and repeated headings are no equipment") func otherRows() throws {
    let desk = Desk([
      ["序号", "资产编号", "企业编号", "设备名称"], ["1", "E1", "F001", "车床"], ["小计", "", "", "1"],
      ["序号", "资产编号", "企业编号", "设备名称"], ["2", "E2", "F001", "铣床"], ["", "合 计：", "", .number("2")],
      ["填表人：张三", "", "审核人：李四"], ["注：以上数据真实"],
    ])
    #expect(try desk.keys() == ["F001/E1", "F001/E2"])
    #expect(
      try desk.rules() == [
        "rows of totals are no equipment: 2 rows, first row 3: '小计'", "合计行不作为设备：共 2 行，首见于第 3 行：“小计”",
        "rows of signatures and notes are no equipment: 2 rows, first row 7: '填表人：张三'",
        "签字、说明行不作为设备：共 2 行，首见于第 7 行：“填表人：张三”",
        "repeated headings are skipped: 1 row, first row 4: '序号'", "重复的表头行跳过：共 1 行，首见于第 4 行：“序号”",
        "序号 (column A): row numbers, not stored, 2 rows", "“序号”（A 列）：序号，不予保存，共 2 行",
      ])
  }

  @Test("equipment named Total is equipment; a row of numbers named Total is none") func total() throws {
    let desk = Desk([
      ["资产编号", "企业编号", "设备名称"], ["Total", "F001", "总装机"], ["TOTAL", "", .number("2")],
    ])
    #expect(try desk.keys() == ["F001/Total"])
    #expect(try desk.rules().first == "rows of totals are no equipment: 1 row, first row 3: 'TOTAL'")
  }

  @Test("synonyms are read as their columns; headings that are no attribute are not stored") func synonyms()
    throws
  {
    let desk = Desk([
      ["*固定资产编号", "企业编码", "是否联网", "备注", "使用状态"], ["E1", "F001", "是", "大修", "在用"],
    ])
    let rows = try desk.read()
    #expect(rows.equipment.map(\.connectable) == [true])
    #expect(
      try desk.rules() == [
        "备注 (column D): no attribute of the register, not stored, 1 row", "“备注”（D 列）：不是台账属性，不予保存，共 1 行",
        "使用状态 (column E): no attribute of the register, not stored, 1 row; a machine out of use is retired by 退役日期",
        "“使用状态”（E 列）：不是台账属性，不予保存，共 1 行；停用、报废的设备请填写“退役日期”",
        "*固定资产编号 (column A): read as equipment_id 资产编号, 1 row", "“*固定资产编号”（A 列）：读作“资产编号”，共 1 行",
        "企业编码 (column B): read as factory_id 企业编号, 1 row", "“企业编码”（B 列）：读作“企业编号”，共 1 行",
        "是否联网 (column C): read as connectable 可联网, 1 row; a machine that is not networked counts as one that "
          + "cannot be; give 可联网 to tell them apart",
        "“是否联网”（C 列）：读作“可联网”，共 1 行；填“否”的设备按不可联网计；如需区分请改填“可联网”",
      ])
  }

  @Test("a column's own name comes before a synonym; two synonyms are refused") func twoNames() throws {
    let both = Desk([["设备编号", "资产编号", "企业编号"], ["A-1", "E1", "F001"]])
    #expect(try both.keys() == ["F001/E1"])
    #expect(
      try both.rules() == [
        "设备编号 (column A): not stored, because the file also has the column equipment_id 资产编号, 1 row",
        "“设备编号”（A 列）：不予保存，因文件中另有列“资产编号”，共 1 行",
      ])
    #expect(
      Desk([["设备编号", "固定资产编号", "企业编号"], ["A-1", "E1", "F001"]]).complaints() == [
        "ledger.xlsx:台账:B1 (固定资产编号): this heading repeats column A, '设备编号'; leave one out with --ignore-columns",
        "ledger.xlsx 工作表“台账”B1“固定资产编号”：与 A 列“设备编号”重复；请用 --ignore-columns 指明不读取的一列",
      ])
    var one = Desk([["设备编号", "固定资产编号", "企业编号"], ["A-1", "E1", "F001"]])
    one.options.interpretation.ignored = ["设备编号"]
    #expect(try one.keys() == ["F001/E1"])
    #expect(try one.rules().first == "设备编号 (column A): not stored, by --ignore-columns, 1 row")
  }

  @Test("数控 is no synonym of 智能化, nor is a date of purchase one of commissioning") func claims() throws {
    let cnc = try Desk([Self.key + ["数控"], ["E1", "F001", "是"]]).read()
    #expect(cnc.equipment.map(\.cnc) == [true])
    #expect(cnc.equipment.map(\.intelligent) == [false])
    let bought = try Desk([Self.key + ["购置日期"], ["E1", "F001", "2020-01-01"]]).read()
    #expect(bought.equipment.map(\.commissionedOn) == [nil])
    var unknown = Desk([Self.key + ["数控机床"], ["E1", "F001", "是"]])
    unknown.options.interpretation.ignoresUnknown = true
    #expect(try unknown.keys() == ["F001/E1"])
  }

  @Test("words in brackets: units, hints, and others, which are refused") func brackets() throws {
    let desk = Desk([
      Self.key + ["设备名称（必填）", "上报周期（分钟）", "智能化（是/否）"], ["E1", "F001", "车床", .number("1.5"), "是"],
    ])
    let rows = try desk.read()
    #expect(rows.equipment.map(\.reportInterval) == [.seconds(90)])
    #expect(rows.equipment.map(\.intelligent) == [true])
    #expect(
      try desk.rules() == [
        "设备名称（必填） (column C): the brackets have a unit or a hint; read as name 设备名称, 1 row",
        "“设备名称（必填）”（C 列）：括号内为单位或填写说明；读作“设备名称”，共 1 行",
        "智能化（是/否） (column E): the brackets have a unit or a hint; read as intelligent 智能化, 1 row",
        "“智能化（是/否）”（E 列）：括号内为单位或填写说明；读作“智能化”，共 1 行",
        "上报周期（分钟） (column D): values are converted to the column's unit: 1 row, first D2: '1.5' → '90'",
        "“上报周期（分钟）”（D 列）：数值已换算为本列单位，共 1 行，首见于 D2：“1.5”→“90”",
      ])
    #expect(
      Desk([Self.key + ["上报周期（万元）", "自动化程度（改造前）"], ["E1", "F001", "60", "自动"]]).complaints().filter {
        $0.hasPrefix("ledger.xlsx:")
      } == [
        "ledger.xlsx:台账:C1 (上报周期（万元）): '万元' is no unit of report_interval_s",
        "ledger.xlsx:台账:D1 (自动化程度（改造前）): unknown heading (did you mean '自动化程度'?); leave it out with "
          + "--ignore-columns, or name its column with --synonyms, a CSV file with the lines column,synonym and "
          + "automation,自动化程度（改造前）",
      ])
    #expect(
      Desk([Self.key + ["上报周期"], ["E1", "F001", "60"]]).complaints() == [
        "ledger.xlsx:台账:C1 (上报周期): the heading does not say the unit; write it in brackets, for instance 上报周期（秒）",
        "ledger.xlsx 工作表“台账”C1“上报周期”：表头未注明计量单位；请在括号内注明，例如 上报周期（秒）",
      ])
  }

  @Test("an amount with more than two decimals is quoted as the cell has it, with the remedy") func decimals()
  {
    #expect(
      Desk([Self.key + ["资产净值（万元）"], ["E1", "F001", .number("12.3456789")]]).complaints() == [
        "ledger.xlsx:台账:C2 (资产净值（万元）): '12.3456789' is not an amount in yuan from 0 to 1000000000000 with at most two "
          + "decimals; round it",
        "ledger.xlsx 工作表“台账”C2“资产净值（万元）”：“12.3456789”应为 0 至 1000000000000、最多两位小数的金额（元）；请四舍五入后填写",
      ])
  }

  @Test("a number between units is exact, or refused") func units() throws {
    func interval(_ unit: String, _ value: String) -> [String] {
      let desk = Desk([Self.key + [.text("上报周期（\(unit)）")], ["E1", "F001", .number(value)]])
      return (try? desk.read().equipment.map { "\($0.reportInterval?.milliseconds ?? -1)" })
        ?? desk.complaints()
    }
    #expect(interval("小时", "0.25") == ["900000"])
    #expect(interval("毫秒", "2000") == ["2000"])
    #expect(
      interval("毫秒", "1500").first
        == "ledger.xlsx:台账:C2 (上报周期（毫秒）): '1.5' is not a whole number of seconds from 1 to 2678400")
    #expect(
      interval("小时", "9223372036854775807").first
        == "ledger.xlsx:台账:C2 (上报周期（小时）): '33204139332677192905200' is not a whole number of seconds from 1 to "
        + "2678400")
  }

  @Test("an amount that cannot be converted is refused, and never stands in the unit of another heading")
  func largeAmounts() throws {
    func value(_ amount: String) -> [String] {
      let desk = Desk([Self.key + ["资产净值（亿元）"], ["E1", "F001", .number(amount)]])
      return (try? desk.read().equipment.map { "\($0.assetValue ?? -1)" }) ?? desk.complaints()
    }
    #expect(value("100.00000001") == ["1000000000100"])
    #expect(
      value("1000000000") == [
        "ledger.xlsx:台账:C2 (资产净值（亿元）): '1000000000' is not an amount in yuan from 0 to 1000000000000 "
          + "with at most two decimals",
        "ledger.xlsx 工作表“台账”C2“资产净值（亿元）”：“1000000000”应为 0 至 1000000000000、最多两位小数的金额（元）",
      ])
    for amount in ["1.0000000001", "10000000000000000000"] {
      #expect(
        value(amount) == [
          "ledger.xlsx:台账:C2 (资产净值（亿元）): '\(amount)' cannot be converted to the column's unit; write at most 18 "
            + "digits, 9 of them after the point",
          "ledger.xlsx 工作表“台账”C2“资产净值（亿元）”：“\(amount)”无法换算为本列单位；请填写不超过 18 位数字、小数不超过 9 位的数值",
        ])
    }
  }

  @Test("a hidden column that is read is said, and one that is not stored is not") func hiddenColumns() throws
  {
    var sheet = MemorySheet(
      "ledger.xlsx", "台账",
      Desk.numbered([
        ["序号", "资产编号", "企业编号", "设备名称"], ["1", "E1", "F001", "车床"], ["2", "E2", "F001", "铣床"],
      ]))
    sheet.hiddenColumns = [1...1, 3...3, 3...4]
    var desk = Desk()
    desk.ledgers = [
      LedgerSource { [sheet] () throws(RegisterProblem) in
        Ledger(name: "ledger.xlsx", english: "XLSX", chinese: "XLSX", sheets: ["台账"]) {
          (_) throws(RegisterProblem) in sheet
        }
      }
    ]
    #expect(
      try desk.rules() == [
        "企业编号 (column C): hidden, read as the others, 2 rows", "“企业编号”（C 列）：隐藏，与其他列同样读取，共 2 行",
        "设备名称 (column D): hidden, read as the others, 2 rows", "“设备名称”（D 列）：隐藏，与其他列同样读取，共 2 行",
        "序号 (column A): row numbers, not stored, 2 rows", "“序号”（A 列）：序号，不予保存，共 2 行",
      ])
    #expect(
      RegisterRule.Kind.hiddenColumns.inSums == ("hidden columns are read as the others", "隐藏列与其他列同样读取"))
  }
}
