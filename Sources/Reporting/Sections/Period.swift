import Aggregation
import Telemetry

/// 7, 8 What held over the period, with the bounds that what was not observed leaves open.
extension DocumentWriter {
  /// How well equipment was heard.
  func connectivity() -> [ReportDocument.Block] {
    let metrics: [Metric] = [
      .uploadRatio, .timeWeightedConnectivity, .timeWeightedConnectivityRoundTheClock,
    ]
    return overPeriod(metrics, pick("Connectivity over the period", "周期联网指标")) + groups()
  }

  /// What it did.
  func performance() -> [ReportDocument.Block] {
    overPeriod(
      [.availability, .utilizationEfficiency, .calendarRunningRatio, .qualityRatio],
      pick("Performance over the period", "周期运行指标"))
  }

  private func overPeriod(_ metrics: [Metric], _ caption: String) -> [ReportDocument.Block] {
    var table = DocumentTable(
      caption,
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true), .init(pick("Of", "分子 / 分母"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true), .init(pick("Bounds", "上下界"), numeric: true),
      ])
    let spreads: [Metric: Spread]? =
      if case .district(let ranking) = report.contents { ranking.spreads } else { nil }
    if spreads != nil {
      table.columns += [
        .init(pick("Mean", "工厂均值"), numeric: true), .init(pick("Median", "工厂中位数"), numeric: true),
      ]
    }
    var hasBounds = false
    for metric in metrics {
      guard let bounded = report.figures.bounded(metric) else { continue }
      let bounds = terms.bounds(bounded)
      hasBounds = hasBounds || bounds != .empty
      table.rows.append(
        .cells(
          [.text(terms.name(metric)), amount(bounded.value, metric), .ratio(bounded.value), bounds]
            + (spreads.map { spread($0[metric]) } ?? [])))
    }
    table.removeEmptyColumns()
    guard hasBounds else { return [.table(table)] }
    return [
      .table(table),
      .prose(
        pick(
          "The bounds are what the figure could be, had everything unobserved been off, or on.",
          "上下界为未观测时间全部按离线或全部按在线计算的结果。"), .faint),
    ]
  }

  /// Numerator and denominator in their unit: slots, pieces or hours.
  private func amount(_ count: Count, _ metric: Metric) -> Cell {
    guard count.denominator > 0 else { return .empty }
    switch metric {
    case .uploadRatio: return .fraction(count, .plain)
    case .qualityRatio: return .fraction(count, .pieces)
    default: return .fraction(count, .hours)
    }
  }

  /// The workshops or lines below the scope, and their sum.
  private func groups() -> [ReportDocument.Block] {
    let groups: [(id: String, figures: Figures)]
    let title: String
    let caption: String
    switch report.contents {
    case .factory(let workshops):
      groups = workshops.map { ($0.id, $0.figures) }
      (title, caption) = (terms.workshop, pick("By workshop", "分车间"))
    case .workshop(let lines):
      groups = lines.map { ($0.id, $0.figures) }
      (title, caption) = (terms.line, pick("By line", "分产线"))
    case .district, .line, .equipment: return []
    }
    guard !groups.isEmpty else { return [] }
    let metrics = Self.columns(before: .networkedRatio) + [.timeWeightedConnectivity]
    var table = DocumentTable(
      caption, [.init(title, shrinksTo: 8)] + figureColumns(metrics), drawn: metrics.count + 1)
    for group in groups {
      table.rows.append(
        .cells([.text(group.id.isEmpty ? terms.none : group.id)] + cells(group.figures, metrics)))
    }
    table.rows.append(.sum([.text(pick("Total", "合计"))] + cells(report.figures, metrics)))
    return [.prose(caption, .strong), .table(table)]
  }
}
