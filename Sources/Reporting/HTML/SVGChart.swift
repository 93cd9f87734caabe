import Aggregation
import Telemetry

/// Draws a chart as SVG. Series and states differ in pattern as well as in colour, so that they can be distinguished
/// in greyscale.
struct SVGChart {
  let chart: Chart
  /// A prefix for ids that is unique within the file.
  let id: String
  let document: ReportDocument
  let terms: Terms

  /// Width in SVG units. All charts have one width, and the page scales them.
  static let width = 720
  /// Maximum width, in columns, of the labels beside the rows of days and states.
  static let labelColumns = 20

  func write(to figure: inout Markup) {
    switch chart.content {
    case .bars(let bars): frame(height: bars.count * 22 + 4, &figure) { draw(bars, &$0) }
    case .histogram(let bins): frame(height: 150, &figure) { draw(bins, &$0) }
    case .slopes(let before, let after, let slopes):
      frame(height: slopes.count * 34 + 26, &figure) { draw(before, after, slopes, &$0) }
    case .dots(let dots): frame(height: Self.dotsHeight, &figure) { drawDots(dots, &$0) }
    case .heat(let days, let rows):
      frame(height: rows.count * 22 + 44, &figure) { draw(days, rows, &$0) }
    case .columns(let days, let unit, let series):
      frame(height: 204 + (max(1, series.count) - 1) / Self.keysAcross * 18, &figure) {
        drawColumns(days, unit, series, &$0)
      }
    case .gantt(let range, let rows):
      frame(height: rows.count * 24 + 66, &figure) { drawGantt(range, rows, &$0) }
    }
  }

  private func frame(
    height: Int, _ figure: inout Markup, _ body: (inout Markup) -> Void
  ) {
    // A chart too wide for a narrow screen scrolls.
    figure.element(
      "div", [("class", "scroll"), ("role", "group"), ("aria-label", chart.title), ("tabindex", "0")]
    ) { box in
      box.element(
        "svg",
        [
          ("class", "chart"), ("viewBox", "0 0 \(Self.width) \(height)"), ("role", "img"),
          ("aria-labelledby", "\(id)-t \(id)-d"),
        ]
      ) { svg in
        svg.element("title", [("id", "\(id)-t")], text: chart.title)
        svg.element("desc", [("id", "\(id)-d")], text: chart.description)
        body(&svg)
      }
    }
  }

  // MARK: Ratios

  private func draw(_ bars: [(label: String, count: Count)], _ svg: inout Markup) {
    for (place, bar) in bars.enumerated() {
      let y = place * 22
      label(bar.label, x: 0, y: y + 14, &svg)
      rect(220, y + 3, 360, 14, "rest", &svg)
      rect(220, y + 3, scaled(bar.count, to: 360), 14, "part", &svg)
      label(terms.percent(bar.count) + "  " + terms.fraction(bar.count), x: 590, y: y + 14, &svg)
    }
  }

  private func draw(_ bins: [(label: String, number: Int)], _ svg: inout Markup) {
    let most = max(1, bins.map(\.number).max() ?? 1)
    let step = Self.width / max(1, bins.count)
    for (place, bin) in bins.enumerated() {
      let height = bin.number * 100 / most
      rect(place * step + 6, 118 - height, step - 12, height, "part", &svg)
      label("\(bin.number)", x: place * step + step / 2, y: 113 - height, anchor: "middle", &svg)
      label(bin.label, x: place * step + step / 2, y: 134, anchor: "middle", kind: "axis", &svg)
    }
    line(0, 118, Self.width, 118, &svg)
  }

  private func draw(
    _ before: String, _ after: String, _ slopes: [(label: String, before: Count, after: Count)],
    _ svg: inout Markup
  ) {
    label(before, x: 300, y: 12, anchor: "end", kind: "axis", &svg)
    label(after, x: 560, y: 12, kind: "axis", &svg)
    for (place, slope) in slopes.enumerated() {
      let top = 24 + place * 34
      // 0 % is at the bottom of the row and 100 % at the top.
      let left = top + 24 - scaled(slope.before, to: 22)
      let right = top + 24 - scaled(slope.after, to: 22)
      label(slope.label, x: 0, y: top + 18, &svg)
      label(terms.percent(slope.before), x: 300, y: top + 18, anchor: "end", &svg)
      label(terms.percent(slope.after), x: 560, y: top + 18, &svg)
      line(315, top + 26, 545, top + 26, &svg)
      // If one side has no figure, no change is drawn.
      guard slope.before.denominator > 0, slope.after.denominator > 0 else { continue }
      svg.element("path", [("class", "slope"), ("d", "M320 \(left)L540 \(right)")])
      svg.element("circle", [("class", "dot"), ("cx", "320"), ("cy", "\(left)"), ("r", "3.5")])
      svg.element("circle", [("class", "dot"), ("cx", "540"), ("cy", "\(right)"), ("r", "3.5")])
    }
  }

