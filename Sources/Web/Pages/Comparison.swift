import Aggregation
import Reporting
import Telemetry

/// Compares the district's figures with those 30 days before.
struct Comparison {
  private let report: Report
  private let past: History.Past
  private let terms: Terms

  init(_ report: Report, _ past: History.Past, _ terms: Terms) {
    self.report = report
    self.past = past
    self.terms = terms
  }

  /// The headline with the change of each figure; as it is if there is nothing to compare with.
  func headline(_ headline: Headline?) -> Headline? {
    guard var headline, let before = past.monthAgo else { return headline }
    for (place, figure) in report.headlineFigures.enumerated() where place < headline.tiles.count {
      guard figure.absence == nil, before.absence(of: figure.metric) == nil,
        let change = before.count(of: figure.metric)?.tenthsOfPoints(to: figure.count)
      else { continue }
      headline.tiles[place].change = terms.pick(
        "\(terms.points(change)) points in 30 days", "30 天 \(terms.points(change)) 个百分点")
    }
    return headline
  }
}

/// Factories from which nothing comes any more, or something again, since a day before.
struct Movers {
  /// The element's id.
  static let id = "movers"
  /// Factories of each kind that are named.
  private static let most = 8

  private let terms: Terms
  /// Whether the day before is known.
  private let isKnown: Bool
  private let silent: [FactorySummary]
  private let back: [FactorySummary]

  init(_ factories: [FactorySummary], _ past: History.Past, _ terms: Terms) {
    self.terms = terms
    isKnown = past.dayAgo != nil
    let before = past.dayAgo ?? [:]
    silent = factories.filter { $0.figures.buckets.reporting == 0 && before[$0.factory.id] ?? 0 > 0 }
    back = factories.filter { one in
      one.figures.buckets.reporting > 0 && before[one.factory.id].map { $0 == 0 } ?? false
    }
  }

  /// The element; it is empty while the day before is not known.
  var markup: String {
    var markup = Markup()
    markup.element("div", [("id", Self.id)]) { block in
      write(silent, "▼", terms.pick("Fell silent in the last day: ", "近一日停止上报："), "gone", &block)
      write(back, "▲", terms.pick("Came back in the last day: ", "近一日恢复上报："), "back", &block)
      if isKnown, silent.isEmpty, back.isEmpty {
        block.element(
          "p", [("class", "movers")],
          text: terms.pick(
            "No factory fell silent or came back in the last day.", "近一日无企业停止或恢复上报。"))
      }
    }
    return markup.text
  }

  private func write(
    _ factories: [FactorySummary], _ sign: String, _ title: String, _ kind: String, _ block: inout Markup
  ) {
    guard !factories.isEmpty else { return }
    block.element("p", [("class", "movers \(kind)")]) { text in
      text.element("b") { head in
        head.element("span", [("aria-hidden", "true")], text: sign + " ")
        head.add(title)
      }
      for (place, factory) in factories.prefix(Self.most).enumerated() {
        if place > 0 { text.add(terms.pick(", ", "、")) }
        let address = "/factories/\(WebRequest.encoded(factory.factory.id))"
        text.element("a", [("href", PageFrame.link(address, terms.language))]) {
          $0.element("bdi", text: Tile(factory: factory, terms: terms).name)
        }
      }
      if factories.count > Self.most {
        let rest = terms.number(factories.count - Self.most)
        text.add(terms.pick(" and \(rest) more", "等，另有 \(rest) 家"))
      }
    }
  }
}

/// How many factories reach each policy.
struct PoliciesReached {
  /// The element's id.
  static let id = "policies-reached"

  private let terms: Terms
  private let attainments: [PolicyAttainment]

  init(_ ranking: Report.Ranking, _ terms: Terms) {
    self.terms = terms
    attainments = ranking.attainments.filter { $0.met + $0.unmet + $0.open > 0 || !$0.bands.isEmpty }
  }

