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
      + caveats()
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

  /// Machines that figures leave out, and limits that apply to them. Ratios by asset value have one sentence together.
  private func caveats() -> [ReportDocument.Block] {
    let stop = pick(".", "。")
    return caveats(.oee).map { caveat in
      .prose(
        terms.name(.oee) + pick(": ", "：") + caveat.text + stop, caveat.isWarning ? .warning : .faint)
    } + caveats(.automationRatioByValue).map { .prose($0.text + stop, .faint) }
  }
}
