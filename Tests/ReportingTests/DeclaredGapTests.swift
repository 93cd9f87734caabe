import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// The title of the picture of declared and measured figures: of how many factories it speaks.
@Suite("Factories that declare more than is networked") struct DeclaredGapTests {
  /// The title for factories G1, G2 and so on with one machine each; nil without a picture.
  private func title(
    _ factories: [(connectable: Bool, isHeard: Bool)], observed: Bool = true, _ language: Language
  ) throws -> String? {
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    func key(_ place: Int) -> EquipmentKey { EquipmentKey(factory: "G\(place + 1)", equipment: "E1") }
    let entries = factories.enumerated().map { place, factory in
      RegisterSnapshot.Entry(
        equipment: RegisteredEquipment(
          key: key(place), digital: factory.connectable, connectable: factory.connectable),
        service: .inService)
    }
    let heard = factories.indices.filter { factories[$0].isHeard }.map { place in
      EquipmentEvidence(key: key(place), readings: .init(last: period.asOf, state: .running))
    }
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay,
        // The last factory has no equipment.
        factories: (0...factories.count).map { RegisteredFactory(id: key($0).factory) }, entries: entries),
      evidence: StoreEvidence(
        asOf: period.asOf, equipment: heard, observed: observed ? [(period.from, period.until)] : []),
      knownAt: SampleDistrict.asOf, period: period)
    let report = try Report(
      on: .district, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    let blocks = ReportDocument(report, language: language, sections: [.ranking]).sections.flatMap(\.blocks)
    return blocks.compactMap { if case .chart(let chart) = $0 { chart.title } else { nil } }.first
  }

  @Test func `the base is the factories that declare connectable equipment and were observed`() throws {
    let factories = [(true, false), (true, true), (false, true), (false, false)]
    #expect(
      try title(factories, .english)
        == "1 of 2 factories that declare connectable equipment and were observed declares more than is networked"
    )
    #expect(try title(factories, .chinese) == "申报有可联网设备且有观测的 2 家企业中，有 1 家申报可联网率高于设备联网率")
    #expect(
      try title([(true, true), (false, true)], .english)
        == "None of 1 factory that declares connectable equipment and was observed declares more than is networked"
    )
    #expect(try title([(true, true), (false, true)], .chinese) == "申报有可联网设备且有观测的 1 家企业，申报可联网率均不高于设备联网率")
    #expect(
      try title([(false, true)], .english) == "No factory that was observed declares connectable equipment")
    #expect(try title([(false, true)], .chinese) == "有观测的企业均未申报可联网设备")
    // Nothing was measured, so nothing is compared.
    #expect(try title([(true, false)], observed: false, .english) == nil)
  }
}