  /// The element; it is empty without policies.
  var markup: String {
    var markup = Markup()
    markup.element("div", [("id", Self.id)]) { block in
      guard !attainments.isEmpty else { return }
      block.element("ul", [("class", "reached"), ("aria-label", terms.pick("Policies reached", "政策达标情况"))]) {
        list in for one in attainments { list.element("li") { write(one, &$0) } }
      }
    }
    return markup.text
  }

  /// A policy with thresholds: how many factories meet all of them. One with levels: how many are on the highest of each
  /// figure.
  private func write(_ one: PolicyAttainment, _ item: inout Markup) {
    item.element(
      "span", [("class", "name")],
      text: terms.pick(one.policy.titleEnglish, one.policy.titleChinese).inert)
    let all = one.met + one.unmet + one.open
    guard all == 0 else {
      item.element("b", text: "\(terms.number(one.met)) / \(terms.number(all))")
      item.add(terms.pick(" factories", " 家达标"))
      draw(one, of: all, &item)
      return
    }
    var parts: [String] = []
    for band in highest(of: one) {
      let name = terms.name(band.band.metric)
      let level = band.band.name.inert
      let number = terms.number(band.factories)
      parts.append(terms.pick("\(name) on level \(level): \(number)", "\(name) \(level) 级 \(number) 家"))
    }
    item.add(parts.joined(separator: terms.pick(", ", "，")))
  }

  /// The last band of each figure.
  private func highest(of one: PolicyAttainment) -> [PolicyAttainment.Band] {
    var found: [PolicyAttainment.Band] = []
    for band in one.bands {
      if let place = found.firstIndex(where: { $0.band.metric == band.band.metric }) {
        found[place] = band
      } else {
        found.append(band)
      }
    }
    return found
  }

  private func draw(_ one: PolicyAttainment, of all: Int, _ item: inout Markup) {
    guard let permille = Count(one.met, of: all).permille else { return }
    item.element("svg", [("class", "share"), ("aria-hidden", "true")]) { svg in
      svg.element(
        "rect", [("class", "part"), ("width", "\(permille / 10).\(permille % 10)%"), ("height", "100%")])
    }
  }
}

/// A line of a ratio by day.
package enum TrendLine {
  /// Least difference between the bottom and the top of a line, in permille: noise looks like noise.
  private static let span = 100

  /// Distances from the top, in thousandths of the height. The top is the highest ratio; the bottom the lowest, at least
  /// ten percentage points below the top where there is room for that.
  package static func depths(_ permille: [Int]) -> [Int] {
    let values = permille.map { max(0, min(1000, $0)) }
    guard let least = values.min(), let most = values.max() else { return [] }
    let bottom = max(0, min(least, most - span))
    let top = max(most, bottom + span)
    return values.map { (top - $0) * 1000 / (top - bottom) }
  }

  /// Draws the line; nothing for fewer than two days.
  static func draw(_ trend: [(day: CalendarDay, count: Count)], _ terms: Terms, _ markup: inout Markup) {
    let points = trend.compactMap { one in one.count.permille.map { (day: Int(one.day.number), permille: $0) }
    }
    guard let first = points.first, let last = points.last, first.day < last.day,
      let least = trend.min(by: { ($0.count.permille ?? 0) < ($1.count.permille ?? 0) })
    else { return }
    markup.element(
      "svg",
      [
        ("class", "trend"), ("viewBox", "0 0 \(last.day - first.day) 1000"), ("preserveAspectRatio", "none"),
        ("aria-hidden", "true"),
      ]
    ) { svg in
      let path = zip(points, depths(points.map(\.permille))).map { point, depth in
        "\(point.day - first.day) \(depth)"
      }
      svg.element("path", [("d", "M" + path.joined(separator: "L"))])
    }
    markup.element(
      "p", [("class", "tile-detail")],
      text: terms.pick(
        "30 days: lowest \(terms.percent(least.count)) on \(least.day)",
        "近 30 天最低 \(terms.percent(least.count))（\(least.day)）"))
  }
}
