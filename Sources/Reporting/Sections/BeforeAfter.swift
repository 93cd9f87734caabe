import Aggregation
import Telemetry

/// Before and after the retrofit.
extension DocumentWriter {
  func beforeAfter() -> [ReportDocument.Block] {
    if let retrofit = report.retrofit { return comparison(retrofit) }
    return batches(report.batches)
  }

  private func comparison(_ retrofit: RetrofitComparison) -> [ReportDocument.Block] {
    let dates = retrofit.dates
    let done = dates.completedOn.map { pick("completed \($0)", "\($0) 完成") } ?? pick("under way", "进行中")
    let equipment = terms.many(
      dates.equipment, "machine with a date of its own", "machines with dates of their own", "台设备注明改造日期")
    let (before, after) = (pick("Before", "改造前"), pick("After", "改造后"))
    var table = DocumentTable(
      pick("Before and after the retrofit", "改造前后对比"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 12, wraps: true), .init(before, numeric: true),
        .init(pick("Ratio", "占比"), fullTitle: pick("Ratio before", "改造前占比"), numeric: true),
        .init(after, numeric: true),
        .init(pick("Ratio", "占比"), fullTitle: pick("Ratio after", "改造后占比"), numeric: true),
        .init(pick("Points", "百分点"), numeric: true),
      ])
    var slopes: [(label: String, before: Count, after: Count)] = []
    var reasons = Reasons()
    for metric in Metric.equipmentRatios.filter({ !$0.isState })
      + [.networkedTimeRatio]
    {
      guard let a = retrofit.before.figures.count(of: metric),
        let b = retrofit.after.figures.count(of: metric)
      else { continue }
      // A row without a ratio on either side says no more than the reason below the table.
      guard a.denominator > 0 || b.denominator > 0 else {
        for side in [retrofit.before, retrofit.after] {
          if let absence = side.figures.absence(of: metric) { reasons.add(terms.name(metric), absence) }
        }
        continue
      }
      func cells(_ count: Count, _ side: RetrofitComparison.Side) -> [Cell] {
        let absence = side.figures.absence(of: metric)
        if let absence, absence != .notObserved { reasons.add(terms.name(metric), absence) }
        return absence == .notObserved
          ? [.text(terms.notObserved), .empty] : [amount(count, metric), .ratio(count)]
      }
      table.rows.append(
        .cells(
          [.text(terms.name(metric))] + cells(a, retrofit.before) + cells(b, retrofit.after) + [points(a, b)])
      )
      if a.denominator > 0, b.denominator > 0, a.numerator > 0 || b.numerator > 0 {
        slopes.append((terms.name(metric), a, b))
      }
    }
    let begun = pick(
      "Retrofit begun \(dates.begunOn), \(done); \(equipment).", "改造始于 \(dates.begunOn)，\(done)；\(equipment)。"
    )
    return [
      .prose(begun, .plain), .fields([side(before, retrofit.before), side(after, retrofit.after)]),
      .table(table),
    ] + prose(reasons) + picture(before, after, slopes) + energy(retrofit)
  }

  /// The ratios as lines; none if all lines are level, for they show nothing.
  private func picture(
    _ before: String, _ after: String, _ slopes: [(label: String, before: Count, after: Count)]
  ) -> [ReportDocument.Block] {
    guard slopes.contains(where: { points($0.before, $0.after) != .points(0) }) else { return [] }
    return [
      .chart(
        Chart(
          title: pick("Ratios before and after the retrofit", "改造前后各项占比"),
          description: pick(
            "A line for each ratio, from its value before the retrofit to its value after it.",
            "每项占比一条线，自改造前至改造后。"),
          content: .slopes(before: before, after: after, slopes)))
    ]
  }

  /// The days over which an end was measured, and whether its figures are reliable.
  private func side(_ label: String, _ side: RetrofitComparison.Side) -> ReportDocument.Field {
    let period = side.observation.period
    var text = pick("\(period.firstDay) to \(period.lastDay)", "\(period.firstDay) 至 \(period.lastDay)")
    text += pick(
      ", observed \(terms.percent(side.observation.coverage))",
      "，观测 \(terms.percent(side.observation.coverage))")
    if side.isSufficient { return .init(label: label, value: text) }
    if !side.observation.isSufficient { text += pick(": INSUFFICIENT DATA", "：数据不足") }
    if side.isAssumed {
      text += pick(
        "; the register's rows are carried back from the first import", "；台账由首次导入推定")
    }
    return .init(label: label, value: text, style: .warning)
  }

  private func energy(_ retrofit: RetrofitComparison) -> [ReportDocument.Block] {
    let (a, b) = (retrofit.before.figures.time, retrofit.after.figures.time)
    guard a.hasEnergy || b.hasEnergy else { return [] }
    let name = pick("Energy per good piece", "单位产品能耗")
    var reasons = Reasons()
    func intensity(_ figures: Figures) -> Cell {
      if let known = figures.time.energyIntensity { return .decimal(known) }
      if figures.isUnobserved { return .text(terms.notObserved) }
      if let absence = figures.intensityAbsence { reasons.add(name, absence) }
      return .text(terms.notApplicable)
    }
    var table = DocumentTable(
      pick("Energy before and after the retrofit", "改造前后用能"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 12, wraps: true), .init(pick("Before", "改造前"), numeric: true),
        .init(pick("After", "改造后"), numeric: true), .init(pick("Change", "变化"), numeric: true),
      ])
    func amount(_ value: Int64, of side: RetrofitComparison.Side, _ isCounted: Bool) -> Cell {
      if value == 0, side.figures.isUnobserved { return .text(terms.notObserved) }
      if !isCounted { reasons.add(pick("Energy", "用电量"), .noMeter) }
      return isCounted ? .thousandths(value) : .text(terms.notApplicable)
    }
    let sides = (retrofit.before, retrofit.after)
    table.rows = [
      .cells([
        .text(pick("Energy, kWh", "用电量，kWh")), amount(a.energy, of: sides.0, a.hasEnergy),
        amount(b.energy, of: sides.1, b.hasEnergy), .empty,
      ]),
      .cells([
        .text(pick("Good pieces", "合格品，件")), amount(a.output, of: sides.0, true),
        amount(b.output, of: sides.1, true), .empty,
      ]),
      .cells([
        .text(pick("Energy per good piece, kWh", "单位产品能耗，kWh/件")), intensity(sides.0.figures),
        intensity(sides.1.figures),
        retrofit.intensityChange.map { .text(terms.points($0) + " %") } ?? .empty,
      ]),
    ]
    // A row of two reasons is in the line below the table.
    table.rows.removeAll { row in
      row.cells?[1...2].allSatisfy { if case .text = $0 { true } else { false } } ?? false
    }
    return (table.rows.isEmpty ? [] : [.table(table)]) + prose(reasons)
  }

  /// The change of a ratio in tenths of a percentage point, rounded towards zero; empty if either end has no ratio.
  func points(_ a: Count, _ b: Count) -> Cell {
    a.tenthsOfPoints(to: b).map { .points($0) } ?? .empty
  }

  // MARK: A district's batches

  private func batches(_ batches: [RetrofitBatch]) -> [ReportDocument.Block] {
    guard !batches.isEmpty else { return [] }
    let metrics: [Metric] = [.automationRatio, .digitalizationRatio, .networkedRatio]
    var table = DocumentTable(
      pick("Factories by the month their retrofit was completed in", "按改造完成月份分批"),
      [
        .init(pick("Completed", "完成月份")), .init(pick("Factories", "企业"), numeric: true),
        .init(pick("Sufficient", "数据充分"), numeric: true),
      ])
    for metric in metrics {
      table.columns += [
        .init(terms.short(metric) + pick(" before", "前"), numeric: true),
        .init(pick("after", "后"), fullTitle: terms.short(metric) + pick(" after", "后"), numeric: true),
      ]
    }
    for batch in batches {
      let month = batch.month.map { String($0.description.prefix(7)) } ?? pick("under way", "进行中")
      table.rows.append(
        .cells(
          [.text(month), .number(batch.factories), .number(batch.sufficient)]
            + metrics.flatMap { metric -> [Cell] in
              [batch.before, batch.after].map { figures in
                if figures.absence(of: metric) == .notObserved { return .text(terms.notObserved) }
                return figures.count(of: metric).map { .ratio($0) } ?? .empty
              }
            }))
    }
    return [
      .table(table),
      .prose(
        pick(
          "Before: at the end of the thirty days before a factory's retrofit began. After: at the end of the thirty "
            + "days from its completion, or now while it is under way. Pooled over all factories.",
          "改造前：改造开始前 30 天期末。改造后：完成后 30 天期末，进行中的取当前。按全部企业合计。"), .faint),
    ]
  }
}
