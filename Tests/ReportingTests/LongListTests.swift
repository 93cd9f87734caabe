import Aggregation
import Foundation
import Reporting
import Telemetry
import Testing

/// Long lists of a district: the rows that are shown, their order, and the complete table folded below them.
@Suite("Long lists") struct LongListTests {
  private func lines(
    _ report: Report, _ section: ReportSection, _ language: Language = .english, isComplete: Bool = false
  ) -> [String] {
    TextRenderer(language: language, isComplete: isComplete).render(report, sections: [section])
      .split(separator: "\n").map(String.init)
  }

  /// Ids of the rows that begin with a place in the ranking.
  private func ids(_ lines: [String]) -> [String] {
    lines.compactMap { $0.firstMatch(of: /^ +[0-9]+  (F[0-9]{3})\s/).map { String($0.output.1) } }
  }

  /// 16 factories have all machines heard, 17 have none; factories of equal ratios are in order of their ids.
  private static let first = (0..<10).map { LongDistrict.id(10 + 11 * $0) }
  private static let last = (7..<17).map { LongDistrict.id(11 * $0) }

  @Test(
    "Of 179 factories a terminal shows the first ten and the last ten, and counts the others between them")
  func ranking() throws {
    let report = try LongDistrict.report()
    for (language, line) in [
      (Language.english, "  … 159 more: millwright report district --all"),
      (.chinese, "  … 另有 159 项：millwright report district --all"),
    ] {
      let lines = lines(report, .ranking, language)
      #expect(ids(lines) == Self.first + Self.last)
      let place = try #require(lines.firstIndex(of: line))
      #expect(ids(Array(lines[..<place])) == Self.first)
      #expect(lines.allSatisfy { $0.displayWidth <= 80 })
    }
    let all = ids(lines(report, .ranking, isComplete: true))
    #expect(all.count == 179)
    #expect(Array(all.prefix(10)) + Array(all.suffix(10)) == Self.first + Self.last)
    #expect(!lines(report, .ranking, isComplete: true).contains { $0.contains(" more: ") })
  }

  @Test("A page shows the same rows, and has the complete table folded below them") func page() throws {
    let page = HTMLRenderer().render(try LongDistrict.report(), sections: [.ranking])
    let fold = try #require(page.firstRange(of: "<details class=\"all\"><summary>Show 179 rows</summary>"))
    func rows(_ part: Substring) -> [String] {
      part.matches(of: /<th scope="row"[^>]*><bdi>(F[0-9]{3})<\/bdi>/).map { String($0.output.1) }
    }
    #expect(rows(page[..<fold.lowerBound]) == Self.first + Self.last)
    #expect(rows(page[fold.upperBound...]).count == 179)
    #expect(page[..<fold.lowerBound].contains("<tr class=\"more\"><td colspan=\"8\">… 159 more</td></tr>"))
    #expect(page.matches(of: /<details/).count == 1)
  }

  @Test("The number of folded rows has sums and warnings too, but no headings") func foldedRows() {
    var table = DocumentTable("List", [.init("Id"), .init("Number", numeric: true)])
    table.rows =
      [.group("A")] + (1...4).map { .cells([.text("E\($0)"), .number($0)]) }
      + [.warning([.text("⚠ E5"), .number(5)]), .sum([.text("Total"), .number(15)])]
    table.brief = [1, 6]
    let document = ReportDocument(
      language: .english, calendar: .utc, title: "Factory F001", period: "2026-10",
      sections: [.init(name: .gaps, title: "List", blocks: [.table(table)])])
    let page = HTMLRenderer().render(document)
    #expect(page.contains("<tr class=\"more\"><td colspan=\"2\">… 4 more</td></tr>"))
    #expect(page.contains("<summary>Show 6 rows</summary>"))
  }

  @Test("Records have every factory once, with what it declares beside what is measured") func records()
    throws
  {
    let report = try LongDistrict.report()
    let text = String(decoding: CSVRenderer().render(report, sections: [.ranking]), as: UTF8.self)
    let lines = text.split(separator: "\r\n").filter { $0.hasPrefix("ranking,Factories by") }
    #expect(lines.count { $0.hasSuffix(",Id,F104,,,") } == 1)
    #expect(lines.contains { $0.hasSuffix(",F104,Connectable,100.0 %,10,10,") })
    #expect(lines.contains { $0.hasSuffix(",F104,Networked,40.0 %,4,10,") })
    // The picture repeats the table, and has no records.
    #expect(!text.contains("declare more"))
  }

