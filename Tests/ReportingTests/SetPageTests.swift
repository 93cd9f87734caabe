import Aggregation
import Foundation
import Register
import Reporting
import Storage
import Testing

/// Pages of a set of reports that lead to the others.
struct SetPageTests {
  private static let links = ["F001": "F001_蓝海齿轮厂.html", "F002": "%2E2.html"]

  @Test func `a district's page links the ids of factories to their files, and nothing else`() throws {
    let report = try GoldenTests.report(.init(name: "", scope: .district))
    var renderer = HTMLRenderer()
    #expect(!renderer.render(report).contains(".html\""))
    renderer.links = Self.links
    let page = renderer.render(report)
    let link =
      "<a href=\"F001_%E8%93%9D%E6%B5%B7%E9%BD%BF%E8%BD%AE%E5%8E%82.html\"><bdi>F001</bdi></a></th>"
    // What to do next, the ranking, and four causes of gaps.
    #expect(page.components(separatedBy: link).count == 7)
    #expect(page.contains("<a href=\"%252E2.html\"><bdi>F002</bdi></a>"))
    #expect(!page.contains("<a href=\"F003"))
    // An id in a column of other things is no link.
    var table = DocumentTable("Table", [.init("Text"), .init("Factory", namesFactory: true)])
    table.rows = [.cells([.text("F001"), .text("F002")])]
    let document = ReportDocument(
      language: .english, calendar: .utc, title: "District", period: "2026-10",
      sections: [.init(name: .ranking, title: "Factories", blocks: [.table(table)])])
    let other = renderer.render(document)
    #expect(
      other.contains(
        "<th scope=\"row\"><bdi>F001</bdi></th><td><a href=\"%252E2.html\"><bdi>F002</bdi></a></td>"))
  }

  @Test(arguments: [(Language.english, "← Index of reports"), (.chinese, "← 返回报告目录")])
  func `a page of a set links its index at the top, and no other page does`(language: Language, text: String)
    throws
  {
    for scope in [ReportScope.factory("F001"), .district] {
      let report = try GoldenTests.report(.init(name: "", scope: scope))
      var renderer = HTMLRenderer(language: language)
      #expect(!renderer.render(report).contains(text))
      renderer.index = "index.html"
      #expect(
        renderer.render(report).contains(
          "<header id=\"top\"><p class=\"back\"><a href=\"index.html\">\(text)</a></p><h1>"))
    }
  }

  @Test func `the index names the district and every factory with its figures and files`() throws {
    let report = try GoldenTests.report(.init(name: "", scope: .district))
    let files = ["F001", "F002", "F003", "F004", "F900"].map { id in
      (
        id,
        [
          SetIndexRenderer.File(format: "HTML", name: "\(id).html"),
          .init(format: "XLSX", name: "\(id).xlsx"),
        ]
      )
    }
    let page = SetIndexRenderer(language: .chinese).render(
      report, files: [.init(format: "HTML", name: "district.html")],
      factoryFiles: Dictionary(uniqueKeysWithValues: files))
    #expect(
      page.contains(
        "<h1><bdi>西部（重庆）科学城</bdi> <small><bdi>Western (Chongqing) Science City</bdi></small></h1>"))
    #expect(page.contains("<p class=\"period\">报告目录，2026-10-24 至 2026-11-22</p>"))
    #expect(
      page.contains(
        "<tr class=\"sum\"><th scope=\"row\"><a href=\"district.html\"><bdi>cqsc</bdi></a></th>"
          + "<td class=\"w4\"><bdi>西部（重庆）科学城</bdi><br/><bdi>Western (Chongqing) Science City</bdi></td>"
          + "<td class=\"n\">12</td><td class=\"n\">50.0 %</td><td class=\"n\">38.8 %</td>"
          + "<td class=\"w4\"><a href=\"district.html\" aria-label=\"cqsc HTML\">HTML</a></td></tr>"))
    #expect(
      page.contains(
        "<tr><th scope=\"row\"><a href=\"F001.html\"><bdi>F001</bdi></a></th>"
          + "<td class=\"w4\"><bdi>蓝海齿轮厂</bdi><br/><bdi>Lanhai Gearbox Works</bdi></td>"
          + "<td class=\"n\">9</td><td class=\"n\">44.4 %</td><td class=\"n\">37.0 %</td>"
          + "<td class=\"w4\"><a href=\"F001.html\" aria-label=\"F001 HTML\">HTML</a> · "
          + "<a href=\"F001.xlsx\" aria-label=\"F001 XLSX\">XLSX</a></td></tr>"))
    let ids = page.matches(of: /<th scope="row"><a [^>]*><bdi>([^<]*)</).map { String($0.output.1) }
    #expect(ids == ["cqsc", "F001", "F002", "F003", "F004", "F900"])
    // Names cannot become markup, and control characters are shown as escapes.
    #expect(page.contains("Evil\\u{1B}[31mRed\\u{A}Line") && !page.contains("\u{1B}"))
  }

  /// The texts of the cells with numbers, row by row.
  private func numbers(_ page: String) -> [[String]] {
    page.components(separatedBy: "<tr").dropFirst(2).map { row in
      row.matches(of: /<td class="n">([^<]*)</).map { String($0.output.1) }
    }
  }

  @Test func `the index of a set ranked by networked coverage has this figure once`() throws {
    let report = try Report(
      on: .district, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      rankedBy: .metric(.networkedRatio))
    let page = SetIndexRenderer().render(report, files: [], factoryFiles: [:])
    #expect(page.matches(of: />Networked coverage</).count == 1)
    // On a narrow screen each row has its figures below the name: the equipment in service, and one ratio.
    #expect(page.contains("<table class=\"long stack t2\">"))
    #expect(numbers(page).prefix(2) == [["12", "50.0 %"], ["9", "44.4 %"]])
  }

  @Test(arguments: [(Language.english, "not observed", "N/A"), (.chinese, "无观测", "不适用")])
  func `the index says which figures were not observed`(language: Language, unobserved: String, none: String)
    throws
  {
    let period = Period(endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    let factories = [RegisteredFactory(id: "F002"), RegisteredFactory(id: "F003")]
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: factories,
        entries: SampleDistrict.entries.filter { $0.equipment.key.factory == "F002" }),
      evidence: StoreEvidence(asOf: period.asOf, equipment: [], observed: []), knownAt: SampleDistrict.asOf,
      period: period)
    let report = try Report(
      on: .district, of: assessment, district: SampleDistrict.identity, version: "0.1.0",
      rankedBy: .metric(.automationRatio))
    let page = SetIndexRenderer(language: language).render(report, files: [], factoryFiles: [:])
    // What the register declares is known, and F003 has no equipment.
    #expect(
      numbers(page) == [["2", unobserved, "100.0 %"], ["2", unobserved, "100.0 %"], ["0", none, none]])
  }
}
