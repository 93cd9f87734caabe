import Aggregation
import Telemetry

extension SVGChart {
  /// Maximum number of rows of a dot plot that have their labels below them.
  private static let mostDotLabels = 20
  /// Heights of the axis of a dot plot, from its top to its bottom.
  private static let (dotsTop, dotsBottom) = (12, 162)

  /// Height of a dot plot.
  static func dotsHeight(_ dots: Chart.Dots) -> Int {
    dotsBottom + (dots.rows.count <= mostDotLabels ? 24 : 10)
  }

  /// A ring for the declared ratio and a dot for the measured one of each row, joined by a line. The rows are side by
  /// side, so that all factories of a district fit in one picture.
  func draw(_ dots: Chart.Dots, _ svg: inout Markup) {
    let (top, bottom) = (Self.dotsTop, Self.dotsBottom)
    for percent in [0, 50, 100] {
      let y = bottom - (bottom - top) * percent / 100
      line(.start, y, .end, y, &svg)
      label("\(percent) %", x: .beside, y: y + 4, anchor: "end", kind: "axis", &svg)
    }
    let radius = dots.rows.count > 60 ? "2.5" : "4"
    for (place, row) in dots.rows.enumerated() {
      let (from, until) = slot(place, of: dots.rows.count)
      let middle = from.moved(50, of: until)
      let declared = bottom - scaled(row.declared, to: bottom - top)
      let measured = bottom - scaled(row.measured, to: bottom - top)
      svg.element("g") { part in
        part.element("title", text: title(row, dots))
        line(middle, declared, middle, measured, kind: "slope", &part)
        circle(middle, declared, "ring", radius: radius, &part)
        circle(middle, measured, "dot", radius: radius, &part)
      }
      if dots.rows.count <= Self.mostDotLabels {
        label(
          row.label.truncated(to: 6), x: middle, y: bottom + 18, anchor: "middle",
          kind: place % 2 == 0 ? "axis" : "axis alt", &svg)
      }
    }
  }

  /// `F001: Connectable equipment 93.3 %, Networked coverage 40.0 %`.
  private func title(_ row: Chart.Dots.Row, _ dots: Chart.Dots) -> String {
    let parts = [(dots.declared, row.declared), (dots.measured, row.measured)]
    return row.label + terms.pick(": ", "：")
      + parts.map { $0 + " " + terms.percent($1) }.joined(separator: terms.pick(", ", "，"))
  }
}
