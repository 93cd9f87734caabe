import Aggregation
import Telemetry

/// A district's form: a row for each factory, the distribution of points, and flags by factory.
extension DocumentWriter {
  func formFactories(_ filled: FilledForm) -> [ReportDocument.Block] {
    guard report.scope == .district else { return [] }
    return rows(filled) + distribution(filled) + factoryFlags(filled)
  }

  /// A row for each factory under the numbers of the cells, and above it what each number stands for. Counts are added
  /// up, and ratios are of the sums; points are each factory's own.
  private func rows(_ filled: FilledForm) -> [ReportDocument.Block] {
    let cells = filled.cells.filter { $0.cell.figure != nil }
    guard !cells.isEmpty, !filled.factories.isEmpty else { return [] }
    let hasPoints = filled.factories.contains { !$0.score.isEmpty }
    var table = DocumentTable(
      pick("Factories", "分企业"),
      [
        .init(terms.factory, shrinksTo: 6, namesFactory: true),
        .init(pick("Name", "名称"), shrinksTo: 8, wraps: true),
      ]
        + cells.map {
          .init($0.number, fullTitle: "\($0.number) \(name(of: $0.cell))", numeric: true)
        }
        + (hasPoints
          ? [.init(pick("Points", "得分"), fullTitle: pick("Points computed", "已计算得分"), numeric: true)] : []))
    for row in filled.factories {
      let score: [Cell] = hasPoints ? [.decimal(terms.points(ofThousandths: row.score.computed))] : []
      table.rows.append(
        .cells(
          [
            .text(row.factory.id),
            .text(terms.name(of: row.factory)),
          ] + row.cells.map(brief) + score))
    }
    let sums = cells.map { cell -> Cell in
      switch cell.cell.kind {
      case .count, .ratio: brief(cell)
      default: .empty
      }
    }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .empty] + sums + (hasPoints ? [.empty] : [])))
    let rows = filled.factories.count
    table.brief = Array(0..<min(rows, Self.rowsShown)) + [rows]
    return [
      .fields(cells.map { .init(label: $0.number, value: name(of: $0.cell)) }), .table(table),
      .prose(
        pick(
          "Total: counts are added up, and ratios are of the sums. Points are each factory's own and are not added up.",
          "合计：台数相加，占比按合计台数计算；得分按企业计算，不相加。"), .faint),
    ]
  }

  /// The value of a cell without words, for a column of factories.
  private func brief(_ cell: FilledForm.Cell) -> Cell {
    switch (cell.value, cell.cell.kind) {
    case _ where cell.isOutside: .text(outsideValue(cell))
    case (.points, _): points(cell)
    case (.count(nil), _), (.quantity(nil), _): .text(terms.notApplicable)
    case (.ratio(nil), _): .ratio(Count(0, of: 0))
    case (.verdict(nil, _, nil), _): .text(terms.notApplicable)
    default: value(cell, nil)
    }
  }

  /// Number of factories in each band of each cell with points.
  private func distribution(_ filled: FilledForm) -> [ReportDocument.Block] {
    let title = pick("Factories by points", "企业得分分布")
    var table = DocumentTable(
      title,
      [
        .init(pick("Band", "分档"), shrinksTo: 12, wraps: true), .init(pick("Points", "得分"), numeric: true),
        .init(pick("Factories", "企业数"), numeric: true), .init(pick("Share", "占比"), numeric: true),
      ], drawn: 3)
    for cell in filled.cells {
      guard case .points(let policy, let metric) = cell.cell.kind else { continue }
      table.rows.append(
        .group("\(cell.number) \(name(of: cell.cell))" + pick(": ", "：") + terms.name(metric)))
      let found = filled.factories.map { row in row.cells.first { $0.number == cell.number }?.value }
      func append(_ name: String, _ points: Int64?, _ number: Int) {
        table.rows.append(
          .cells([
            .text(name), points.map { .decimal(terms.points(ofThousandths: $0)) } ?? .empty,
            .number(number), .ratio(Count(number, of: found.count)),
          ]))
      }
      for band in policy.bands where band.metric == metric {
        let number = found.count { if case .points(_, let own)? = $0 { own == band } else { false } }
        append(band.interval + " %", band.points, number)
      }
      let without = found.count { if case .points(_, nil)? = $0 { true } else { false } }
      if without > 0 { append(pick("no points", "未得出分值"), nil, without) }
    }
    return table.rows.isEmpty ? [] : [.prose(title, .strong), .table(table)]
  }

  /// Number of flags by factory and kind, with the request to the factory.
  private func factoryFlags(_ filled: FilledForm) -> [ReportDocument.Block] {
    guard !filled.flagCounts.isEmpty else { return [] }
    let title = pick("To be explained by the factories", "需企业说明的事项")
    var table = DocumentTable(
      title,
      [
        .init(terms.factory, shrinksTo: 6, namesFactory: true),
        .init(pick("What", "疑点"), shrinksTo: 16, wraps: true),
        .init(pick("Flags", "数量"), numeric: true),
        .init(pick("Request to the factory", "请企业说明或提供"), shrinksTo: 20, wraps: true),
      ])
    table.rows = filled.flagCounts.map {
      .cells([.text($0.factory), .text(flagName($0.kind)), .number($0.flags), .text(request($0.kind, []))])
    }
    table.brief = Array(filled.flagCounts.indices.prefix(Self.rowsShown))
    return [.prose(title, .strong), .table(table)]
  }
}
