import Aggregation
import Telemetry

/// Charts of one line in a terminal: one glyph per day.
struct Strips {
  let glyphs: Glyphs
  let terms: Terms

  /// The lines of a chart; none if the tables beside it show the same.
  func lines(_ chart: Chart) -> [String] {
    switch chart.content {
    case .heat(let days, let rows):
      return strips(rows.map { ($0.label, $0.counts.map { $0.map(level) }) }, days)
        + [terms.pick("One sign a day: ", "每日一格：") + legend]
    case .columns(let days, let unit, let series):
      var sums = days.map { _ in Int64(0) }
      for one in series { sums = zip(sums, one.values).map { $0.addingSaturated(max(0, $1)) } }
      guard let most = sums.max(), most > 0 else { return [] }
      let levels = sums.map { Optional(Int(Int128($0) * Int128(glyphs.levels.count - 1) / Int128(most))) }
      return strips([(unit, levels)], days)
        + [terms.pick("Highest: ", "最高：") + terms.thousandths(most) + " " + unit]
    case .course(let name, _, let counts): return [course(name, counts)]
    case .bars, .histogram, .slopes, .dots, .gantt: return []
    }
  }

  /// Width of the names of courses, so that those of a report are below one another.
  private static let courseName = 20

  /// A name, a glyph for each step, and the first and the last ratio.
  private func course(_ name: String, _ counts: [Count?]) -> String {
    let known = counts.compactMap(\.self)
    let ends = [known.first, known.last].compactMap(\.self).map(terms.percent)
    return name.truncated(to: Self.courseName, ellipsis: glyphs.ellipsis).padded(to: Self.courseName + 2)
      + counts.map { $0.map { glyphs.levels[level($0)] } ?? glyphs.nothing }.joined()
      + "  " + ends.joined(separator: " \(glyphs.arrow) ")
  }

  private func strips(_ rows: [(label: String, levels: [Int?])], _ days: [CalendarDay]) -> [String] {
    let width = min(16, rows.map(\.label.displayWidth).max() ?? 0)
    let margin = String(repeating: " ", count: width + 2)
    var lines = rows.map { label, levels in
      label.truncated(to: width, ellipsis: glyphs.ellipsis).padded(to: width + 2)
        + levels.map { $0.map { glyphs.levels[$0] } ?? glyphs.nothing }.joined()
    }
    if let first = days.first, let last = days.last, days.count > 1 {
      let (from, to) = (String(first.description.dropFirst(5)), String(last.description.dropFirst(5)))
      let room = days.count - from.count - to.count
      lines.append(margin + from + (room > 0 ? String(repeating: " ", count: room) + to : ""))
    }
    return lines
  }

  /// Only the full time has the highest glyph, and only zero time the lowest.
  private func level(_ count: Count) -> Int {
    let top = glyphs.levels.count - 1
    if count.numerator == 0 { return 0 }
    if count.numerator == count.denominator { return top }
    return 1 + Int(clamping: Int128(count.numerator) * Int128(top - 1) / Int128(count.denominator))
  }

  private var legend: String {
    let top = glyphs.levels.count - 1
    return "\(glyphs.levels[0]) 0 %  \(glyphs.levels[top / 2]) 50 %  \(glyphs.levels[top]) 100 %  "
      + glyphs.nothing + " " + terms.pick("no data", "无数据")
  }
}

extension Glyphs {
  /// Glyphs from zero to the full time.
  fileprivate var levels: [String] {
    unicode
      ? ["_", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : ["0", "1", "2", "3", "4", "5", "6", "7", "8", "#"]
  }

  /// From an earlier figure to a later one.
  fileprivate var arrow: String { unicode ? "→" : "->" }

  /// The glyph for a missing figure.
  fileprivate var nothing: String { unicode ? "·" : "." }
}
