import Aggregation
import Reporting
import Telemetry
import Testing

/// Charts as an HTML page draws them: axes, weekends, nights, findings and titles.
@Suite("Charts on a page") struct ChartPageTests {
  private static let friday = CalendarDay(number: 20_777)

  private static func document(_ chart: Chart.Content, _ language: Language = .english) -> ReportDocument {
    ReportDocument(
      language: language, calendar: .utc, title: "Factory F001", period: "2026-11",
      sections: [
        .init(
          name: .energy, title: "Energy",
          blocks: [
            .prose("Energy by day", .strong),
            .chart(Chart(title: "Energy by day", description: "Columns.", content: chart)),
          ])
      ])
  }

  private static func page(_ chart: Chart.Content, _ language: Language = .english) -> String {
    HTMLRenderer(language: language).render(document(chart, language))
  }

  private static func finding(_ content: Chart.Content, _ language: Language = .english) -> String {
    document(content, language).finding(of: Chart(title: "", description: "", content: content))
  }

  private static func columns(_ days: [CalendarDay], _ values: [Int64], unit: String = "kWh") -> Chart.Content
  {
    .columns(days: days, unit: unit, series: [("L1", values)])
  }

  @Test(
    "An axis has two to six rounded ticks, and a unit that keeps their numbers short",
    arguments: [
      (0, "kWh", ["0", "0.2", "0.4", "0.6", "0.8", "1 kWh"]),
      (900_000, "kWh", ["0", "200", "400", "600", "800", "1,000 kWh"]),
      (2_000_250, "kWh", ["0", "500", "1,000", "1,500", "2,000", "2,500 kWh"]),
      (8_000_001, "kWh", ["0", "2", "4", "6", "8", "10 MWh"]),
      (37_254_829, "kWh", ["0", "10", "20", "30", "40 MWh"]),
      (37_254_829_000, "kWh", ["0", "10", "20", "30", "40 GWh"]),
      (37_254_829, "pieces", ["0", "10,000", "20,000", "30,000", "40,000 pieces"]),
      (.max, "kWh", ["0", "2,000,000", "4,000,000", "6,000,000", "8,000,000", "9,223,372.036 TWh"]),
    ] as [(Int64, String, [String])])
  func ticks(most: Int64, unit: String, expected: [String]) {
    let page = Self.page(Self.columns([Self.friday], [most], unit: unit))
    let ticks = page.matches(of: /<text x="-8" y="\d+" class="axis" text-anchor="end">([^<]*)</)
    #expect(ticks.map { String($0.output.1) } == expected)
  }

