import Aggregation
import Reporting
import Telemetry

/// A document made by hand: every kind of block, cell, style and chart, with texts that mean something in every
/// syntax a report is written in.
enum SampleDocument {
  /// Texts that a register or a topic may hold.
  static let hostile = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "＝1+1", " =1+1", "a;=1+1", "=\u{301}1", "\u{3000}=1",
    "\"=1+1\"", "\t=1",
    "\r\n=1",
    "a|b", "`code`", "*a* _b_ **c** ~~d~~", "*\u{301}a* |\u{301} <\u{301}b>", "[x](http://e.example)",
    "<script>alert(1)</script>",
    "<b>&amp;</b>",
    "https://e.example/?a=1&b=2", "www.e.example", "a@e.example @octocat", ":smile: :+1:", "# 1", "1. 2",
    "- 3",
    "> 4", "---", "$x^2$", "quote\"quote", "it's", "{{x}} #{y} %s", "\u{202E}evil\u{202C}", "\u{2028}line",
    "👩🏽‍🏭🇨🇳", "_x0041_", "&P&D &amp;", "\\", "    code",
  ]

  static func document(_ language: Language) -> ReportDocument {
    let first = CalendarDay(number: 20_778)
    let days = (0..<3).map { CalendarDay(number: first.number + $0) }
    let start = Timestamp(milliseconds: 1_795_276_800_000)
    var cells = DocumentTable(
      "Cells", [.init("Kind"), .init("Value", numeric: true), .init("Of", numeric: true)], drawn: 1)
    cells.rows = [
      .group("Numbers"),
      .cells([.text("ratio"), .ratio(Count(9996, of: 10_000)), .fraction(Count(9996, of: 10_000), .plain)]),
      .cells([.text("little"), .ratio(Count(1, of: 5000)), .fraction(Count(1, of: 5000), .plain)]),
      .cells([.text("all"), .ratio(Count(7, of: 7)), .fraction(Count(7, of: 7), .pieces)]),
      .cells([.text("none"), .ratio(Count(0, of: 0)), .empty]),
      .cells([
        .text("hours"), .ratio(Count(5_399_999, of: 7_200_000)),
        .fraction(Count(5_399_999, of: 7_200_000), .hours),
      ]),
      .cells([.text("bounds"), .bounds(lower: Count(741, of: 1001), upper: Count(742, of: 1001)), .empty]),
      .cells([.text("number"), .number(-12_345), .empty]),
      .cells([.text("thousandths"), .thousandths(-1_234_567_050), .thousandths(8000)]),
      .cells([.text("decimal"), .decimal("0.012345"), .empty]),
      .cells([.text("points"), .points(69), .points(-5)]),
      .cells([.text("to fill in"), .blank, .blank]), .warning([.text("⚠ watch"), .number(2), .empty]),
      .group("Times"),
      .cells([.text("day"), .day(first), .empty]),
      .cells([.text("instant"), .instant(start + .milliseconds(90_061_999)), .empty]),
      .sum([.text("Total"), .number(1_234_567), .empty]),
    ]
    var names = DocumentTable("Names", [.init("Id"), .init("Name")])
    names.rows = hostile.enumerated().map { .cells([.number($0.offset), .text($0.element.inert)]) }
    names.brief = [0, 1]
    let charts: [Chart.Content] = [
      .bars([("W01", Count(3, of: 4)), ("=W|02", Count(0, of: 0))]),
      .histogram([("0–10 %", 3), ("10–20 %", 0)]),
      .slopes(
        before: "Before", after: "After",
        [("Networked", Count(1, of: 3), Count(3, of: 3)), ("Digital", Count(0, of: 0), Count(1, of: 2))]),
      .heat(
        days: days,
        rows: [
          ("W01", [Count(1, of: 2), nil, Count(2, of: 2)]),
          ("W02", [Count(0, of: 2), Count(1, of: 3000), nil]),
        ]),
      .columns(
        days: days, unit: "kWh", series: [("L1", [1_500, 0, 2_000_250]), ("L2", [10, 20, 30])]),
      .gantt(
        start..<(start + .hours(24)),
        rows: [
          (
            "E01",
            [
              .init(from: start, until: start + .hours(8), kind: .state(.running)),
              .init(from: start + .hours(8), until: start + .hours(9), kind: .off),
              .init(from: start + .hours(9), until: start + .hours(24), kind: .unobserved),
            ]
          )
        ]),
      .dots(
        .init(
          declared: "Declared", measured: "Measured",
          rows: [
            .init(label: "F|01", declared: Count(4, of: 4), measured: Count(1, of: 4)),
            .init(label: "F02", declared: Count(1, of: 2), measured: Count(1, of: 2)),
          ])),
    ]
    return ReportDocument(
      language: language, calendar: SampleDistrict.calendar, title: "Factory \"F004\" <b>&P",
      names: "a*b*".inert, period: "2026-10-24 to 2026-11-22", command: "millwright report factory F004",
      sections: [
        .init(
          name: .overview, title: "Overview: all/some [x]", aside: "3 *things*",
          blocks: [
            .fields([
              .init(label: "Data", value: "INSUFFICIENT | DATA", style: .warning),
              .init(label: "", value: "goes on"), .init(label: "=Label", value: "=1+1"),
            ]),
            .prose("Plain * prose.", .plain), .prose("Strong", .strong), .prose("Faint_faint", .faint),
            .prose("Warning!", .warning),
          ]),
        .init(name: .figures, title: "Overview: all/some [x]", aside: "", blocks: [.table(cells)]),
        .init(name: .gaps, title: "Names", aside: "", blocks: [.table(names)]),
        .init(
          name: .connectivity, title: "A section's title that is far longer than a sheet's name may be",
          aside: "",
          blocks: charts.enumerated().map { place, content in
            .chart(Chart(title: "Chart \(place)", description: "It shows *\(place)*.", content: content))
          }),
      ])
  }
}
