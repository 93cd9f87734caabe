import Aggregation
import Telemetry

/// Lists with one row for each factory, machine or exception: flat tables for spreadsheets and programs.
extension DocumentWriter {
  /// Maximum number of rows of a list in a format that people read.
  static let mostListRows = 100_000

  /// The registered factories of a district in ranking order, with their declared and measured figures and the gap from
  /// connectable to networked equipment.
  func factoryList() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents else { return [] }
    let metrics = factoryMetrics(ranking.order.metric)
    let buckets = listedBuckets
    var columns: [DocumentTable.Column] = [
      .init("#", fullTitle: pick("Rank", "名次"), numeric: true),
      .init(terms.factory, fullTitle: pick("Factory id", "企业编号"), namesFactory: true),
      .init(pick("Name in English", "英文名称")), .init(pick("Name in Chinese", "中文名称")),
      .init(pick("Industry", "行业")), .init(pick("In service", "在役设备"), numeric: true),
    ]
    columns += metrics.map { .init(terms.name($0), numeric: true) }
    columns.append(
      .init(pick("Gap", "差距"), fullTitle: pick("Gap, points", "差距，百分点"), numeric: true))
    columns += [
      .init(
        terms.name(ranking.order.metric), fullTitle: terms.name(ranking.order.metric) + pick(", parts", "构成"),
        numeric: true),
      .init(pick("Heard", "已接入"), numeric: true),
      .init(pick("Heard on at least half of the days", "过半天数有上报"), numeric: true),
    ]
    columns += buckets.map { .init(terms.name($0), numeric: true) }
    columns.append(.init(terms.name(Standing.unregistered), numeric: true))
    var table = DocumentTable(pick("Factories", "企业"), columns, drawn: 6)
    table.mostRows = Self.mostListRows
    for (place, summary) in ranking.factories.filter(\.isRegistered).enumerated() {
      let (factory, figures) = (summary.factory, summary.figures)
      let ratios = metrics.map { metric in figures.count(of: metric).map { Cell.ratio($0) } ?? .empty }
      let heard = [Bucket.reporting, .silent, .offline].reduce(0) { $0 + figures.buckets[$1] }
      // Nobody listened, and nothing was heard: numbers would look as if there had been silence.
      let isUnknown = figures.isUnobserved && figures.time.machinesHeard == 0 && heard == 0
      let heardHalf: Cell = isUnknown ? .empty : .number(figures.time.machinesHeardHalf)
      var cells: [Cell] = [
        .number(place + 1), .text(factory.id), .text(factory.nameEnglish), .text(factory.nameChinese),
        .text(factory.industry), .number(figures.equipment),
      ]
      cells += ratios
      cells.append(points(of: figures))
      cells += [
        figures.count(of: ranking.order.metric).map { amount($0, ranking.order.metric) } ?? .empty,
        isUnknown ? .empty : .number(heard), heardHalf,
      ]
      cells += buckets.map { .number(figures.buckets[$0]) }
      cells.append(.number(figures.buckets.unregistered))
      table.rows.append(.cells(cells))
    }
    return table.rows.isEmpty ? [] : [.table(table)]
  }

  /// The metric of the ranking, then the other main ones.
  private func factoryMetrics(_ ranked: Metric) -> [Metric] {
    [ranked]
      + [.automationRatio, .intelligentRatio, .connectableRatio, .networkedRatio, .networkedTimeRatio]
      .filter { $0 != ranked }
  }

  /// Those of the six buckets that a report on this period has.
  private var listedBuckets: [Bucket] {
    Bucket.allCases.filter {
      report.observation.period.showsStates || ![.reporting, .silent, .offline].contains($0)
    }
  }

  /// Every machine and sender of the scope.
  func equipmentList() -> [ReportDocument.Block] {
    // Without machines there are headings only, unless the report of a district was not asked for them.
    guard report.scope != .district || !report.equipment.isEmpty else { return [] }
    let names = factoryNames
    let titles =
      placeColumns + [
        .init(pick("Category", "类别")), .init(pick("Declared automation", "申报自动化程度")),
        .init(pick("Declared intelligent", "申报智能化")), .init(pick("Declared digital", "申报数字化")),
        .init(pick("Declared connectable", "申报可联网")), .init(pick("In the base of ratios", "计入基数")),
        .init(pick("Measured as networked", "实测已联网")), .init(pick("Status", "状态")),
        .init(pick("Last contact", "最近联系")), .init(pick("Rejected messages", "拒收消息"), numeric: true),
        .init(pick("Reason of the status", "状态原因"), wraps: true),
      ]
    var table = DocumentTable(pick("Equipment", "设备明细"), titles)
    table.mostRows = Self.mostListRows
    table.rows = report.equipment.map { one in
      let declared = one.entry?.equipment
      func yes(_ value: Bool?) -> Cell { value.map { .text(terms.yes($0)) } ?? .empty }
      return .cells(
        place(of: one, names) + [
          .text(declared?.category ?? ""),
          declared.map { .text(terms.name($0.automation)) } ?? .empty, yes(declared?.intelligent),
          yes(declared?.digital), yes(declared?.connectable), yes(one.bucket != nil),
          report.observation.isNothing && !one.isNetworked
            ? .text(terms.notObserved) : yes(one.isNetworked),
          .text(standing(of: one)), one.lastHeard.map { .instant($0) } ?? .empty,
          .number(one.evidence?.rejections ?? 0), .text(reason(of: one)),
        ])
    }
    return [.table(table)]
  }

  /// Gaps of machines, then flags for an auditor: each with its evidence for a factory or a part of it, their number by
  /// kind for each factory of a district.
  func exceptionList() -> [ReportDocument.Block] {
    guard report.scope != .district || !report.equipment.isEmpty else { return [] }
    let names = factoryNames
    var table = DocumentTable(
      pick("Exceptions", "异常"),
      placeColumns + [
        .init(pick("Exception", "异常类型"), wraps: true), .init(pick("Remark", "说明"), wraps: true),
      ])
    table.mostRows = Self.mostListRows
    table.rows = report.equipmentGaps.map { gap in
      let place = gap.assessment.map { self.place(of: $0, names) } ?? unnamed(gap.factory, names)
      return .cells(place + [.text(terms.name(gap.kind)), .text(sentences.remark(gap))])
    }
    let writer = flagWriter
    let equipment =
      report.flags.isEmpty
      ? [:] : Dictionary(report.equipment.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    table.rows += report.flags.map { flag in
      let key = EquipmentKey(factory: flag.factory, equipment: flag.equipment)
      let place =
        equipment[key].map { self.place(of: $0, names) } ?? [
          .text(flag.factory), .text(names[flag.factory] ?? ""), .text(flag.place.workshop),
          .text(flag.place.line), .text(flag.equipment), .empty,
        ]
      return .cells(place + [.text(writer.name(flag.kind)), .text(writer.evidence(flag))])
    }
    table.rows += report.factoryFlagCounts.map { count in
      let findings = terms.many(
        count.flags, "finding: the factory's report has the evidence",
        "findings: the factory's report has the evidence", "项，依据见该企业报告")
      return .cells(
        unnamed(count.factory, names) + [.text(writer.name(count.kind)), .text(findings)])
    }
    return [.table(table)]
  }

  // MARK: Shared by lists

  private var placeColumns: [DocumentTable.Column] {
    [
      .init(terms.factory, fullTitle: pick("Factory id", "企业编号"), namesFactory: true),
      .init(pick("Factory name", "企业名称")), .init(terms.workshop), .init(terms.line),
      .init(terms.equipment, fullTitle: pick("Equipment id", "设备编号")), .init(pick("Name", "设备名称")),
    ]
  }

  private func place(of one: Assessment, _ names: [String: String]) -> [Cell] {
    [
      .text(one.key.factory), .text(names[one.key.factory] ?? ""), .text(one.workshop), .text(one.line),
      .text(one.key.equipment), .text(one.name),
    ]
  }

  private func unnamed(_ factory: String, _ names: [String: String]) -> [Cell] {
    [.text(factory), .text(names[factory] ?? "")] + [Cell](repeating: .empty, count: 4)
  }

  /// Names of the factories in scope by id, in this language where there is one.
  private var factoryNames: [String: String] {
    let factories =
      if case .district(let ranking) = report.contents {
        ranking.factories.map(\.factory)
      } else {
        report.factory.map { [$0] } ?? []
      }
    return Dictionary(
      factories.map { ($0.id, terms.name(of: $0)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The reason of a status; empty for a status at one instant in a report on a period that is over.
  private func reason(of one: Assessment) -> String {
    guard report.observation.period.showsStates || !isState(one.standing) else { return "" }
    return sentences.reason(
      one.reason, horizon: one.horizon, isExact: one.evidence?.readings?.isExact ?? true)
  }
}
