import Aggregation
import Telemetry

extension TextWriter {
  // MARK: 3 Policies

  /// Each policy asked for: what it wants, what there is, and what is missing.
  mutating func policies() {
    for verdict in report.policies {
      let policy = verdict.policy
      page.heading(
        pick("POLICY", "对标") + " " + pick(policy.titleEnglish, policy.titleChinese).inert, word(verdict.isMet)
      )
      var table = Table(columns: [
        .init(title: "", shrinksTo: 16), .init(title: "", right: true), .init(title: "", right: true),
        .init(title: ""),
      ])
      for rule in verdict.rules {
        table.rows.append([
          terms.name(rule.rule.metric), "≥ \(Thousandths.text(rule.rule.atLeast)) %",
          terms.percent(rule.count),
          remark(rule),
        ])
      }
      for band in verdict.bands {
        let reached = band.band.map { pick("level ", "等级 ") + $0.name.inert } ?? pick("no level", "未入级")
        table.rows.append([terms.name(band.metric), "", terms.percent(band.count), reached])
      }
      page.table(table)
      page.prose(
        [
          pick(policy.issuingBodyEnglish, policy.issuingBodyChinese), policy.date.description, policy.source,
          pick(policy.noteEnglish, policy.noteChinese),
        ].map(\.inert).joined(separator: pick(" · ", " · ")), .faint)
    }
  }

  private func word(_ isMet: Bool?) -> String {
    isMet.map { $0 ? pick("met", "达标") : pick("not met", "未达标") } ?? ""
  }

  private func remark(_ verdict: PolicyVerdict.RuleVerdict) -> String {
    guard verdict.isMet == false else { return word(verdict.isMet) }
    guard Metric.equipmentRatios.contains(verdict.rule.metric) else { return word(false) }
    return word(false)
      + pick(": \(terms.number(verdict.missing)) more needed", "：尚缺 \(terms.number(verdict.missing)) 台")
  }
}
