import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// A report's title: what it is about, and when.
@Suite("Titles of reports") struct TitleTests {
  private static let calendar = SampleDistrict.calendar

  /// The document of a report on a period without observation.
  private static func document(
    _ scope: ReportScope, over period: Period, _ language: Language
  ) throws -> ReportDocument {
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 3, day: period.lastDay, factories: SampleDistrict.factories, entries: SampleDistrict.entries),
      evidence: StoreEvidence(asOf: period.asOf), knownAt: SampleDistrict.asOf, period: period)
    let report = try Report(
      on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    return ReportDocument(report, language: language)
  }

  private static func days(_ first: String, _ last: String) throws -> Period {
    Period(
      from: try #require(CalendarDay(first)), to: try #require(CalendarDay(last)), calendar: calendar,
      now: SampleDistrict.asOf)
  }

  @Test(
    "a month, quarter and year are called by their names, and other days by the first and the last",
    arguments: [
      ("2024-08-01", "2024-08-31", "August 2024", "月报（2024 年 8 月）"),
      ("2024-02-01", "2024-02-29", "February 2024", "月报（2024 年 2 月）"),
      ("2024-07-01", "2024-09-30", "third quarter of 2024", "季报（2024 年第三季度）"),
      ("2024-01-01", "2024-12-31", "2024", "年报（2024 年）"),
      ("2024-08-05", "2024-08-20", "5 to 20 August 2024", "报告（2024 年 8 月 5 日至 20 日）"),
      ("2024-02-01", "2024-02-28", "1 to 28 February 2024", "报告（2024 年 2 月 1 日至 28 日）"),
      ("2024-08-05", "2024-09-20", "5 August to 20 September 2024", "报告（2024 年 8 月 5 日至 9 月 20 日）"),
      ("2024-02-01", "2024-04-30", "1 February to 30 April 2024", "报告（2024 年 2 月 1 日至 4 月 30 日）"),
      (
        "2023-12-20", "2024-01-05", "20 December 2023 to 5 January 2024",
        "报告（2023 年 12 月 20 日至 2024 年 1 月 5 日）"
      ),
      ("2024-08-05", "2024-08-05", "5 August 2024", "报告（2024 年 8 月 5 日）"),
      // The month of the present is not over.
      ("2026-11-01", "2026-11-30", "1 to 22 November 2026", "报告（2026 年 11 月 1 日至 22 日）"),
    ])
  func periods(first: String, last: String, english: String, chinese: String) throws {
    let period = try Self.days(first, last)
    #expect(
      try Self.document(.district, over: period, .english).title
        == "Equipment networking and automation, \(english) – Western (Chongqing) Science City")
    #expect(
      try Self.document(.district, over: period, .chinese).title == "西部（重庆）科学城设备联网与自动化\(chinese)")
  }

  @Test func `a report of an instant says as of when`() throws {
    let now = Period(endingAt: SampleDistrict.asOf, calendar: Self.calendar)
    #expect(
      try Self.document(.factory("F001"), over: now, .english).title
        == "Equipment networking and automation, as of 22 November 2026, 22:10 – Lanhai Gearbox Works")
    #expect(
      try Self.document(.factory("F001"), over: now, .chinese).title
        == "蓝海齿轮厂设备联网与自动化报告（截至 2026 年 11 月 22 日 22:10）")
    // `--as-of` with a day is the day's last millisecond: the day is enough.
    let day = try #require(CalendarDay("2026-10-31"))
    let end = Period(
      endingAt: Self.calendar.start(of: day + 1) - .milliseconds(1), calendar: Self.calendar,
      now: SampleDistrict.asOf)
    #expect(
      try Self.document(.factory("F001"), over: end, .chinese).title
        == "蓝海齿轮厂设备联网与自动化报告（截至 2026 年 10 月 31 日）")
  }

  @Test(
    "a part of a factory is named with the factory, and what has no name by its id",
    arguments: [
      (.district, "Western (Chongqing) Science City", "西部（重庆）科学城", "District cqsc (西部（重庆）科学城)"),
      (.factory("F001"), "Lanhai Gearbox Works", "蓝海齿轮厂", "Factory F001 (蓝海齿轮厂)"),
      // Only the Chinese name is given.
      (.factory("F003"), "空置厂房", "空置厂房", "Factory F003"),
      (
        .workshop(factory: "F001", "W01"), "Workshop W01, Lanhai Gearbox Works", "蓝海齿轮厂 W01 车间",
        "Workshop F001/W01"
      ),
      (
        .workshop(factory: "F001", ""), "Equipment without a workshop, Lanhai Gearbox Works", "蓝海齿轮厂（未分车间）",
        "Workshop F001/(none)"
      ),
      (
        .line(factory: "F001", workshop: "W01", "L1"), "Line W01/L1, Lanhai Gearbox Works", "蓝海齿轮厂 W01/L1 产线",
        "Line F001/W01/L1"
      ),
      (
        .line(factory: "F001", workshop: "W02", ""), "Equipment without a line in W02, Lanhai Gearbox Works",
        "蓝海齿轮厂 W02（未分产线）", "Line F001/W02/(none)"
      ),
      (
        .equipment(EquipmentKey(factory: "F001", equipment: "E01")), "E01 数控车床, Lanhai Gearbox Works",
        "蓝海齿轮厂数控车床（E01）", "Equipment F001/E01"
      ),
    ] as [(ReportScope, String, String, String)])
  func subjects(scope: ReportScope, english: String, chinese: String, identity: String) throws {
    let august = try Self.days("2024-08-01", "2024-08-31")
    let document = try Self.document(scope, over: august, .english)
    #expect(document.title == "Equipment networking and automation, August 2024 – \(english)")
    #expect(document.names == identity)
    #expect(
      try Self.document(scope, over: august, .chinese).title == "\(chinese)设备联网与自动化月报（2024 年 8 月）")
  }

  @Test func `the title is the first line, and the id is below it in small print`() throws {
    let document = try Self.document(
      .factory("F001"), over: Self.days("2024-08-01", "2024-08-31"), .english)
    let lines = TextRenderer(language: .english, width: 100).render(document).split(separator: "\n")
    #expect(lines[0] == "Equipment networking and automation, August 2024 – Lanhai Gearbox Works")
    #expect(lines[1] == "Factory F001 (蓝海齿轮厂)")
    let page = HTMLRenderer(language: .english).render(document)
    #expect(
      page.contains(
        "<title>Equipment networking and automation, August 2024 – Lanhai Gearbox Works "
          + "· Factory F001 (蓝海齿轮厂)</title>"))
    #expect(page.contains("<small><bdi>Factory F001 (蓝海齿轮厂)</bdi></small>"))
  }

  @Test func `a name that could control a terminal is inert in the title`() throws {
    let document = try Self.document(
      .factory("F004"), over: Self.days("2024-08-01", "2024-08-31"), .english)
    #expect(
      document.title
        == #"Equipment networking and automation, August 2024 – Evil\u{1B}[31mRed\u{A}Line"#)
    #expect(document.names == #"Factory F004 (\u{202E}反转\u{202C})"#)
  }
}
