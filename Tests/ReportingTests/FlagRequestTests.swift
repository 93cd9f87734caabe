import Aggregation
import Reporting
import Telemetry
import Testing

/// Flags of looking better than one is in the district's summary, and beside a factory's actions.
@Suite("Flags in the summary and the actions") struct FlagRequestTests {
  private func document(
    _ scope: ReportScope, _ section: ReportSection, _ language: Language, flags: [AuditFlag]
  ) throws -> ReportDocument {
    let report = try Report(
      on: scope, of: SampleDistrict.assessment(flags: flags), district: SampleDistrict.identity,
      version: "0.1.0")
    return ReportDocument(report, language: language, sections: [section])
  }

  @Test("The district's overview counts each kind with its factories") func overview() throws {
    func field(_ label: String, _ language: Language) throws -> String? {
      let document = try document(.district, .overview, language, flags: SampleForm.flags)
      guard case .fields(let fields)? = document.sections.first?.blocks.first else { return nil }
      return fields.first { $0.label == label && $0.style == .warning }?.value
    }
    #expect(
      try field("To be explained", .english)
        == "Figures may be better than reality: Claim without evidence 5 (2 factories), Removed from the base 1 "
        + "(1 factory), First connected in the period 2 (1 factory), Recently retired 1 (1 factory)")
    #expect(
      try field("待企业说明", .chinese)
        == "下列情形可能使指标偏高：申报无实测依据 5 项（2 家企业）、移出统计基数 1 项（1 家企业）、本期内首次接入 2 项（1 家企业）、"
        + "近期退役 1 项（1 家企业）")
  }

  @Test("A factory's actions say what it has to explain, of which machines") func actions() throws {
    func rows(_ scope: ReportScope, _ language: Language) throws -> [[String]] {
      let document = try document(scope, .actions, language, flags: SampleForm.flags)
      return document.sections.flatMap(\.blocks).flatMap { block -> [[String]] in
        guard case .table(let table) = block else { return [] }
        return table.rows.compactMap { $0.cells?.map { document.text($0) } }
      }
    }
    #expect(
      try rows(.factory("F001"), .english).contains([
        "First connected in the period", "2",
        "E01: in service and observed for 18 days of the period before it was first heard at 2026-11-10 22:10; E02: "
          + "in service and observed for 18 days of the period before it was first heard at 2026-11-10 22:10. Please "
          + "state when it was connected, and why it sent nothing before.",
      ]))
    #expect(
      try rows(.factory("F001"), .chinese).contains([
        "近期退役", "1", "E10：2026-11-01 起停用。请提供该设备的退役凭证。",
      ]))
    #expect(try rows(.equipment(EquipmentKey(factory: "F001", equipment: "E01")), .english) == [])
    // A district's actions name factories and no machines.
    #expect(try rows(.district, .english).flatMap(\.self).allSatisfy { !$0.contains("Please state") })
  }

  /// The name of each kind of looking better than one is.
  private static let names: [AuditFlag.Kind: (String, String)] = [
    .claimWithoutEvidence: ("Claim without evidence", "申报无实测依据"),
    .manualOperation: ("Mostly run by hand", "多为手动运行"),
    .sharedSerial: ("Duplicate serial number", "序列号重复"),
    .recentlyRetired: ("Recently retired", "近期退役"),
    .removedFromBase: ("Removed from the base", "移出统计基数"),
    .registerImproved: ("Register changed afterwards", "事后变更台账"),
    .heardFirst: ("First connected in the period", "本期内首次接入"),
    .intervalMismatch: ("Interval not as declared", "上报间隔与申报不符"),
    .backFilled: ("Data sent afterwards", "数据补传"),
    .darkInShutdown: ("Never on, planned shutdown", "全期无数据且登记停产"),
    .modeNeverStated: ("Operating mode never stated", "从未上报运行模式"),
    .sameCounters: ("Same counters as another", "计数与其他设备完全相同"),
    .noPause: ("No pause for a week", "连续一周无停顿"),
    .constantDeltas: ("Same counts every day", "逐日计数完全相同"),
    .energyWithoutPieces: ("Energy without pieces", "有能耗无产量"),
    .piecesWithoutEnergy: ("Pieces without energy", "有产量无能耗"),
    .fewMeters: ("Few machines metered", "计量覆盖不足"),
    .lateShutdown: ("Shutdown entered late", "停产补录"),
  ]

  @Test(
    "Every kind of looking better is in the factory's actions and in the district's overview",
    arguments: FormFlagTests.cases.map(\.flag), Language.allCases)
  func every(flag: AuditFlag, language: Language) throws {
    let names = try #require(Self.names[flag.kind])
    let name = language == .english ? names.0 : names.1
    let (colon, stop) = language == .english ? (": ", ". ") : ("：", "。")
    let actions = try document(.factory("F002"), .actions, language, flags: [flag])
    let found = actions.sections.flatMap(\.blocks).flatMap { block -> [[String]] in
      guard case .table(let table) = block else { return [] }
      return table.rows.compactMap { $0.cells?.map { actions.text($0) } }.filter { $0.first == name }
    }
    let request = "B1" + colon + flag.sentence(in: language, calendar: SampleDistrict.calendar)
    #expect(found.count == 1)
    #expect(found.first?.last?.contains(request) == true)
    #expect(found.first?.last?.hasSuffix(stop + flag.kind.request(in: language)) == true)
    let overview = try document(.district, .overview, language, flags: [flag])
    guard case .fields(let fields)? = overview.sections.first?.blocks.first else {
      Issue.record("The overview has no fields.")
      return
    }
    let label = language == .english ? "To be explained" : "待企业说明"
    let value = fields.first { $0.label == label && $0.style == .warning }?.value
    #expect(value?.contains("\(name) ") == true)
  }
}
