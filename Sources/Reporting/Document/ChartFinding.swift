import Aggregation
import Telemetry

/// The finding of a chart as one sentence, for its title.
extension ReportDocument {
  /// The finding of the chart: the highest, the lowest or the longest in it. Empty for a chart that has none.
  public func finding(of chart: Chart) -> String {
    let terms = Terms(language)
    return switch chart.content {
    // The title of these is their finding.
    case .bars, .histogram, .dots, .course: ""
    case .slopes(_, _, let slopes): terms.finding(slopes)
    case .heat(_, let rows): terms.finding(rows)
    case .columns(let days, let unit, let series): terms.finding(days, unit, series)
    case .gantt(_, let rows): terms.finding(rows)
    }
  }
}

extension Chart {
  /// Whether steps are days, not months. Two steps may be a day apart though later ones are months: the last day of a
  /// month, and the month after it.
  static func isDaily(_ days: [CalendarDay]) -> Bool {
    guard let first = days.first, let last = days.last else { return true }
    return Int(last.number) - Int(first.number) == days.count - 1
  }
}

extension Terms {
  /// The ratio that changed most, the first of several. Changes are those of the table: in tenths of a percentage point,
  /// rounded towards zero.
  fileprivate func finding(_ slopes: [(label: String, before: Count, after: Count)]) -> String {
    let changes = slopes.compactMap { slope in
      slope.before.tenthsOfPoints(to: slope.after).map { (slope: slope, tenths: $0) }
    }
    guard let most = changes.max(by: { $0.tenths.magnitude < $1.tenths.magnitude }) else { return "" }
    guard most.tenths != 0 else {
      return changes.allSatisfy { $0.slope.before.hasSameRatio(as: $0.slope.after) }
        ? pick("No ratio changed.", "各项占比均无变化。")
        : pick("No ratio changed by 0.1 percentage points or more.", "各项占比变化均不足 0.1 个百分点。")
    }
    return pick(
      "\(most.slope.label) changed most: \(points(most.tenths)) percentage points.",
      "\(most.slope.label)变化最大：\(points(most.tenths)) 个百分点。")
  }

  /// The rows with the lowest and the highest ratio over all days.
  fileprivate func finding(_ rows: [(label: String, counts: [Count?])]) -> String {
    let sums = rows.compactMap { row -> (label: String, count: Count)? in
      let counts = row.counts.compactMap(\.self)
      let sum = Count(
        counts.reduce(0) { $0.addingSaturated($1.numerator) },
        of: counts.reduce(0) { $0.addingSaturated($1.denominator) })
      return sum.denominator > 0 ? (row.label, sum) : nil
    }
    guard sums.count > 1, let low = sums.min(by: { $1.count.isLarger(than: $0.count) }),
      let high = sums.max(by: { $1.count.isLarger(than: $0.count) }), high.count.isLarger(than: low.count)
    else { return "" }
    let (least, most) = (percent(low.count), percent(high.count))
    return pick(
      "Lowest over the period: \(low.label), \(least); highest: \(high.label), \(most).",
      "本期最低：\(low.label)，\(least)；最高：\(high.label)，\(most)。")
  }

  /// The day or month with the highest sum, the first of several.
  fileprivate func finding(
    _ days: [CalendarDay], _ unit: String, _ series: [(label: String, values: [Int64])]
  ) -> String {
    let sums = days.indices.map { place in
      series.reduce(Int64(0)) { sum, one in
        place < one.values.count ? sum.addingSaturated(max(0, one.values[place])) : sum
      }
    }
    guard let most = sums.max(), most > 0, let place = sums.firstIndex(of: most) else { return "" }
    let amount = thousandths(most) + " " + unit
    if !Chart.isDaily(days) {
      let month = String(days[place].description.prefix(7))
      return pick("Highest in \(month): \(amount).", "最高月份为 \(month)：\(amount)。")
    }
    let name = weekday(days[place])
    return pick("Highest on \(name) \(days[place]): \(amount).", "最高日为 \(days[place])（\(name)）：\(amount)。")
  }

  /// The equipment that was not heard for the longest time in sum, the first of several; of one machine its own time.
  fileprivate func finding(_ rows: [(label: String, spans: [Chart.StateSpan])]) -> String {
    let lost = rows.map { row in
      row.spans.filter { $0.kind == .off }
        .reduce(Int64(0)) { $0.addingSaturated(max(0, ($1.until - $1.from).milliseconds)) }
    }
    guard let most = lost.max(), most > 0, let place = lost.firstIndex(of: most) else { return "" }
    let time = hours(Int(clamping: most))
    if rows.count == 1 {
      return pick("\(rows[0].label): not heard for \(time) h.", "\(rows[0].label)：失联累计 \(time) 小时。")
    }
    return pick(
      "Of these, not heard for the longest time: \(rows[place].label), \(time) h.",
      "图中设备失联最久：\(rows[place].label)，累计 \(time) 小时。")
  }

  /// The short name of a day's weekday.
  func weekday(_ day: CalendarDay) -> String {
    let english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    let place = max(0, min(6, day.weekday - 1))
    return pick(english[place], chinese[place])
  }
}
