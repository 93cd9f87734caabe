import Aggregation
import Daemon
import Reporting
import Telemetry

/// The parts of pages that change by themselves, as markup in both languages.
enum LiveRegions {
  /// Ids of the regions that are no factory's.
  static let collectorID = "collector"
  static let headlineID = "headline"

  /// The headline of the district's report, factories that fell silent or came back, and a tile for each factory.
  static func regions(of report: Report, _ past: History.Past) -> [Snapshot.Region] {
    guard case .district(let ranking) = report.contents else { return [] }
    let headline = Snapshot.Region(id: headlineID, markup: inBoth { self.headline(report, past, $0) })
    let movers = Snapshot.Region(
      id: Movers.id, markup: inBoth { Movers(ranking.factories, past, $0).markup })
    let policies = Snapshot.Region(
      id: PoliciesReached.id, markup: inBoth { PoliciesReached(ranking, $0).markup })
    return [headline, movers, policies]
      + ranking.factories.map { factory in
        Snapshot.Region(
          id: Tile.id(factory.factory.id), factory: factory.factory.id,
          markup: inBoth { Tile(factory: factory, terms: $0).markup })
      }
  }

  /// The collector's state.
  static func region(of collector: CollectorView, _ calendar: LocalCalendar) -> Snapshot.Region {
    Snapshot.Region(
      id: collectorID, isForAll: true, markup: inBoth { markup(of: collector, $0, calendar) })
  }

  private static func inBoth(_ markup: (Terms) -> String) -> [Language: String] {
    var both: [Language: String] = [:]
    for language in Language.allCases { both[language] = markup(Terms(language)) }
    return both
  }

  // MARK: The headline

  private static func headline(_ report: Report, _ past: History.Past, _ terms: Terms) -> String {
    var markup = Markup()
    let document = ReportDocument(report, language: terms.language, sections: [.overview])
    markup.element(
      "section",
      [
        ("id", headlineID), ("class", "headline"), ("aria-label", terms.pick("At a glance", "概览")),
      ]
    ) { part in
      HeadlineFigures.write(
        Comparison(report, past, terms).headline(document.headline), trend: past.trend, terms, &part)
      part.element("div", [("class", "whole")]) { whole in
        BucketBar.draw(report.figures.buckets, &whole)
        BucketBar.key(report.figures.buckets, terms, &whole)
      }
    }
    return markup.text
  }

  // MARK: The collector

  private static func markup(
    of collector: CollectorView, _ terms: Terms, _ calendar: LocalCalendar
  ) -> String {
    var markup = Markup()
    let words = CollectorWords(collector, terms, calendar)
    let (text, kind) = words.sentence
    markup.element("p", [("id", collectorID), ("class", "collector \(kind)")]) { line in
      line.element("b", text: text.inert)
      guard let (remedy, command) = words.remedy else { return }
      line.add(" " + remedy + " ")
      line.element("code", text: command)
    }
    return markup.text
  }
}

/// The sentence of a page about the collector.
struct CollectorWords {
  private let view: CollectorView
  private let terms: Terms
  private let calendar: LocalCalendar

  init(_ view: CollectorView, _ terms: Terms, _ calendar: LocalCalendar) {
    self.view = view
    self.terms = terms
    self.calendar = calendar
  }

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The sentence, and a class: `good`, `warn` or `bad`.
  var sentence: (text: String, kind: String) {
    switch view.state {
    case .collecting:
      let warnings = view.status?.warnings ?? []
      guard let first = warnings.first else { return ("● " + collecting, "good") }
      return ("▲ " + pick(first.english, first.chinese), "warn")
    case .disconnected:
      let time = view.status?.broker.lastDisconnectedAt.flatMap { Timestamp($0) }.map(calendar.second)
      guard let time else {
        return ("▲ " + pick("The collector has no connection to the broker.", "采集器未连接到消息代理。"), "warn")
      }
      return (
        "▲ "
          + pick(
            "The collector has had no connection to the broker since \(time).", "采集器自 \(time) 起未连接到消息代理。"),
        "warn"
      )
    case .starting: return ("▲ " + pick("The collector is starting", "采集器正在启动"), "warn")
    case .gone(let since?):
      let time = calendar.second(since)
      return ("■ " + pick("The collector has not been running since \(time).", "采集器自 \(time) 起无响应。"), "bad")
    case .gone(nil): return ("■ " + pick("The collector is not running.", "采集器无响应。"), "bad")
    case .stopped: return ("■ " + pick("The collector was stopped.", "采集器已停止。"), "bad")
    case .never: return ("▲ " + pick("No collector has run here yet.", "采集器尚未启动。"), "warn")
    }
  }

  /// The remedy with its command; nil if there is none.
  var remedy: (text: String, command: String)? {
    switch view.state {
    case .collecting, .starting: nil
    case .disconnected:
      (
        pick(
          "Time without a connection is not observed. Find the cause:", "未连接期间按无观测计。排查原因："),
        "millwright check"
      )
    case .gone, .stopped:
      (
        pick(
          "Later time is not observed, and the figures stay as they are. Start it again:",
          "此后按无观测计，数据不再更新。重新启动："), "millwright collect"
      )
    case .never: (pick("Start it:", "启动："), "millwright collect")
    }
  }

  private var collecting: String {
    guard let messages = view.status?.messages else { return pick("Collecting", "正在采集") }
    let rate = terms.number(Int(max(0, min(1e12, messages.perSecond.rounded()))))
    return pick("Collecting, \(rate) messages a second", "正在采集，每秒 \(rate) 条消息")
  }
}

/// The headline figures of a report as tiles.
enum HeadlineFigures {
  /// - Parameter trend: the share of networked time by day, drawn in its tile.
  static func write(
    _ headline: Headline?, trend: [(day: CalendarDay, count: Count)] = [], _ terms: Terms,
    _ markup: inout Markup
  ) {
    guard let headline else { return }
    // A number and its sign stay in one line.
    for sentence in headline.sentences {
      markup.element("p", [("class", "finding")], text: sentence.replacing(" %", with: "\u{A0}%"))
    }
    markup.newLine()
    guard !headline.tiles.isEmpty else { return }
    markup.element("ul", [("class", "tiles")]) { list in
      for tile in headline.tiles {
        list.element("li", [("class", "tile \(tile.status.rawValue)")]) { item in
          for (name, text) in [
            ("tile-label", tile.label), ("tile-value", tile.value), ("tile-detail", tile.detail),
            ("tile-detail tile-status", tile.threshold), ("tile-change", tile.change),
          ] where !text.isEmpty {
            item.element("p", [("class", name)], text: text)
          }
          if tile.label == terms.name(Metric.networkedTimeRatio) { TrendLine.draw(trend, terms, &item) }
        }
      }
    }
    markup.newLine()
    if !headline.note.isEmpty { markup.element("p", [("class", "faint")], text: headline.note) }
  }
}
