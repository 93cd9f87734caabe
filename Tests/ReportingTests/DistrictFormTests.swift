import Aggregation
import Reporting
import Spreadsheets
import Telemetry
import Testing

/// What a district's report says of its factories: cells of a form side by side, and levels of a policy.
@Suite("Forms and policies of a district") struct DistrictFormTests {
  private func report(_ scope: ReportScope, policies: [Policy] = [], forms: [Form] = []) throws -> Report {
    try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      policies: policies, forms: forms)
  }

  private func blocks(
    _ report: Report, _ section: ReportSection, _ language: Language = .english
  ) -> [ReportDocument.Block] {
    ReportDocument(report, language: language, sections: [section]).sections.flatMap(\.blocks)
  }

  @Test("Columns have the numbers of cells, a list above has their words, and CSV has both") func columns()
    throws
  {
    let report = try report(.district, forms: [SampleForm.form])
    let blocks = blocks(report, .formFactories)
    guard case .fields(let fields)? = blocks.first, case .table(let table) = blocks[1] else {
      Issue.record("no list above the table")
      return
    }
    let numbers = [
      "1.1", "1.2", "1.3", "1.4", "1.5", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "3.5",
    ]
    #expect(fields.map(\.label) == numbers)
    #expect(
      fields[0].value == "Production equipment" && fields[8].value == "For reference: of digital equipment")
    #expect(table.columns.map(\.title) == ["Factory", "Name"] + numbers + ["Points"])
    let csv = String(decoding: CSVRenderer().render(report, sections: [.formFactories]), as: UTF8.self)
    #expect(csv.contains("form_factories,Factories,1,F001,1.1 Production equipment,9,,,\r\n"))
    #expect(csv.contains("form_factories,Factories,1,F001,Points computed,10.5,,,\r\n"))
  }

  @Test("A form of three ratios has one line for each factory on a terminal") func narrow() throws {
    var form = SampleForm.form
    form.sections = [.init(title: form.sections[0].title, items: Array(form.sections[0].items.prefix(1)))]
    let text = TextRenderer(language: .chinese).render(
      try report(.district, forms: [form]), sections: [.formFactories])
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("F001 蓝海齿轮厂 9 8 88.8 % 6 达标 6"))
    #expect(lines.contains("1.4 得分"))
  }

  @Test("A workbook draws no chart beside a form") func charts() throws {
    let book = try ForeignReaders.workbook(
      WorkbookRenderer(language: .english).render(
        report(.district, forms: [SampleForm.form]), sections: ReportSection.ofForm))
    #expect(book.sheets.count == 3 && book.sheets.allSatisfy(\.charts.isEmpty))
  }

  @Test("A district has no points; its factories are counted by level, with the interval of each")
  func levels() throws {
    let district = try report(.district, policies: [SampleForm.scale])
    let blocks = blocks(district, .policies)
    let rows = blocks.flatMap { block -> [[Cell]] in
      if case .table(let table) = block { table.rows.compactMap(\.cells) } else { [] }
    }
    // F001, F002 and F004 are in the last band of digital equipment; F001 is in the fourth of networked equipment.
    #expect(rows.contains([.text("Digital equipment, level 5"), .text("(60, 100] %"), .number(3)]))
    #expect(rows.contains([.text("Networked coverage, level 4"), .text("(40, 60] %"), .number(1)]))
    #expect(rows.contains([.text("Networked coverage, level 1"), .text("[0, 10] %"), .number(1)]))
    #expect(rows.contains { $0.first == .text("Digital equipment") && $0.last == .text("level 5") })
    func prose(_ blocks: [ReportDocument.Block]) -> [String] {
      blocks.compactMap { if case .prose(let text, .plain) = $0 { text } else { nil } }
    }
    #expect(prose(blocks).first == "Points are each factory's own: the district as a whole has none.")
    #expect(prose(self.blocks(district, .policies, .chinese)).first == "得分按企业计算，园区整体不计分。")
    let factory = try report(.factory("F001"), policies: [SampleForm.scale])
    #expect(
      prose(self.blocks(factory, .policies)).first == "Points of these figures: 10.5 of 18, without Quality.")
    #expect(JSONRenderer().render(factory).contains("\"points\":\"10.5\",\"points_most\":\"18\""))
    let json = JSONRenderer().render(district)
    #expect(!json.contains("\"points\":") && !json.contains("\"points_most\":"))
  }
}
