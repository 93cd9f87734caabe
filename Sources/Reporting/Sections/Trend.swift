import Aggregation
import Telemetry

/// The course of the headline figures over months or days.
extension DocumentWriter {
  /// A chart for each figure that has a course, and a table of all of them.
  func trend() -> (aside: String, blocks: [ReportDocument.Block]) {
    guard let trend = report.trend else { return ("", []) }
    let courses = HeadlineFigure.metrics.compactMap { metric in
      trend.course(of: metric).map { (metric: metric, counts: $0) }
    }
    guard !courses.isEmpty else { return ("", []) }
    let days = trend.steps.map(\.period.firstDay)
    let charts = courses.map { metric, counts in
      ReportDocument.Block.chart(
        Chart(
          title: finding(metric, trend), description: description(counts, trend),
          content: .course(name: terms.name(metric), days: days, counts: counts)))
    }
    let number = terms.number(trend.steps.count)
    let aside =
      switch trend.unit {
      case .month: pick("\(number) months", "\(number) 个月")
      case .day: pick("\(number) days", "\(number) 日")
      }
    return (aside, charts + [.table(table(trend, courses.map(\.metric), days))] + leftOut(trend))
  }

  private func table(_ trend: Trend, _ metrics: [Metric], _ days: [CalendarDay]) -> DocumentTable {
    var table = DocumentTable(
      pick("Course of the headline figures", "核心指标走势"),
      [.init(terms.step(days))]
        + metrics.map { .init(terms.short($0), fullTitle: terms.name($0), numeric: true) }
        + [.init(pick("Without figures because", "无指标值原因"), shrinksTo: 12, wraps: true)])
    table.rows = trend.steps.map { step in
      let ratios = metrics.map { metric in step.count(of: metric).map { Cell.ratio($0) } ?? .empty }
      let reason = step.absence.map { Cell.text(terms.reason($0)) } ?? .empty
      return .cells([Chart.cell(ofStep: step.period.firstDay, in: days)] + ratios + [reason])
    }
    if trend.steps.allSatisfy({ $0.absence == nil }) { table.removeEmptyColumns() }
    // The charts show the course; on a terminal the last steps are enough.
    if table.rows.count > Self.rowsShown + 2 {
      table.brief = Array(table.rows.indices.suffix(Self.rowsShown))
    }
    table.repeatsCharts = true
    table.isCourse = true
    return table
  }

  /// Earlier periods that were not read.
  private func leftOut(_ trend: Trend) -> [ReportDocument.Block] {
    guard trend.leftOut > 0 else { return [] }
    let command = command("--trend")
    let english =
      switch trend.unit {
      case .month: terms.many(trend.leftOut, "earlier month is", "earlier months are", "")
      case .day: terms.many(trend.leftOut, "earlier day is", "earlier days are", "")
      }
    let number = terms.number(trend.leftOut)
    let chinese = trend.unit == .month ? "此前 \(number) 个月" : "此前 \(number) 日"
    return [
      .prose(
        pick(
          "\(english) left out, because reading so many machines takes long: \(command)",
          "设备数量较多，\(chinese)未读取。如需读取：\(command)"), .faint)
    ]
  }

  // MARK: Texts of a chart

  /// A step that has the figure.
  private typealias Point = (period: Period, count: Count)

  private func points(_ trend: Trend, _ metric: Metric) -> [Point] {
    trend.steps.compactMap { step in step.count(of: metric).map { (step.period, $0) } }
  }

  /// `Networked coverage rose from 93.1 % in March 2024 to 95.9 % in August 2024 (+2.8 points)`.
  private func finding(_ metric: Metric, _ trend: Trend) -> String {
    let points = points(trend, metric)
    let name = terms.name(metric)
    guard let first = points.first, let last = points.last,
      let change = first.count.tenthsOfPoints(to: last.count)
    else { return name }
    let (from, to) = (when(first.period), when(last.period))
    let (before, after) = (terms.percent(first.count), terms.percent(last.count))
    guard change != 0 else {
      return first.count.hasSameRatio(as: last.count)
        ? pick(
          "\(name) was \(after) \(from.english) and \(to.english)",
          "\(name)在 \(from.chinese)和 \(to.chinese)均为 \(after)")
        : pick(
          "\(name) changed by less than 0.1 points: \(before) \(from.english), \(after) \(to.english)",
          "\(name)变化不足 0.1 个百分点：\(from.chinese) \(before)，\(to.chinese) \(after)")
    }
    let size = terms.points(Int(clamping: change.magnitude)).dropFirst()
    return pick(
      "\(name) \(change > 0 ? "rose" : "fell") from \(before) \(from.english) to \(after) \(to.english) "
        + "(\(terms.points(change)) points)",
      "\(name)由 \(from.chinese)的 \(before) \(change > 0 ? "升至" : "降至") \(to.chinese)的 \(after)，"
        + "\(change > 0 ? "上升" : "下降") \(size) 个百分点")
  }

  /// `in March 2024`, `on 5 March 2024`.
  private func when(_ period: Period) -> (english: String, chinese: String) {
    let days = terms.days(period)
    return (terms.preposition(period) + " " + days, days)
  }

  /// For a reader who cannot see the chart: number of steps, the lowest and the highest ratio, and the missing ones.
  private func description(_ counts: [Count?], _ trend: Trend) -> String {
    let known = trend.steps.indices.compactMap { place in counts[place].map { (place: place, count: $0) } }
    guard let low = known.min(by: { $1.count.isLarger(than: $0.count) }),
      let high = known.max(by: { $1.count.isLarger(than: $0.count) })
    else { return "" }
    func text(_ point: (place: Int, count: Count)) -> String {
      let period = trend.steps[point.place].period
      return pick(
        "\(terms.percent(point.count)) \(when(period).english)",
        "\(when(period).chinese) \(terms.percent(point.count))")
    }
    let missing = counts.count - known.count
    let (all, gaps) = (terms.number(counts.count), terms.number(missing))
    let isMonthly = trend.unit == .month
    return pick(
      "A point for each of \(all) \(isMonthly ? "months" : "days"). Lowest: \(text(low)); highest: \(text(high))."
        + (missing > 0 ? " Without a figure: \(gaps)." : ""),
      "每\(isMonthly ? "月" : "日")一点，共 \(all) 点。最低：\(text(low))；最高：\(text(high))。"
        + (missing > 0 ? "无指标值：\(gaps) 点。" : ""))
  }
}

extension Terms {
  /// Why a period has no figures to compare.
  func reason(_ absence: PreviousPeriod.Absence) -> String {
    switch absence {
    case .notObserved: notObserved
    case .insufficientData, .insufficientNow: pick("insufficient data", "数据不足")
    case .registerAssumed: pick("register carried back from a later import", "台账由此后导入的版本推定")
    case .noEquipment: pick("no equipment in service", "无在役生产设备")
    }
  }
}
