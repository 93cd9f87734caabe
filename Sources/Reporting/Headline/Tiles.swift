import Aggregation
import Telemetry

/// The top of the document.
extension DocumentWriter {
  /// Conclusion and headline figures; nil for one machine, and for sections without the overview.
  var headline: Headline? {
    if case .equipment = report.scope { return nil }
    guard wanted?.contains(.overview) ?? true else { return nil }
    return Headline(
      sentences: conclusion().map(\.inert), tiles: report.headlineFigures.map(tile),
      note: note.inert, table: headlineTable)
  }

  /// The headline figures with their thresholds and changes; nil without figures.
  private var headlineTable: DocumentTable? {
    let figures = report.headlineFigures
    guard !figures.isEmpty else { return nil }
    var table = DocumentTable(
      pick("Headline figures", "核心指标"),
      [
        .init(pick("Figure", "指标")), .init(pick("Of", "分子 / 分母"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true), .init(pick("Threshold", "阈值")),
        .init(pick("Change, points", "变化，百分点"), numeric: true),
      ])
    table.rows = figures.map { figure in
      .cells([
        .text(terms.name(figure.metric)), amount(figure.count, figure.metric), .ratio(figure.count),
        threshold(figure).isEmpty ? .empty : .text(threshold(figure)),
        figure.change.map { .points($0) } ?? .empty,
      ])
    }
    return table
  }

  /// The period that the changes are measured against, or why there are none; empty if it was not read.
  private var note: String {
    guard let previous = report.previous, report.figures.equipment > 0 else { return "" }
    let days = terms.daysInSentence(previous.period)
    guard let absence = previous.absence else {
      return pick("Changes: against \(days).", "变化：与 \(days)相比。")
    }
    let reason =
      switch absence {
      case .notObserved: pick("\(days) was not observed", "\(days)无观测")
      case .insufficientData: pick("too little of \(days) was observed", "\(days)数据不足")
      case .insufficientNow: pick("the data of this period are insufficient", "本期数据不足")
      case .registerAssumed:
        pick("the register of \(days) is carried back from a later import", "\(days)的台账由此后导入的版本推定")
      case .noEquipment:
        pick("no equipment was in service \(terms.preposition(previous.period)) \(days)", "\(days)无在役生产设备")
      }
    return pick("No changes are given: \(reason).", "未列变化：\(reason)。")
  }

  private func tile(_ figure: HeadlineFigure) -> Headline.Tile {
    let count = figure.count
    let value = figure.absence == .notObserved ? terms.notObserved : terms.percent(count)
    let detail =
      figure.absence.map { $0 == .notObserved ? "" : terms.text($0) }
      ?? amount(count, figure.metric).text(terms, report.calendar)
    return Headline.Tile(
      label: terms.name(figure.metric), value: value, detail: detail, status: status(figure),
      threshold: threshold(figure),
      change: change(figure), course: report.trend?.course(of: figure.metric) ?? [])
  }

  private func change(_ figure: HeadlineFigure) -> String {
    guard let change = figure.change else { return "" }
    let points = figure.isChangeTiny ? "<0.1" : terms.points(change)
    return pick("\(points) points", "\(points) 个百分点")
  }

  private func status(_ figure: HeadlineFigure) -> Headline.Tile.Status {
    switch figure.threshold?.verdict.isMet {
    case true?: .met
    case false?: .missed
    case nil: .none
    }
  }

  private func threshold(_ figure: HeadlineFigure) -> String {
    guard let threshold = figure.threshold else { return "" }
    let share = "≥ \(Thousandths.text(threshold.verdict.rule.atLeast)) %"
    switch status(figure) {
    case .met: return pick("✓ met: \(share)", "✓ 达标：\(share)")
    case .missed: return pick("✗ not met: \(share)", "✗ 未达标：\(share)")
    case .none: return pick("not judged: \(share)", "不判定：\(share)")
    }
  }
}
