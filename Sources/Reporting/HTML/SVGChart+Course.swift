import Aggregation
import Telemetry

extension SVGChart {
  /// Heights of the axis of a course, from its top to its bottom.
  private static let (courseTop, courseBottom) = (10, 112)
  private static let sparkHeight = 30

  /// A point for each step, and a line between neighbours that both have the figure.
  func course(_ days: [CalendarDay], _ counts: [Count?], _ figure: inout Markup) {
    let axis = RatioAxis(counts.compactMap(\.self))
    let (top, bottom) = (Self.courseTop, Self.courseBottom)
    frame(labels: ["100 %"], height: bottom + 26, &figure) { svg in
      for tick in axis.ticks {
        let y = bottom - axis.height(Count(tick, of: 100), of: bottom - top)
        line(.start, y, .end, y, &svg)
        label("\(tick) %", x: .beside, y: y + 4, anchor: "end", kind: "axis", &svg)
      }
      lines(counts, axis, top, bottom, &svg)
      for (place, day) in days.enumerated() where place < counts.count {
        let (from, until) = slot(place, of: counts.count)
        let name = name(day, in: days)
        svg.element("g") { step in
          guard let count = counts[place] else {
            step.element("title", text: "\(name): \(terms.pick("no data", "无数据"))")
            return missing(from, top, until, bottom - top, &step)
          }
          step.element("title", text: "\(name): \(terms.percent(count))")
          let y = bottom - axis.height(count, of: bottom - top)
          circle(from.moved(50, of: until), y, "dot", radius: "3.5", &step)
        }
      }
      self.axis(days, y: bottom + 18, &svg)
    }
    guard counts.contains(where: { $0 == nil }) else { return }
    figure.element("p", [("class", "key")]) { noDataKey(&$0) }
  }

  private func lines(
    _ counts: [Count?], _ axis: RatioAxis, _ top: Int, _ bottom: Int, _ svg: inout Markup
  ) {
    func at(_ place: Int) -> Place {
      let (from, until) = slot(place, of: counts.count)
      return from.moved(50, of: until)
    }
    for place in counts.indices.dropFirst() {
      guard let before = counts[place - 1], let after = counts[place] else { continue }
      line(
        at(place - 1), bottom - axis.height(before, of: bottom - top), at(place),
        bottom - axis.height(after, of: bottom - top), kind: "slope", &svg)
    }
  }

  /// A course without axis and texts, with a dot at its last ratio. It is hidden from screen readers.
  static func sparkline(
    _ counts: [Count?], _ document: ReportDocument, _ terms: Terms, _ item: inout Markup
  ) {
    let chart = SVGChart(
      chart: Chart(title: "", description: "", content: .course(name: "", days: [], counts: counts)), id: "",
      document: document, terms: terms)
    let axis = RatioAxis(counts.compactMap(\.self))
    let (top, bottom) = (4, sparkHeight - 4)
    item.element("svg", [("class", "spark"), ("height", "\(sparkHeight)"), ("aria-hidden", "true")]) { svg in
      chart.lines(counts, axis, top, bottom, &svg)
      guard let last = counts.lastIndex(where: { $0 != nil }), let count = counts[last] else { return }
      let (from, until) = chart.slot(last, of: counts.count)
      chart.circle(
        from.moved(50, of: until), bottom - axis.height(count, of: bottom - top), "dot", radius: "3", &svg)
    }
  }
}