  /// Each cell is filled from the bottom. Its height shows the value on paper without colour.
  private func draw(_ days: [CalendarDay], _ rows: [(label: String, counts: [Count?])], _ svg: inout Markup) {
    let (left, right) = (130, Self.width)
    let count = max(1, days.count)
    func x(_ place: Int) -> Int { left + place * (right - left) / count }
    for (place, row) in rows.enumerated() {
      let y = place * 22 + 2
      label(row.label.truncated(to: Self.labelColumns), x: 0, y: y + 14, &svg)
      for (index, count) in row.counts.enumerated() {
        let (from, width) = (x(index), max(1, x(index + 1) - x(index) - 1))
        guard let count, let percent = count.permille.map({ "\($0 / 10).\($0 % 10) %" }) else {
          rect(from, y, width, 18, "nodata", &svg)
          svg.element("path", [("class", "grid"), ("d", "M\(from) \(y + 18)L\(from + width) \(y)")])
          continue
        }
        svg.element("g") { cell in
          cell.element("title", text: "\(row.label) \(days[index]): \(percent)")
          rect(from, y, width, 18, "rest", &cell)
          let height = scaled(count, to: 18)
          rect(from, y + 18 - height, width, height, "part", &cell)
        }
      }
    }
    axis(days, y: rows.count * 22 + 16, left: left, x: x, &svg)
    legend(y: rows.count * 22 + 26, left: left, &svg)
  }

  private func legend(y: Int, left: Int, _ svg: inout Markup) {
    for (place, percent) in [0, 50, 100].enumerated() {
      let x = left + place * 70
      rect(x, y, 12, 14, "rest", &svg)
      rect(x, y + 14 - 14 * percent / 100, 12, 14 * percent / 100, "part", &svg)
      label("\(percent) %", x: x + 17, y: y + 12, kind: "axis", &svg)
    }
    rect(left + 210, y, 12, 14, "nodata", &svg)
    svg.element("path", [("class", "grid"), ("d", "M\(left + 210) \(y + 14)L\(left + 222) \(y)")])
    label(terms.pick("no data", "无数据"), x: left + 227, y: y + 12, kind: "axis", &svg)
  }

  // MARK: Shared by charts

  /// The first day, the last day, and some days in between.
  func axis(_ days: [CalendarDay], y: Int, left: Int, x: (Int) -> Int, _ svg: inout Markup) {
    guard !days.isEmpty else { return }
    let step = max(1, (days.count + 7) / 8)
    for place in stride(from: 0, to: days.count, by: step) {
      let isMonthly = days.count > 1 && days[1].number - days[0].number > 1
      let text = days[place].description
      label(
        String(isMonthly ? text.prefix(7) : text.dropFirst(5)), x: x(place), y: y, kind: "axis", &svg)
    }
  }

  func label(
    _ text: String, x: Int, y: Int, anchor: String? = nil, kind: String? = nil, _ svg: inout Markup
  ) {
    var attributes = [("x", "\(x)"), ("y", "\(y)")]
    if let kind { attributes.append(("class", kind)) }
    if let anchor { attributes.append(("text-anchor", anchor)) }
    // A text too long for its place is cut; the tables have the whole text.
    svg.element("text", attributes, text: text.truncated(to: 34))
  }

  func rect(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ kind: String, _ svg: inout Markup) {
    guard width > 0, height > 0 else { return }
    svg.element(
      "rect",
      [("class", kind), ("x", "\(x)"), ("y", "\(y)"), ("width", "\(width)"), ("height", "\(height)")])
  }

  func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ svg: inout Markup) {
    svg.element(
      "line", [("class", "grid"), ("x1", "\(x1)"), ("y1", "\(y1)"), ("x2", "\(x2)"), ("y2", "\(y2)")])
  }

  /// The ratio of a length, floored; at least a minimum for a positive ratio.
  func scaled(_ count: Count, to length: Int) -> Int {
    guard count.denominator > 0, count.numerator > 0 else { return 0 }
    return max(1, Int(Int128(count.numerator) * Int128(length) / Int128(count.denominator)))
  }
}
