import Aggregation
import Telemetry

/// The next actions and their gain, directly below the key figures.
extension DocumentWriter {
  func actions() -> [ReportDocument.Block] {
    if report.scope == .district { return districtActions() }
    guard !report.actions.isEmpty else { return requests() }
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
    return [.table(table)] + requests()
  }

  private func text(_ action: Action) -> String {
    let place = action.workshop.isEmpty ? terms.none : action.workshop
    return pick(action.rule.textEnglish, action.rule.textChinese)
      .filled("{count}", with: terms.number(action.equipment.count))
      .filled("{place}", with: place)
      .filled("{equipment}", with: list(action.equipment))
      .filled("{remedy}", with: action.refusal.map(remedies.remedy) ?? "")
  }

  private func thresholds(_ action: Action) -> String {
    if !action.reaches.isEmpty {
      return pick("reaches ", "达到 ") + action.reaches.map(name).joined(separator: pick(", ", "、"))
    }
    guard let next = action.next else { return "" }
    return pick("\(terms.number(next.missing)) short of ", "距 ") + name(next.threshold)
      + pick("", "尚缺 \(terms.number(next.missing)) 台")
  }

  private func name(_ threshold: Threshold) -> String {
    let share = (threshold.isExclusive ? "> " : "≥ ") + Thousandths.text(threshold.share) + " %"
    let title = pick(threshold.policy.titleEnglish, threshold.policy.titleChinese)
    let band = threshold.band.isEmpty ? "" : pick(" level ", "，等级 ") + threshold.band
    return pick("\(share) (\(title)\(band))", "\(share)（\(title)\(band)）")
  }
}

extension String {
  /// Returns the text with the placeholder replaced, with a space where Chinese meets Latin letters or digits.
  fileprivate func filled(_ placeholder: String, with value: String) -> String {
    guard let range = firstRange(of: placeholder) else { return self }
    let (before, after) = (self[..<range.lowerBound], String(self[range.upperBound...]))
    return before + Self.chineseSpace(before.last, value.first) + value
      + Self.chineseSpace(value.last, after.first) + after.filled(placeholder, with: value)
  }
}
