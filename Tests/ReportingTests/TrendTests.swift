import Aggregation
import Foundation
import Reporting
import Spreadsheets
import Telemetry
import Testing

/// The course of the headline figures in every format.
@Suite("Course of the headline figures") struct TrendTests {
  private static let calendar = SampleDistrict.calendar

  private static func month(_ month: Int) throws -> Period {
    let first = try #require(CalendarDay(year: 2026, month: month, day: 1))
    return Period(
      from: first, to: first + (CalendarDay.length(ofMonth: month, year: 2026) - 1), calendar: calendar,
      now: SampleDistrict.asOf)
  }

  /// Of ten machines so many networked, on for so many of a thousand hours, and six digital.
  private static func figures(networked: Int, hours: Int64) -> Figures {
    var figures = Figures()
    (figures.equipment, figures.networked, figures.digital, figures.automated) = (10, networked, 6, 5)
    figures.time.machines = 10
    (figures.time.connectivity.on, figures.time.connectivity.off) = (
      hours * 3_600_000, (1000 - hours) * 3_600_000
    )
    return figures
  }

  /// From June to October: nothing observed in June and August, a register carried back in September.
  private static func trend(leftOut: Int = 0) throws -> Trend {
    let steps = [
      TrendStep(PreviousPeriod(try month(6), without: .notObserved)),
      TrendStep(PreviousPeriod(try month(7), figures: figures(networked: 7, hours: 655))),
      TrendStep(PreviousPeriod(try month(8), without: .notObserved)),
      TrendStep(PreviousPeriod(try month(9), without: .registerAssumed)),
      TrendStep(PreviousPeriod(try month(10), figures: figures(networked: 9, hours: 655))),
    ]
    return Trend(unit: .month, steps: steps, leftOut: leftOut)
  }

