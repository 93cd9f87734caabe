import Register
import Telemetry
import TestSupport
import Testing

@Suite("The register as files again")
struct RegisterExportTests {
  private let snapshot = RegisterSnapshot(
    version: 3, day: day(10),
    factories: [
      RegisteredFactory(
        id: "F1", nameChinese: "示例厂", nameEnglish: "Works, Ltd \"A\"", industry: "machinery",
        district: "科学城", retrofitCompletedOn: day(3))
    ],
    entries: [
      .init(
        equipment: RegisteredEquipment(
          key: EquipmentKey(factory: "F1", equipment: "-01"), workshop: "W1", line: "L1", name: "数控\n车床",
          category: "=cmd", automation: .semiAutomatic, intelligent: true, connectable: true,
          reportInterval: .seconds(60), commissionedOn: day(0), decommissionedOn: day(10),
          retrofittedOn: day(2), serial: "+49", energyMeter: "@m", energyRollover: 99_999_900, gateway: "G",
          cnc: true, process: "精车", keyProcess: false, idealCycle: .milliseconds(12_050),
          assetValue: 1_234_505,
          meterKind: .electricity, countsOutput: true),
        service: .retired),
      .init(equipment: machine("E2"), service: .inService),
    ])

  @Test("in English, lines end with CRLF and cells are quoted where a reader might take them otherwise")
  func english() {
    let export = RegisterExport(snapshot)
    #expect(
      String(decoding: export.factoriesCSV(), as: UTF8.self)
        == "factory_id,name_zh,name_en,industry,district,retrofit_completed_on\r\n"
        + "F1,示例厂,\"Works, Ltd \"\"A\"\"\",machinery,科学城,2026-01-04\r\n")
    #expect(
      String(decoding: export.equipmentCSV(), as: UTF8.self)
        == "equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,"
        + "report_interval_s,commissioned_on,decommissioned_on,retrofitted_on,serial,energy_meter,energy_rollover,gateway,"
        + "cnc,process,key_process,ideal_cycle_s,asset_value,meter_kind,counts_output\r\n"
        + "\"-01\",F1,W1,L1,\"数控\n车床\",\"=cmd\",semi_automatic,yes,no,yes,60,2026-01-01,2026-01-11,"
        + "2026-01-03,\"+49\",\"@m\",99999.9,G,"
        + "yes,精车,no,12.05,12345.05,electricity,yes\r\n"
        + "E2,F1,,,,,unclassified,no,no,no,,,,,,,,,,,,,,,\r\n")
  }

  @Test("in Chinese, headings and words are Chinese, after a byte order mark when asked for")
  func chinese() {
    let export = RegisterExport(snapshot)
    #expect(
      String(decoding: export.equipmentCSV(.chinese), as: UTF8.self)
        == "资产编号,企业编号,车间,产线,设备名称,类别,自动化程度,智能化,数字化,可联网,上报周期秒,投用日期,退役日期,改造日期,"
        + "序列号,电表,电表量程,网关,数控化,工序,关键工序,标准节拍,资产净值,计量器具类型,产量计数\r\n"
        + "\"-01\",F1,W1,L1,\"数控\n车床\",\"=cmd\",半自动,是,否,是,60,2026-01-01,2026-01-11,2026-01-03,"
        + "\"+49\",\"@m\",99999.9,G,"
        + "是,精车,否,12.05,12345.05,电,是\r\n"
        + "E2,F1,,,,,未分类,否,否,否,,,,,,,,,,,,,,,\r\n")
    let marked = export.factoriesCSV(.chinese, byteOrderMark: true)
    #expect(Array(marked.prefix(3)) == [0xEF, 0xBB, 0xBF])
    #expect(Array(marked.dropFirst(3)) == export.factoriesCSV(.chinese))
  }

  @Test("equipment registered from a later day on is left out and counted; assumed rows are counted")
  func whatRowsCannotSay() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 0), machine("E2")], effective: 10)
    history.append([machine("E3", from: 0), machine("E4", from: 30)], effective: 20)
    let export = RegisterExport(history.snapshot(day: day(5)))
    #expect(export.equipment == [machine("E1", from: 0), machine("E4", from: 30)])
    #expect(export.assumed == 1)
    #expect(export.registeredLater == 2)
  }

  @Test("rows no import would take are named")
  func unreadable() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 20, until: 10)], effective: 0)
    let export = RegisterExport(history.snapshot(day: day(10)))
    #expect(
      export.problems(equipmentName: "e.csv", factoriesName: "f.csv") == [
        RegisterProblem(
          file: "e.csv", line: 2, column: (13, "decommissioned_on"),
          message: "2026-01-11 is not after commissioned_on 2026-01-21")
      ])
    history.append([machine("E1", from: 0)], effective: 0)
    let repaired = RegisterExport(history.snapshot(day: day(10)))
    #expect(repaired.problems(equipmentName: "e.csv", factoriesName: "f.csv") == [])
  }

  @Test("whatever a register holds is read back the same, in either language, with or without a mark")
  func roundTrip() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let rows = RegisterRows.arbitrary(using: &random)
      var history = RegisterHistory()
      history.append(rows, effectiveOn: day(20), importedAt: Timestamp(milliseconds: 0))
      let export = RegisterExport(history.snapshot(day: day(20)))
      try #require(export.equipment == rows.equipment, "seed \(seed)")
      for headings in RegisterExport.Headings.allCases {
        let mark = Bool.random(using: &random)
        let read = try RegisterRows.read(
          equipment: RegisterFile(
            name: "equipment.csv", bytes: export.equipmentCSV(headings, byteOrderMark: mark)),
          factories: RegisterFile(
            name: "factories.csv", bytes: export.factoriesCSV(headings, byteOrderMark: mark)))
        try #require(read == rows, "seed \(seed)")
      }
      try #require(export.problems(equipmentName: "e", factoriesName: "f") == [], "seed \(seed)")
    }
  }
}

