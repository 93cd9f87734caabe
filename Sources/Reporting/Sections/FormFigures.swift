import Aggregation
import Register
import Telemetry

/// Figures that forms ask for, as part of section 2. Only those whose attributes the register states.
extension DocumentWriter {
  /// The form figures that the report has, in report order.
  private var formMetrics: [Metric] {
    Metric.formRatios.filter { report.figures.bounded($0) != nil }
  }

  func forms() -> [ReportDocument.Block] {
    guard !formMetrics.isEmpty else { return [] }
    let title = pick("Figures for forms", "填报指标")
    var table = DocumentTable(
      title,
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true), .init(pick("Of", "分子 / 分母"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true), .init(pick("Bounds", "上下界"), numeric: true),
        .init(pick("Source", "来源"), shrinksTo: 10, wraps: true),
      ])
    for metric in formMetrics {
      guard let bounded = report.figures.bounded(metric) else { continue }
      table.rows.append(
        .cells([
          .text(terms.name(metric)), amount(bounded.value, metric), .ratio(bounded.value),
          terms.bounds(bounded),
          .text(terms.brief(metric.source)),
        ]))
    }
    table.removeEmptyColumns()
    return [.prose(title, .strong), .table(table)] + absences(formMetrics) + contradictions()
      + effectiveness()
      + leftOut()
  }

  /// Declared numerators that telemetry does not confirm.
  private func contradictions() -> [ReportDocument.Block] {
    var blocks: [ReportDocument.Block] = []
    let window = terms.span(report.rules.networkedWindow)
    for metric in formMetrics where metric.source == .declared {
      guard let count = report.figures.count(of: metric),
        let confirmed = report.figures.confirmed(of: metric),
        confirmed < count.numerator
      else { continue }
      let (missing, all) = (terms.number(count.numerator - confirmed), terms.number(count.numerator))
      let name = terms.name(metric)
      blocks.append(
        .prose(
          metric == .cncRatio
            ? pick(
              "\(name): \(missing) of the \(all) machines declared numerically controlled sent nothing within \(window): they are declared only.",
              "\(name)：申报为数控的 \(all) 台设备中，有 \(missing) 台在 \(window)内无任何消息，仅有申报、无实测依据。")
            : pick(
              "\(name): of \(missing) of the \(all) steps declared numerically controlled, numerically controlled machines sent nothing within \(window): they are declared only.",
              "\(name)：申报为数控的 \(all) 道关键工序中，有 \(missing) 道的数控设备在 \(window)内无消息，仅有申报、无实测依据。"),
          .warning))
    }
    return blocks
  }

  /// The factors of overall equipment effectiveness, and the machines behind it.
  private func effectiveness() -> [ReportDocument.Block] {
    let sums = report.figures.time.effectiveness
    guard sums.declared > 0 else { return [] }
    let (measured, machines) = (terms.number(sums.measured), terms.number(report.figures.time.machines))
    let factors = [sums.availability, sums.effectiveness, sums.quality].map(terms.percent)
    var blocks: [ReportDocument.Block] = [
      .prose(
        pick(
          "\(terms.name(.oee)): \(measured) of \(machines) machines have an ideal cycle, a production calendar and counters; \(terms.number(sums.declared)) declare an ideal cycle. "
            + "Availability \(factors[0]), effectiveness \(factors[1]), quality \(factors[2]).",
          "\(terms.name(.oee))：\(machines) 台设备中有 \(measured) 台同时具备标准节拍、生产日历和产量计数，申报标准节拍的有 \(terms.number(sums.declared)) 台。"
            + "可用率 \(factors[0])，有效性 \(factors[1])，合格率 \(factors[2])。"), .faint)
    ]
    if sums.limited > 0 {
      blocks.append(
        .prose(
          pick(
            "\(terms.name(.oee)): the pieces of \(terms.number(sums.limited)) of these machines would have taken longer than the machines ran; "
              + "their effectiveness counts as 100 %. Correct ideal_cycle_s in the register.",
            "\(terms.name(.oee))：其中 \(terms.number(sums.limited)) 台按标准节拍计算的生产时间超过实际运行时间，有效性按 100% 计；请核实台账中的标准节拍。"
          ),
          .warning))
    }
    return blocks
  }

  /// Equipment without an asset value.
  private func leftOut() -> [ReportDocument.Block] {
    guard let missing = report.figures.leftOut(of: .automationRatioByValue), missing > 0 else { return [] }
    return [
      .prose(
        pick(
          "Ratios by asset value are of \(terms.many(report.figures.forms.valued, "machine", "machines", "")); "
            + "\(terms.many(missing, "machine declares", "machines declare", "")) no net asset value.",
          "按资产净值计算的占比仅含 \(terms.number(report.figures.forms.valued)) 台设备；另有 \(terms.number(missing)) 台未申报资产净值。"
        ),
        .faint)
    ]
  }
}
