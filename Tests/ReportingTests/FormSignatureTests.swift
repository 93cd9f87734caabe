import Aggregation
import Reporting
import Telemetry
import Testing

/// The end of a form, where it is signed and sealed.
@Suite("Signatures of forms") struct FormSignatureTests {
  @Test(
    "a form ends with lines for who reported, who checked and the seal, and names nobody",
    arguments: [ReportScope.factory("F001"), .district], Language.allCases)
  func lines(scope: ReportScope, language: Language) throws {
    let report = try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      forms: [SampleForm.form])
    let document = ReportDocument(report, language: language, sections: [.form])
    guard case .table(let table)? = document.sections.first?.blocks.last else {
      Issue.record("a table")
      return
    }
    let rows: [[Cell]] =
      language == .english
      ? [
        [.text("Reported by"), .blank, .empty, .text("Name, signature and date")],
        [.text("Checked by"), .blank, .empty, .text("Name, signature and date")],
        [.text("Organisation"), .blank, .empty, .text("Seal and date")],
      ]
      : [
        [.text("填报人"), .blank, .empty, .text("姓名（签字）、日期")],
        [.text("审核人"), .blank, .empty, .text("姓名（签字）、日期")],
        [.text("单位"), .blank, .empty, .text("盖章、日期")],
      ]
    #expect(table.rows.compactMap(\.cells) == rows)
    // They print as lines.
    let name = language == .english ? "Reported by" : "填报人"
    let text = TextRenderer(language: language).render(document).replacing(/[ ]+/, with: " ")
    #expect(text.contains("\n \(name) ________ "))
    let page = HTMLRenderer(language: language).render(document)
    #expect(
      page.contains("<bdi>\(name)</bdi></th><td class=\"n blank\"><span>________</span></td>"))
  }
}