extension RegisterRows {
  /// Two factories and up to eight machines with texts that CSV must take care of.
  fileprivate static func arbitrary(using random: inout SeededGenerator) -> RegisterRows {
    let factories = ["F1", "-F2"].map { id in
      RegisteredFactory(
        id: id, nameChinese: .arbitrary(using: &random), nameEnglish: .arbitrary(using: &random),
        industry: .arbitrary(using: &random), district: .arbitrary(using: &random),
        retrofitCompletedOn: Bool.random(using: &random) ? day(.random(in: -400...400, using: &random)) : nil)
    }
    var equipment: [RegisteredEquipment] = []
    for factory in factories {
      for id in ["-1", ".", "E1", "e1"] where Bool.random(using: &random) {
        let from = Bool.random(using: &random) ? Int.random(in: 0...40, using: &random) : nil
        let until = Bool.random(using: &random) ? (from ?? 0) + .random(in: 1...30, using: &random) : nil
        var one = machine(id, factory: factory.id, name: .arbitrary(using: &random), from: from, until: until)
        one.workshop = ["", "W1", "-W"].randomElement(using: &random) ?? ""
        one.line = ["", "L.1"].randomElement(using: &random) ?? ""
        one.category = .arbitrary(using: &random)
        one.automation = Automation.allCases.randomElement(using: &random) ?? .manual
        one.intelligent = Bool.random(using: &random)
        one.digital = Bool.random(using: &random)
        one.connectable = Bool.random(using: &random)
        one.reportInterval =
          Bool.random(using: &random) ? .seconds(.random(in: 1...9999, using: &random)) : nil
        one.retrofittedOn = Bool.random(using: &random) ? day(.random(in: 0...9, using: &random)) : nil
        one.serial = .arbitrary(using: &random)
        one.energyMeter = .arbitrary(using: &random)
        one.gateway = .arbitrary(using: &random)
        one.cnc = [nil, true, false].randomElement(using: &random) ?? nil
        one.process = .arbitrary(using: &random)
        one.keyProcess = one.process.isEmpty ? nil : [nil, true, false].randomElement(using: &random) ?? nil
        one.idealCycle =
          Bool.random(using: &random) ? .milliseconds(.random(in: 1...86_400_000, using: &random)) : nil
        one.assetValue =
          Bool.random(using: &random) ? .random(in: 0...100_000_000_000_000, using: &random) : nil
        one.meterKind = ([nil] + MeterKind.allCases.map { Optional($0) }).randomElement(using: &random) ?? nil
        one.countsOutput = [nil, true, false].randomElement(using: &random) ?? nil
        equipment.append(one)
      }
    }
    return RegisterRows(factories: factories, equipment: equipment)
  }
}

extension String {
  /// A text as a register may hold it: anything but white space at its ends.
  fileprivate static func arbitrary(using random: inout SeededGenerator) -> String {
    let inner = [
      "\"", ",", "\n", "\r\n", "\r", " ", "\t", "\u{3000}", ";", "'", "=", "-", "a", "数", "控", "é", "🏭", "，",
    ]
    let ends = ["\"", ",", "=", "+", "-", "@", "'", "x", "车", "床", "🤖", "\"\"", "yes", "是"]
    let length = Int.random(in: 0...6, using: &random)
    guard length > 0 else { return "" }
    var text = ends.randomElement(using: &random) ?? ""
    for _ in 1...length { text += inner.randomElement(using: &random) ?? "" }
    return text + (ends.randomElement(using: &random) ?? "")
  }
}