  @Test("Saturdays and Sundays are shaded behind columns of days, and no month is") func weekends() {
    let days = (0..<4).map { Self.friday + $0 }
    let shaded = /<rect class="weekend" x="([^"]*)" y="12" width="([^"]*)" height="160"/
    let daily = Self.page(Self.columns(days, [1, 2, 3, 4])).matches(of: shaded)
    #expect(daily.map { String($0.output.1) } == ["25%", "50%"])
    #expect(daily.map { String($0.output.2) } == ["25%", "25%"])
    let months = [10, 11].compactMap { CalendarDay(year: 2026, month: $0, day: 1) }
    #expect(!Self.page(Self.columns(months, [1, 2])).contains(#"class="weekend""#))
    #expect(!Self.page(Self.columns(months, [1, 2])).contains("</svg>weekend"))
  }

  @Test("A column's title has the exact amount, and the day with its weekday") func columnTitles() {
    let content = Self.columns([Self.friday, Self.friday + 1], [37_254_829, 8000])
    #expect(Self.page(content).contains("<title>2026-11-20 Fri: 37,254.829 kWh</title>"))
    #expect(Self.page(content, .chinese).contains("<title>2026-11-21 周六: 8 kWh</title>"))
  }

  @Test("States have a title with their span, and nights and weekends are shaded") func states() {
    let start = LocalCalendar.utc.start(of: Self.friday)
    let page = Self.page(
      .gantt(
        start..<(start + .hours(48)),
        rows: [
          (
            "E01",
            [
              .init(from: start, until: start + .hours(12), kind: .state(.running)),
              .init(from: start + .hours(12), until: start + .hours(36), kind: .off),
            ]
          )
        ]))
    #expect(page.contains("<title>E01 2026-11-20 00:00–2026-11-20 12:00 (12.0 h): running</title>"))
    #expect(page.contains(#"<rect class="running" x="0%" y="12" width="25%" height="28"/>"#))
    #expect(page.contains("<title>E01 2026-11-20 12:00–2026-11-21 12:00 (24.0 h): not heard</title>"))
    let nights = page.matches(of: /<rect class="night" x="([^"]*)" y="0" width="([^"]*)"/)
    #expect(nights.map { String($0.output.1) } == ["0%", "45.83%", "95.83%"])
    #expect(nights.map { String($0.output.2) } == ["12.5%", "16.67%", "4.17%"])
    #expect(page.contains(#"<rect class="weekend" x="50%" y="0" width="50%" height="44"/>"#))
    // The key has the states that there are.
    #expect(page.contains("</svg>running") && !page.contains("</svg>fault"))
  }

  @Test("Nights of more than a month are not shaded") func longRange() {
    let start = LocalCalendar.utc.start(of: Self.friday)
    let span = Chart.StateSpan(from: start, until: start + .hours(1), kind: .state(.idle))
    let page = Self.page(.gantt(start..<(start + .hours(24 * 32)), rows: [("E01", [span])]))
    #expect(!page.contains(#"class="night""#) && !page.contains("22:00–06:00"))
    // At most eight days are labelled.
    #expect(page.matches(of: /class="axis(?: alt)?">11-|class="axis(?: alt)?">12-/).count == 7)
  }

  @Test("A chart is titled by its finding, and does not repeat the heading above it") func caption() {
    let page = Self.page(Self.columns([Self.friday, Self.friday + 1], [1_500_000, 8000]))
    #expect(
      page.contains("<figcaption><strong>Highest on Fri 2026-11-20: 1,500 kWh.</strong></figcaption>"))
    let without = Self.page(.bars([("W01", Count(1, of: 2))]))
    #expect(!without.contains("<figcaption>"))
    let section = ReportDocument.Section(
      name: .energy, title: "Bars",
      blocks: [.chart(Chart(title: "Bars", description: "", content: .bars([("W01", Count(1, of: 2))])))])
    let below = ReportDocument(
      language: .english, calendar: .utc, title: "Factory F001", period: "2026-11", sections: [section])
    #expect(!HTMLRenderer().render(below).contains("<figcaption>"))
    // Another heading is no title of the chart.
    let kinds = HTMLRenderer().render(SampleDocument.document(.english))
    #expect(kinds.contains("<figcaption><span>Chart 0</span></figcaption>"))
    #expect(kinds.contains("<strong>Highest on Mon 2026-11-23: 2,000.28 kWh.</strong> <span>Chart 4</span>"))
  }

  @Test("The finding of a chart is the highest, the lowest or the longest in it") func findings() {
    let months = [10, 11].compactMap { CalendarDay(year: 2026, month: $0, day: 1) }
    #expect(Self.finding(Self.columns(months, [5000, 5000])) == "Highest in 2026-10: 5 kWh.")
    #expect(Self.finding(Self.columns(months, [0, 7000]), .chinese) == "最高月份为 2026-11：7 kWh。")
    #expect(
      Self.finding(Self.columns([Self.friday], [7000]), .chinese) == "最高日为 2026-11-20（周五）：7 kWh。")
    #expect(Self.finding(Self.columns(months, [0, 0])) == "")
    #expect(Self.finding(.histogram([("0–10 %", 62)])) == "")
    let heat = Chart.Content.heat(
      days: [Self.friday, Self.friday + 1],
      rows: [
        ("W01", [Count(1, of: 2), nil]), ("W02", [Count(1, of: 4), Count(0, of: 4)]), ("W03", [nil, nil]),
      ])
    #expect(Self.finding(heat) == "Lowest over the period: W02, 12.5 %; highest: W01, 50.0 %.")
    #expect(Self.finding(heat, .chinese) == "本期最低：W02，12.5 %；最高：W01，50.0 %。")
    let slopes: [(label: String, before: Count, after: Count)] = [
      ("Networked", Count(1, of: 4), Count(0, of: 4)), ("Digital", Count(1, of: 5), Count(2, of: 5)),
      ("Automatic", Count(0, of: 0), Count(2, of: 2)),
    ]
    #expect(
      Self.finding(.slopes(before: "B", after: "A", slopes))
        == "Networked changed most: −25.0 percentage points.")
    #expect(
      Self.finding(.slopes(before: "B", after: "A", [("Digital", Count(1, of: 5), Count(1, of: 5))]))
        == "No ratio changed.")
  }

  @Test("The finding of states is the equipment that was not heard for the longest time") func longestOff() {
    let start = LocalCalendar.utc.start(of: Self.friday)
    func off(_ from: Int64, _ until: Int64) -> Chart.StateSpan {
      .init(from: start + .hours(from), until: start + .hours(until), kind: .off)
    }
    let range = start..<(start + .hours(48))
    let rows = [("E01", [off(0, 3)]), ("E02", [off(0, 2), off(4, 6)])]
    #expect(
      Self.finding(.gantt(range, rows: rows)) == "Of these, not heard for the longest time: E02, 4.0 h.")
    #expect(Self.finding(.gantt(range, rows: rows), .chinese) == "图中设备失联最久：E02，累计 4.0 小时。")
    #expect(Self.finding(.gantt(range, rows: [("E01", [])])) == "")
  }
}
