import Aggregation
import Telemetry

/// The picture of declared and measured figures beside a ranking.
extension DocumentWriter {
  /// Maximum number of factories in the picture; with more, its dots lie on one another.
  private static let mostDots = 360

  /// Declared and measured figure of each factory, the largest gap first; none if there is nothing to compare.
  func declaredGaps(_ ranking: Report.Ranking) -> [ReportDocument.Block] {
    guard ranking.order.metric.declaredCounterpart != nil else { return [] }
    let found = ranking.factories.filter(\.isRegistered).compactMap { summary in
      summary.figures.declaredGap.map { (id: summary.factory.id, figures: summary.figures, gap: $0) }
    }
    // The ids make the order of equal gaps complete.
    let gaps = found.sorted { a, b in
      a.gap.isLarger(than: b.gap) || !b.gap.isLarger(than: a.gap) && a.id < b.id
    }
    guard let first = gaps.first, gaps.count <= Self.mostDots else { return [] }
    let rows = gaps.compactMap { gap -> Chart.Dots.Row? in
      guard let declared = gap.figures.count(of: .connectableRatio),
        let measured = gap.figures.count(of: .networkedRatio)
      else { return nil }
      return .init(label: gap.id, declared: declared, measured: measured)
    }
    let most =
      first.gap.numerator > 0
      ? rows.first.map { row in
        pick(
          " The largest gap: \(row.label), \(terms.percent(row.declared)) declared, "
            + "\(terms.percent(row.measured)) networked.",
          "差距最大：\(row.label)，申报 \(terms.percent(row.declared))，联网 \(terms.percent(row.measured))。")
      } ?? "" : ""
    return [
      .chart(
        Chart(
          title: finding(
            gaps.count { $0.gap.numerator > 0 }, of: gaps.count { $0.figures.connectable > 0 }),
          description: pick(
            "For each factory, the largest gap first: a ring for the share of equipment declared as connectable, a dot "
              + "for the share that is networked.",
            "每家企业一组，差距大者在前：圆环为申报可联网率，圆点为设备联网率。") + most,
          content: .dots(
            .init(
              declared: terms.name(Metric.connectableRatio), measured: terms.name(Metric.networkedRatio),
              rows: rows))))
    ]
  }

  /// `12 of 179 factories that declare connectable equipment and were observed declare more than is networked`. The
  /// base has no factory that declares none or has no measured figure: it cannot declare more than is networked.
  private func finding(_ factories: Int, of all: Int) -> String {
    let (number, total) = (terms.number(factories), terms.number(all))
    let those =
      all == 1
      ? "factory that declares connectable equipment and was observed"
      : "factories that declare connectable equipment and were observed"
    switch (factories, all) {
    case (_, 0):
      return pick("No factory that was observed declares connectable equipment", "有观测的企业均未申报可联网设备")
    case (0, _):
      return pick(
        "None of \(total) \(those) declares more than is networked",
        "申报有可联网设备且有观测的 \(total) 家企业，申报可联网率均不高于设备联网率")
    default:
      return pick(
        "\(number) of \(total) \(those) \(factories == 1 ? "declares" : "declare") more than is networked",
        "申报有可联网设备且有观测的 \(total) 家企业中，有 \(number) 家申报可联网率高于设备联网率")
    }
  }
}
