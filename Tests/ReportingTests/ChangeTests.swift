import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// Changes of ratios in words: none, less than a tenth of a percentage point, and more.
@Suite("Changes of ratios") struct ChangeTests {
  private func finding(_ slopes: [(before: Count, after: Count)], _ language: Language) -> String {
    let content = Chart.Content.slopes(
      before: "Before", after: "After", slopes.map { ("Digital", $0.before, $0.after) })
    return ReportDocument(
      language: language, calendar: .utc, title: "Factory F001", period: "2026-11", sections: []
    ).finding(of: Chart(title: "", description: "", content: content))
  }

  @Test(arguments: [
    // Equal ratios of different counts have not changed.
    (Count(1, of: 5), Count(2, of: 10), "No ratio changed.", "各项占比均无变化。"),
    (
      Count(200, of: 2001), Count(201, of: 2001), "No ratio changed by 0.1 percentage points or more.",
      "各项占比变化均不足 0.1 个百分点。"
    ),
    // The percentages printed are 9.9 and 10.0.
    (
      Count(1999, of: 20_000), Count(2001, of: 20_000), "No ratio changed by 0.1 percentage points or more.",
      "各项占比变化均不足 0.1 个百分点。"
    ),
    (
      Count(200, of: 2000), Count(202, of: 2000), "Digital changed most: +0.1 percentage points.",
      "Digital变化最大：+0.1 个百分点。"
    ),
    (Count(1, of: 2), Count(0, of: 0), "", ""),
  ])
  func `the finding of a chart says that no ratio changed only if none did`(
    before: Count, after: Count, english: String, chinese: String
  ) {
    let still = (before: Count(1, of: 3), after: Count(1, of: 3))
    let slopes = after.denominator > 0 ? [still, (before, after)] : [(before, after)]
    #expect(finding(slopes, .english) == english)
    #expect(finding(slopes, .chinese) == chinese)
  }

  @Test func `a change whose size no number holds does not end the program`() {
    let slopes = [(before: Count(.max, of: 1), after: Count(.min, of: 1))]
    #expect(
      finding(slopes, .english)
        == "Digital changed most: −922337203685477580.8 percentage points.")
    var table = DocumentTable("Changes", [.init("Figure"), .init("Points", numeric: true)])
    table.rows = [.cells([.text("Digital"), .points(.min)])]
    let document = ReportDocument(
      language: .english, calendar: .utc, title: "Factory F001", period: "2026-11",
      sections: [.init(name: .beforeAfter, title: "Changes", blocks: [.table(table)])])
    #expect(TextRenderer().render(document).contains("Digital  −922337203685477580.8\n"))
    let records = String(decoding: CSVRenderer().render(document), as: UTF8.self)
    #expect(records.contains("Digital,Points,\"-922337203685477580.8\",,,\r\n"))
  }

  @Test func `messages whose sum no number holds are counted as the greatest number`() throws {
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    var evidence = StoreEvidence(
      asOf: period.asOf, equipment: SampleDistrict.evidence, observed: [(period.from, period.until)],
      rejections: [(.malformed, .max), (.future, 20)])
    evidence.refusals = [(Int.max, "ts"), (20, "state")].map { messages, detail in
      SenderRefusal(
        key: EquipmentKey(factory: "F001", equipment: "E08"),
        refusal: Refusal(.missingField, detail, messages: messages, newest: period.asOf))
    }
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: SampleDistrict.factories, entries: SampleDistrict.entries),
      evidence: evidence, knownAt: SampleDistrict.asOf, period: period)
    for scope in [ReportScope.factory("F001"), .workshop(factory: "F001", "W02")] {
      let report = try Report(
        on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
      let text = TextRenderer().render(report, sections: [.dataQuality]).replacing(/[ ]+/, with: " ")
      #expect(text.contains("\n Total 9,223,372,036,854,775,807\n"), "\(scope)")
    }
  }

  @Test(arguments: [
    (4, 9, "±0.0 points", "±0.0 个百分点"), (8, 18, "±0.0 points", "±0.0 个百分点"),
    (4444, 10_000, "<0.1 points", "<0.1 个百分点"), (3, 9, "+11.1 points", "+11.1 个百分点"),
  ])
  func `a headline figure tells a change below a tenth of a point from none`(
    networked: Int, equipment: Int, english: String, chinese: String
  ) throws {
    var figures = Figures()
    (figures.equipment, figures.networked) = (equipment, networked)
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0", previous: PreviousPeriod(period.previous, figures: figures))
    for (language, text) in [(Language.english, english), (.chinese, chinese)] {
      let headline = try #require(ReportDocument(report, language: language).headline)
      #expect(headline.tiles.first?.change == text)
    }
  }
}
