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
  private let silent: [FactorySummary]
  private let back: [FactorySummary]

  init(_ factories: [FactorySummary], _ past: History.Past, _ terms: Terms) {
    self.terms = terms
    let before = past.dayAgo ?? [:]
    silent = factories.filter { $0.figures.buckets.reporting == 0 && before[$0.factory.id] ?? 0 > 0 }
    back = factories.filter { one in
      one.figures.buckets.reporting > 0 && before[one.factory.id].map { $0 == 0 } ?? false
    }
  }

  /// The element; it is empty if there is no such factory.
  var markup: String {
    var markup = Markup()
    markup.element("div", [("id", Self.id)]) { block in
      write(silent, terms.pick("Fell silent in the last day: ", "近一日停止上报："), &block)
      write(back, terms.pick("Came back in the last day: ", "近一日恢复上报："), &block)
    }
    return markup.text
  }

  private func write(_ factories: [FactorySummary], _ title: String, _ block: inout Markup) {
    guard !factories.isEmpty else { return }
    block.element("p", [("class", "movers")]) { text in
      text.element("b", text: title)
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

/// A line of a ratio by day.
enum TrendLine {
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
      let path = points.map { "\($0.day - first.day) \(1000 - max(0, min(1000, $0.permille)))" }
      svg.element("path", [("d", "M" + path.joined(separator: "L"))])
    }
    markup.element(
      "p", [("class", "unseen-text")],
      text: terms.pick(
        "Last 30 days: lowest on \(least.day), \(terms.percent(least.count))",
        "近 30 天最低：\(least.day)，\(terms.percent(least.count))"))
  }
}
