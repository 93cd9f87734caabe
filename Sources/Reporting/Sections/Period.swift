import Aggregation
import Telemetry

/// Sections 7 and 8: figures over the period, with bounds for the time that was not observed.
extension DocumentWriter {
  /// Connectivity and coverage.
  func connectivity() -> [ReportDocument.Block] {
    let metrics: [Metric] = [
      .networkedTimeRatio, .timeWeightedConnectivity, .timeWeightedConnectivityRoundTheClock,
      .timeWeightedReporting, .uploadRatio,
    ]
    let time = report.figures.time
    return overPeriod(
      metrics + (time.shutdown > 0 ? [.uploadRatioRoundTheClock] : []),
      pick("Connectivity over the period", "周期联网指标")) + machines() + groups()
  }

  /// Utilisation and other activity.
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
        .init(pick("Mean", "企业均值"), numeric: true), .init(pick("Median", "企业中位数"), numeric: true),
      ]
    }
    var hasBounds = false
    let metrics = metrics.filter { !repeatsTwin($0) }
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
    guard hasBounds else { return [.table(table)] + absences(metrics) }
    return [.table(table)] + absences(metrics) + [
      .prose(
        pick(
          "The bounds are what the figure could be, had everything unobserved been off, or on.",
          "上下界为未观测时间全部按离线或全部按在线计算的结果。"), .faint)
    ]
  }

  /// Whether a figure round the clock equals the figure without planned shutdowns, and is left out beside it.
  func repeatsTwin(_ metric: Metric) -> Bool {
    let twins: [Metric: Metric] = [
      .timeWeightedConnectivityRoundTheClock: .timeWeightedConnectivity,
      .uploadRatioRoundTheClock: .uploadRatio,
    ]
    guard let twin = twins[metric] else { return false }
    return report.figures.bounded(metric) == report.figures.bounded(twin)
  }

  /// Number of machines behind the figures.
  private func machines() -> [ReportDocument.Block] {
    let time = report.figures.time
    guard time.machines > 0 else { return [] }
    var text = pick(
      "Heard: \(terms.number(time.machinesHeard)) of \(terms.number(time.machines)) machines; on at least half of the "
        + "period's days: \(terms.number(time.machinesHeardHalf)).",
      "曾上报：\(terms.number(time.machines)) 台中的 \(terms.number(time.machinesHeard)) 台；"
        + "在本期半数以上日期有上报：\(terms.number(time.machinesHeardHalf)) 台。")
    if time.shutdown > 0 {
      text += pick(
        " Planned shutdowns: \(terms.hours(Int(time.shutdown))) machine hours.",
        "计划停产：\(terms.hours(Int(time.shutdown))) 台时。")
    }
    var blocks: [ReportDocument.Block] = [.prose(text, .plain)]
    if time.machinesUndeclared > 0 {
      let interval = terms.span(report.rules.defaultInterval)
      let ids = report.undeclaredIntervals.prefix(Self.rowsShown)
      let rest = time.machinesUndeclared - ids.count
      let list = ids.joined(separator: pick(", ", "、")) + (rest > 0 && !ids.isEmpty ? " …" : "")
      blocks.append(
        .prose(
          pick(
            "No report interval declared, \(interval) taken: \(terms.number(time.machinesUndeclared))",
            "未申报上报周期、按 \(interval)计：\(terms.number(time.machinesUndeclared)) 台")
            + (list.isEmpty ? "" : pick(" (\(list))", "（\(list)）")) + pick(".", "。"), .plain))
    }
    return blocks
  }

  /// Numerator and denominator in their unit: slots, pieces or hours.
  func amount(_ count: Count, _ metric: Metric) -> Cell {
    if count.denominator == 0, report.figures.absence(of: metric) == .notObserved {
      return .text(terms.notObserved)
    }
    if Metric.equipmentRatios.contains(metric) { return .fraction(count, .plain) }
    guard count.denominator > 0 else { return .empty }
    switch metric {
    case .uploadRatio, .uploadRatioRoundTheClock: return .fraction(count, .plain)
    case .qualityRatio: return .fraction(count, .pieces)
    case .automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue:
      return .fraction(count, .yuan)
    case .cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio, .pointsRatio, .keyEnergyAutomaticRatio:
      return .fraction(count, .plain)
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
      + absences(of: groups.map { ($0.id.isEmpty ? terms.none : $0.id, $0.figures) }, metrics)
  }
}
