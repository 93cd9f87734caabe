import Aggregation
import Telemetry

/// Definitions of the figures, and the store they come from.
extension DocumentWriter {
  func definitions() -> [ReportDocument.Block] {
    let rules = report.rules
    let minimum = terms.span(rules.horizonMinimum)
    var table = DocumentTable(
      pick("What the figures mean", "指标口径"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true),
        .init(pick("Definition", "口径"), shrinksTo: 24, wraps: true),
      ])
    // Every figure that a report of this scope can print; of those for forms, what the register has attributes for, or a
    // policy or a form asks for.
    let asked =
      report.policies.flatMap { $0.policy.rules.map(\.metric) + $0.policy.bands.map(\.metric) }
      + report.forms.flatMap { $0.form.figures.compactMap(\.metric) }
    for metric in Metric.allCases
    where !metric.needsFormAttributes || report.figures.count(of: metric) != nil || asked.contains(metric) {
      table.rows.append(.cells([.text(terms.name(metric)), .text(terms.definition(metric, rules))]))
    }
    table.rows.append(
      .cells([
        .text(pick("Energy per good piece", "单位产品能耗")), .text(terms.energyIntensityDefinition),
      ]))
    var blocks: [ReportDocument.Block] = [
      .table(table),
      .prose(
        pick(
          "A reading is valid for \(rules.horizonFactor) report intervals as declared when it came, at least \(minimum), "
            + "at most 24 h.",
          "数据有效时限为数据产生时申报上报周期的 \(rules.horizonFactor) 倍，不少于 \(minimum)，不超过 24 小时。"),
        .faint),
      .prose(
        pick(
          "Observed: the collector was connected and heard what there was. When nothing at all came for longer than "
            + "the longest validity of a reading, though a machine had sent within that time before and had not "
            + "said offline since, the time from the last message to the next is not observed. Machines that have "
            + "all said offline make no such silence.",
          "观测：采集器已连接且能收到消息。若超过最长数据有效时限未收到任何消息，而此前该时限内仍有设备上报且其后未发离线消息，"
            + "则自最后一条消息至下一条消息的时段按无观测计；全部设备均已发离线消息的，不属此情形。"), .faint),
    ]
    let head = report.provenance.journalHead.map { String($0.prefix(16)) } ?? pick("empty", "空")
    blocks.append(
      .prose(
        pick(
          "Millwright \(report.provenance.version), journal \(head).",
          "Millwright \(report.provenance.version)，日志块 \(head)。")
          + (report.provenance.telemetryAfterKnownAt
            ? pick(" Messages were received after the register's known-at.", "台账截止时点之后仍收到消息。")
            : ""),
        .faint))
    if let root = report.provenance.dayRoot, let day = report.provenance.dayRootOf {
      blocks.append(
        .prose(
          pick("Root of the journal up to \(day): ", "截至 \(day) 的日志根值：") + root.prefix(32) + " "
            + root.dropFirst(32), .faint))
    }
    if let register = report.provenance.register {
      blocks.append(
        .prose(
          pick(
            "Register after \(register.imports) imports, which this root binds: ",
            "该根值所绑定的台账（共导入 \(register.imports) 次）校验值：")
            + register.hash.prefix(32) + " " + register.hash.dropFirst(32), .faint))
    }
    return blocks
  }
}
