import Aggregation
import Telemetry

/// The requested policies, each with its thresholds, the actual figures, and the shortfall.
extension DocumentWriter {
  func policies() -> [ReportDocument.Block] {
    guard !report.policies.isEmpty else { return [] }
    return report.policies.flatMap(policy) + [
      .prose(
        pick(
          "Thresholds are held against the counts, not the percent printed. Where the issuer's own text "
            + "differs, it decides, not this comparison.",
          "对标按计数比较，不按显示的百分比。与发布单位原文不一致时，以原文为准。"), .faint)
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
          .ratio(rule.count), .status(Cell.Status(isMet: rule.isMet), remark(rule)),
        ]))
    }
    for band in verdict.bands {
      table.rows.append(
        .cells([.text(terms.name(band.metric)), .empty, .ratio(band.count), .text(level(band))]))
    }
    var heading = title
    if !verdict.rules.isEmpty { heading += pick(": ", "：") + word(verdict.isMet) }
    var blocks: [ReportDocument.Block] = [.prose(heading, .strong)] + force(policy) + [.table(table)]
    blocks += points(verdict)
    if !verdict.missingFigures.isEmpty {
      let names = verdict.missingFigures.map { metric in
        let figures = report.figures.shown(in: report.observation.period)
        let reason = figures.absence(of: metric).map(terms.text)
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
    let metric = verdict.rule.metric
    let units: [Metric.Base: String] = [
      .production: "台", .digital: "台", .networked: "台", .keySteps: "道", .dataPoints: "个", .keyMeters: "块",
    ]
    guard verdict.isMet == false, let unit = units[metric.base] else { return word(verdict.isMet) }
    return word(false)
      + pick(": \(terms.number(verdict.missing)) more needed", "：尚缺 \(terms.number(verdict.missing)) \(unit)")
  }

  /// Says when the policy is in force, if the period is not wholly within that time.
  private func force(_ policy: Policy) -> [ReportDocument.Block] {
    outOfForce(policy).map { [.prose($0 + pick(".", "。"), .warning)] } ?? []
  }

  /// A sentence, without its full stop, if a policy is not in force on all days of the period.
  func outOfForce(_ policy: Policy) -> String? {
    let force = policy.force(over: report.observation.period.days)
    guard force != .throughout else { return nil }
    let english = [policy.validFrom.map { "from \($0)" }, policy.validUntil.map { "until \($0)" }]
      .compactMap(\.self).joined(separator: " ")
    let chinese = [policy.validFrom.map { "自 \($0) 起" }, policy.validUntil.map { "至 \($0) 止" }]
      .compactMap(\.self).joined()
    return force == .never
      ? pick(
        "In force \(english): the period lies outside, and the comparison is for information only",
        "有效期\(chinese)：本期不在有效期内，对标结果仅供参考")
      : pick(
        "In force \(english): a part of the period lies outside", "有效期\(chinese)：本期部分不在有效期内")
  }

  /// Points of the scales together. A district has none: points are each factory's own.
  private func points(_ verdict: PolicyVerdict) -> [ReportDocument.Block] {
    guard let points = verdict.points else { return [] }
    if report.scope == .district {
      return [
        .prose(
          pick(
            "Points are each factory's own: the district as a whole has none.", "得分按企业计算，园区整体不计分。"), .plain)
      ]
    }
    let (reached, most) = (Thousandths.text(points.reached), Thousandths.text(points.most))
    let open = points.open.map(terms.name).joined(separator: pick(", ", "、"))
    return [
      .prose(
        pick("Points of these figures: \(reached) of \(most)", "以上指标得分：\(reached) 分（满分 \(most) 分）")
          + (open.isEmpty ? "" : pick(", without \(open)", "，不含\(open)")) + pick(".", "。"), .plain)
    ]
  }

  private func level(_ verdict: PolicyVerdict.BandVerdict) -> String {
    if verdict.count.denominator == 0 { return pick("no figure", "无指标值") }
    guard let band = verdict.band else { return pick("no level", "未入级") }
    let reached = report.scope == .district ? nil : band.points
    let points =
      reached.map { pick(", \(Thousandths.text($0)) points", "，\(Thousandths.text($0)) 分") } ?? ""
    return pick("level ", "等级 ") + band.name + points
  }

  /// The publisher of the thresholds, where and when they were retrieved, and any note.
  private func origin(_ policy: Policy) -> String {
    let body = pick(policy.issuingBodyEnglish, policy.issuingBodyChinese)
    let note = pick(policy.noteEnglish, policy.noteChinese)
    let source = terms.text(policy.origin)
    return pick(
      "Issued by: \(body). Retrieved \(policy.date). Source: \(source). \(note)",
      "发布：\(body)。摘录日期：\(policy.date)。来源：\(source)。\(note)")
  }
}
