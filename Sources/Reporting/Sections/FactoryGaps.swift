import Aggregation
import Telemetry

/// The factories of a district with the most gaps, by cause.
extension DocumentWriter {
  /// Number of factories of each cause that a short rendering shows.
  private static let factoriesShown = 5

  /// Equipment of one factory that is not connected, or senders that are not registered, for one cause.
  private struct FactoryGap {
    var factory: FactorySummary
    var equipment: Int
  }

  func factoryGaps() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents else { return [] }
    let factories = ranking.factories.filter(\.isRegistered)
    let title = pick("Factories with the most gaps", "缺口最多的企业")
    var table = DocumentTable(
      title,
      [
        .init(terms.factory, shrinksTo: 6, namesFactory: true), .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("Cause", "原因")), .init(pick("Machines", "台数"), numeric: true),
        .init(pick("In service", "在役设备"), numeric: true),
      ])
    table.columns[2].repeatsGroups = true
    var brief: [Int] = []
    for (cause, count) in causes {
      let gaps = factories.map { FactoryGap(factory: $0, equipment: count($0.figures.buckets)) }
        .filter { $0.equipment > 0 }
        .sorted { a, b in
          a.equipment != b.equipment
            ? a.equipment > b.equipment : a.factory.factory.id < b.factory.factory.id
        }
      guard !gaps.isEmpty else { continue }
      table.rows.append(.group(heading(cause, gaps)))
      brief += (table.rows.count..<table.rows.count + min(gaps.count, Self.factoriesShown))
      for gap in gaps {
        let factory = gap.factory.factory
        table.rows.append(
          .cells([
            .text(factory.id), .text(terms.name(of: factory)),
            .text(cause), .number(gap.equipment), .number(gap.factory.figures.equipment),
          ]))
      }
    }
    guard !table.rows.isEmpty else { return [] }
    table.brief = brief
    return [.prose(title, .strong), .table(table)]
  }

  /// The causes in the order of ``Gap/Kind``. A status at the end of a period that is over is none.
  private var causes: [(name: String, count: (BucketCounts) -> Int)] {
    [
      (terms.name(Bucket.refused), { $0.refused }), (terms.name(Bucket.neverSeen), { $0.neverSeen }),
      (terms.name(Standing.unregistered), { $0.unregistered }),
    ] + (report.observation.period.showsStates ? [(terms.name(Bucket.offline), { $0.offline })] : [])
  }

  /// `Never seen: 120 machines in 45 factories`.
  private func heading(_ cause: String, _ gaps: [FactoryGap]) -> String {
    let machines = gaps.reduce(0) { $0.addingSaturated($1.equipment) }
    return cause + pick(": ", "：")
      + pick(
        terms.many(machines, "machine", "machines", "") + " in "
          + terms.many(gaps.count, "factory", "factories", ""),
        "\(terms.number(gaps.count)) 家企业共 \(terms.number(machines)) 台")
  }
}