  @Test("By the gap, those that declare most beyond what is measured come first") func gap() throws {
    let report = try LongDistrict.report(rankedBy: .gap)
    let document = ReportDocument(report, language: .english, sections: [.ranking])
    let table = try #require(Self.tables(document).first)
    #expect(
      table.columns.map(\.title)
        == ["#", "Id", "Name", "≥½ days", "Automation", "Declared", "Networked", "Gap"])
    // None of the ten machines heard, then all of them.
    #expect(
      table.rows.first?.cells?.suffix(3) == [
        .ratio(Count(10, of: 10)), .ratio(Count(0, of: 10)), .points(-1000),
      ])
    #expect(table.rows.first?.cells?[1] == .text("F100"))
    #expect(
      table.rows.last?.cells?.suffix(3) == [
        .ratio(Count(10, of: 10)), .ratio(Count(10, of: 10)), .points(0),
      ])
    #expect(document.sections[0].aside == "by gap between declared and networked")
    #expect(JSONRenderer().render(report).contains(#""ranked_by":"declared_gap""#))
  }

  @Test("A picture of all factories has its finding as title, and the largest gap as text") func picture()
    throws
  {
    let report = try LongDistrict.report()
    let document = ReportDocument(report, language: .english, sections: [.ranking])
    let chart = try #require(
      document.sections[0].blocks.compactMap { if case .chart(let chart) = $0 { chart } else { nil } }.first)
    #expect(
      chart.title
        == "163 of 179 factories that declare connectable equipment and were observed declare more than is networked"
    )
    #expect(
      chart.description.hasSuffix("The largest gap: F100, 100.0 % declared, 0.0 % networked."))
    guard case .dots(let dots) = chart.content else {
      Issue.record("no dots")
      return
    }
    #expect(dots.rows.count == 179)
    #expect(dots.rows.prefix(2).map(\.label) == ["F100", "F111"])
    #expect(dots.rows.last?.label == "F275")
    #expect(dots.rows.last?.measured == Count(10, of: 10))
    let page = HTMLRenderer().render(document)
    #expect(page.contains("<figcaption><span>163 of 179 factories that declare"))
    #expect(page.matches(of: /<circle class="ring"/).count == 180)
    #expect(page.contains("<title>F104: Connectable equipment 100.0 %, Networked coverage 40.0 %</title>"))
    #expect(
      ReportDocument(report, language: .chinese, sections: [.ranking]).sections[0].blocks.contains { block in
        guard case .chart(let chart) = block else { return false }
        return chart.title == "申报有可联网设备且有观测的 179 家企业中，有 163 家申报可联网率高于设备联网率"
      })
  }

  @Test("Gaps of a district are grouped by cause, each with its five worst factories") func gaps() throws {
    let lines = lines(try LongDistrict.report(), .gaps)
    let start = try #require(lines.firstIndex(of: "  Factories with the most gaps"))
    #expect(
      lines[(start + 1)...].prefix(8).map { $0.replacing(/[ ]+/, with: " ") } == [
        " Factory Name Machines In service", " Never seen: 907 machines in 163 factories",
        " F100 Works 0 10 10",
        " F111 Works 11 10 10", " F122 Works 22 10 10", " F133 Works 33 10 10", " F144 Works 44 10 10",
        " … 158 more: millwright report district --all",
      ])
    let text = String(
      decoding: CSVRenderer().render(try LongDistrict.report(), sections: [.gaps]), as: UTF8.self)
    #expect(text.matches(of: /,Cause,Never seen,/).count == 163)
  }

  @Test("Charts of a distribution have its finding as title, and a page has the table folded below them")
  func distribution() throws {
    let report = try LongDistrict.report()
    let page = HTMLRenderer().render(report, sections: [.distribution])
    // 17 factories have none of ten machines, 17 have one and 17 have two: the highest of these classes is named.
    #expect(
      page.contains(
        "<figcaption><span>Networked coverage: 17 of 179 factories at 20–30 %</span></figcaption>"))
    #expect(
      page.contains("<figcaption><span>Automation ratio: 179 of 179 factories at 100 %</span></figcaption>"))
    let table = try #require(page.firstRange(of: "<table"))
    let fold = try #require(page.firstRange(of: "<details class=\"data\">"))
    let chart = try #require(page.ranges(of: "</svg>").last)
    #expect(chart.upperBound <= fold.lowerBound && fold.upperBound <= table.lowerBound)
    #expect(lines(report, .distribution).contains("  10–20 %                  0                  17"))
  }

  private static func tables(_ document: ReportDocument) -> [DocumentTable] {
    document.sections.flatMap(\.blocks).compactMap { if case .table(let table) = $0 { table } else { nil } }
  }
}
