import Aggregation
import Foundation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// The headline figures of a report, with thresholds and changes, in every format that has them.
@Suite("Headline figures") struct HeadlineTests {
  private func report(
    _ scope: ReportScope = .factory("F001"), policies: [Policy] = [], previous: PreviousPeriod? = nil
  ) throws -> Report {
    try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      policies: policies, previous: previous)
  }

  private func headline(_ report: Report, _ language: Language) throws -> Headline {
    try #require(ReportDocument(report, language: language).headline)
  }

  private func policy(_ name: String, _ rules: [(Metric, Int64)]) -> Policy {
    Policy(
      name: name, titleChinese: "政策" + name, titleEnglish: "Policy " + name, issuingBodyChinese: "",
      issuingBodyEnglish: "", date: CalendarDay(number: 20_779), origin: .init(source: ""), noteChinese: "",
      noteEnglish: "", rules: rules.map { .init(metric: $0.0, atLeast: $0.1) }, bands: [])
  }

  /// The thirty days before the sample's, in which three of the nine machines were networked.
  private func before() throws -> PreviousPeriod {
    var figures = Figures()
    (figures.equipment, figures.networked, figures.digital, figures.automated) = (9, 3, 8, 6)
    (figures.time.connectivity.on, figures.time.connectivity.off) = (400, 600)
    return PreviousPeriod(
      Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar).previous, figures: figures)
  }

  @Test func `five figures have their counts, in both languages`() throws {
    let english = try headline(report(), .english)
    #expect(
      english.tiles == [
        .init(label: "Networked coverage", value: "44.4 %", detail: "4 / 9"),
        .init(label: "Networked time", value: "37.0 %", detail: "2,400.0 / 6,480.0 h"),
        .init(label: "Upload rate", value: "26.4 %", detail: "19,440 / 73,440"),
        .init(label: "Digital equipment", value: "88.8 %", detail: "8 / 9"),
        .init(label: "Automation ratio", value: "55.5 %", detail: "5 / 9"),
      ])
    #expect(english.note == "")
    #expect(
      try headline(report(), .chinese).tiles.prefix(2) == [
        .init(label: "设备联网率", value: "44.4 %", detail: "4 / 9"),
        .init(label: "时间联网率", value: "37.0 %", detail: "2,400.0 / 6,480.0 小时"),
      ])
  }

  @Test func `of several thresholds the lowest that is missed is shown, else the highest`() throws {
    let policies = [
      policy("a", [(.networkedRatio, 90_000), (.digitalizationRatio, 50_000), (.availability, 80_000)]),
      policy("b", [(.networkedRatio, 40_000), (.digitalizationRatio, 65_000), (.networkedRatio, 44_500)]),
    ]
    let tiles = try headline(report(policies: policies), .english).tiles
    #expect(tiles.map(\.status) == [.missed, .none, .none, .met, .none])
    #expect(tiles.map(\.threshold) == ["✗ not met: ≥ 44.5 %", "", "", "✓ met: ≥ 65 %", ""])
    #expect(
      try headline(report(policies: policies), .chinese).tiles.map(\.threshold)
        == ["✗ 未达标：≥ 44.5 %", "", "", "✓ 达标：≥ 65 %", ""])
  }

  @Test func `a policy that was not in force on any day is not held against a figure`() throws {
    #expect(
      try report(policies: SampleDistrict.formPolicies).headlineFigures.allSatisfy { $0.threshold == nil })
  }

  @Test func `changes are in points, and the figures that the previous period lacks have none`() throws {
    let report = try report(previous: before())
    #expect(report.headlineFigures.map(\.change) == [111, -29, nil, 0, -111])
    let english = try headline(report, .english)
    #expect(
      english.tiles.map(\.change) == ["+11.1 points", "−2.9 points", "", "±0.0 points", "−11.1 points"])
    #expect(english.note == "Changes: against 24 September to 23 October 2026.")
    let chinese = try headline(report, .chinese)
    #expect(chinese.tiles[0].change == "+11.1 个百分点")
    #expect(chinese.note == "变化：与 2026 年 9 月 24 日至 10 月 23 日相比。")
  }

  @Test(
    "what cannot be compared has no change, and a reason",
    arguments: [
      (PreviousPeriod.Absence.notObserved, "July 2026 was not observed", "2026 年 7 月无观测"),
      (.insufficientData, "too little of July 2026 was observed", "2026 年 7 月数据不足"),
      (.insufficientNow, "the data of this period are insufficient", "本期数据不足"),
      (
        .registerAssumed, "the register of July 2026 is carried back from a later import",
        "2026 年 7 月的台账由此后导入的版本推定"
      ),
      (.noEquipment, "no equipment was in service in July 2026", "2026 年 7 月无在役生产设备"),
    ])
  func absent(absence: PreviousPeriod.Absence, english: String, chinese: String) throws {
    let first = try #require(CalendarDay("2026-08-01"))
    let august = Period(
      from: first, to: first + 30, calendar: SampleDistrict.calendar, now: SampleDistrict.asOf)
    let report = try report(previous: PreviousPeriod(august.previous, without: absence))
    #expect(report.headlineFigures.allSatisfy { $0.change == nil })
    #expect(try headline(report, .english).note == "No changes are given: \(english).")
    #expect(try headline(report, .chinese).note == "未列变化：\(chinese)。")
    #expect(
      JSONRenderer().render(report).contains(
        #""previous_period":{"from":"2026-07-01","to":"2026-07-31","absent":"\#(absence.rawValue)"}"#))
  }

  @Test(arguments: [
    (
      "2026-04-01", "2026-06-30", "the second quarter of 2026 was not observed",
      "in the second quarter of 2026"
    ),
    ("2025-01-01", "2025-12-31", "2025 was not observed", "in 2025"),
    ("2026-08-05", "2026-08-05", "5 August 2026 was not observed", "on 5 August 2026"),
    ("2026-08-05", "2026-08-20", "5 to 20 August 2026 was not observed", "from 5 to 20 August 2026"),
  ])
  func `a note names the days of any period as English does`(
    first: String, last: String, unobserved: String, without: String
  ) throws {
    let period = Period(
      from: try #require(CalendarDay(first)), to: try #require(CalendarDay(last)),
      calendar: SampleDistrict.calendar, now: SampleDistrict.asOf)
    func note(_ absence: PreviousPeriod.Absence) throws -> String {
      try headline(try report(previous: PreviousPeriod(period, without: absence)), .english).note
    }
    #expect(try note(.notObserved) == "No changes are given: \(unobserved).")
    #expect(try note(.noEquipment) == "No changes are given: no equipment was in service \(without).")
  }

  @Test func `a previous period without equipment is no zero`() throws {
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar).previous
    let previous = PreviousPeriod(period, figures: Figures())
    #expect(previous.figures == nil && previous.absence == .noEquipment)
  }

  @Test(
    "the period before a month, quarter or year is the one before it, and else has as many days",
    arguments: [
      ("2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29"),
      ("2024-01-01", "2024-01-31", "2023-12-01", "2023-12-31"),
      ("2024-01-01", "2024-03-31", "2023-10-01", "2023-12-31"),
      ("2024-07-01", "2024-09-30", "2024-04-01", "2024-06-30"),
      ("2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31"),
      ("2024-08-05", "2024-08-20", "2024-07-20", "2024-08-04"),
      ("2024-02-01", "2024-02-28", "2024-01-04", "2024-01-31"),
      ("2024-08-05", "2024-08-05", "2024-08-04", "2024-08-04"),
    ])
  func previous(first: String, last: String, begun: String, ended: String) throws {
    let period = Period(
      from: try #require(CalendarDay(first)), to: try #require(CalendarDay(last)),
      calendar: SampleDistrict.calendar, now: SampleDistrict.asOf)
    #expect(period.previous.days == (try #require(CalendarDay(begun)))...(try #require(CalendarDay(ended))))
    #expect(period.previous.until == period.from)
    #expect(!period.previous.showsStates)
  }

  @Test func `a register is carried back if more than a twentieth of its equipment in service is`() {
    func carriedBack(_ assumed: Int, of all: Int) -> (all: Bool, factories: Set<String>) {
      let entries = (0..<all + 20).map { number in
        RegisterSnapshot.Entry(
          equipment: RegisteredEquipment(
            key: EquipmentKey(factory: number < all ? "F001" : "F002", equipment: "E\(100 + number)")),
          service: .inService, assumed: number < assumed)
      }
      let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
      return DistrictAssessment(
        register: RegisterSnapshot(version: 1, day: period.lastDay, entries: entries),
        evidence: StoreEvidence(asOf: SampleDistrict.asOf), knownAt: SampleDistrict.asOf, period: period
      ).carriedBack
    }
    #expect(carriedBack(1, of: 20) == (false, []))
    #expect(carriedBack(2, of: 20) == (false, ["F001"]))
    #expect(carriedBack(3, of: 20) == (true, ["F001"]))
  }

  @Test func `a change of the greatest counts does not overflow`() {
    let most = Int(Int64.max)
    #expect(Count(0, of: most).tenthsOfPoints(to: Count(most, of: most)) == 1000)
    #expect(Count(1, of: 1).tenthsOfPoints(to: Count(0, of: most)) == -1000)
    #expect(Count(0, of: 0).tenthsOfPoints(to: Count(1, of: 1)) == nil)
    #expect(Count(1, of: 3).tenthsOfPoints(to: Count(1, of: 0)) == nil)
  }

  @Test func `there is no headline for one machine, nor beside sections that were asked for`() throws {
    let machine = try report(.equipment(EquipmentKey(factory: "F001", equipment: "E01")))
    #expect(ReportDocument(machine, language: .english).headline == nil)
    #expect(JSONRenderer().render(machine).contains("\"headline\":null"))
    #expect(ReportDocument(try report(), language: .english, sections: [.gaps]).headline == nil)
    #expect(ReportDocument(try report(), language: .english, sections: [.overview, .gaps]).headline != nil)
  }

  @Test func `tiles are printed as lines, rows and a list, each with a sign beside the colour`() throws {
    let report = try report(
      policies: [policy("a", [(.networkedRatio, 90_000), (.digitalizationRatio, 50_000)])],
      previous: before())
    let lines = TextRenderer(language: .english, width: 100).render(report).split(separator: "\n")
      .map { $0.replacing(/[ ]+/, with: " ") }
    #expect(lines.contains(" Networked coverage 44.4 % 4 / 9 ✗ not met: ≥ 90 % +11.1 points"))
    #expect(lines.contains(" Digital equipment 88.8 % 8 / 9 ✓ met: ≥ 50 % ±0.0 points"))
    #expect(lines.contains(" Changes: against 24 September to 23 October 2026."))
    let ascii = TextRenderer(language: .english, width: 100, unicode: false).render(report)
    #expect(ascii.contains("- not met: >= 90 %") && ascii.contains("+ met: >= 50 %"))
    let markdown = MarkdownRenderer(language: .english).render(report)
    #expect(markdown.contains("| Figure | Ratio | Of | Threshold | Change |\n|:--|--:|--:|:--|--:|\n"))
    #expect(markdown.contains("| Networked coverage | 44.4 % | 4 / 9 | ✗ not met: ≥ 90 % | +11.1 points |"))
    let page = HTMLRenderer(language: .english).render(report)
    #expect(page.contains("<section class=\"headline\" aria-label=\"At a glance\">"))
    #expect(
      page.contains(
        "<li class=\"tile missed\"><p class=\"tile-label\">Networked coverage</p>"
          + "<p class=\"tile-value\">44.4 %</p><p class=\"tile-detail\">4 / 9</p>"
          + "<p class=\"tile-detail tile-status\">✗ not met: ≥ 90 %</p>"
          + "<p class=\"tile-change\">+11.1 points</p></li>"))
    #expect(page.contains("<li class=\"tile met\">") && page.contains("<li class=\"tile none\">"))
    let json = JSONRenderer().render(report)
    #expect(
      json.contains(
        #"{"metric":"networked_ratio","ratio":{"numerator":4,"denominator":9,"percent":"44.4"},"absent":null,"#
          + #""threshold":{"policy":"a","at_least_percent":"90","met":false},"#
          + #""previous":{"numerator":3,"denominator":9,"percent":"33.3"},"change_tenths_of_points":111}"#))
  }
}
