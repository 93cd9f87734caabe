import Aggregation
import Telemetry

extension SVGChart {
  /// A place across a chart.
  enum Place: Equatable {
    /// Hundredths of a percent of the chart's width.
    case share(Int)
    /// The right end of labels on the left of the chart.
    case beside

    static let start = Place.share(0)
    static let end = Place.share(10_000)

    init(hundredths: Int) { self = .share(hundredths) }

    /// The place after `part` of `whole` equal steps, within the chart.
    init(_ part: Int, of whole: Int) { self = .share(Place.share(Int64(part), of: Int64(whole))) }

    /// The place of a ratio on an axis from 0 % to 100 %; a positive ratio is visible.
    init(_ count: Count) {
      let share = Place.share(Int64(clamping: count.numerator), of: Int64(clamping: count.denominator))
      self = .share(count.numerator > 0 && count.denominator > 0 ? max(20, share) : share)
    }

    /// Hundredths of a percent, floored and within 0 and 100 %.
    static func share(_ part: Int64, of whole: Int64) -> Int {
      guard whole > 0 else { return 0 }
      return Int(max(0, min(10_000, Int128(part) * 10_000 / Int128(whole))))
    }

    /// Hundredths of a percent from the left.
    var hundredths: Int { if case .share(let hundredths) = self { hundredths } else { 0 } }

    /// The place that is `percent` of the way to another place.
    func moved(_ percent: Int, of other: Place) -> Place {
      .share(hundredths + (other.hundredths - hundredths) * percent / 100)
    }

    /// The value of an attribute.
    var text: String {
      switch self {
      case .share(let hundredths): Place.percent(hundredths)
      case .beside: "-8"
      }
    }

    /// `12.5%`, without trailing zeros.
    static func percent(_ hundredths: Int) -> String {
      let rest = hundredths % 100
      if rest == 0 { return "\(hundredths / 100)%" }
      return "\(hundredths / 100)." + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
        + "%"
    }
  }

  func label(
    _ text: String, x: Place, y: Int, anchor: String? = nil, kind: String? = nil, _ svg: inout Markup
  ) {
    var attributes = [("x", x.text), ("y", "\(y)")]
    if let kind { attributes.append(("class", kind)) }
    if let anchor { attributes.append(("text-anchor", anchor)) }
    // A text too long for its place is cut; the tables have the whole text.
    svg.element("text", attributes, text: text.truncated(to: 34))
  }

  func rect(_ from: Place, _ y: Int, _ until: Place, _ height: Int, _ kind: String, _ svg: inout Markup) {
    rect(from, y, until, height, [("class", kind)], &svg)
  }

  private func rect(
    _ from: Place, _ y: Int, _ until: Place, _ height: Int, _ fill: [(String, String)], _ svg: inout Markup
  ) {
    let width = until.hundredths - from.hundredths
    guard width > 0, height > 0 else { return }
    svg.element(
      "rect",
      fill + [
        ("x", from.text), ("y", "\(y)"), ("width", Place.percent(width)), ("height", "\(height)"),
      ])
  }

  func line(
    _ from: Place, _ y1: Int, _ until: Place, _ y2: Int, kind: String = "grid", _ svg: inout Markup
  ) {
    svg.element(
      "line",
      [("class", kind), ("x1", from.text), ("y1", "\(y1)"), ("x2", until.text), ("y2", "\(y2)")])
  }

  func circle(_ at: Place, _ y: Int, _ kind: String, radius: String = "5", _ svg: inout Markup) {
    svg.element("circle", [("class", kind), ("cx", at.text), ("cy", "\(y)"), ("r", radius)])
  }

  // MARK: Patterns

  /// Hatchings that differ even without colour: none for the first kind, one for each of the others.
  private static let hatchings = [
    "", "M0 6L6 0", "M0 0L6 6", "M0 3H6", "M3 0V6", "M0 3H6M3 0V6", "M0 0L6 6M0 6L6 0",
  ]
  /// Minimum width, in hundredths of a percent, of a rectangle with a visible pattern.
  private static let leastPatterned = 60

  /// Defines the hatchings of the first `count` kinds.
  func patterns(_ count: Int, _ svg: inout Markup) {
    guard count > 1 else { return }
    svg.element("defs") { defs in
      for number in 1..<min(count, Self.hatchings.count) {
        defs.element(
          "pattern",
          [
            ("id", "\(id)-p\(number)"), ("width", "6"), ("height", "6"), ("patternUnits", "userSpaceOnUse"),
          ]
        ) { $0.element("path", [("class", "hatch"), ("d", Self.hatchings[number])]) }
      }
    }
  }

  /// A rectangle of a colour, with the hatching of a number.
  func patterned(
    _ from: Place, _ y: Int, _ until: Place, _ height: Int, _ kind: String, _ number: Int,
    _ svg: inout Markup
  ) {
    rect(from, y, until, height, [("class", kind)], &svg)
    guard number > 0, number < Self.hatchings.count, height > 2,
      until.hundredths - from.hundredths >= Self.leastPatterned
    else { return }
    rect(from, y, until, height, [("fill", "url(#\(id)-p\(number))")], &svg)
  }

  // MARK: Keys

  /// One entry of a chart's key: a sample and its name.
  func key(_ text: String, _ key: inout Markup, _ sample: (inout Markup) -> Void) {
    key.element("span") { entry in
      entry.element(
        "svg", [("class", "sample"), ("width", "16"), ("height", "14"), ("aria-hidden", "true")], sample)
      entry.add(text)
    }
    // Entries are separate words where styles are not read.
    key.add(" ")
  }

  /// The key of a chart of changes.
  func key(_ before: String, _ after: String, _ figure: inout Markup) {
    figure.element("p", [("class", "key")]) { list in
      key(before, &list) { circle(.share(5000), 7, "ring", &$0) }
      key(after, &list) { circle(.share(5000), 7, "dot", &$0) }
    }
  }

  /// The key of a chart of ratios by step.
  func key(ofRatios isDaily: Bool, _ figure: inout Markup) {
    figure.element("p", [("class", "key")]) { list in
      for percent in [0, 50, 100] {
        key("\(percent) %", &list) { sample in
          rect(.start, 0, .end, 14, "rest", &sample)
          rect(.start, 14 - 14 * percent / 100, .end, 14 * percent / 100, "part", &sample)
        }
      }
      noDataKey(&list)
      if isDaily { weekendKey(&list) }
    }
  }

  /// The key of places without a value.
  func noDataKey(_ list: inout Markup) {
    key(terms.pick("no data", "无数据"), &list) { sample in
      rect(.start, 0, .end, 14, "nodata", &sample)
      line(.start, 14, .end, 0, &sample)
    }
  }

  func weekendKey(_ list: inout Markup) {
    key(terms.pick("weekend", "周末"), &list) { rect(.start, 0, .end, 14, "weekend", &$0) }
  }
}
