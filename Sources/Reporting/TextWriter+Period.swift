import Aggregation
import Telemetry

extension TextWriter {
  // MARK: 7, 8 Connectivity, availability, utilisation, quality over the period

  /// The ratios over the period, with the bounds that what was not observed leaves open.
  mutating func periodFigures() {
    let period = report.observation.period
    page.heading(
      pick("OVER THE PERIOD", "周期指标"),
      pick("\(period.firstDay) to \(period.lastDay)", "\(period.firstDay) 至 \(period.lastDay)"))
    var table = Table(columns: [
      .init(title: "", shrinksTo: 16), .init(title: "", right: true), .init(title: "", right: true),
      .init(title: "", right: true),
    ])
    for metric in Metric.timeRatios {
      guard let bounded = report.figures.bounded(metric) else { continue }
      table.rows.append([
        terms.name(metric), amount(bounded.value, metric), terms.percent(bounded.value),
        terms.bounds(bounded),
      ])
    }
    page.table(table)
    let hasBounds = Metric.timeRatios.contains { metric in
      report.figures.bounded(metric).map { !terms.bounds($0).isEmpty } ?? false
    }
    if hasBounds {
      page.prose(
        pick(
          "The range is what the figure could be, had everything unobserved been off, or on.",
          "区间为未观测时间全部按离线或全部按在线计算的结果。"), .faint)
    }
    energy()
  }

  /// Numerator and denominator in their unit: hours, slots or pieces.
  private func amount(_ count: Count, _ metric: Metric) -> String {
    guard count.denominator > 0 else { return "" }
    switch metric {
    case .uploadRatio: return terms.fraction(count)
    case .qualityRatio:
      return terms.fraction(Count(count.numerator / 1000, of: count.denominator / 1000))
    default:
      return hours(count.numerator) + " / " + hours(count.denominator) + " " + pick("h", "小时")
    }
  }

  private func hours(_ milliseconds: Int) -> String {
    let tenths = milliseconds / 360_000
    return terms.number(tenths / 10) + ".\(tenths % 10)"
  }

  // MARK: 9 Energy

  private mutating func energy() {
    let time = report.figures.time
    guard time.hasEnergy else { return }
    let energy = Thousandths.text(time.energy)
    if let intensity = time.energyIntensity {
      page.prose(
        pick(
          "Energy \(energy) kWh for \(Thousandths.text(time.good)) good pieces: \(intensity) kWh each.",
          "用电 \(energy) kWh，合格品 \(Thousandths.text(time.good)) 件，单位产品能耗 \(intensity) kWh。"))
    } else {
      page.prose(
        pick("Energy \(energy) kWh; no good pieces were counted.", "用电 \(energy) kWh；无合格品计数。"))
    }
  }

  // MARK: 10 Alarms

  mutating func alarms() {
    let alarms = report.figures.time.alarmsByFrequency
    guard !alarms.isEmpty else { return }
    page.heading(
      pick("ALARMS", "报警"), terms.many(alarms.reduce(0) { $0 + $1.raised }, "raised", "raised", "次"))
    var table = Table(columns: [
      .init(title: pick("Code", "代码"), shrinksTo: 8), .init(title: pick("Raised", "次数"), right: true),
    ])
    for alarm in alarms.prefix(Self.gapsShown) {
      table.rows.append([alarm.code.inert, terms.number(alarm.raised)])
    }
    page.table(table)
  }
}
