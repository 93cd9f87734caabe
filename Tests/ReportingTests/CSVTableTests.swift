import Aggregation
import Foundation
import Register
import Reporting
import Telemetry
import TestSupport
import Testing

/// One table of a report as CSV.
struct CSVTableTests {
  private static func text(_ blocks: [ReportDocument.Block]) -> (lines: [String], leftOut: [String]) {
    let document = ReportDocument(
      language: .english, calendar: SampleDistrict.calendar, title: "Factory F001", period: "2026-10",
      sections: [.init(name: .figures, title: "Figures", blocks: blocks)])
    var leftOut: [String] = []
    let bytes = CSVTableRenderer().render(document.sections[0], of: document) { leftOut = $0 }
    return (String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast(), leftOut)
  }

  private static func table(_ caption: String, _ titles: [String], _ rows: [DocumentTable.Row])
    -> DocumentTable
  {
    var table = DocumentTable(
      caption, titles.enumerated().map { .init($0.element, numeric: $0.offset > 0) })
    table.rows = rows
    return table
  }

  @Test func `each column has values of one type, and numbers that a program reads`() {
    let at = Timestamp(milliseconds: 1_795_276_800_000 + 90_061_999)
    let figures = Self.table(
      "Figures", ["Figure", "Of", "Ratio", "Bounds", "Last"],
      [
        .group("Measured"),
        .cells([
          .text("Networked"), .fraction(Count(3, of: 4), .plain), .ratio(Count(3, of: 4)), .empty,
          .instant(at),
        ]),
        .cells([
          .text("Networked time"), .fraction(Count(5_399_999, of: 7_200_000), .hours),
          .ratio(Count(1, of: 5000)),
          .bounds(lower: Count(741, of: 1001), upper: Count(742, of: 1001)), .text("never"),
        ]),
        .cells([.text("Upload"), .text("not observed"), .ratio(Count(0, of: 0)), .empty, .empty]),
        .sum([
          .text("=Total"), .fraction(Count(1_234_567, of: 2_000_000), .plain), .ratio(Count(7, of: 7)),
          .empty, .empty,
        ]),
      ])
    #expect(
      Self.text([.prose("Above", .strong), .table(figures)]).lines == [
        "Group,Figure,Of: numerator,Of: denominator,Of: unit,Of: text,Ratio (%),Bounds: lower bound (%),"
          + "Bounds: upper bound (%),Last,Last: text",
        "Measured,Networked,3,4,,,75.0,,,2026-11-23 01:01:01,",
        "Measured,Networked time,1.4,2.0,h,,0.02,74.0,74.2,,never",
        "Measured,Upload,,,,not observed,,,,,",
        ",'=Total,1234567,2000000,,,100.0,,,,",
      ])
  }

  @Test func `amounts have one unit in the heading, and a tiny share has its first digit`() {
    let amounts = Self.table(
      "Amounts", ["Item", "Value", "Pieces", "Share", "Change", "kWh"],
      [
        .cells([
          .text("a"), .fraction(Count(123_456, of: 200_005), .yuan),
          .fraction(Count(7999, of: 8000), .pieces), .ratio(Count(1, of: 9_000_000_000)), .points(-5),
          .thousandths(-1_234_567_050),
        ])
      ])
    #expect(
      Self.text([.table(amounts)]).lines == [
        "Item,Value: numerator (CNY),Value: denominator (CNY),Pieces: numerator,Pieces: denominator,Share (%),"
          + "Change (pp),kWh",
        "a,1234.56,2000.05,7,8,0.00000001,\"-0.5\",\"-1234567.05\"",
      ])
  }

  @Test func `tables with the same headings are one table, and the others are named`() {
    let first = Self.table("First", ["Item", "Number"], [.cells([.text("a"), .number(1)])])
    let other = Self.table("Other", ["Item", "Ratio"], [.cells([.text("b"), .ratio(Count(1, of: 2))])])
    let second = Self.table("Second", ["Item", "Number"], [.cells([.text("c"), .number(12_345)])])
    let found = Self.text([.table(first), .table(other), .table(second)])
    #expect(found.lines == ["Table,Item,Number", "First,a,1", "Second,c,12345"])
    #expect(found.leftOut == ["Other"])
  }

  @Test func `a section without a table is its fields, or the numbers of its chart, or its texts`() {
    let fields = ReportDocument.Block.fields([
      .init(label: "Data", value: "sufficient"), .init(label: "", value: "goes on, and on"),
    ])
    #expect(
      Self.text([.prose("Text", .plain), fields]).lines == [
        "Item,Value", "Data,sufficient", "Data,\"goes on, and on\"",
      ])
    let chart = Chart(title: "Chart", description: "", content: .histogram([("0–10 %", 3), ("10–20 %", 0)]))
    #expect(Self.text([.chart(chart)]).lines == ["Class,Number", "0–10 %,3", "10–20 %,0"])
    #expect(Self.text([.prose("=1", .plain), .prose("+1", .warning)]).lines == ["Text", "'=1", "\"+1\""])
  }

  private static let headings =
    "Factory id,Factory name,Workshop,Line,Equipment id,Name,Category,Declared automation,Declared intelligent,"
    + "Declared digital,Declared connectable,In the base of ratios,Measured as networked,Status,Last contact,"
    + "Rejected messages,Reason of the status"

  private static func lines(
    _ report: Report, _ section: ReportSection, _ language: Language = .english
  ) -> [String] {
    let bytes = CSVTableRenderer(language: language).render(report, section: section)
    return String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
  }

  static func district(listsEquipment: Bool = true) throws -> Report {
    try Report(
      on: .district, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      listsEquipment: listsEquipment)
  }

  @Test func `the list of equipment has a row for each machine and sender`() throws {
    let factory = try GoldenTests.report(.init(name: "", scope: .factory("F001")))
    let lines = Self.lines(factory, .equipment)
    #expect(lines.count == 14)
    #expect(lines[0] == Self.headings)
    #expect(
      lines[1]
        == "F001,Lanhai Gearbox Works,W01,L1,E01,数控车床,machine,automatic,no,yes,yes,yes,yes,Reporting,"
        + "2026-11-22 21:41:30,0,\"Its newest reading, of 2026-11-22 21:41:30, is valid until 2026-11-22 22:11:30 "
        + "(horizon 30 min).\"")
    #expect(
      lines.contains(
        "F001,Lanhai Gearbox Works,W07,,X99,,,,,,,no,no,Unregistered,2026-11-22 22:08:30,0,"
          + "The register does not know it; add it to the register or stop its messages."))
    #expect(
      Self.lines(factory, .equipment, .chinese).contains(
        "F001,蓝海齿轮厂,W01,L2,E04,滚齿机,machine,半自动,否,是,是,是,是,离线,2026-11-22 22:06:30,0,"
          + "最新数据时间 2026-11-22 22:06:30，设备于 2026-11-22 22:07:30 离线。"))
  }

  @Test func `a district lists its equipment and exceptions on request only`() throws {
    let district = try Self.district()
    let rows = Self.lines(district, .equipment)
    #expect(rows.count == 18)
    #expect(rows.count { $0.hasPrefix("F001,Lanhai Gearbox Works,") } == 13)
    // A name that a spreadsheet would run is a text.
    #expect(
      rows.contains { $0.hasPrefix("F004,") && $0.contains(",X1,'=cmd|' /C calc'!A0,machine,automatic,") })
    let exceptions = Self.lines(district, .exceptions)
    #expect(
      exceptions[0] == "Factory id,Factory name,Workshop,Line,Equipment id,Name,Exception,Remark")
    #expect(
      exceptions[1]
        == "F001,Lanhai Gearbox Works,W02,L3,E08,A lathe with a name far longer than any table could hold,Refused,"
        + "\"ts is missing, there is 'timestamp'. Rename 'timestamp' to ts.\"")
    #expect(exceptions.contains("F900,,W01,,Z1,,Unregistered,last 2026-11-22 22:09"))
    // Its flags are counted by factory and kind, after the gaps.
    #expect(
      exceptions.suffix(5).dropLast() == [
        "F001,Lanhai Gearbox Works,,,,,Claim without evidence,4 findings: the factory's report has the evidence",
        "F001,Lanhai Gearbox Works,,,,,Recently retired,1 finding: the factory's report has the evidence",
        "F001,Lanhai Gearbox Works,,,,,Messages refused,2 findings: the factory's report has the evidence",
        "F001,Lanhai Gearbox Works,,,,,Field left out,2 findings: the factory's report has the evidence",
      ])
    for (language, flag) in [
      (Language.english, "Claim without evidence,1 finding: the factory's report has the evidence"),
      (.chinese, "申报无实测依据,1 项，依据见该企业报告"),
    ] {
      let last = try #require(Self.lines(district, .exceptions, language).last)
      #expect(last.hasPrefix("F004,") && last.hasSuffix(",,,,,\(flag)"))
    }
    let plain = try Self.district(listsEquipment: false)
    #expect(Self.lines(plain, .equipment) == [] && Self.lines(plain, .exceptions) == [])
  }

  @Test func `the exceptions of a factory are its gaps, then its flags`() throws {
    let factory = try GoldenTests.report(.init(name: "", scope: .factory("F001")))
    let lines = Self.lines(factory, .exceptions)
    #expect(lines.count == 1 + factory.gaps.count + factory.flags.count)
    #expect(factory.gaps.count == 11)
    #expect(
      lines.contains(
        "F001,Lanhai Gearbox Works,W02,,E06,磨床,Claim without evidence,"
          + "\"declared automatic and digital, no reading ever received\""))
  }

  @Test func `the list of factories has ranks, figures and numbers of machines`() throws {
    let lines = Self.lines(try Self.district(listsEquipment: false), .factories)
    #expect(
      lines[0]
        == "Rank,Factory id,Name in English,Name in Chinese,Industry,In service,Networked time (%),"
        + "Automation ratio (%),Intelligent equipment (%),Connectable equipment (%),Networked coverage (%),"
        + "\"Gap, points (pp)\",\"Networked time, parts: numerator (h)\",\"Networked time, parts: denominator (h)\",Heard,"
        + "Heard on at least half of the days,Reporting,Silent,Offline,Refused,Not connectable,Never seen,"
        + "Unregistered")
    #expect(
      lines[1]
        == "1,F002,Qingshan Bearings,青山轴承,,2,66.6,100.0,0.0,100.0,100.0,0.0,960.0,1440.0,2,2,2,0,0,0,0,0,0")
    #expect(
      lines[2]
        == "2,F001,Lanhai Gearbox Works,蓝海齿轮厂,,9,37.0,55.5,22.2,77.7,44.4,\"-33.3\",2400.0,6480.0,5,5,2,1,2,1,2,1,2"
    )
    #expect(lines[4] == "4,F003,,空置厂房,,0,,,,,,,,,0,0,0,0,0,0,0,0,0")
    #expect(lines.count == 5)
  }

  @Test(
    "a stranger's parser finds equal records and nothing to run in every section of every subject",
    arguments: Language.allCases)
  func parses(language: Language) throws {
    let folder = try TemporaryDirectory("csv")
    let renderer = CSVTableRenderer(language: language)
    var files: [String] = []
    for subject in GoldenTests.subjects {
      let report = try GoldenTests.report(subject)
      for section in ReportSection.allCases {
        let bytes = renderer.render(report, section: section)
        guard !bytes.isEmpty else { continue }
        files.append(folder.file("\(subject.name)-\(section.rawValue).csv"))
        try Data(bytes).write(to: URL(fileURLWithPath: files[files.count - 1]))
        let records = CSVParser.parse(bytes).records.map(\.cells)
        #expect(Set(records[0]).count == records[0].count, "\(subject.name) \(section): \(records[0])")
        for (column, heading) in records[0].enumerated()
        where heading.hasSuffix("%)") || heading.hasSuffix("%）") {
          for value in records.dropFirst().map({ $0[column] }) where !value.isEmpty {
            #expect(value.wholeMatch(of: /[0-9]+\.[0-9]+/) != nil, "\(subject.name) \(section): \(value)")
          }
        }
      }
    }
    #expect(files.count > 100)
    try ForeignReaders.expectNothingWrong("records", files)
  }

  @Test func `the mark for Excel begins the file`() throws {
    let report = try Self.district(listsEquipment: false)
    let plain = CSVTableRenderer().render(report, section: .factories)
    #expect(
      CSVTableRenderer(byteOrderMark: true).render(report, section: .factories) == [0xEF, 0xBB, 0xBF] + plain)
    #expect(CSVTableRenderer(byteOrderMark: true).render(report, section: .energy) == [])
  }
}
