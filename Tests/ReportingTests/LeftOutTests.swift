import Aggregation
import Foundation
import Reporting
import Telemetry
import Testing

/// Alarms by code or by factory, and figures that are left out because they say nothing more.
@Suite("Alarms and rows left out") struct LeftOutTests {
  private func sums(_ alarms: [String: [String: Int]]) -> PeriodFigures {
    var sums = PeriodFigures()
    for (id, codes) in alarms {
      var factory = PeriodFigures.Factory()
      factory.total.alarms = codes
      sums.factories[id] = factory
    }
    return sums
  }

  private func table(_ report: Report, _ section: ReportSection, _ caption: String) throws -> DocumentTable {
    let blocks = ReportDocument(report, language: .english, sections: [section]).sections.flatMap(\.blocks)
    return try #require(
      blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
        .first { $0.caption == caption })
  }

  @Test("A district has alarms by factory, and adds up no codes of different factories") func district()
    throws
  {
    let sums = sums(["F001": ["E1": 3, "E2": 5], "F002": ["E1": 7], "F004": ["E9": 8]])
    let report = try Report(
      on: .district, of: SampleDistrict.assessment(sums: sums), district: SampleDistrict.identity,
      version: "0.1.0")
    let rows = try table(report, .dataQuality, "Alarms by factory").rows.compactMap(\.cells)
    #expect(
      rows.map { [$0[0]] + $0[2...] } == [
        [.text("F001"), .number(8), .number(2), .text("E2"), .number(5)],
        [.text("F004"), .number(8), .number(1), .text("E9"), .number(8)],
        [.text("F002"), .number(7), .number(1), .text("E1"), .number(7)],
        [.text("Total"), .number(23), .empty, .empty, .empty],
      ])
  }

  @Test("Of a factory's alarms the ten raised most often are shown, those raised equally often by code")
  func codes() throws {
    let codes = (10..<40).map { ("A\($0)", $0 < 20 ? 7 : 1) }
    let report = try Report(
      on: .factory("F001"),
      of: SampleDistrict.assessment(sums: sums(["F001": Dictionary(uniqueKeysWithValues: codes)])),
      district: SampleDistrict.identity, version: "0.1.0")
    let lines = TextRenderer().render(report, sections: [.dataQuality]).split(separator: "\n").map(
      String.init)
    let start = try #require(lines.firstIndex(of: "  Alarms"))
    #expect(
      lines[(start + 1)...].prefix(14) == [
        "  Alarm  Raised", "  A10         7", "  A11         7", "  A12         7", "  A13         7",
        "  A14         7", "  A15         7", "  A16         7", "  A17         7", "  A18         7",
        "  A19         7", "  … 20 more: millwright report factory F001 --all", "  ─────────────",
        "  Total      90",
      ])
  }

  @Test("An alarm has the machine that raised it most often, where machines are known") func machines() throws
  {
    var sums = SampleDistrict.sums()
    var machines = AlarmMachines()
    machines.add(2, by: "E01")
    machines.add(7, by: "E04")
    sums.factories["F001"]?.details?.alarms = ["E1": machines]
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(sums: sums), district: SampleDistrict.identity,
      version: "0.1.0")
    let table = try table(report, .dataQuality, "Alarms")
    #expect(table.columns.map(\.title) == ["Alarm", "Raised", "Machines", "Most often by", "of these"])
    #expect(
      table.rows.compactMap(\.cells) == [
        [.text("E1"), .number(9), .number(2), .text("E04"), .number(7)],
        [.text("=E2"), .number(3), .empty, .empty, .empty],
        [.text("Total"), .number(12), .empty, .empty, .empty],
      ])
    #expect(
      JSONRenderer().render(report).contains(
        #"{"code":"E1","raised":9,"machines":2,"most_by":"E04","raised_by_it":7}"#))
  }

  private func comparison(before: Bool, after: Bool) throws -> Report {
    let day = try #require(CalendarDay("2026-06-30"))
    func side(_ last: CalendarDay, _ isObserved: Bool) -> RetrofitComparison.Side {
      let period = Period(from: last - 29, to: last, calendar: .utc, now: SampleDistrict.asOf)
      var figures = Figures(isUnobserved: !isObserved)
      (figures.equipment, figures.automated) = (26, 4)
      if isObserved { figures.networked = 20 }
      return RetrofitComparison.Side(
        observation: Observation(period: period, stretches: isObserved ? [(period.from, period.until)] : []),
        figures: figures, isAssumed: false)
    }
    let dates = try #require(SampleDistrict.retrofits().first?.dates)
    return try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0",
      retrofits: [RetrofitComparison(dates: dates, before: side(day, before), after: side(day + 90, after))])
  }

  private func hasChart(_ report: Report) -> Bool {
    ReportDocument(report, language: .english, sections: [.beforeAfter]).sections.flatMap(\.blocks)
      .contains { if case .chart = $0 { true } else { false } }
  }

  @Test("Before and after: rows that nobody observed and a chart of level lines are left out")
  func unobserved() throws {
    let caption = "Before and after the retrofit"
    let nothing = try comparison(before: false, after: false)
    let rows = try table(nothing, .beforeAfter, caption).rows.compactMap(\.cells)
    #expect(
      rows.map(\.first) == [
        .text("Automation ratio"), .text("Intelligent equipment"), .text("Digital equipment"),
        .text("Connectable equipment"),
      ])
    #expect(
      TextRenderer().render(nothing, sections: [.beforeAfter]).contains(
        "N/A (not observed): Networked coverage"))
    #expect(!hasChart(nothing))
    // One side that was observed keeps the row; there is no line without both.
    let half = try comparison(before: false, after: true)
    let cells = try #require(
      try table(half, .beforeAfter, caption).rows.compactMap(\.cells)
        .first { $0[0] == .text("Networked coverage") })
    #expect(
      cells == [
        .text("Networked coverage"), .text("not observed"), .empty, .fraction(Count(20, of: 26), .plain),
        .ratio(Count(20, of: 26)), .empty,
      ])
    #expect(!hasChart(half))
  }

  @Test("A heading and the caption of its table or chart are printed once") func captions() throws {
    let subject = try #require(GoldenTests.subjects.first { $0.name == "factory-details" })
    let page = HTMLRenderer().render(try GoldenTests.report(subject), sections: [.connectivity])
    let chart = "Connected, by workshop and day, round the clock"
    #expect(page.matches(of: /<h3 id="connectivity-[0-9]+-h">Connected, by workshop/).count == 1)
    #expect(!page.contains("<figcaption><span>" + chart))
    #expect(!page.contains("<caption>Lowest connectivity</caption>"))
    #expect(page.contains("<caption>Connectivity over the period</caption>"))
    let heading = try #require(page.firstMatch(of: /<h3 id="([^"]*)">Lowest connectivity<\/h3>/)).output.1
    #expect(page.contains("<table class=\"stack t5\" aria-labelledby=\"\(heading)\">"))
  }
}
