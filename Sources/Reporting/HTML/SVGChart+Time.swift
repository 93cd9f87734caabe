import Aggregation
import Telemetry

extension SVGChart {
  // MARK: Columns by day

  /// Draws stacked columns above a shading of weekends, and the key of the series.
  func columns(
    _ days: [CalendarDay], _ unit: String, _ series: [(label: String, values: [Int64])],
    _ figure: inout Markup
  ) {
    var sums = days.map { _ in Int64(0) }
    for one in series { sums = zip(sums, one.values).map { $0.addingSaturated(max(0, $1)) } }
    let axis = ValueAxis(most: sums.max() ?? 0, unit: unit)
    let labels = axis.ticks.map { axis.text($0, terms) }
    frame(labels: labels + [labels.last.map { $0 + " " + axis.unit } ?? ""], height: 200, &figure) { svg in
      let (top, bottom) = (12, 172)
      func height(_ value: Int64) -> Int {
        Int(clamping: Int128(value) * Int128(bottom - top) / Int128(axis.end))
      }
      patterns(series.count, &svg)
      weekends(days, y: top, height: bottom - top, &svg)
      for (tick, text) in zip(axis.ticks, labels) {
        let y = bottom - height(tick)
        line(.start, y, .end, y, &svg)
        let isLast = tick == axis.ticks.last
        label(text + (isLast ? " " + axis.unit : ""), x: .beside, y: y + 4, anchor: "end", kind: "axis", &svg)
      }
      for (place, day) in days.enumerated() {
        svg.element("g") { column in
          column.element(
            "title", text: "\(name(day, in: days)): \(terms.thousandths(sums[place])) \(unit)")
          let (from, until) = slot(place, of: days.count)
          var below: Int64 = 0
          for (number, one) in series.enumerated() where place < one.values.count {
            let value = max(0, one.values[place])
            let (low, high) = (height(below), height(below.addingSaturated(value)))
            patterned(
              from.moved(12, of: until), bottom - high, until.moved(12, of: from), high - low,
              Self.series(number), number, &column)
            below.add(saturating: value)
          }
        }
      }
      self.axis(days, y: bottom + 18, &svg)
    }
    figure.element("p", [("class", "key")]) { list in
      for (number, one) in series.enumerated() where series.count > 1 || !one.label.isEmpty {
        key(one.label, &list) { patterned(.start, 0, .end, 14, Self.series(number), number, &$0) }
      }
      if Chart.isDaily(days) { weekendKey(&list) }
    }
  }

  /// The class of a series' colour.
  private static func series(_ number: Int) -> String { "s\(number % 6 + 1)" }

  // MARK: States

  /// Height of a row of states, and of the strip of nights above them.
  private static let (rowHeight, stripHeight) = (36, 8)
  /// Minimum width of a state in hundredths of a percent.
  private static let leastShare = 15
  /// The minutes of a day between which it is night.
  private static let night = (from: 22 * 60, until: 6 * 60)
  /// Maximum number of days of which the nights and weekends are shaded.
  private static let mostDays = 31

  /// Draws a row of states for each equipment, with nights and weekends behind them, and the key.
  func gantt(
    _ range: Range<Timestamp>, _ rows: [(label: String, spans: [Chart.StateSpan])], _ figure: inout Markup
  ) {
    let foot = Self.stripHeight + rows.count * Self.rowHeight
    let days = self.days(range)
    frame(labels: rows.map(\.label), height: foot + 24, &figure) { svg in
      patterns(Self.states.count, &svg)
      for place in rows.indices {
        rect(.start, top(place), .end, Self.rowHeight - 8, "nodata", &svg)
      }
      shade(days, range, foot, &svg)
      for (place, row) in rows.enumerated() {
        let y = top(place)
        label(row.label.truncated(to: Self.labelColumns), x: .beside, y: y + 18, anchor: "end", &svg)
        for span in row.spans { write(span, of: row.label, y, range, &svg) }
      }
      axis(days, range, foot, &svg)
    }
    key(of: rows.flatMap(\.spans), isShaded: days.count <= Self.mostDays, &figure)
  }

  private func top(_ row: Int) -> Int { Self.stripHeight + row * Self.rowHeight + 4 }

  /// The place of an instant.
  private func at(_ instant: Timestamp, _ range: Range<Timestamp>) -> Place {
    let length = (range.upperBound - range.lowerBound).milliseconds
    return .share(Place.share((instant - range.lowerBound).milliseconds, of: length))
  }

  /// The days that a range touches, at most one more than are shaded.
  private func days(_ range: Range<Timestamp>) -> [CalendarDay] {
    let first = document.calendar.day(at: range.lowerBound)
    var days = [first]
    while days.count <= Self.mostDays, let last = days.last,
      document.calendar.start(of: last + 1) < range.upperBound
    {
      days.append(last + 1)
    }
    return days
  }

