import Aggregation
import Telemetry

extension SVGChart {
  // MARK: Columns by day

  /// Maximum number of series in one line of a legend.
  static let keysAcross = 6

  func drawColumns(
    _ days: [CalendarDay], _ unit: String, _ series: [(label: String, values: [Int64])], _ svg: inout Markup
  ) {
    let (left, top, bottom) = (90, 12, 150)
    var sums = days.map { _ in Int64(0) }
    for one in series { sums = zip(sums, one.values).map { $0.addingSaturated(max(0, $1)) } }
    let most = max(1, sums.max() ?? 1)
    let count = max(1, days.count)
    func x(_ place: Int) -> Int { left + place * (Self.width - left) / count }
    func height(_ value: Int64) -> Int { Int(Int128(value) * Int128(bottom - top) / Int128(most)) }
    patterns(series.count, &svg)
    line(left, top, Self.width, top, &svg)
    line(left, bottom, Self.width, bottom, &svg)
    label(terms.thousandths(most) + " " + unit, x: left - 6, y: top + 4, anchor: "end", kind: "axis", &svg)
    label("0", x: left - 6, y: bottom + 4, anchor: "end", kind: "axis", &svg)
    for (place, day) in days.enumerated() {
      svg.element("g") { column in
        column.element("title", text: "\(day): \(terms.thousandths(sums[place])) \(unit)")
        var below: Int64 = 0
        for (number, one) in series.enumerated() {
          let value = max(0, one.values[place])
          let (low, high) = (height(below), height(below.addingSaturated(value)))
          patterned(
            x(place) + 1, bottom - high, max(1, x(place + 1) - x(place) - 2), high - low, number, &column)
          below.add(saturating: value)
        }
      }
    }
    axis(days, y: bottom + 16, left: left, x: x, &svg)
    for (number, one) in series.enumerated() {
      let place = left + number % Self.keysAcross * 105
      let y = 186 + number / Self.keysAcross * 18
      patterned(place, y, 12, 12, number, &svg)
      label(one.label.truncated(to: 13), x: place + 17, y: y + 10, kind: "axis", &svg)
    }
  }

  // MARK: States

  func drawGantt(
    _ range: Range<Timestamp>, _ rows: [(label: String, spans: [Chart.StateSpan])], _ svg: inout Markup
  ) {
    let left = 130
    let length = max(1, (range.upperBound - range.lowerBound).milliseconds)
    func x(_ at: Timestamp) -> Int {
      let offset = max(0, min(length, (at - range.lowerBound).milliseconds))
      return left + Int(offset * Int64(Self.width - left) / length)
    }
    patterns(7, &svg)
    for (place, row) in rows.enumerated() {
      let y = place * 24 + 2
      label(row.label.truncated(to: Self.labelColumns), x: 0, y: y + 14, &svg)
      rect(left, y, Self.width - left, 20, "nodata", &svg)
      for span in row.spans {
        let (from, until) = (x(span.from), x(span.until))
        svg.element("g") { part in
          part.element(
            "title",
            text:
              "\(row.label) \(document.calendar.minute(span.from))–\(document.calendar.minute(span.until)): \(name(span.kind))"
          )
          switch span.kind {
          case .state(let state): patterned(from, y, max(1, until - from), 20, Self.pattern(of: state), &part)
          case .off: line(from, y + 10, max(from + 1, until), y + 10, &part)
          case .unobserved:
            part.element(
              "path", [("class", "grid"), ("d", "M\(from) \(y + 20)L\(max(from + 1, until)) \(y)")])
          }
        }
      }
    }
    let foot = rows.count * 24 + 18
    var day = document.calendar.day(at: range.lowerBound)
    // At most eight days are labelled, so that the labels do not overlap.
    let step = max(1, Int(length / 86_400_000 + 7) / 8)
    while document.calendar.start(of: day) < range.upperBound {
      let start = document.calendar.start(of: day)
      if start >= range.lowerBound {
        line(x(start), 0, x(start), foot - 14, &svg)
        label(String(day.description.dropFirst(5)), x: x(start), y: foot, kind: "axis", &svg)
      }
      day = day + step
    }
    legend(y: foot + 12, &svg)
  }

  private func legend(y: Int, _ svg: inout Markup) {
    var x = 0
    for state in Self.states {
      patterned(x, y, 12, 12, Self.pattern(of: state), &svg)
      let text = terms.name(state)
      label(text, x: x + 16, y: y + 10, kind: "axis", &svg)
      x += 30 + text.displayWidth * 6
    }
    line(x, y + 6, x + 16, y + 6, &svg)
    let off = terms.pick("not heard", "失联")
    label(off, x: x + 20, y: y + 10, kind: "axis", &svg)
    x += 34 + off.displayWidth * 6
    rect(x, y, 12, 12, "nodata", &svg)
    svg.element("path", [("class", "grid"), ("d", "M\(x) \(y + 12)L\(x + 12) \(y)")])
    label(terms.pick("not observed", "未观测"), x: x + 16, y: y + 10, kind: "axis", &svg)
  }

  private func name(_ kind: Chart.StateSpan.Kind) -> String {
    switch kind {
    case .state(let state): terms.name(state)
    case .off: terms.pick("not heard", "失联")
    case .unobserved: terms.pick("not observed", "未观测")
    }
  }

  private static let states: [EquipmentState] = [
    .running, .idle, .setup, .stopped, .fault, .maintenance, .off,
  ]

  private static func pattern(of state: EquipmentState) -> Int { states.firstIndex(of: state) ?? 0 }

  // MARK: Patterns

  /// Hatchings that differ even without colour: one for each of the first series.
  private func patterns(_ count: Int, _ svg: inout Markup) {
    let lines = ["", "M0 4L4 0", "M0 0L4 4", "M0 2H4", "M2 0V4", "M0 2H4M2 0V4", "M0 0L4 4M0 4L4 0"]
    svg.element("defs") { defs in
      for number in 1..<max(2, min(count, lines.count)) {
        defs.element(
          "pattern",
          [
            ("id", "\(id)-p\(number)"), ("width", "4"), ("height", "4"), ("patternUnits", "userSpaceOnUse"),
          ]
        ) { $0.element("path", [("class", "hatch"), ("d", lines[number])]) }
      }
    }
  }

  private func patterned(
    _ x: Int, _ y: Int, _ width: Int, _ height: Int, _ number: Int, _ svg: inout Markup
  ) {
    rect(x, y, width, height, "s\(number % 6 + 1)", &svg)
    guard number > 0, number < 7, width > 1, height > 1 else { return }
    svg.element(
      "rect",
      [
        ("x", "\(x)"), ("y", "\(y)"), ("width", "\(width)"), ("height", "\(height)"),
        ("fill", "url(#\(id)-p\(number))"),
      ])
  }
}
