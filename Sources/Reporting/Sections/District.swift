import Aggregation
import Telemetry

/// Comparison of a district's factories.
extension DocumentWriter {
  /// Number of factories with a ratio in each tenth of the scale.
  func distribution() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents, !ranking.distributions.isEmpty else { return [] }
    let metrics = ranking.distributions.map(\.metric)
    var table = DocumentTable(
      pick("Factories by ratio", "按占比分布的企业数"),
      [.init(pick("Ratio", "占比"))] + metrics.map { .init(terms.name($0), numeric: true, shrinksTo: 10) })
    for (index, bound) in Distribution.bounds.enumerated() {
      table.rows.append(
        .cells(
          [.text(label(bound))] + ranking.distributions.map { .number($0.distribution.factories[index]) }))
    }
    if ranking.distributions.contains(where: { $0.distribution.without > 0 }) {
      table.rows.append(
        .cells([.text(terms.notApplicable)] + ranking.distributions.map { .number($0.distribution.without) }))
    }
    table.repeatsCharts = true
    let charts = ranking.distributions.map { metric, distribution in
      var bins = zip(Distribution.bounds, distribution.factories).map { (label: label($0), number: $1) }
      if distribution.without > 0 { bins.append((terms.notApplicable, distribution.without)) }
      return ReportDocument.Block.chart(
        Chart(
          title: finding(metric, distribution),
          description: pick(
            "Number of factories in each tenth of the scale.", "各占比区间的企业数。"),
          content: .histogram(bins)))
    }
    return [.table(table)] + charts
  }

  /// `Networked coverage: 62 of 175 factories at 100 %`: the class with the most factories, the highest of several.
  private func finding(_ metric: Metric, _ distribution: Distribution) -> String {
    let all = distribution.factories.reduce(0, +)
    let classes = zip(Distribution.bounds, distribution.factories)
    guard all > 0, let most = classes.max(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else {
      return pick("\(terms.name(metric)): no factory has the figure", "\(terms.name(metric))：各企业均无此项指标")
    }
    let (number, total) = (terms.number(most.1), terms.number(all))
    return pick(
      "\(terms.name(metric)): \(number) of \(total) factories at \(label(most.0))",
      "\(terms.name(metric))：\(total) 家企业中 \(number) 家为 \(label(most.0))")
  }

  /// `70–80 %`.
  private func label(_ bound: Int) -> String { bound == 100 ? "100 %" : "\(bound)–\(bound + 10) %" }

  /// Sums of the factories of each industry.
  func industries() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents,
      ranking.industries.contains(where: { !$0.industry.isEmpty })
    else { return [] }
    let metrics = Self.columns(before: ranking.order.metric)
    var table = DocumentTable(
      pick("By industry", "分行业"),
      [
        .init(pick("Industry", "行业"), shrinksTo: 10), .init(pick("Factories", "企业"), numeric: true),
      ] + figureColumns(metrics), drawn: 2 + metrics.count)
    for industry in ranking.industries {
      table.rows.append(
        .cells(
          [
            .text(industry.industry.isEmpty ? terms.none : industry.industry), .number(industry.factories),
          ] + cells(industry.figures, metrics)))
    }
    return [.table(table)]
      + absences(
        of: ranking.industries.map { ($0.industry.isEmpty ? terms.none : $0.industry, $0.figures) }, metrics)
  }

  /// Number of factories that meet each policy, and in each band of its scales.
  func attainment() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents else { return [] }
    return thresholds(ranking.attainments.filter { !$0.rules.isEmpty })
      + levels(ranking.attainments.filter { !$0.bands.isEmpty })
  }

  private func thresholds(_ attainments: [PolicyAttainment]) -> [ReportDocument.Block] {
    guard !attainments.isEmpty else { return [] }
    let title = pick("Factories that meet each policy", "各项政策达标企业数")
    var table = DocumentTable(
      title,
      [
        .init(pick("Policy and figure", "政策与指标"), shrinksTo: 20, wraps: true),
        .init(pick("Threshold", "阈值"), numeric: true), .init(pick("Met", "达标"), numeric: true),
        .init(pick("Not met", "未达标"), numeric: true), .init(pick("No figure", "无指标值"), numeric: true),
      ])
    for attainment in attainments {
      table.rows.append(.group(pick(attainment.policy.titleEnglish, attainment.policy.titleChinese)))
      for rule in attainment.rules {
        table.rows.append(
          .cells([
            .text(terms.name(rule.rule.metric)), .text("≥ \(Thousandths.text(rule.rule.atLeast)) %"),
            .number(rule.met), .number(rule.unmet), .number(rule.open),
          ]))
      }
      if attainment.rules.count > 1 {
        table.rows.append(
          .cells([
            .text(pick("All of them", "全部规则")), .empty, .number(attainment.met), .number(attainment.unmet),
            .number(attainment.open),
          ]))
      }
    }
    return [.prose(title, .strong), .table(table)]
  }

  /// Number of factories in each band. A factory is in at most one band of a figure.
  private func levels(_ attainments: [PolicyAttainment]) -> [ReportDocument.Block] {
    guard !attainments.isEmpty else { return [] }
    let title = pick("Factories by level", "各等级企业数")
    var table = DocumentTable(
      title,
      [
        .init(pick("Policy, figure and level", "政策、指标与等级"), shrinksTo: 20, wraps: true),
        .init(pick("Band", "分档"), numeric: true), .init(pick("Factories", "企业数"), numeric: true),
      ])
    for attainment in attainments {
      table.rows.append(.group(pick(attainment.policy.titleEnglish, attainment.policy.titleChinese)))
      for band in attainment.bands {
        table.rows.append(
          .cells([
            .text(terms.name(band.band.metric) + pick(", level ", "，等级 ") + band.band.name),
            .text(band.band.interval + " %"), .number(band.factories),
          ]))
      }
    }
    return [.prose(title, .strong), .table(table)]
  }
}
