import Aggregation
import Telemetry

/// The ranking of a district's factories.
extension DocumentWriter {
  func ranking() -> (aside: String, blocks: [ReportDocument.Block]) {
    guard case .district(let ranking) = report.contents else { return ("", []) }
    let name = terms.name(ranking.order.metric)
    let metrics = Self.columns(before: ranking.order.metric)
    var table = DocumentTable(
      pick("Factories by \(name.lowercased())", "按\(name)排名"),
      [
        .init("#", numeric: true), .init(pick("Id", "编号"), shrinksTo: 6),
        .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("≥½ days", "过半天数"), numeric: true),
      ] + figureColumns(metrics).dropFirst(), drawn: 3 + metrics.count)
    // Factories unknown to the register have a section of their own, and no ratio for the ranking.
    for (index, summary) in ranking.factories.filter(\.isRegistered).enumerated() {
      let (factory, time) = (summary.factory, summary.figures.time)
      let name = terms.names(factory.nameEnglish, factory.nameChinese).first ?? ""
      table.rows.append(
        .cells(
          [
            .number(index + 1), .text(factory.id), .text(name),
            summary.figures.isUnobserved && time.machinesHeard == 0
              ? .text(terms.notObserved)
              : .fraction(Count(time.machinesHeardHalf, of: time.machines), .plain),
          ] + cells(summary.figures, metrics).dropFirst()))
    }
    guard !table.rows.isEmpty else { return ("", []) }
    let halfDays = pick(
      "≥½ days: machines heard on at least half of the period's days, of those in service.",
      "过半天数：在役设备中在本期过半天数有上报的台数。")
    let groups = ranking.factories.filter(\.isRegistered).map { ($0.factory.id, $0.figures) }
    return (
      pick("by \(name.lowercased())", "按\(name)"),
      [.table(table), .prose(halfDays, .faint)] + absences(of: groups, metrics)
    )
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
