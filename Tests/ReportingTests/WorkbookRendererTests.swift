import Aggregation
import Foundation
import Reporting
import Spreadsheets
import Telemetry
import TestSupport
import Testing

struct WorkbookRendererTests {
  private static func everyKind(_ language: Language = .english) throws -> ReadWorkbook {
    let data = try WorkbookRenderer(language: language)
      .render(SampleDocument.document(language), created: SampleDistrict.asOf)
    return try ForeignReaders.workbook(data)
  }

  @Test func `every section has a sheet under a name that Excel takes`() throws {
    let book = try Self.everyKind()
    #expect(
      book.sheets.map(\.name) == [
        "Overview all some x", "Overview all some x (2)", "Names", "A section's title that is far l",
      ])
    #expect(book.title == "Factory \"F004\" <b>&P  a*b*")
  }

  @Test func `the workbook's dates are the as-of`() throws {
    let book = try Self.everyKind()
    #expect(book.created == "2026-11-22T14:10:30")
    #expect(book.modified == "2026-11-22T14:10:30")
  }

  @Test func `numbers are numbers, dates are dates, and what is no number is a text`() throws {
    let sheet = try Self.everyKind().sheets[1]
    #expect(sheet.values(after: "ratio") == [.number(0.999), .number(9996), .number(10_000)])
    #expect(sheet.values(after: "little") == [.number(0), .number(1), .number(5000)])
    #expect(sheet.values(after: "all") == [.number(1), .number(0), .number(0)])
    #expect(sheet.values(after: "none") == [.text("N/A")])
    #expect(sheet.values(after: "hours") == [.number(0.749), .number(1.4), .number(2)])
    #expect(sheet.values(after: "bounds") == [.number(0.74), .number(0.742)])
    #expect(sheet.values(after: "number") == [.number(-12_345)])
    #expect(sheet.values(after: "thousandths") == [.number(-1_234_567.05), .number(8)])
    #expect(sheet.values(after: "decimal") == [.number(0.012345)])
    #expect(sheet.values(after: "points") == [.number(6.9), .number(-0.5)])
    #expect(sheet.values(after: "day") == [.text("2026-11-21T00:00:00")])
    #expect(sheet.values(after: "instant") == [.text("2026-11-23T01:01:01")])
    #expect(sheet.values(after: "Total") == [.number(1_234_567)])
    let formats = ["ratio", "little", "hours", "day", "instant"].compactMap { label in
      sheet.rows.first { $0.first??.value == .text(label) }?[1].map { "\($0.type) \($0.format)" }
    }
    #expect(
      formats
        == [
          "n 0.0%", "n \"<0.1 %\"", "n 0.0%", "d yyyy\\-mm\\-dd", "d yyyy\\-mm\\-dd\\ hh:mm",
        ].map { $0.replacing("\\ hh", with: " hh") })
  }

  @Test func `no text becomes a formula or a link, and every name is there as it is`() throws {
    for language in Language.allCases {
      let cells = try Self.everyKind(language).sheets.flatMap(\.cells)
      #expect(Set(cells.map(\.type)) == ["s", "n", "d"])
      #expect(cells.filter(\.link).isEmpty)
      // Excel keeps a text that is edited a text.
      #expect(Set(cells.filter { $0.type == "s" }.map(\.format)) == ["@"])
      let texts = Set(
        cells.compactMap { cell in if case .text(let text) = cell.value { text } else { nil } })
      for text in SampleDocument.hostile where text != "_x0041_" {
        #expect(texts.contains(text.inert), "\(text.inert)")
      }
      // openpyxl leaves the escape that Excel reads as an underscore.
      #expect(!texts.isDisjoint(with: ["_x005F_x0041_", "_x0041_"]))
    }
  }

  @Test func `heads stay in the window and on every page, and the first table can be filtered`() throws {
    let book = try Self.everyKind()
    #expect(book.sheets.map(\.freeze) == ["A4", "A6", "A6", "A4"])
    #expect(book.sheets.map(\.filter) == [nil, "A5:E21", "A5:B44", "A7:D9"])
    #expect(book.sheets.map(\.repeated) == [nil, "$5:$5", "$5:$5", nil])
    #expect(Set(book.sheets.map(\.paper)) == [9])
    #expect(book.sheets[0].header == "Factory \"F004\" <b>&&P")
  }

  @Test func `a chart of Excel's own stands beside what can be drawn`() throws {
    let sheets = try Self.everyKind().sheets
    #expect(sheets[1].charts == ["BarChart"])
    #expect(sheets[3].charts.sorted() == ["BarChart", "BarChart", "BarChart", "LineChart"])
    #expect(sheets[3].colours.count == 1)
  }

  @Test func `columns are as wide as what is in them, East Asian characters counted double`() throws {
    let report = try GoldenTests.report(.init(name: "", scope: .factory("F001")))
    let book = try ForeignReaders.workbook(
      WorkbookRenderer(language: .chinese).render(report, sections: [.figures]))
    let figures = try #require(book.sheets.first { $0.name == "核心指标" })
    let widest = "自动化、智能化设备占比".displayWidth
    #expect(try #require(figures.widths["A"]) > Double(widest))
    #expect(try #require(figures.widths["A"]) < Double(widest) + 5)
  }

  /// LibreOffice does not fit rows by itself.
  @Test func `rows are as high as what is wrapped in them`() throws {
    var table = DocumentTable(
      "Table", [.init("Id"), .init(String(repeating: "heading ", count: 8) + "end"), .init("Remark")])
    table.rows = [
      .cells([.text("a"), .text("short"), .text("短")]),
      .cells([.text("b"), .text("short"), .text(String(repeating: "字", count: 60))]),
      .group(String(repeating: "group ", count: 20)),
      .warning([
        .text("c"), .text(String(repeating: "word ", count: 20)),
        .text("“" + String(repeating: "字", count: 19) + "”"),
      ]),
    ]
    let document = ReportDocument(
      language: .chinese, calendar: .utc, title: "Factory F001", period: "2026-10",
      sections: [.init(name: .definitions, title: "Definitions", blocks: [.table(table)])])
    let sheet = try ForeignReaders.workbook(
      WorkbookRenderer(language: .chinese).render(document, created: SampleDistrict.asOf)
    ).sheets[0]
    #expect(sheet.widths["B"].map { Int($0) } == 48)
    // A line in 48 columns has 41: five words of the heading, 20 Chinese characters, or eight words of the last row.
    #expect(sheet.heights["5"] == 30 && sheet.heights["6"] == nil && sheet.heights["7"] == 45)
    #expect(sheet.heights["8"] == nil && sheet.heights["9"] == 45)
  }

  @Test func `headings are repeated only where they are right for all rows below them`() throws {
    func sheet(_ headings: [[String]]) throws -> ReadWorkbook.Sheet {
      let blocks = headings.map { titles -> ReportDocument.Block in
        var table = DocumentTable("Table", titles.map { .init($0) })
        table.rows = [.cells(titles.map { .text($0 + " value") })]
        return .table(table)
      }
      let document = ReportDocument(
        language: .english, calendar: .utc, title: "Factory F001", period: "2026-10",
        sections: [.init(name: .form, title: "Form", blocks: blocks)])
      return try ForeignReaders.workbook(
        WorkbookRenderer(language: .english).render(document, created: SampleDistrict.asOf)
      ).sheets[0]
    }
    let same = try sheet([["A", "B"], ["A", "B"]])
    #expect(same.repeated == "$5:$5" && same.freeze == "A6")
    #expect(same.rows.count { $0.first??.value == .text("A") } == 1)
    #expect(same.rows.count { $0.first??.value == .text("A value") } == 2)
    let other = try sheet([["A", "B"], ["A", "C"]])
    #expect(other.repeated == nil && other.freeze == "A4")
    #expect(other.rows.count { $0.first??.value == .text("A") } == 2)
  }

  @Test(
    "the same report is the same bytes, whenever and however often it is written",
    arguments: GoldenTests.filed, Language.allCases)
  func sameBytes(subject: GoldenTests.Subject, language: Language) throws {
    let report = try GoldenTests.report(subject)
    let renderer = WorkbookRenderer(language: language)
    let first = try renderer.render(report, sections: subject.sections)
    #expect(try renderer.render(report, sections: subject.sections) == first)
    // A file's times within the archive are the only ones beside the as-of.
    let folder = try TemporaryDirectory("workbook")
    try first.write(to: URL(fileURLWithPath: folder.file("report.xlsx")))
    let times = try run(
      "/usr/bin/python3",
      [
        "-c", "import sys, zipfile; print({i.date_time for i in zipfile.ZipFile(sys.argv[1]).infolist()})",
        folder.file("report.xlsx"),
      ])
    #expect(times.output == "{(1980, 1, 1, 0, 0, 0)}\n")
  }

  @Test("workbooks are made beside one another") func concurrent() async throws {
    let report = try GoldenTests.report(.init(name: "", scope: .district))
    let expected = try WorkbookRenderer().render(report)
    try await withThrowingTaskGroup(of: Data.self) { group in
      for _ in 0..<8 { group.addTask { try WorkbookRenderer().render(report) } }
      for try await data in group { #expect(data == expected) }
    }
  }

  @Test func `nothing is left in the folder for temporary files`() throws {
    let folder = try TemporaryDirectory("temporary")
    _ = try WorkbookRenderer(temporaryFolder: folder.url)
      .render(SampleDocument.document(.english), created: SampleDistrict.asOf)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func `a folder that cannot be written into is an error that names it`() throws {
    let renderer = WorkbookRenderer(temporaryFolder: URL(fileURLWithPath: "/nonexistent/folder"))
    let error = #expect(throws: WorkbookError.self) {
      try renderer.render(SampleDocument.document(.english), created: SampleDistrict.asOf)
    }
    #expect(error?.description.hasPrefix("/nonexistent/folder/millwright-report-") == true)
  }
}
