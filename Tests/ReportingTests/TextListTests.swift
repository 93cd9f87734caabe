import Reporting
import Telemetry
import Testing

/// Lists on a terminal: headings within them, and the rows that are only counted.
@Suite("Lists on a terminal") struct TextListTests {
  /// The lines of a list below the title of its section.
  private func lines(_ rows: [DocumentTable.Row], brief: [Int]? = nil) -> [String] {
    var table = DocumentTable("List", [.init("Id", shrinksTo: 4, wraps: true), .init("Why")])
    table.rows = rows
    table.brief = brief
    let document = ReportDocument(
      language: .english, calendar: .utc, title: "Factory F001", period: "2026-10",
      command: "millwright report",
      sections: [.init(name: .gaps, title: "List", blocks: [.table(table)])])
    let lines = TextRenderer().render(document).split(separator: "\n").map(String.init)
    return Array(lines.drop { $0 != "LIST" }.dropFirst())
  }

  private func row(_ id: String) -> DocumentTable.Row { .cells([.text(id), .text("offline")]) }

  @Test("A heading within a list extends over all columns") func headings() {
    #expect(
      lines([.group("In the base only: 41 machines"), row("E1"), .group("Not in the base: 1"), row("E2")])
        == [
          "  Id   Why", "  In the base only: 41 machines", "   E1  offline", "  Not in the base: 1",
          "   E2  offline",
        ])
  }

  @Test("A single row is shown instead of a line that counts it") func single() {
    let three = ["E1", "E2", "E3"].map(row)
    #expect(lines(three, brief: [0, 1]) == ["  Id  Why", "  E1  offline", "  E2  offline", "  E3  offline"])
    #expect(lines(three, brief: [0]) == ["  Id  Why", "  E1  offline", "  … 2 more: millwright report"])
  }

  @Test("Rows left out are counted where they are, and the last of these lines names the command")
  func between() {
    let rows = (1...8).map { row("E\($0)") } + [.sum([.text("All"), .text("8")])]
    #expect(
      lines(rows, brief: [0, 4, 8]) == [
        "  Id   Why", "  E1   offline", "  … 3 more", "  E5   offline", "  … 3 more: millwright report",
        "  ────────────", "  All  8",
      ])
    let groups = [.group("A")] + rows[0..<3] + [.group("B")] + rows[3..<6]
    #expect(
      lines(groups, brief: [1, 5]) == [
        "  Id   Why", "  A", "   E1  offline", "  … 2 more", "  B", "   E4  offline",
        "  … 2 more: millwright report",
      ])
    #expect(
      lines(groups, brief: [1, 2, 5, 6, 7]) == [
        "  Id   Why", "  A", "   E1  offline", "   E2  offline", "   E3  offline", "  B", "   E4  offline",
        "   E5  offline", "   E6  offline",
      ])
  }

  @Test("Headings are not counted as hidden rows, and none is shown without a row below it") func hidden() {
    let rows = [.group("A"), row("E1"), .group("B"), row("E2"), row("E3")]
    #expect(
      lines(rows, brief: [0, 1, 2]) == [
        "  Id   Why", "  A", "   E1  offline", "  … 2 more: millwright report",
      ])
  }
}
