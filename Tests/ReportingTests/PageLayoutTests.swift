import Aggregation
import Reporting
import Telemetry
import Testing

/// The arrangement of an HTML page: small parts side by side, tables for narrow screens, and signs of statuses.
@Suite("Layout of a page") struct PageLayoutTests {
  private static func page(_ sections: [[ReportDocument.Block]]) -> String {
    let names: [ReportSection] = [.overview, .figures, .green, .gaps, .connectivity, .energy]
    return HTMLRenderer().render(
      ReportDocument(
        language: .english, calendar: .utc, title: "Factory F001", period: "2026-11",
        sections: zip(names, sections).map { .init(name: $0, title: $0.rawValue, blocks: $1) }))
  }

  /// A table with a column of texts of this width and a column of numbers.
  private static func table(_ caption: String, width: Int = 8, rows: Int = 2) -> ReportDocument.Block {
    var table = DocumentTable(caption, [.init("Name"), .init("Number", numeric: true)])
    table.rows = (0..<rows).map {
      .cells([.text(String(repeating: "x", count: width)), .number($0)])
    }
    return .table(table)
  }

  @Test("Two small parts that follow each other stand side by side, a third and a wide one alone")
  func pairs() {
    let page = Self.page([[Self.table("A"), Self.table("B"), Self.table("C"), Self.table("D", width: 80)]])
    #expect(page.matches(of: /<div class="pair">/).count == 1)
    #expect(page.matches(of: /<div class="pair roomy">/).isEmpty)
    let outline = page.matches(of: /<div class="(pair)|<caption>(.)</).map {
      String($0.output.1 ?? $0.output.2 ?? "")
    }
    #expect(outline == ["pair", "A", "B", "C", "D"])
    // The pair ends before the third table, with the three divisions around the second one.
    #expect(page.matches(of: /(<\/div>\s*){3}<div class="table"[^>]*><table><caption>C</).count == 1)
  }

  @Test("A long table, a table with long texts and a list of fields take the whole width")
  func wideParts() {
    let fields = ReportDocument.Block.fields([.init(label: "Data", value: "x")])
    for wide in [Self.table("W", rows: 25), Self.table("W", width: 73), fields] {
      #expect(!Self.page([[wide, Self.table("A"), wide]]).contains(#"<div class="pair"#))
    }
    #expect(
      Self.page([[Self.table("W", width: 72, rows: 24), Self.table("A")]]).contains(#"<div class="pair">"#))
  }

  @Test("A table that needs half of a wide screen is not beside another one on paper") func roomyPairs() {
    var table = DocumentTable("A", (0..<6).map { .init("Column \($0)", numeric: true) })
    table.rows = [.cells((0..<6).map { _ in .number(12_345_678) })]
    // Six columns of ten and their distances are 72 columns of text.
    let page = Self.page([[.table(table), Self.table("B")]])
    #expect(page.matches(of: /<div class="pair roomy">/).count == 1)
  }

  @Test("A table of more than twelve rows takes the width there is") func longTables() {
    #expect(!Self.page([[Self.table("A", rows: 12)]]).contains(#"class="long""#))
    #expect(Self.page([[Self.table("A", rows: 13)]]).contains(#"<table class="long"><caption>A</caption>"#))
  }

  @Test("Sections of one small part stand side by side") func sections() {
    let page = Self.page([
      [Self.table("A")], [Self.table("B"), .prose("A remark.", .faint)],
      [Self.table("C"), Self.table("D", width: 80)],
    ])
    #expect(page.matches(of: /<div class="pair">\s*<section aria-labelledby="overview">/).count == 1)
    #expect(page.matches(of: /<div class="pair/).count == 1)
    #expect(page.contains("</section>\n</div>\n<section aria-labelledby=\"green\">"))
  }

  @Test("Wide tables have at most five tracks on the narrowest screens, and others stay as they are")
  func narrowTables() {
    var table = DocumentTable(
      "Factories",
      [
        .init("#", numeric: true), .init("Name"), .init("Of", numeric: true), .init("Ratio", numeric: true),
        .init("Remark"),
      ])
    table.rows = [
      .cells([
        .number(1), .text("Lanhai"), .text("1,297.4 / 2,088.0 h"), .ratio(Count(1, of: 2)),
        .text("a remark that needs a line of its own"),
      ])
    ]
    let page = Self.page([[.table(table)]])
    #expect(page.contains(#"<table class="stack t3">"#))
    #expect(
      page.contains(
        #"<tr><td class="n">1</td><th scope="row" class="w4"><bdi>Lanhai</bdi></th>"#
          + #"<td class="n w2">1,297.4 / 2,088.0 h</td><td class="n">50.0 %</td><td class="w4"><bdi>a remark"#
      ))
    #expect(page.contains(#"<th scope="col" class="n w2">Of</th>"#))
    #expect(!Self.page([[Self.table("A", width: 60)]]).contains(#"class="stack"#))
    table.rows = [.cells([.number(1), .text("Lanhai"), .number(2), .number(3), .text("x")])]
    #expect(!Self.page([[.table(table)]]).contains(#"class="stack"#))
  }

  @Test("Each status has a class of its own beside its text")
  func statuses() {
    var table = DocumentTable("Status", [.init("Id"), .init("Status")])
    table.rows = Cell.Status.allCases.map { .cells([.text("E1"), .status($0, "text <\($0.rawValue)>")]) }
    let page = Self.page([[.table(table)]])
    let classes = [
      "met", "missed", "none", "reporting", "silent", "offline", "refused", "unconnectable", "unseen",
    ]
    #expect(Cell.Status.allCases.map(\.rawValue) == classes)
    for name in classes {
      #expect(page.contains(#"<td class="state \#(name)"><bdi>text &lt;\#(name)&gt;</bdi></td>"#))
    }
  }

  @Test("The status of equipment and of thresholds is marked in a report") func reportedStatuses() throws {
    let subject = try #require(GoldenTests.subjects.first { $0.name == "factory-policies" })
    let page = HTMLRenderer().render(try GoldenTests.report(subject))
    let marked = page.matches(of: /class="(?:w\d )?state (\w+)"><bdi>([^<]*)</)
      .map { "\($0.output.1): \($0.output.2)" }
    for status in [
      "reporting: Reporting", "silent: Silent", "offline: Offline", "refused: Refused",
      "unconnectable: Not connectable", "unseen: Never seen",
    ] {
      #expect(marked.count { $0 == status } == 1, "\(status)")
    }
    #expect(marked.contains { $0.hasPrefix("missed: not met") })
  }

  @Test("The contents lead back to the top") func top() {
    let page = Self.page((0..<4).map { _ in [Self.table("A", width: 80)] })
    #expect(page.contains(#"<header id="top">"#))
    #expect(page.contains("<a class=\"top\" href=\"#top\">↑ Top</a></nav>"))
    #expect(!Self.page([[Self.table("A")]]).contains("<nav"))
  }
}
