import Foundation
import Register
import Telemetry
import Testing

@Suite("Register files become rows, or every problem by line and column")
struct RegisterRowsTests {
  static func file(_ name: String, _ text: String) -> RegisterFile {
    RegisterFile(name: name, bytes: Array(text.utf8))
  }

  static func read(
    _ equipment: String, factories: String? = nil, stored: Set<String> = ["F001"]
  ) throws(RegisterProblems) -> RegisterRows {
    try RegisterRows.read(
      equipment: file("equipment.csv", equipment),
      factories: factories.map { file("factories.csv", $0) }, stored: stored)
  }

  static func complaints(
    _ equipment: String, factories: String? = nil, stored: Set<String> = ["F001"]
  ) -> [String] {
    do {
      _ = try read(equipment, factories: factories, stored: stored)
      return []
    } catch { return error.lines() }
  }

  @Test("a full row gives every attribute")
  func fullRow() throws {
    let rows = try Self.read(
      """
      equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,\
      report_interval_s,commissioned_on,decommissioned_on,retrofitted_on,serial,energy_meter,gateway
      E1,F001,W01,L1,"车床, 1号",CNC lathe,automatic,yes,TRUE,1,60,2016-04-18,2030/1/2,2025-9-30,S-1,EM1,GW1
      """)
    #expect(
      rows.equipment == [
        RegisteredEquipment(
          key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01", line: "L1", name: "车床, 1号",
          category: "CNC lathe", automation: .automatic, intelligent: true, digital: true, connectable: true,
          reportInterval: .seconds(60), commissionedOn: CalendarDay("2016-04-18"),
          decommissionedOn: CalendarDay("2030-01-02"), retrofittedOn: CalendarDay("2025-09-30"),
          serial: "S-1", energyMeter: "EM1", gateway: "GW1")
      ])
    #expect(rows.factories == [])
  }

  @Test("attributes for forms are read in both languages; an empty cell states nothing, no is stated")
  func formAttributes() throws {
    let english = try Self.read(
      """
      equipment_id,factory_id,cnc,process,key_process,ideal_cycle_s,asset_value,meter_kind,counts_output
      E1,F001,yes,Turning,yes,12.5,1234.56,Natural Gas,no
      E2,F001,,,,,,,
      E3,F001,0,,no,86400,0,none,1
      """)
    let chinese = try Self.read(
      """
      资产编号,企业编号,数控化,工序,关键工序,标准节拍,资产净值,计量器具类型,产量计数
      E1,F001,是,Turning,是,12.500,1234.560,天然气,否
      E2,F001,,,,,,,
      E3,F001,否,,否,86400.000,0.00,非必配,是
      """)
    #expect(english == chinese)
    func key(_ id: String) -> EquipmentKey { EquipmentKey(factory: "F001", equipment: id) }
    #expect(
      english.equipment == [
        RegisteredEquipment(
          key: key("E1"), cnc: true, process: "Turning", keyProcess: true, idealCycle: .milliseconds(12_500),
          assetValue: 123_456, meterKind: .gas, countsOutput: false),
        RegisteredEquipment(key: key("E2")),
        RegisteredEquipment(
          key: key("E3"), cnc: false, keyProcess: false, idealCycle: .days(1), assetValue: 0,
          meterKind: MeterKind.none, countsOutput: true),
      ])
    #expect(english.equipment.map(\.hasFormAttributes) == [true, false, true])
  }

  @Test("a wrong attribute for forms is named with what it must be, in both languages")
  func wrongFormAttributes() {
    let text = """
      equipment_id,factory_id,cnc,process,key_process,ideal_cycle_s,asset_value,meter_kind,counts_output
      E1,F001,maybe,,yes,0,-1,coke,x
      E2,F001,,,,86400.001,0.001,,
      E3,F001,,,,1e3,1000000000000.01,,
      """
    #expect(
      Self.complaints(text) == [
        "equipment.csv:2:cnc (column 3): 'maybe' is neither yes (true, 1, 是) nor no (false, 0, 否)",
        "equipment.csv:2:key_process (column 5): a key process step needs its name in the column 'process'",
        "equipment.csv:2:ideal_cycle_s (column 6): '0' is not a number of seconds above 0, at most 86400, with at "
          + "most three decimals",
        "equipment.csv:2:asset_value (column 7): '-1' is not an amount in yuan from 0 to 1000000000000 with at most "
          + "two decimals",
        "equipment.csv:2:meter_kind (column 8): 'coke' is not one of none 非必配, electricity 电, water 水, gas 燃气, "
          + "steam 蒸汽, heat 热力, fuel 燃料, other 其他",
        "equipment.csv:2:counts_output (column 9): 'x' may mean yes or no; write one of them",
        "equipment.csv:3:ideal_cycle_s (column 6): '86400.001' is not a number of seconds above 0, at most 86400, "
          + "with at most three decimals",
        "equipment.csv:3:asset_value (column 7): '0.001' is not an amount in yuan from 0 to 1000000000000 with at "
          + "most two decimals; round it",
        "equipment.csv:4:ideal_cycle_s (column 6): '1e3' is not a number of seconds above 0, at most 86400, with at "
          + "most three decimals",
        "equipment.csv:4:asset_value (column 7): '1000000000000.01' is not an amount in yuan from 0 to 1000000000000 "
          + "with at most two decimals; round it",
      ])
    do {
      _ = try Self.read(text)
    } catch {
      let lines = error.lines(inChinese: true)
      #expect(
        lines[1...4] == [
          "equipment.csv 第 2 行“key_process”（第 5 列）：标为关键工序的设备须在“process”列填写工序名称",
          "equipment.csv 第 2 行“ideal_cycle_s”（第 6 列）：“0”应为大于 0、不超过 86400、最多三位小数的秒数",
          "equipment.csv 第 2 行“asset_value”（第 7 列）：“-1”应为 0 至 1000000000000、最多两位小数的金额（元）",
          "equipment.csv 第 2 行“meter_kind”（第 8 列）：“coke”应为非必配、电、水、燃气、蒸汽、热力、燃料、其他之一",
        ])
    }
  }

  @Test("ids alone are enough; everything else has its default")
  func defaults() throws {
    let rows = try Self.read("factory_id,equipment_id\nF001,E2\nF001,E1\n")
    #expect(
      rows.equipment == [
        RegisteredEquipment(key: EquipmentKey(factory: "F001", equipment: "E1")),
        RegisteredEquipment(key: EquipmentKey(factory: "F001", equipment: "E2")),
      ])
  }

  @Test("factories are read beside, and cells missing at a row's end are empty")
  func factories() throws {
    let rows = try Self.read(
      "equipment_id,factory_id,name\nE1,F2\n",
      factories: "企业编号,企业名称,英文名称,行业,园区,改造完成日期\nF2,示例厂,Works,machinery,科学城,2025/10/31\nF1\n")
    #expect(
      rows.factories == [
        RegisteredFactory(id: "F1"),
        RegisteredFactory(
          id: "F2", nameChinese: "示例厂", nameEnglish: "Works", industry: "machinery", district: "科学城",
          retrofitCompletedOn: CalendarDay("2025-10-31")),
      ])
  }

  @Test("the shipped Chinese GB18030 sample says the same as the English one, but for its categories")
  func samples() throws {
    func sample(_ name: String) throws -> RegisterFile {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Config/register")
      return RegisterFile(
        name: name, bytes: [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))))
    }
    let factories = try sample("factories.csv")
    let english = try RegisterRows.read(equipment: try sample("equipment.csv"), factories: factories)
    let chinese = try RegisterRows.read(equipment: try sample("equipment-gb18030.csv"), factories: factories)
    #expect(english.equipment.count == 19)
    #expect(english.factories.map(\.nameChinese) == ["渝北精密机械厂（示例）", "高新电子（示例）"])
    #expect(english.factories == chinese.factories)
    func withoutCategory(_ rows: RegisterRows) -> [RegisteredEquipment] {
      rows.equipment.map { one in
        var one = one
        one.category = ""
        return one
      }
    }
    #expect(withoutCategory(english) == withoutCategory(chinese))
    #expect(english.equipment.map(\.isProduction) == chinese.equipment.map(\.isProduction))
    #expect(
      english.equipment.filter { !$0.isProduction }.map(\.key.description)
        == ["F001/EM04", "F001/GW01", "F001/GW02"])
  }

  @Test(
    "every word of the lists is understood",
    arguments: [
      ("manual", Automation.manual), ("手动", .manual), ("semi_automatic", .semiAutomatic),
      ("半自动", .semiAutomatic), ("automatic", .automatic), ("自动", .automatic),
      ("unclassified", .unclassified), ("未分类", .unclassified), ("", .unclassified),
      // Spellings in ledgers: none may be read as a lower degree.
      ("全自动", .automatic), ("自动化", .automatic), ("全自动化", .automatic), ("Automatic", .automatic),
      ("半自动化", .semiAutomatic), ("Semi-Automatic", .semiAutomatic), ("手工", .manual), ("人工", .manual),
      ("全手动", .manual),
    ])
  func automation(_ word: String, _ expected: Automation) throws {
    let rows = try Self.read("equipment_id,factory_id,automation\nE1,F001,\(word)\n")
    #expect(rows.equipment.map(\.automation) == [expected])
  }

  @Test(
    "yes and no in all their forms",
    arguments: [
      ("yes", true), ("Yes", true), ("true", true), ("1", true), ("是", true), ("no", false), ("NO", false),
      ("false", false), ("0", false), ("否", false), ("", false),
    ])
  func flags(_ word: String, _ expected: Bool) throws {
    let rows = try Self.read("equipment_id,factory_id,digital\nE1,F001,\(word)\n")
    #expect(rows.equipment.map(\.digital) == [expected])
  }

  @Test(
    "each bad cell has its message",
    arguments: [
      (
        "automation", "autmatic",
        "'autmatic' is not one of manual 手动, semi_automatic 半自动, automatic 自动, unclassified 未分类 "
          + "(did you mean 'automatic'?)"
      ),
      (
        "自动化程度", "自动的",
        "'自动的' is not one of manual 手动, semi_automatic 半自动, automatic 自动, unclassified 未分类"
      ),
      (
        "automation", "7",
        "'7' is not one of manual 手动, semi_automatic 半自动, automatic 自动, unclassified 未分类"
      ),
      ("digital", "maybe", "'maybe' is neither yes (true, 1, 是) nor no (false, 0, 否)"),
      ("report_interval_s", "0", "'0' is not a whole number of seconds from 1 to 2678400"),
      ("report_interval_s", "2678401", "'2678401' is not a whole number of seconds from 1 to 2678400"),
      ("report_interval_s", "1.5", "'1.5' is not a whole number of seconds from 1 to 2678400"),
      ("report_interval_s", "+5", "'+5' is not a whole number of seconds from 1 to 2678400"),
      (
        "report_interval_s", "99999999999999999999",
        "'99999999999999999999' is not a whole number of seconds from 1 to 2678400"
      ),
      ("commissioned_on", "2024-02-30", "'2024-02-30' is not a date such as 2024-03-05 or 2024/3/5"),
      ("commissioned_on", "4535", "'4535' is not a date such as 2024-03-05 or 2024/3/5"),
      ("commissioned_on", "3/5/2024", "'3/5/2024' may be 2024-03-05 or 2024-05-03; write the year first"),
      ("commissioned_on", "2024/3-5", "'2024/3-5' is not a date such as 2024-03-05 or 2024/3/5"),
      ("commissioned_on", "0204-03-05", "0204-03-05 is not a date from 1900 to 2199"),
      ("车间", "装配车间", "'装配车间' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"),
      ("line", "L 1", "'L 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"),
      ("name", String(repeating: "车", count: 201), "201 characters, where 200 are the most"),
    ])
  func badCell(_ heading: String, _ cell: String, _ message: String) {
    #expect(
      Self.complaints("equipment_id,factory_id,\(heading)\nE0,F001,\nE1,F001,\(cell)\n")
        == ["equipment.csv:3:\(heading) (column 3): \(message)"])
  }

  @Test("the shortest and the longest interval pass", arguments: ["1", "2678400"])
  func intervals(_ seconds: String) throws {
    let rows = try Self.read("equipment_id,factory_id,report_interval_s\nE1,F001,\(seconds)\n")
    #expect(rows.equipment.first?.reportInterval?.milliseconds == Int64(seconds).map { $0 * 1000 })
  }

  @Test("ids are required and must be ids")
  func ids() {
    #expect(
      Self.complaints(
        "equipment_id,factory_id,name\n,F001,a\nE/1,F001,b\n\(String(repeating: "E", count: 65)),,c\n")
        == [
          "equipment.csv:2:equipment_id (column 1): a value is required; delete the row if it is no equipment",
          "equipment.csv:3:equipment_id (column 1): 'E/1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
          "equipment.csv:4:equipment_id (column 1): '\(String(repeating: "E", count: 60))…' is not an id: "
            + "1 to 64 of A–Z a–z 0–9 _ . -",
          "equipment.csv:4:factory_id (column 2): a value is required",
        ])
  }

  @Test("an equipment is in a file once; the same number in two factories is two equipment")
  func duplicates() throws {
    #expect(
      Self.complaints("equipment_id,factory_id\nE1,F001\nE1,F002\n\nE1,F001\n", stored: ["F001", "F002"])
        == ["equipment.csv:5:equipment_id (column 1): F001/E1 is already on line 2"])
    #expect(
      Self.complaints("equipment_id,factory_id\nE1,F001\n", factories: "factory_id\nF001\nF001\n")
        == ["factories.csv:3:factory_id (column 1): factory F001 is already on line 2"])
  }

  @Test("out of service comes after into service")
  func dates() throws {
    let head = "equipment_id,factory_id,投用日期,退役日期\n"
    #expect(
      Self.complaints(head + "E1,F001,2024-03-05,2024-03-05\nE2,F001,2024-03-05,2024/3/4\n") == [
        "equipment.csv:2:退役日期 (column 4): 2024-03-05 is not after 投用日期 2024-03-05",
        "equipment.csv:3:退役日期 (column 4): 2024-03-04 is not after 投用日期 2024-03-05",
      ])
    #expect(Self.complaints(head + "E1,F001,2024-03-05,2024-03-06\nE2,F001,,2024-03-06\n") == [])
  }

  @Test("a factory must be in the file beside or in the register")
  func unknownFactory() {
    #expect(
      Self.complaints("equipment_id,factory_id\nE1,F021\nE2,F001\nE3,F020\n", factories: "factory_id\nF020\n")
        == [
          "equipment.csv:2:factory_id (column 2): factory 'F021' is not in factories.csv or the register "
            + "(did you mean 'F001'?)"
        ])
    #expect(
      Self.complaints("equipment_id,factory_id\nE1,X9\n", stored: [])
        == [
          "equipment.csv:2:factory_id (column 2): factory 'X9' is not in the register; "
            + "name its file with --factories"
        ])
  }

  @Test("an unreadable factories file is one problem, not one more for every row")
  func unreadableFactories() {
    #expect(
      Self.complaints("equipment_id,factory_id\nE1,F010\nE2,F010\n", factories: "factory\nF010\n") == [
        "factories.csv:1:factory (column 1): unknown heading",
        "factories.csv:1: there is no column 'factory_id' ('企业编号')",
      ])
  }

  /// The remedy for an unknown heading of an equipment file.
  private static let remedy = "; leave it out with --ignore-columns, or name its column with --synonyms"

  @Test("headings that are unknown, repeated or missing")
  func headings() {
    #expect(
      Self.complaints("equipment_id,factory_id,automaton,颜色,Seriel,资产编号\nE1,F001,,,,\n") == [
        "equipment.csv:1:automaton (column 3): unknown heading (did you mean 'automation'?)" + Self.remedy,
        "equipment.csv:1:颜色 (column 4): unknown heading" + Self.remedy,
        "equipment.csv:1:Seriel (column 5): unknown heading (did you mean 'serial'?)" + Self.remedy,
        "equipment.csv:1:资产编号 (column 6): this heading repeats column 1, 'equipment_id'; leave one out with "
          + "--ignore-columns",
      ])
    #expect(
      Self.complaints("name\nlathe\n") == [
        "equipment.csv:1: there is no column 'equipment_id' ('资产编号')",
        "equipment.csv:1: there is no column 'factory_id' ('企业编号'); say where the factory is with --factory-from",
      ])
    #expect(
      Self.complaints("\n\n")
        == ["equipment.csv: the file is empty; its first line holds the headings"])
  }

  @Test("a value below no heading is not lost in silence; an empty column is no harm")
  func strayCells() {
    #expect(Self.complaints("equipment_id,factory_id,,\nE1,F001,,\nE2,F001,,,,\n") == [])
    #expect(
      Self.complaints("equipment_id,factory_id,,\nE1,F001,x\nE2,F001,,,y\n") == [
        "equipment.csv:2:column 3: column 3 has the value 'x' but no heading",
        "equipment.csv:3:column 5: column 5 has the value 'y' but no heading",
      ])
  }

  @Test(
    "other separators are called by their names",
    arguments: [
      ("\t", "tabs"), (";", "semicolons"), ("；", "semicolons"), ("，", "wide commas"),
    ])
  func separators(_ separator: String, _ name: String) {
    #expect(
      Self.complaints("equipment_id\(separator)factory_id\nE1\(separator)F001\n")
        == ["equipment.csv:1: the cells are separated by \(name); save the file as CSV separated by commas"])
  }

  @Test("all problems of both files come at once, in the order of the files")
  func everythingAtOnce() {
    #expect(
      Self.complaints(
        "equipment_id,factory_id,digital,name\nE1,F001,2,\"a\nb\"\nE 2,F001,no,c\"d\n",
        factories: "factory_id,retrofit_completed_on\nF 2,soon\n") == [
          "equipment.csv:2:digital (column 3): '2' is neither yes (true, 1, 是) nor no (false, 0, 否)",
          "equipment.csv:4:equipment_id (column 1): 'E 2' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
          "equipment.csv:4:name (column 4): a quote inside a cell that does not begin with one; "
            + "enclose the cell in quotes",
          "factories.csv:2:factory_id (column 1): 'F 2' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
          "factories.csv:2:retrofit_completed_on (column 2): 'soon' is not a date such as 2024-03-05 "
            + "or 2024/3/5",
        ])
  }

  @Test("a long list of problems is cut and counted")
  func longList() {
    let bad = (1...5).map { "E\($0),F009" }.joined(separator: "\n")
    do {
      _ = try Self.read("equipment_id,factory_id\n" + bad, stored: [])
      Issue.record("five unknown factories were accepted")
    } catch {
      #expect(error.problems.count == 5)
      #expect(error.lines(limit: 2).count == 3)
      #expect(error.lines(limit: 2).last == "… and 3 more: 3 × unknown factories")
      #expect(error.lines(limit: 5).count == 5)
    }
  }

  @Test("headings are known in any letter case, with stars, spaces or hyphens")
  func spelledHeadings() throws {
    let rows = try Self.read("EQUIPMENT_ID,企业编号*,Report Interval-S,＊设备名称\nE1,F001,60,车床\n")
    #expect(
      rows.equipment == [
        RegisteredEquipment(
          key: EquipmentKey(factory: "F001", equipment: "E1"), name: "车床", reportInterval: .seconds(60))
      ])
  }

  @Test("a row number is no serial number: it is passed over, and that is said")
  func rowNumbers() throws {
    let rows = try Self.read("序号,equipment_id,factory_id,serial\n1,E1,F001,S-9\n")
    #expect(rows.equipment.map(\.serial) == ["S-9"])
    let rules = rows.sheets.flatMap(\.rules)
    #expect(rules.map(\.english) == ["序号 (column 1): row numbers, not stored, 1 row"])
    #expect(rules.map(\.chinese) == ["“序号”（第 1 列）：序号，不予保存，共 1 行"])
    // A word that contains the name of a column, or is a part of it, is similar to it; a word that only shares characters
    // is not.
    let example = Self.remedy + ", a CSV file with the lines column,synonym and serial,"
    #expect(
      Self.complaints("equipment_id,factory_id,主机序列号,序列,列序,\nE1,F001,,,,\n") == [
        "equipment.csv:1:主机序列号 (column 3): unknown heading (did you mean '序列号'?)" + example + "主机序列号",
        "equipment.csv:1:序列 (column 4): unknown heading (did you mean '序列号'?)" + example + "序列",
        "equipment.csv:1:列序 (column 5): unknown heading" + Self.remedy,
      ])
  }

  @Test("the first thousand problems are kept, the others counted by kind, in both languages")
  func manyProblems() {
    let bad = (1...1500).map { "E \($0),F001,maybe" }.joined(separator: "\n")
    do {
      _ = try Self.read("equipment_id,factory_id,digital\n" + bad)
      Issue.record("bad rows were accepted")
    } catch {
      #expect(error.count == 3000)
      #expect(error.problems.count == 1000)
      #expect(
        error.lines().last == "… and 2000 more: 1000 × not an id, 1000 × unknown words")
      #expect(
        error.lines(limit: 998, inChinese: true).last
          == "……另有 2002 处：编号格式错误 1001 处，无法识别的填写内容 1001 处")
      #expect(
        error.lines(inChinese: true).first
          == "equipment.csv 第 2 行“equipment_id”（第 1 列）：“E 1”不是有效编号：应为 1 至 64 个字母、数字或 _ . -")
      // The first thousand are those of the rows on lines 2 to 501.
      let places = error.places(file: "equipment.csv")
      #expect(error.placeCount == places.count)
      #expect(
        places
          == (502...1501).flatMap { line in
            [
              ProblemPlace(.identifier, line: line, column: 1), ProblemPlace(.word, line: line, column: 3),
            ].compactMap(\.self)
          })
      #expect(places.first?.line == 502 && places.first?.column == 1 && places.first?.kind == .identifier)
    }
  }

  @Test("a place has its bounds, and a whole line has no column")
  func placeBounds() {
    #expect(ProblemPlace(.form, line: Int(UInt32.max) + 1, column: 1) == nil)
    #expect(ProblemPlace(.form, line: 1, column: 65_536) == nil)
    #expect(ProblemPlace(.form, line: -1, column: 1) == nil)
    #expect(ProblemPlace(.other, line: 7, column: nil)?.column == nil)
    #expect(ProblemPlace(.other, line: 7, column: nil)?.kind == .other)
  }

  @Test("three hundred thousand bad rows end with the first thousand problems and the number of the others")
  func hugeFile() {
    let ill = (1...300_000).map { "E \($0),F001,maybe\n" }.joined()
    let unknown = (1...300_000).map { "E\($0),G\($0),yes\n" }.joined()
    let twice = (1...300_000).map { "E\($0 % 10),F001,yes\n" }.joined()
    for (rows, count, last) in [
      (ill, 600_000, "… and 599000 more: 299500 × not an id, 299500 × unknown words"),
      (unknown, 300_000, "… and 299000 more: 299000 × unknown factories"),
      (twice, 299_990, "… and 298990 more: 298990 × duplicates"),
    ] {
      do {
        _ = try Self.read("equipment_id,factory_id,digital\n" + rows)
        Issue.record("bad rows were accepted")
      } catch {
        #expect(error.count == count)
        #expect(error.problems.count == 1000)
        let lines = error.lines()
        #expect(lines.count == 1001 && lines.last == last)
      }
    }
  }

  @Test("a meter's modulus has a bound, so that no sum of readings leaves its range")
  func modulus() throws {
    let head = "equipment_id,factory_id,energy_rollover\n"
    #expect(
      try Self.read(head + "E1,F001,1000000000000\n").equipment[0].energyRollover == 1_000_000_000_000_000)
    #expect(
      Self.complaints(head + "E1,F001,9223372036854775.807\n") == [
        "equipment.csv:2:energy_rollover (column 3): '9223372036854775.807' is not a number above 0, at most "
          + "1000000000000, with at most three decimals"
      ])
  }
}
