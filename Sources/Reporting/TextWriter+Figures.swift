import Aggregation
import Telemetry

extension TextWriter {
  // MARK: 2 Headline figures

  mutating func figures() {
    page.heading(pick("KEY FIGURES", "核心指标"))
    for source in [Metric.Source.declared, .measured] {
      page.line(" " + terms.name(source))
      page.table(figureTable(source))
    }
  }

  /// The metrics of one source as aligned rows; both sources get the same columns.
  private func figureTable(_ source: Metric.Source) -> Table {
    let metrics = Metric.equipmentRatios
    let counts = metrics.compactMap { report.figures.count(of: $0) }
    let nameWidth = metrics.map { terms.name($0).displayWidth }.max() ?? 0
    let countWidth = counts.map { terms.fraction($0).displayWidth }.max() ?? 0
    var table = Table(columns: [
      .init(title: "", shrinksTo: 16), .init(title: "", right: true), .init(title: "", right: true),
    ])
    for metric in metrics where metric.source == source {
      guard let count = report.figures.count(of: metric) else { continue }
      table.rows.append([
        terms.name(metric).padded(to: nameWidth), terms.fraction(count).padded(to: countWidth, right: true),
        terms.percent(count).padded(to: 7, right: true),
      ])
      table.bars.append(count)
    }
    return table
  }

  // MARK: Buckets

  mutating func buckets() {
    page.heading(pick("WHERE THE EQUIPMENT STANDS", "设备分布"))
    let counts = report.figures.buckets
    var table = Table(columns: [
      .init(title: ""), .init(title: "", right: true), .init(title: "", shrinksTo: 12),
    ])
    for bucket in Bucket.allCases {
      table.rows.append([terms.name(bucket), terms.number(counts[bucket]), terms.meaning(bucket)])
      table.bars.append(Count(counts[bucket], of: counts.total))
    }
    table.rows.append([
      pick("In service", "在役设备"), terms.number(counts.total),
      pick("the base of every ratio", "各项占比的基数"),
    ])
    table.sums = 1
    page.table(table)
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
    if !present.isEmpty {
      page.prose(
        pick("Not counted: ", "不计入：") + present.joined(separator: pick(", ", "，")) + pick(".", "。"))
    }
  }
}