  private static func report(_ trend: Trend?, on scope: ReportScope = .factory("F001")) throws -> Report {
    try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      trend: trend)
  }

  private static func section(_ report: Report, _ language: Language) throws -> ReportDocument.Section {
    try #require(ReportDocument(report, language: language, sections: [.trend]).sections.first)
  }

  private static func charts(_ section: ReportDocument.Section) -> [Chart] {
    section.blocks.compactMap { if case .chart(let chart) = $0 { chart } else { nil } }
  }

  @Test func `periods before the first observed one are no part of the course, later ones are gaps`() throws {
    let trend = try Self.trend()
    #expect(
      trend.steps.map(\.period.firstDay.description) == [
        "2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01",
      ])
    #expect(trend.course(of: .networkedRatio) == [Count(7, of: 10), nil, nil, Count(9, of: 10)])
    // No interval was due, so that there is no upload rate.
    #expect(trend.course(of: .uploadRatio) == nil)
    // One step is no course.
    #expect(Trend(unit: .month, steps: Array(trend.steps.suffix(1))).course(of: .networkedRatio) == nil)
  }

  @Test func `a period with too little observation has no figures`() throws {
    let october = try Self.month(10)
    func step(_ hours: Int64) -> TrendStep {
      TrendStep(
        Observation(period: october, stretches: [(october.from, october.from + .hours(hours))]),
        Self.figures(networked: 9, hours: 655))
    }
    // October has 744 hours, of which 95 % are 706.8.
    #expect(step(0).absence == .notObserved && step(706).absence == .insufficientData)
    #expect(step(706).count(of: .networkedRatio) == nil)
    #expect(step(707).count(of: .networkedRatio) == Count(9, of: 10))
  }

  @Test func `the title of each chart is its finding, in both languages`() throws {
    let report = try Self.report(try Self.trend())
    #expect(
      Self.charts(try Self.section(report, .english)).map(\.title) == [
        "Networked coverage rose from 70.0 % in July 2026 to 90.0 % in October 2026 (+20.0 points)",
        "Networked time was 65.5 % in July 2026 and in October 2026",
        "Digital equipment was 60.0 % in July 2026 and in October 2026",
        "Automation ratio was 50.0 % in July 2026 and in October 2026",
      ])
    #expect(
      Self.charts(try Self.section(report, .chinese)).prefix(2).map(\.title) == [
        "设备联网率由 2026 年 7 月的 70.0 % 升至 2026 年 10 月的 90.0 %，上升 20.0 个百分点",
        "时间联网率在 2026 年 7 月和 2026 年 10 月均为 65.5 %",
      ])
  }

  @Test func `a chart has a text for readers who cannot see it`() throws {
    let charts = Self.charts(try Self.section(try Self.report(try Self.trend()), .english))
    #expect(
      charts.first?.description
        == "A point for each of 4 months. Lowest: 70.0 % in July 2026; highest: 90.0 % in October 2026. "
        + "Without a figure: 2.")
    #expect(
      Self.charts(try Self.section(try Self.report(try Self.trend()), .chinese)).first?.description
        == "每月一点，共 4 点。最低：2026 年 7 月 70.0 %；最高：2026 年 10 月 90.0 %。无指标值：2 点。")
  }

  @Test func `a page draws a line only between neighbours, marks gaps, and has a line in each tile`() throws {
    let steps = try Self.trend().steps
    let three = Trend(
      unit: .month,
      steps: [TrendStep(PreviousPeriod(try Self.month(6), figures: Self.figures(networked: 8, hours: 655)))]
        + steps)
    let html = HTMLRenderer(language: .english).render(try Self.report(three), sections: [.overview, .trend])
    // June and July are neighbours; October stands alone. The axis is from 70 % to 90 %.
    #expect(
      html.contains(
        #"<line class="slope" x1="10%" y1="61" x2="30%" y2="112"/>"#))
    #expect(!html.contains(#"x1="30%" y1="112""#))
    #expect(html.contains("<title>2026-08: no data</title>"))
    #expect(html.contains("<title>2026-10: 90.0 %</title>"))
    #expect(html.components(separatedBy: #"<svg class="spark""#).count == 5)
    #expect(html.contains("The numbers of the charts"))
  }

  @Test func `a terminal has a line for each figure, and a table with the reasons of gaps`() throws {
    let report = try Self.report(try Self.trend())
    let text = TextRenderer(language: .english).render(report, sections: [.trend])
    #expect(text.contains("  Networked coverage    ▅··▇  70.0 % → 90.0 %\n"))
    #expect(text.contains("carried back"))
    #expect(text.split(separator: "\n").allSatisfy { String($0).displayWidth <= 80 })
  }

  @Test func `json has the counts of each step`() throws {
    let json = JSONRenderer().render(try Self.report(try Self.trend(leftOut: 3)))
    #expect(
      json.contains(#""trend":{"unit":"month","left_out":3,"steps":[{"from":"2026-07-01","to":"2026-07-31","#)
    )
    #expect(
      json.contains(
        #"{"from":"2026-10-01","to":"2026-10-31","absent":null,"metrics":{"networked_ratio":"#
          + #"{"numerator":9,"denominator":10,"percent":"90.0"},"networked_time_ratio":"#
          + #"{"numerator":2358000000,"denominator":3600000000,"percent":"65.5"},"upload_ratio":null,"#))
    #expect(
      json.contains(
        #""from":"2026-08-01","to":"2026-08-31","absent":"not_observed","metrics":{"networked_ratio":null,"#))
    #expect(JSONRenderer().render(try Self.report(nil)).contains(#""trend":null"#))
  }

  @Test func `csv has a row for each step`() throws {
    let bytes = CSVTableRenderer(language: .english).render(
      try Self.report(try Self.trend()), section: .trend)
    #expect(
      String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast() == [
        "Month,Networked coverage (%),Networked time (%),Digital equipment (%),Automation ratio (%),"
          + "Without figures because",
        "2026-07,70.0,65.5,60.0,50.0,", "2026-08,,,,,not observed",
        "2026-09,,,,,register carried back from a later import", "2026-10,90.0,65.5,60.0,50.0,",
      ])
  }

  @Test func `a workbook has the table with a chart of lines`() throws {
    let report = try Self.report(try Self.trend())
    let book = try ForeignReaders.workbook(
      WorkbookRenderer(language: .english).render(report, sections: [.trend]))
    let sheet = try #require(book.sheets.first)
    #expect(sheet.values(after: "2026-10") == [.number(0.9), .number(0.655), .number(0.6), .number(0.5)])
    #expect(sheet.charts.count == 1)
    #expect(sheet.rows.count { $0.contains { $0?.value == .text("2026-07") } } == 1)
  }

  @Test func `what was left out is said with the command that reads it`() throws {
    for (scope, command) in [
      (ReportScope.district, "millwright report district --trend"),
      (.factory("F001"), "millwright report factory F001 --trend"),
    ] {
      let report = try Self.report(try Self.trend(leftOut: 10), on: scope)
      let text = MarkdownRenderer(language: .english).render(report, sections: [.trend])
      #expect(
        text.contains(
          "10 earlier months are left out, because reading so many machines takes long: \(command)"))
    }
  }

  @Test func `a report without a course has no section for it`() throws {
    #expect(ReportDocument(try Self.report(nil), language: .english, sections: [.trend]).sections.isEmpty)
    let one = Trend(unit: .day, steps: Array(try Self.trend().steps.suffix(1)))
    #expect(ReportDocument(try Self.report(one), language: .english, sections: [.trend]).sections.isEmpty)
  }
}
