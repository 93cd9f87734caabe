import Aggregation
import Telemetry

extension SVGChart {
  /// Height of a dot plot in SVG units.
  static let dotsHeight = 216
  /// Maximum number of rows of a dot plot that have their labels below them.
  private static let mostDotLabels = 20

  /// A ring for the declared ratio and a dot for the measured one of each row, joined by a line. The rows are side by
  /// side, so that all factories of a district fit in one picture.
  func drawDots(_ dots: Chart.Dots, _ svg: inout Markup) {
    let (left, top, bottom) = (48, 12, 162)
    for percent in [0, 50, 100] {
      let y = bottom - (bottom - top) * percent / 100
      line(left, y, Self.width, y, &svg)
      label("\(percent) %", x: left - 6, y: y + 4, anchor: "end", kind: "axis", &svg)
    }
    let count = max(1, dots.rows.count)
    let radius = count > 60 ? "2" : "3.5"
    for (place, row) in dots.rows.enumerated() {
      let x = left + (2 * place + 1) * (Self.width - left) / (2 * count)
      let declared = bottom - scaled(row.declared, to: bottom - top)
      let measured = bottom - scaled(row.measured, to: bottom - top)
      svg.element("g") { part in
        part.element("title", text: title(row, dots))
        part.element("path", [("class", "slope"), ("d", "M\(x) \(declared)L\(x) \(measured)")])
        circle("ring", x, declared, radius, &part)
        circle("dot", x, measured, radius, &part)
      }
      if count <= Self.mostDotLabels {
        label(row.label.truncated(to: 6), x: x, y: bottom + 16, anchor: "middle", kind: "axis", &svg)
      }
    }
    let foot = Self.dotsHeight - 18
    circle("ring", left + 4, foot, "3.5", &svg)
    label(dots.declared, x: left + 14, y: foot + 4, kind: "axis", &svg)
    circle("dot", left + 244, foot, "3.5", &svg)
    label(dots.measured, x: left + 254, y: foot + 4, kind: "axis", &svg)
  }

  /// `F001: Connectable equipment 93.3 %, Networked coverage 40.0 %`.
  private func title(_ row: Chart.Dots.Row, _ dots: Chart.Dots) -> String {
    let parts = [(dots.declared, row.declared), (dots.measured, row.measured)]
    return row.label + terms.pick(": ", "：")
      + parts.map { $0 + " " + terms.percent($1) }.joined(separator: terms.pick(", ", "，"))
  }

  private func circle(_ kind: String, _ x: Int, _ y: Int, _ radius: String, _ svg: inout Markup) {
    svg.element("circle", [("class", kind), ("cx", "\(x)"), ("cy", "\(y)"), ("r", radius)])
  }
}
