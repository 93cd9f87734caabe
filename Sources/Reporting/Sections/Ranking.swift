import Aggregation
import Telemetry

/// The ranking of a district's factories.
extension DocumentWriter {
  func ranking() -> (aside: String, blocks: [ReportDocument.Block]) {
    guard case .district(let ranking) = report.contents else { return ("", []) }
    let name = name(ranking.order)
    // Factories unknown to the register have a section of their own, and no ratio for the ranking.
    let factories = ranking.factories.filter(\.isRegistered)
    guard !factories.isEmpty else { return ("", []) }
    let metrics = metrics(ranking.order)
    let declared = ranking.order.metric.declaredCounterpart
    var table = DocumentTable(
      pick("Factories by \(name.lowercased())", "按\(name)排名"),
      [
        .init("#", numeric: true), .init(pick("Id", "编号"), shrinksTo: 6, namesFactory: true),
        .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("≥½ days", "过半天数"), numeric: true),
      ]
        + metrics.map { metric in
          let short = terms.short(metric)
          return metric == declared
            ? .init(pick("Declared", "申报"), fullTitle: short, numeric: true) : .init(short, numeric: true)
        }, drawn: 3 + metrics.count)
    if ranking.order == .gap {
      table.columns.append(
        .init(pick("Gap", "差距"), fullTitle: pick("Gap, points", "差距，百分点"), numeric: true))
    }
    for (index, summary) in factories.enumerated() {
      let gap = ranking.order == .gap ? [points(of: summary.figures)] : []
      table.rows.append(.cells(row(summary, place: index + 1, metrics) + gap))
    }
    table.brief = ends(of: factories, ranking.order)
    let notes = [
      pick(
        "≥½ days: machines heard on at least half of the period's days, of those in service.",
        "过半天数：在役设备中在本期过半天数有上报的台数。"),
      declared == nil
        ? "" : pick("Declared: equipment that the register calls connectable.", "申报：台账申报可联网的设备占比。"),
      ranking.order == .gap
        ? pick(
          "Gap: from declared to networked, in percentage points.", "差距：自申报可联网率至设备联网率，按百分点。") : "",
    ]
    let groups = factories.map { ($0.factory.id, $0.figures) }
    return (
      pick("by \(name.lowercased())", "按\(name)"),
      declaredGaps(ranking) + [.table(table)] + notes.filter { !$0.isEmpty }.map { .prose($0, .faint) }
        + absences(of: groups, metrics)
    )
  }

  /// Name of an order of factories.
  private func name(_ order: RankingOrder) -> String {
    switch order {
    case .metric(let metric): terms.name(metric)
    case .gap: pick("Gap between declared and networked", "申报与联网差距")
    }
  }

  /// The figures of a ranking, the one that it is about last, with the declared figure before the measured ones.
  private func metrics(_ order: RankingOrder) -> [Metric] {
    var metrics = Self.columns(before: order.metric)
    // The gap has the place of the second measured figure.
    if order == .gap { metrics.removeAll { $0 == .networkedTimeRatio } }
    if let declared = order.metric.declaredCounterpart { metrics.insert(declared, at: 1) }
    return metrics
  }

  private func row(_ summary: FactorySummary, place: Int, _ metrics: [Metric]) -> [Cell] {
    let (factory, time) = (summary.factory, summary.figures.time)
    return [
      .number(place), .text(factory.id),
      .text(terms.name(of: factory)),
      summary.figures.isUnobserved && time.machinesHeard == 0
        ? .text(terms.notObserved) : .fraction(Count(time.machinesHeardHalf, of: time.machines), .plain),
    ] + cells(summary.figures, metrics).dropFirst()
  }

  /// The gap from the declared to the measured ratio in percentage points; empty without both.
  func points(of figures: Figures) -> Cell {
    guard let declared = figures.count(of: .connectableRatio),
      let measured = figures.count(of: .networkedRatio)
    else { return .empty }
    return points(declared, measured)
  }

  /// Places of the first and the last factories that have the figure; nil for all.
  private func ends(of factories: [FactorySummary], _ order: RankingOrder) -> [Int]? {
    let ranked = factories.indices.filter { place in
      let figures = factories[place].figures
      let ratio = order == .gap ? figures.declaredGap : figures.count(of: order.metric)
      return ratio.map { $0.denominator > 0 } ?? false
    }
    guard factories.count > 2 * Self.rowsShown else { return nil }
    return ranked.count > 2 * Self.rowsShown
      ? Array(ranked.prefix(Self.rowsShown) + ranked.suffix(Self.rowsShown))
      : Array(factories.indices.prefix(2 * Self.rowsShown))
  }

  /// The columns of a table with bars for `last`, which is placed next to the bars.
  static func columns(before last: Metric) -> [Metric] {
    [.automationRatio, .networkedRatio, .networkedTimeRatio].filter { $0 != last }.prefix(2) + [last]
  }

  func figureColumns(_ metrics: [Metric]) -> [DocumentTable.Column] {
    [DocumentTable.Column(pick("Equip.", "设备"), numeric: true)]
      + metrics.map { DocumentTable.Column(terms.short($0), numeric: true) }
  }

  func cells(_ figures: Figures, _ metrics: [Metric]) -> [Cell] {
    [.number(figures.equipment)]
      + metrics.map { metric in figures.count(of: metric).map { .ratio($0) } ?? .empty }
  }
}
