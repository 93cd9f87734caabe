import Aggregation
import Telemetry

/// Draws a chart as SVG. Series and states differ in pattern as well as in colour, so that they can be distinguished
/// in greyscale.
///
/// Places across the chart are percentages, so that a chart fills any width and its texts keep their size. Heights are
/// in pixels. Labels of rows and axes are to the left of 0, in the chart's padding.
struct SVGChart {
  let chart: Chart
  /// A prefix for ids that is unique within the file.
  let id: String
  let document: ReportDocument
  let terms: Terms

  /// Maximum width, in columns, of the labels beside the rows of days and states.
  static let labelColumns = 20
  /// Maximum number of labelled days on an axis.
  private static let mostLabels = 8

  /// Writes the chart below its caption: its finding, then its title unless it `isNamed` by a heading already.
  func write(isNamed: Bool, to figure: inout Markup) {
    let finding = document.finding(of: chart)
    if !isNamed || !finding.isEmpty {
      figure.element("figcaption") { caption in
        if !finding.isEmpty { caption.element("strong", text: finding) }
        if !finding.isEmpty, !isNamed { caption.add(" ") }
        if !isNamed { caption.element("span", text: chart.title) }
      }
    }
    draw(&figure)
  }

  private func draw(_ figure: inout Markup) {
    switch chart.content {
    case .bars(let bars): frame(height: bars.count * 36 + 4, &figure) { draw(bars, &$0) }
    case .histogram(let bins): frame(height: 150, &figure) { draw(bins, &$0) }
    case .slopes(let before, let after, let slopes):
      frame(height: slopes.count * 38 + 20, &figure) { draw(slopes, &$0) }
      key(before, after, &figure)
    case .dots(let dots):
      frame(labels: ["100 %"], height: Self.dotsHeight(dots), &figure) { draw(dots, &$0) }
      key(dots.declared, dots.measured, &figure)
    case .heat(let days, let rows):
      frame(labels: rows.map(\.label), height: rows.count * 26 + 24, &figure) { draw(days, rows, &$0) }
      key(ofRatios: Chart.isDaily(days), &figure)
    case .columns(let days, let unit, let series): columns(days, unit, series, &figure)
    case .course(_, let days, let counts): course(days, counts, &figure)
    case .gantt(let range, let rows): gantt(range, rows, &figure)
    }
  }

  /// Draws into a frame as wide as the page allows, with room for labels on its left.
  func frame(
    labels: [String] = [], height: Int, _ figure: inout Markup, _ body: (inout Markup) -> Void
  ) {
    let columns = min(Self.labelColumns, labels.map(\.displayWidth).max() ?? 0)
    let room = columns == 0 ? "" : columns <= 6 ? " l1" : columns <= 12 ? " l2" : " l3"
    figure.element(
      "svg",
      [
        ("class", "chart" + room), ("height", "\(height)"), ("role", "img"),
        ("aria-labelledby", "\(id)-t \(id)-d"),
      ]
    ) { svg in
      svg.element("title", [("id", "\(id)-t")], text: chart.title)
      svg.element("desc", [("id", "\(id)-d")], text: chart.description)
      body(&svg)
    }
  }

  // MARK: Ratios

  private func draw(_ bars: [(label: String, count: Count)], _ svg: inout Markup) {
    for (place, bar) in bars.enumerated() {
      let y = place * 36
      label(bar.label, x: .start, y: y + 14, &svg)
      label(
        terms.percent(bar.count) + "  " + terms.fraction(bar.count), x: .end, y: y + 14, anchor: "end", &svg)
      rect(.start, y + 19, .end, 11, "rest", &svg)
      rect(.start, y + 19, Place(bar.count), 11, "part", &svg)
    }
  }

  private func draw(_ bins: [(label: String, number: Int)], _ svg: inout Markup) {
    let most = max(1, bins.map(\.number).max() ?? 1)
    for (place, bin) in bins.enumerated() {
      let (from, until) = slot(place, of: bins.count)
      let height = bin.number > 0 ? max(1, Int(Int128(bin.number) * 100 / Int128(most))) : 0
      rect(from.moved(6, of: until), 118 - height, until.moved(6, of: from), height, "part", &svg)
      let middle = from.moved(50, of: until)
      label(terms.number(bin.number), x: middle, y: 112 - height, anchor: "middle", &svg)
      label(bin.label, x: middle, y: 136, anchor: "middle", kind: place % 2 == 0 ? "axis" : "axis alt", &svg)
    }
    line(.start, 118, .end, 118, &svg)
  }

