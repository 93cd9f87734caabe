import Aggregation
import Foundation
import Reporting
import Telemetry
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Reports as HTML: well-formed, and inert whatever names hold. BrowserTests open the golden files.
struct HTMLRendererTests {
  @Test("HTML matches its golden file in both languages", arguments: GoldenTests.filed, Language.allCases)
  func golden(subject: GoldenTests.Subject, language: Language) throws {
    let page = HTMLRenderer(language: language).render(
      try GoldenTests.report(subject), sections: subject.sections)
    try expect(page, "\(subject.name).\(language.rawValue).html")
  }

  @Test("Every kind of chart is drawn as its golden file has it", arguments: Language.allCases)
  func kinds(language: Language) throws {
    let page = HTMLRenderer(language: language).render(SampleDocument.document(language))
    try expect(page, "every-kind.\(language.rawValue).html")
  }

  @Test(
    "Nothing of a report is markup but our own, and nothing comes from elsewhere",
    arguments: Language.allCases)
  func inert(language: Language) throws {
    let plain = HTMLRenderer(language: language).render(SampleDocument.document(language))
    let report = try GoldenTests.report(GoldenTests.Subject(name: "", scope: .factory("F004")))
    for page in [plain, HTMLRenderer(language: language).render(report)] {
      let found = try Elements(page)
      #expect(found.names.isDisjoint(with: ["script", "img", "link", "iframe", "object", "form", "input"]))
      #expect(found.attributes.allSatisfy { !$0.hasPrefix("on") })
      // References lead to places within the file.
      #expect(found.references.allSatisfy { $0.hasPrefix("#") })
    }
  }

  @Test("A list of more than 60 names and numbers is set in columns, another table is not") func longList() {
    func isList(columns: Int, rows: Int) -> Bool {
      var table = DocumentTable("Alarms", (0..<columns).map { .init("Column \($0)", numeric: $0 > 0) })
      table.rows = (0..<rows).map { row in .cells((0..<columns).map { _ in .number(row) }) }
      let document = ReportDocument(
        language: .english, calendar: .utc, title: "Factory F001", period: "2026-10",
        sections: [.init(name: .dataQuality, title: "Alarms", blocks: [.table(table)])])
      return HTMLRenderer(language: .english).render(document).contains(#/<table class="list[ "]/#)
    }
    #expect(isList(columns: 2, rows: 61))
    #expect(!isList(columns: 2, rows: 60))
    #expect(!isList(columns: 3, rows: 400))
  }

  /// What a strict reader finds in a page.
  private final class Elements: NSObject, XMLParserDelegate {
    private(set) var names: Set<String> = []
    private(set) var attributes: Set<String> = []
    private(set) var references: [String] = []

    init(_ page: String) throws {
      super.init()
      let parser = XMLParser(data: Data(page.dropFirst("<!DOCTYPE html>".count).utf8))
      parser.delegate = self
      let isWellFormed = parser.parse()
      #expect(isWellFormed, "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      names.insert(name)
      self.attributes.formUnion(attributes.keys)
      references += ["href", "src"].compactMap { attributes[$0] }
    }
  }

  /// Holds a page against its golden file. The part of the style sheet that all pages share is kept once.
  private func expect(_ page: String, _ name: String) throws {
    let start = try #require(page.firstRange(of: "<style>")).upperBound
    let end = try #require(page.firstRange(of: "@page{")).lowerBound
    try GoldenTests.expect(String(page[start..<end]), "page.css")
    try GoldenTests.expect(page.replacingCharacters(in: start..<end, with: "/* page.css */"), name)
  }
}
