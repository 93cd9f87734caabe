import Aggregation
import Telemetry

extension TextWriter {
  // MARK: 3 Policies

  /// Each policy asked for: what it wants, what there is, and what is missing.
  mutating func policies() {
    for verdict in report.policies { policy(verdict) }
    guard !report.policies.isEmpty else { return }
    page.prose(
      pick(
        "Thresholds are held against the counts, not the percent printed. Where an authority's own text "
          + "differs, it decides, not this comparison.",
        "对标按计数比较，不按显示的百分比。与主管部门原文不一致时，以原文为准。"), .faint)
  }

  private mutating func policy(_ verdict: PolicyVerdict) {
    let policy = verdict.policy
    page.heading(
      pick("POLICY", "对标") + " " + pick(policy.titleEnglish, policy.titleChinese).inert,
      verdict.rules.isEmpty ? "" : word(verdict.isMet))
    var table = Table(columns: [
      .init(title: "", shrinksTo: 16), .init(title: "", right: true), .init(title: "", right: true),
      .init(title: "", shrinksTo: 12),
    ])
    for rule in verdict.rules {
      table.rows.append([
        terms.name(rule.rule.metric),
        "\(page.glyphs.unicode ? "≥" : ">=") \(Thousandths.text(rule.rule.atLeast)) %",
        terms.percent(rule.count), remark(rule),
      ])
    }
    for band in verdict.bands {
      table.rows.append([terms.name(band.metric), "", terms.percent(band.count), level(band)])
    }
    page.table(table)
    if !verdict.missingFigures.isEmpty {
      let names = verdict.missingFigures.map(terms.name).joined(separator: pick(", ", "、"))
      page.prose(
        pick(
          "There is no figure for \(names): it is neither met nor unmet.",
          "\(names)无指标值：既不判达标，也不判未达标。"))
    }
    page.prose(origin(policy), .faint)
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
    return verdict.band.map { pick("level ", "等级 ") + $0.name.inert } ?? pick("no level", "未入级")
  }

  /// Who published the thresholds, when and from where they were taken down, and what a reader must know.
  private func origin(_ policy: Policy) -> String {
    let body = pick(policy.issuingBodyEnglish, policy.issuingBodyChinese).inert
    let note = pick(policy.noteEnglish, policy.noteChinese).inert
    return pick(
      "Issued by: \(body). Taken down: \(policy.date). Source: \(policy.source.inert). \(note)",
      "发布：\(body)。摘录日期：\(policy.date)。来源：\(policy.source.inert)。\(note)")
  }
}
