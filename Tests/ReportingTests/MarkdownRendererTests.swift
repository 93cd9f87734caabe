import Aggregation
import Foundation
import Reporting
import Testing

struct MarkdownRendererTests {
  @Test func `every name is shown by GitHub's program, and none makes markup`() throws {
    let html = try ForeignReaders.html(MarkdownRenderer().render(SampleDocument.document(.english)))
    let shown = Self.cells(html)
    for text in SampleDocument.hostile {
      // Spaces at either end are not shown by any HTML.
      let words = text.inert.split(separator: " ").joined(separator: " ")
      #expect(shown.contains(words), "\(words)")
    }
    let tags = Set(html.matches(of: /<\/?([a-z0-9]+)[^>]*>/).map { String($0.output.1) })
    #expect(tags == ["h1", "h2", "h3", "p", "em", "strong", "table", "thead", "tbody", "tr", "th", "td"])
    // Only what the document itself sets off: a title, warnings, groups, sums, asides and four charts' findings.
    #expect(html.matches(of: /<em>/).count == 8)
    #expect(html.matches(of: /<strong>/).count == 12)
  }

  @Test(
    "a table is a table for GitHub's program in every report", arguments: GoldenTests.subjects,
    Language.allCases)
  func tables(subject: GoldenTests.Subject, language: Language) throws {
    let document = ReportDocument(try GoldenTests.report(subject), language: language)
    let html = try ForeignReaders.html(MarkdownRenderer(language: language).render(document))
    let expected =
      document.sections.flatMap { section in
        section.blocks.filter { block in
          switch block {
          case .table, .fields: true
          case .chart(let chart): !section.repeats(document.table(of: chart))
          case .prose: false
          }
        }
      }.count + (document.headline?.tiles.isEmpty == false ? 1 : 0)
    #expect(html.matches(of: /<table>/).count == expected)
    // No line of pipes is left as text.
    #expect(!html.contains("<p>|"))
    #expect(!html.contains("<a "))
  }

  /// The texts of the cells.
  private static func cells(_ html: String) -> Set<String> {
    let texts = html.matches(of: /<td[^>]*>(.*?)<\/td>/).map { match in
      [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")].reduce(String(match.output.1)) {
        // Scalar by scalar, for a mark may combine with the sign.
        $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal)
      }.split(separator: " ").joined(separator: " ")
    }
    return Set(texts)
  }
}
