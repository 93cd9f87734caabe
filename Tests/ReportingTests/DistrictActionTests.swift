import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// What to do next in a district: by factory, the one with the most equipment first.
@Suite("What to do next in a district") struct DistrictActionTests {
  /// Twelve factories: G01 with one machine that never sent, G02 with two, and so on.
  private func report(observed: Bool) throws -> Report {
    let numbers = 1...12
    func id(_ number: Int) -> String { "G" + (number < 10 ? "0" : "") + String(number) }
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    let entries = numbers.flatMap { number in
      (1...number).map { machine in
        RegisterSnapshot.Entry(
          equipment: RegisteredEquipment(
            key: EquipmentKey(factory: id(number), equipment: "E" + String(100 + machine)), digital: true,
            connectable: true),
          service: .inService)
      }
    }
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: numbers.map { RegisteredFactory(id: id($0)) },
        entries: entries),
      evidence: StoreEvidence(
        asOf: SampleDistrict.asOf, observed: observed ? [(period.from, period.until)] : []),
      knownAt: SampleDistrict.asOf, period: period)
    return try Report(
      on: .district, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
  }

  private func blocks(_ report: Report, _ language: Language) -> [ReportDocument.Block] {
    ReportDocument(report, language: language, sections: [.actions]).sections.flatMap(\.blocks)
  }

  @Test(
    "each factory has its tasks, and the networked ratio as it is and as it would be",
    arguments: Language.allCases)
  func sample(language: Language) throws {
    let report = try Report(
      on: .district, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0")
    let blocks = blocks(report, language)
    guard case .table(let table)? = blocks.first, case .prose(let sum, _)? = blocks.last else {
      Issue.record("a table and a sentence")
      return
    }
    // Of F001 E09 was never heard, E07 not for 31 days, every message of E08 was refused, and X99 and ｅ０１ are unknown.
    let tasks =
      language == .english
      ? [
        "Connect 1 machine; bring back 1 machine; mend the messages of 1 machine; register 2 senders",
        "Connect 1 machine",
      ]
      : ["接入设备 1 台；恢复失联设备 1 台的通信；修正 1 台设备的报文；补登设备 2 台", "接入设备 1 台"]
    #expect(
      table.rows.compactMap(\.cells).map { [$0[0], $0[1], $0[3], $0[4], $0[5]] } == [
        [.number(1), .text("F001"), .text(tasks[0]), .ratio(Count(4, of: 9)), .ratio(Count(7, of: 9))],
        [.number(2), .text("F004"), .text(tasks[1]), .ratio(Count(0, of: 1)), .ratio(Count(1, of: 1))],
      ])
    #expect(
      sum
        == (language == .english
          ? "In all, 2 factories have something to do: connect 2 machines; bring back 1 machine; "
            + "mend the messages of 1 machine; register 2 senders."
          : "共 2 家企业待整改：接入设备 2 台；恢复失联设备 1 台的通信；修正 1 台设备的报文；补登设备 2 台。"))
  }

  @Test func `ten factories are listed, and all are added up`() throws {
    let blocks = blocks(try report(observed: true), .english)
    guard case .table(let table)? = blocks.first, case .prose(let sum, _)? = blocks.last else {
      Issue.record("a table and a sentence")
      return
    }
    #expect(
      table.rows.compactMap(\.cells).map { $0[1] }
        == ["G12", "G11", "G10", "G09", "G08", "G07", "G06", "G05", "G04", "G03"].map { .text($0) })
    #expect(sum == "In all, 12 factories have something to do: connect 78 machines.")
  }

  @Test func `nobody is told to connect a machine if nothing was observed`() throws {
    #expect(blocks(try report(observed: false), .english).isEmpty)
  }

  @Test(
    "actions are directly below the key figures",
    arguments: [ReportScope.district, .factory("F001"), .workshop(factory: "F001", "W01")])
  func place(scope: ReportScope) throws {
    let report = try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      actionRules: SampleDistrict.actionRules)
    let names = ReportDocument(report, language: .english).sections.map(\.name)
    #expect(Array(names.prefix(3)) == [.overview, .figures, .actions])
  }
}
