import Aggregation
import Telemetry

/// 11 What to do next, and what it gains.
extension DocumentWriter {
  func actions() -> [ReportDocument.Block] {
    guard !report.actions.isEmpty else { return [] }
    var table = DocumentTable(
      pick("What to do next, the largest gain first", "整改建议，按提升幅度排序"),
      [
        .init("#", numeric: true), .init(pick("What to do", "措施"), shrinksTo: 20, wraps: true),
        .init(pick("Figure", "指标"), shrinksTo: 10, wraps: true), .init(pick("Now", "当前"), numeric: true),
        .init(pick("Then", "完成后"), numeric: true),
        .init(pick("Threshold", "阈值"), shrinksTo: 12, wraps: true),
      ])
    for (index, action) in report.actions.enumerated() {
      table.rows.append(
        .cells([
          .number(index + 1), .text(text(action)), .text(terms.name(action.rule.metric)),
          .ratio(action.before),
          .ratio(action.after), .text(thresholds(action)),
        ]))
    }
    table.brief = Array(report.actions.indices.prefix(Self.rowsShown))
    return [.table(table)]
  }

  private func text(_ action: Action) -> String {
    let place = action.workshop.isEmpty ? terms.none : action.workshop
    return pick(action.rule.textEnglish, action.rule.textChinese)
      .replacing("{count}", with: terms.number(action.equipment.count))
      .replacing("{place}", with: place)
      .replacing("{equipment}", with: action.equipment.joined(separator: pick(", ", "、")))
  }

  private func thresholds(_ action: Action) -> String {
    if !action.reaches.isEmpty {
      return pick("reaches ", "达到 ") + action.reaches.map(name).joined(separator: pick(", ", "、"))
    }
    guard let next = action.next else { return "" }
    return pick("\(terms.number(next.missing)) short of ", "距 ") + name(next.threshold)
      + pick("", " 尚缺 \(terms.number(next.missing)) 台")
  }

  private func name(_ threshold: Threshold) -> String {
    let share = (threshold.isExclusive ? "> " : "≥ ") + Thousandths.text(threshold.share) + " %"
    let title = pick(threshold.policy.titleEnglish, threshold.policy.titleChinese)
    let band = threshold.band.isEmpty ? "" : pick(" level ", " 等级 ") + threshold.band
    return pick("\(share) (\(title)\(band))", "\(share)（\(title)\(band)）")
  }
}
