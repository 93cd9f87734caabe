import Aggregation
import Foundation
import Reporting
import Spreadsheets
import Telemetry
import Testing

/// The workbook of a whole report: few sheets, the summary first.
struct ReportWorkbookTests {
  private static func book(
    _ report: Report, _ language: Language = .english, sections: Set<ReportSection>? = nil
  ) throws -> ReadWorkbook {
    try ForeignReaders.workbook(WorkbookRenderer(language: language).render(report, sections: sections))
  }

  private static func subject(_ name: String) throws -> Report {
    try GoldenTests.report(#require(GoldenTests.subjects.first { $0.name == name }))
  }

  @Test func `a factory has five sheets, a district six, and each form its own`() throws {
    #expect(
      try Self.book(Self.subject("factory-details"), .chinese).sheets.map(\.name) == [
        "汇总", "设备明细", "异常", "周期指标", "口径说明",
      ])
    #expect(
      try Self.book(CSVTableTests.district()).sheets.map(\.name) == [
        "Summary", "Factories", "Equipment", "Exceptions", "Figures of the period", "Definitions",
      ])
    let names = try Self.book(Self.subject("factory-filled")).sheets.map(\.name)
    #expect(names.prefix(3) == ["Summary", "Equipment", "Exceptions"])
    #expect(names.count == 7 && names.suffix(2) == ["Figures of the period", "Definitions"])
  }

  @Test func `requested sections have a sheet each`() throws {
    let book = try Self.book(Self.subject("factory-details"), sections: [.figures, .gaps])
    #expect(book.sheets.map(\.name) == ["Key figures", "Gaps"])
  }

  @Test func `the summary says the data quality, the figures and the status of equipment`() throws {
    let summary = try #require(try Self.book(Self.subject("factory-policies")).sheets.first)
    #expect(
      summary.values(after: "Data") == [
        .text("Sufficient data: the collector observed 100.0 % of the period.")
      ])
    #expect(
      summary.values(after: "Networked coverage").prefix(3) == [.number(4), .number(9), .number(0.444)])
    #expect(summary.values(after: "In service").first == .number(9))
    let texts = summary.rows.compactMap { $0.first??.value }
    for heading in ["Overview and data sufficiency", "Key figures", "Against policies"] {
      #expect(texts.contains(.text(heading)), "\(heading)")
    }
    // A filter of one table would be of no use to the others.
    #expect(summary.filter == nil)
  }

  @Test func `the sheet of equipment is one table with a filter and headings that stay`() throws {
    let sheet = try #require(
      try Self.book(Self.subject("factory")).sheets.first { $0.name == "Equipment" })
    #expect(sheet.filter == "A5:Q18" && sheet.freeze == "A6" && sheet.repeated == "$5:$5")
    #expect(sheet.charts == [])
    #expect(
      sheet.values(after: "E01") == [
        .text("数控车床"), .text("machine"), .text("automatic"), .text("no"), .text("yes"), .text("yes"),
        .text("yes"), .text("yes"), .text("Reporting"), .text("2026-11-22T21:41:30"), .number(0),
        .text(
          "Its newest reading, of 2026-11-22 21:41:30, is valid until 2026-11-22 22:11:30 (horizon 30 min)."),
      ])
  }

  @Test func `the sheets of factories and exceptions are tables of the same form`() throws {
    let book = try Self.book(CSVTableTests.district())
    let factories = try #require(book.sheets.first { $0.name == "Factories" })
    #expect(factories.filter == "A5:W9" && factories.freeze == "A6" && factories.repeated == "$5:$5")
    // Bars stand in the cells of the ranked figure.
    #expect(factories.charts == [] && factories.colours == ["G6:G9"])
    #expect(
      factories.values(after: "青山轴承").prefix(4) == [
        .number(2), .number(0.666), .number(1), .number(0),
      ])
    let exceptions = try #require(book.sheets.first { $0.name == "Exceptions" })
    #expect(exceptions.filter?.hasPrefix("A5:H") == true && exceptions.repeated == "$5:$5")
    #expect(
      exceptions.values(after: "Z1") == [.text("Unregistered"), .text("last 2026-11-22 22:09")])
  }

  @Test func `the summary begins with the conclusion, the headline figures and their changes`() throws {
    var before = Figures()
    (before.equipment, before.networked, before.digital, before.automated) = (9, 3, 8, 5)
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar).previous
    for (scope, all) in [(ReportScope.factory("F001"), 9), (.district, 12)] {
      let report = try Report(
        on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
        previous: PreviousPeriod(period, figures: before))
      let summary = try #require(try Self.book(report).sheets.first)
      let texts = summary.rows.compactMap { $0.first??.value }
      let headline = try #require(ReportDocument(report, language: .english).headline)
      #expect(
        texts.dropFirst(3).prefix(1 + headline.sentences.count)
          == [.text("At a glance")] + headline.sentences.map { .text($0) })
      #expect(summary.values(after: "Networked coverage").prefix(2).last == .number(Double(all)))
      #expect(texts.contains(.text(headline.note)))
    }
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0", previous: PreviousPeriod(period, figures: before))
    let summary = try #require(try Self.book(report).sheets.first)
    // From 3 of 9 to 4 of 9 are 11.1 points.
    #expect(
      summary.values(after: "Networked coverage") == [
        .number(4), .number(9), .number(0.444), .number(11.1),
      ])
  }

  @Test func `rows of single states are not in the workbook of a whole report`() throws {
    let report = try Self.subject("factory-details")
    func states(_ book: ReadWorkbook) -> Int {
      book.sheets.flatMap(\.cells).count { $0.value == .text("not heard") }
    }
    #expect(try states(Self.book(report)) == 0)
    #expect(try states(Self.book(report, sections: [.connectivity])) == 1)
  }

  @Test(
    "every row of numbers of a section is in the workbook of the whole report",
    arguments: ["factory-policies", "factory-details", "district-retrofit", "district-forms"])
  func sameRows(name: String) throws {
    let report = try Self.subject(name)
    let whole = Set(try Self.rows(Self.book(report)))
    var found = 0
    for section in [
      ReportSection.figures, .policies, .performance, .green, .industries, .beforeAfter, .energy,
    ] {
      for row in try Self.rows(Self.book(report, sections: [section])) {
        found += 1
        #expect(whole.contains(row), "\(section): \(row)")
      }
    }
    #expect(found > 15)
  }

  /// Rows with a number, without the empty cells at their end.
  private static func rows(_ book: ReadWorkbook) -> [String] {
    book.sheets.flatMap(\.rows).compactMap { row in
      guard row.contains(where: { $0?.type == "n" }) else { return nil }
      let values = row.map { cell -> String in
        switch cell?.value {
        case .text(let text)?: text
        case .number(let number)?: "\(number)"
        case nil: ""
        }
      }
      return values.joined(separator: "|").replacing(/\|+$/, with: "")
    }
  }

  @Test func `a long ranking has bars in its cells instead of a chart of some rows`() throws {
    func sheet(_ rows: Int) throws -> ReadWorkbook.Sheet {
      var table = DocumentTable("Ranking", [.init("Id"), .init("Ratio", numeric: true)], drawn: 1)
      table.rows = (0..<rows).map { .cells([.text("F\($0)"), .ratio(Count($0, of: rows))]) }
      let document = ReportDocument(
        language: .english, calendar: .utc, title: "District west", period: "2026-10",
        sections: [.init(name: .ranking, title: "Factories", blocks: [.table(table)])])
      return try ForeignReaders.workbook(
        WorkbookRenderer().render(document, created: SampleDistrict.asOf)
      ).sheets[0]
    }
    let long = try sheet(41)
    #expect(long.charts == [] && long.colours == ["B6:B46"])
    let short = try sheet(40)
    #expect(short.charts == ["BarChart"] && short.colours == [])
  }
}
