import Aggregation
import Register
import Reporting
import Testing

/// Notes below energy and output.
@Suite("Green figures") struct GreenTests {
  /// The faint texts of F001's section, of which `notCounting` machines do not count the output of their line.
  private func notes(notCounting: Int, _ language: Language) throws -> [String] {
    var sums = SampleDistrict.sums()
    let place = ProductionCalendar.Place(workshop: "W01", line: "L1")
    sums.factories["F001"]?.places[place]?.machinesNotCounting = notCounting
    sums.factories["F001"]?.total.machinesNotCounting = notCounting
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(sums: sums), district: SampleDistrict.identity,
      version: "0.1.0")
    return ReportDocument(report, language: language, sections: [.green]).sections.flatMap(\.blocks)
      .compactMap { if case .prose(let text, .faint) = $0 { text } else { nil } }
  }

  @Test("The note counts metered machines, and those whose pieces are left out, and no others")
  func sources() throws {
    #expect(
      try notes(notCounting: 2, .english) == [
        "Energy: by the meters of 3 of 9 machines. Good pieces: of all machines that count pieces, except 2 machines "
          + "that do not count the output of a line."
      ])
    #expect(
      try notes(notCounting: 2, .chinese) == ["用电量：9 台设备中 3 台有计量。合格品：有产量计数的设备合计，不含 2 台不计产线产量的设备。"])
    #expect(
      try notes(notCounting: 1, .english)[0].hasSuffix(
        "except 1 machine that does not count the output of a line."))
    #expect(try notes(notCounting: 0, .chinese) == ["用电量：9 台设备中 3 台有计量。合格品：有产量计数的设备合计。"])
  }
}