  /// Shades weekends and nights, so that a machine that is off at night is told from one that is lost by day.
  private func shade(
    _ days: [CalendarDay], _ range: Range<Timestamp>, _ foot: Int, _ svg: inout Markup
  ) {
    guard days.count <= Self.mostDays else { return }
    for day in days where day.isWeekend {
      let (from, until) = (document.calendar.start(of: day), document.calendar.start(of: day + 1))
      rect(at(from, range), 0, at(until, range), foot, "weekend", &svg)
    }
    for day in [days.first.map { $0 - 1 }].compactMap(\.self) + days {
      let from = at(document.calendar.instant(on: day, minute: Self.night.from), range)
      let until = at(document.calendar.instant(on: day + 1, minute: Self.night.until), range)
      rect(from, 0, until, Self.stripHeight - 2, "night", &svg)
      rect(from, Self.stripHeight, until, foot - Self.stripHeight, "dusk", &svg)
    }
  }

  private func write(
    _ span: Chart.StateSpan, of row: String, _ y: Int, _ range: Range<Timestamp>, _ svg: inout Markup
  ) {
    let height = Self.rowHeight - 8
    // The shortest state is still visible.
    let from = Place.share(min(10_000 - Self.leastShare, at(span.from, range).hundredths))
    let until = Place.share(max(from.hundredths + Self.leastShare, at(span.until, range).hundredths))
    svg.element("g") { part in
      let (begin, end) = (document.calendar.minute(span.from), document.calendar.minute(span.until))
      let hours = terms.hours(Int(clamping: (span.until - span.from).milliseconds))
      part.element(
        "title",
        text: "\(row) \(begin)–\(end) (\(hours) \(terms.pick("h", "小时"))): \(terms.name(span.kind))")
      switch span.kind {
      case .state(let state):
        patterned(from, y, until, height, Self.kind(state), Self.pattern(of: state), &part)
      case .off:
        rect(from, y, until, height, "hidden", &part)
        line(from, y + height / 2, until, y + height / 2, kind: "lost", &part)
      case .unobserved:
        rect(from, y, until, height, "nodata", &part)
        line(from, y + height, until, y, &part)
      }
    }
  }

  /// Labels at most eight days, so that the labels do not overlap.
  private func axis(_ days: [CalendarDay], _ range: Range<Timestamp>, _ foot: Int, _ svg: inout Markup) {
    guard let first = days.first else { return }
    let last = document.calendar.day(at: range.upperBound)
    let step = max(1, (Int(last.number) - Int(first.number) + 8) / 8)
    for number in 0..<8 {
      let day = first + number * step
      let start = document.calendar.start(of: day)
      guard start >= range.lowerBound, start < range.upperBound else { continue }
      line(at(start, range), 0, at(start, range), foot + 4, &svg)
      label(
        String(day.description.dropFirst(5)), x: at(start, range), y: foot + 18,
        kind: number % 2 == 0 ? "axis" : "axis alt", &svg)
    }
  }

  /// The key of the states that there are.
  private func key(of spans: [Chart.StateSpan], isShaded: Bool, _ figure: inout Markup) {
    let kinds = spans.map(\.kind)
    figure.element("p", [("class", "key")]) { list in
      for state in Self.states where kinds.contains(.state(state)) {
        key(terms.name(state), &list) { sample in
          patterned(.start, 0, .end, 14, Self.kind(state), Self.pattern(of: state), &sample)
        }
      }
      if kinds.contains(.off) {
        key(terms.name(Chart.StateSpan.Kind.off), &list) { sample in
          rect(.start, 0, .end, 14, "nodata", &sample)
          line(.start, 7, .end, 7, kind: "lost", &sample)
        }
      }
      if kinds.contains(.unobserved) {
        key(terms.name(Chart.StateSpan.Kind.unobserved), &list) { sample in
          rect(.start, 0, .end, 14, "nodata", &sample)
          line(.start, 14, .end, 0, &sample)
        }
      }
      guard isShaded else { return }
      key(terms.pick("night, 22:00–06:00", "夜间 22:00–06:00"), &list) { sample in
        rect(.start, 3, .end, 8, "night", &sample)
      }
      weekendKey(&list)
    }
  }

  private static let states: [EquipmentState] = [
    .running, .idle, .setup, .stopped, .fault, .maintenance, .off,
  ]

  /// The class of a state's colour.
  private static func kind(_ state: EquipmentState) -> String { "\(state)" }

  private static func pattern(of state: EquipmentState) -> Int { states.firstIndex(of: state) ?? 0 }
}