  /// A line from a ring to a disc in each row, from 0 % on the left to 100 % on the right.
  private func draw(_ slopes: [(label: String, before: Count, after: Count)], _ svg: inout Markup) {
    for (place, slope) in slopes.enumerated() {
      let y = place * 38
      label(slope.label, x: .start, y: y + 14, &svg)
      label(
        terms.percent(slope.before) + " → " + terms.percent(slope.after), x: .end, y: y + 14, anchor: "end",
        &svg)
      line(.start, y + 27, .end, y + 27, &svg)
      // If one side has no figure, no change is drawn.
      guard slope.before.denominator > 0, slope.after.denominator > 0 else { continue }
      let (before, after) = (Place(slope.before), Place(slope.after))
      line(before, y + 27, after, y + 27, kind: "slope", &svg)
      circle(before, y + 27, "ring", &svg)
      circle(after, y + 27, "dot", &svg)
    }
    let foot = slopes.count * 38 + 14
    for percent in [0, 50, 100] {
      label(
        "\(percent) %", x: Place(hundredths: percent * 100), y: foot,
        anchor: percent == 0 ? nil : percent == 100 ? "end" : "middle", kind: "axis", &svg)
    }
  }

  /// Each cell is filled from the bottom. Its height shows the value on paper without colour.
  private func draw(_ days: [CalendarDay], _ rows: [(label: String, counts: [Count?])], _ svg: inout Markup) {
    for (place, row) in rows.enumerated() {
      let y = place * 26
      label(row.label.truncated(to: Self.labelColumns), x: .beside, y: y + 16, anchor: "end", &svg)
      for (index, count) in row.counts.enumerated() where index < days.count {
        let (from, until) = slot(index, of: days.count)
        guard let count, let percent = count.permille.map({ "\($0 / 10).\($0 % 10) %" }) else {
          missing(from, y, until, 23, &svg)
          continue
        }
        svg.element("g") { cell in
          cell.element("title", text: "\(row.label) \(name(days[index], in: days)): \(percent)")
          rect(from, y, until, 23, "rest cell", &cell)
          let height = scaled(count, to: 23)
          rect(from, y + 23 - height, until, height, "part cell", &cell)
        }
      }
    }
    let foot = rows.count * 26
    weekends(days, y: foot - 1, height: 4, &svg)
    axis(days, y: foot + 17, &svg)
  }

  // MARK: Shared by charts

  /// A place that has no value.
  func missing(_ from: Place, _ y: Int, _ until: Place, _ height: Int, _ svg: inout Markup) {
    rect(from, y, until, height, "nodata", &svg)
    line(from, y + height, until, y, &svg)
  }

  /// Shades Saturdays and Sundays, if the steps are days.
  func weekends(_ days: [CalendarDay], y: Int, height: Int, _ svg: inout Markup) {
    guard Chart.isDaily(days) else { return }
    for (place, day) in days.enumerated() where day.isWeekend {
      let (from, until) = slot(place, of: days.count)
      rect(from, y, until, height, "weekend", &svg)
    }
  }

  /// The text for a step: a day with its weekday, or a month.
  func name(_ day: CalendarDay, in days: [CalendarDay]) -> String {
    Chart.isDaily(days) ? day.description + " " + terms.weekday(day) : String(day.description.prefix(7))
  }

  /// The first step and some of the others. On narrow pages every second label is hidden.
  func axis(_ days: [CalendarDay], y: Int, _ svg: inout Markup) {
    let step = max(1, (days.count + Self.mostLabels - 1) / Self.mostLabels)
    for (number, place) in stride(from: 0, to: days.count, by: step).enumerated() {
      let text = days[place].description
      let (from, until) = slot(place, of: days.count)
      label(
        String(Chart.isDaily(days) ? text.dropFirst(5) : text.prefix(7)), x: from.moved(50, of: until), y: y,
        anchor: "middle", kind: number % 2 == 0 ? "axis" : "axis alt", &svg)
    }
  }

  /// The stretch of one of `count` equal steps.
  func slot(_ place: Int, of count: Int) -> (from: Place, until: Place) {
    let count = max(1, count)
    return (Place(place, of: count), Place(place + 1, of: count))
  }

  /// The ratio of a length, floored; at least a minimum for a positive ratio.
  func scaled(_ count: Count, to length: Int) -> Int {
    guard count.denominator > 0, count.numerator > 0 else { return 0 }
    return max(1, Int(clamping: Int128(count.numerator) * Int128(length) / Int128(count.denominator)))
  }
}

extension CalendarDay {
  /// Whether the day is a Saturday or a Sunday.
  var isWeekend: Bool { weekday > 5 }
}
