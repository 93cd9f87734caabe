import Aggregation
import Telemetry

/// The key figures, and the status of the equipment.
extension DocumentWriter {
  func figures() -> (aside: String, blocks: [ReportDocument.Block]) {
    switch report.contents {
    case .equipment(let equipment): return ("", self.equipment(equipment))
    case .district(let ranking):
      let factories = ranking.factories.count(where: \.isRegistered)
      return (
        terms.many(factories, "factory", "factories", "家企业"),
        rollup(ranking) + absences(headline(.declared) + headline(.measured)) + buckets() + forms()
      )
    case .line(let equipment): return ("", headlines() + buckets() + forms() + equipmentTable(equipment))
    case .factory, .workshop: return ("", headlines() + buckets() + forms())
    }
  }

  private func headlines() -> [ReportDocument.Block] {
    [.table(ratios())] + absences(headline(.declared) + headline(.measured))
  }

  /// Declared ratios, then measured ones.
  private func ratios() -> DocumentTable {
    var table = DocumentTable(
      pick("Declared and measured figures", "申报与实测指标"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true),
        .init(pick("Equipment", "台数"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true),
      ], drawn: 2)
    for source in [Metric.Source.declared, .measured] {
      table.rows.append(.group(terms.name(source)))
      for metric in headline(source) {
        guard let count = report.figures.count(of: metric) else { continue }
        table.rows.append(.cells([.text(terms.name(metric)), amount(count, metric), .ratio(count)]))
      }
    }
    return table
  }

  /// The key figures of one source. A report on a period that is over has no figures of one instant.
  func headline(_ source: Metric.Source) -> [Metric] {
    guard source == .measured else { return Metric.equipmentRatios.filter { $0.source == source } }
    let metrics: [Metric] =
      report.observation.period.showsStates
      ? [.networkedRatio, .networkedTimeRatio, .networkedOfDigitalRatio, .onlineRatio, .reportingRatio]
      : [
        .networkedRatio, .networkedTimeRatio, .networkedOfDigitalRatio, .timeWeightedConnectivity,
        .timeWeightedConnectivityRoundTheClock, .timeWeightedReporting,
      ]
    return metrics.filter { !repeatsTwin($0) }
  }

  /// The district's pooled ratios, and beside them the labelled averages of the factories' own ratios.
  private func rollup(_ ranking: Report.Ranking) -> [ReportDocument.Block] {
    var table = DocumentTable(
      pick("Declared and measured figures", "申报与实测指标"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true),
        .init(pick("All equipment", "全部设备"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true), .init(pick("Mean", "企业均值"), numeric: true),
        .init(pick("Median", "企业中位数"), numeric: true),
      ])
    for source in [Metric.Source.declared, .measured] {
      table.rows.append(.group(terms.name(source)))
      for metric in headline(source) {
        guard let count = report.figures.count(of: metric) else { continue }
        table.rows.append(
          .cells(
            [.text(terms.brief(metric)), amount(count, metric), .ratio(count)]
              + spread(ranking.spreads[metric])))
      }
    }
    return [
      .table(table),
      .prose(
        pick(
          "Ratio: pooled over all equipment. Mean and median: of the factories' own ratios.",
          "占比：按全部设备合计。均值、中位数：按各企业自身占比计算。"), .faint),
    ]
  }

  /// Mean and median as cells.
  func spread(_ spread: Spread?) -> [Cell] {
    [spread?.mean, spread?.median].map { millionths in
      .ratio(millionths.map { Count($0, of: 1_000_000) } ?? Count(0, of: 0))
    }
  }

  /// The table of buckets. Each equipment is in exactly one bucket.
  private func buckets() -> [ReportDocument.Block] {
    let counts = report.figures.buckets
    var table = DocumentTable(
      pick("Equipment status", "设备分布"),
      [
        .init(pick("Status", "状态")), .init(pick("Equipment", "台数"), numeric: true),
        .init(pick("Share", "占比"), numeric: true), .init(pick("Meaning", "含义"), shrinksTo: 20, wraps: true),
      ], drawn: 2)
    let states: [Bucket] = [.reporting, .silent, .offline]
    if !report.observation.period.showsStates {
      let heard = states.reduce(0) { $0 + counts[$1] }
      table.rows.append(
        .cells([
          .text(pick("Heard", "已接入")), .number(heard), .ratio(Count(heard, of: counts.total)),
          .text(pick("heard by the end of the period", "周期结束前曾上报")),
        ]))
    }
    for bucket in Bucket.allCases where report.observation.period.showsStates || !states.contains(bucket) {
      table.rows.append(
        .cells([
          .status(Cell.Status(bucket), terms.name(bucket)), .number(counts[bucket]),
          .ratio(Count(counts[bucket], of: counts.total)),
          .text(terms.meaning(bucket)),
        ]))
    }
    table.rows.append(
      .sum([
        .text(pick("In service", "在役设备")), .number(counts.total), .empty,
        .text(pick("the base of every ratio", "各项占比的基数")),
      ]))
    let beside: [(count: Int, text: String)] = [
      (counts.retired, terms.many(counts.retired, "retired", "retired", "台已退役")),
      (
        counts.notYetInService,
        terms.many(counts.notYetInService, "not yet in service", "not yet in service", "台尚未投用")
      ),
      (
        counts.auxiliary,
        terms.many(
          counts.auxiliary, "gateway, meter or sensor", "gateways, meters and sensors", "台网关、仪表或传感器")
      ),
      (
        counts.unregistered,
        terms.many(counts.unregistered, "unregistered sender", "unregistered senders", "台未登记设备")
      ),
    ]
    let present = beside.filter { $0.count > 0 }.map(\.text)
    let blocks: [ReportDocument.Block] = [
      .prose(pick("Equipment status", "设备分布"), .strong), .table(table),
    ]
    if present.isEmpty { return blocks }
    return blocks + [
      .prose(
        pick("Not counted: ", "不计入：") + present.joined(separator: pick(", ", "，")) + pick(".", "。"),
        .plain)
    ]
  }
}
