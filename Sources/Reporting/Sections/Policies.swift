import Aggregation
import Telemetry

/// Section 3: the requested policies, each with its thresholds, the actual figures, and the shortfall.
extension DocumentWriter {
  func policies() -> [ReportDocument.Block] {
    guard !report.policies.isEmpty else { return [] }
    return report.policies.flatMap(policy) + [
      .prose(
        pick(
          "Thresholds are held against the counts, not the percent printed. Where an authority's own text "
            + "differs, it decides, not this comparison.",
          "对标按计数比较，不按显示的百分比。与主管部门原文不一致时，以原文为准。"), .faint)
    ]
  }

  private func policy(_ verdict: PolicyVerdict) -> [ReportDocument.Block] {
    let policy = verdict.policy
    let title = pick(policy.titleEnglish, policy.titleChinese)
    var table = DocumentTable(
      title,
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true),
        .init(pick("Threshold", "阈值"), numeric: true),
        .init(pick("Ratio", "占比"), numeric: true), .init(pick("Verdict", "结论"), shrinksTo: 12, wraps: true),
      ])
    for rule in verdict.rules {
      table.rows.append(
        .cells([
          .text(terms.name(rule.rule.metric)), .text("≥ \(Thousandths.text(rule.rule.atLeast)) %"),
          .ratio(rule.count), .text(remark(rule)),
        ]))
    }
    for band in verdict.bands {
      table.rows.append(
        .cells([.text(terms.name(band.metric)), .empty, .ratio(band.count), .text(level(band))]))
    }
    var heading = title
    if !verdict.rules.isEmpty { heading += pick(": ", "：") + word(verdict.isMet) }
    var blocks: [ReportDocument.Block] = [.prose(heading, .strong), .table(table)]
    if !verdict.missingFigures.isEmpty {
      let names = verdict.missingFigures.map { metric in
        let reason = report.figures.absence(of: metric).map(terms.text)
        return terms.name(metric) + (reason.map { pick(" (\($0))", "（\($0)）") } ?? "")
      }.joined(separator: pick(", ", "、"))
      blocks.append(
        .prose(
          pick(
            "There is no figure for \(names): it is neither met nor unmet.",
            "\(names)无指标值：既不判达标，也不判未达标。"), .plain))
    }
    return blocks + [.prose(origin(policy), .faint)]
  }

  private func word(_ isMet: Bool?) -> String {
    isMet.map { $0 ? pick("met", "达标") : pick("not met", "未达标") }
      ?? pick("neither met nor unmet", "不判定")
  }

  private func remark(_ verdict: PolicyVerdict.RuleVerdict) -> String {
    guard verdict.isMet == false, Metric.equipmentRatios.contains(verdict.rule.metric) else {
      return word(verdict.isMet)
    }
    return word(false)
      + pick(": \(terms.number(verdict.missing)) more needed", "：尚缺 \(terms.number(verdict.missing)) 台")
  }

  private func level(_ verdict: PolicyVerdict.BandVerdict) -> String {
    if verdict.count.denominator == 0 { return pick("no figure", "无指标值") }
    return verdict.band.map { pick("level ", "等级 ") + $0.name } ?? pick("no level", "未入级")
  }

  /// The publisher of the thresholds, where and when they were retrieved, and any note.
  private func origin(_ policy: Policy) -> String {
    let body = pick(policy.issuingBodyEnglish, policy.issuingBodyChinese)
    let note = pick(policy.noteEnglish, policy.noteChinese)
    return pick(
      "Issued by: \(body). Retrieved \(policy.date). Source: \(policy.source). \(note)",
      "发布：\(body)。摘录日期：\(policy.date)。来源：\(policy.sourceChinese)。\(note)")
  }
}
