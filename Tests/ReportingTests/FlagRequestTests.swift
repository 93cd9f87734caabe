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
    #expect(try rows(.district, .english) == [])
  }
}
