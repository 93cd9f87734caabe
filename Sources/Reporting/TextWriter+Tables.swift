import Aggregation
import Telemetry

extension TextWriter {
  // MARK: 6 Gaps

  mutating func gaps() {
    guard !report.gaps.isEmpty else { return }
    let isDistrict = report.scope == .district
    page.heading(
      isDistrict ? pick("FACTORIES NOT IN THE REGISTER", "未登记工厂") : pick("GAPS", "未接入与异常清单"),
      gapSummary())
    let subject = isDistrict ? terms.factory : terms.equipment
    var table = Table(columns: [
      .init(title: subject, shrinksTo: 8), .init(title: pick("Why", "原因")),
    ])
    if !isDistrict {
      table.columns.append(.init(title: pick("Place", "位置"), shrinksTo: 6))
      table.columns.append(.init(title: pick("Name", "名称"), shrinksTo: 8))
    }
    table.columns.append(.init(title: pick("Remark", "说明"), shrinksTo: 21))
    let shown = isDistrict ? Array(report.gaps.prefix(Self.gapsShown)) : sample(report.gaps)
    for gap in shown {
      var row = [gap.assessment?.key.equipment.inert ?? gap.factory.inert, terms.name(gap.kind)]
      if let assessment = gap.assessment, !isDistrict {
        row.append(place(assessment))
        row.append(assessment.name.inert)
      }
      table.rows.append(row + [sentences.remark(gap)])
    }
    page.table(table)
    let more = report.gaps.count - shown.count
    if more > 0 { page.prose(moreHint(more)) }
  }

  /// How many gaps of each kind.
  private func gapSummary() -> String {
    if report.scope == .district { return terms.number(report.gaps.count) }
    let kinds = Gap.Kind.allCases.map { kind in (kind, report.gaps.count { $0.kind == kind }) }
    return kinds.filter { $0.1 > 0 }.map { "\(terms.name($0.0)) \(terms.number($0.1))" }
      .joined(separator: page.glyphs.separator)
  }

  private func moreHint(_ more: Int) -> String {
    let path = report.scope.path.isEmpty ? "" : " " + report.scope.path.inert
    let command = "millwright report \(report.scope.kind)\(path) --format json"
    return pick(
      "\(page.glyphs.ellipsis) \(terms.number(more)) more: \(command)",
      "\(page.glyphs.ellipsis) 另有 \(terms.number(more)) 项：\(command)")
  }

  /// A few gaps of every kind in turn, so that many of one kind do not hide the others.
  private func sample(_ gaps: [Gap]) -> [Gap] {
    var shares: [Gap.Kind: Int] = [:]
    var left = Self.gapsShown
    while left > 0 {
      var taken = false
      for kind in Gap.Kind.allCases where left > 0 {
        guard shares[kind, default: 0] < gaps.count(where: { $0.kind == kind }) else { continue }
        shares[kind, default: 0] += 1
        left -= 1
        taken = true
      }
      if !taken { break }
    }
    return Gap.Kind.allCases.flatMap { kind in gaps.filter { $0.kind == kind }.prefix(shares[kind] ?? 0) }
  }

  private func place(_ assessment: Assessment) -> String {
    [assessment.workshop, assessment.line].filter { !$0.isEmpty }.joined(separator: "/").inert
  }

  // MARK: 7 By workshop or line

  /// The groups below the scope, and their sum.
  mutating func groups(_ title: String, _ heading: String, _ groups: [(id: String, figures: Figures)]) {
    guard !groups.isEmpty else { return }
    page.heading(heading)
    let metrics = Self.columns(before: .networkedRatio)
    var table = Table(columns: [.init(title: title, shrinksTo: 8)] + figureColumns(metrics))
    for group in groups {
      table.rows.append([group.id.isEmpty ? terms.none : group.id.inert] + cells(group.figures, metrics))
      table.bars.append(Count(group.figures.networked, of: group.figures.equipment))
    }
    table.rows.append([pick("Total", "合计")] + cells(report.figures, metrics))
    table.bars.append(Count(report.figures.networked, of: report.figures.equipment))
    table.sums = 1
    page.table(table)
  }

  /// The metrics of a table whose bars draw `last`, which stands next to them.
  private static func columns(before last: Metric) -> [Metric] {
    var metrics: [Metric] = [.automationRatio, .networkedRatio, .onlineRatio].filter { $0 != last }
    if metrics.count == 3 { metrics.removeLast() }
    return metrics + [last]
  }

  private func figureColumns(_ metrics: [Metric]) -> [Table.Column] {
    [Table.Column(title: pick("Equip.", "设备"), right: true)]
      + metrics.map { Table.Column(title: terms.short($0), right: true) }
  }

  private func cells(_ figures: Figures, _ metrics: [Metric]) -> [String] {
    [terms.number(figures.equipment)]
      + metrics.map { metric in figures.count(of: metric).map(terms.percent) ?? "" }
  }

  // MARK: District

  /// The district's sums; beside them, labelled, what the factories' own ratios average to.
  mutating func rollup(_ ranking: Report.Ranking) {
    page.heading(
      pick("KEY FIGURES", "核心指标"),
      terms.many(ranking.factories.count(where: \.isRegistered), "factory", "factories", "家工厂"))
    var table = Table(columns: [
      .init(title: "", shrinksTo: 24), .init(title: pick("All equipment", "全部设备"), right: true),
      .init(title: pick("Ratio", "占比"), right: true), .init(title: pick("Mean", "工厂均值"), right: true),
      .init(title: pick("Median", "工厂中位数"), right: true),
    ])
    func percent(_ millionths: Int?) -> String {
      terms.percent(millionths.map { Count($0, of: 1_000_000) } ?? Count(0, of: 0))
    }
    for source in [Metric.Source.declared, .measured] {
      table.rows.append([terms.name(source), "", "", "", ""])
      for metric in Metric.equipmentRatios where metric.source == source {
        guard let count = report.figures.count(of: metric) else { continue }
        let spread = ranking.spreads[metric]
        table.rows.append([
          " " + terms.brief(metric), terms.fraction(count), terms.percent(count), percent(spread?.mean),
          percent(spread?.median),
        ])
      }
    }
    page.table(table)
    page.prose(
      pick(
        "Ratio: all equipment added up. Mean and median: of the factories' own ratios.",
        "占比：按全部设备合计。均值、中位数：按各工厂自身占比计算。"), .faint)
  }

  /// Every factory in its place.
  mutating func factories(_ ranking: Report.Ranking) {
    let name = terms.name(ranking.metric)
    page.heading(pick("FACTORIES", "工厂排名"), pick("by \(name.lowercased())", "按\(name)"))
    let metrics = Self.columns(before: ranking.metric)
    var table = Table(
      columns: [
        .init(title: "#", right: true), .init(title: pick("Id", "编号"), shrinksTo: 6),
        .init(title: pick("Name", "名称"), shrinksTo: 8),
      ] + figureColumns(metrics))
    // Those the register does not know have a section of their own, and no ratio to be ranked by.
    for (index, summary) in ranking.factories.filter(\.isRegistered).enumerated() {
      let factory = summary.factory
      let name = terms.names(factory.nameEnglish, factory.nameChinese).first ?? ""
      table.rows.append(
        [String(index + 1), factory.id.inert, name.inert] + cells(summary.figures, metrics))
      table.bars.append(summary.figures.count(of: ranking.metric) ?? Count(0, of: 0))
    }
    page.table(table)
  }
}
