import Aggregation
import Telemetry

/// 12 What the figures mean, and from which store they are.
extension DocumentWriter {
  func definitions() -> [ReportDocument.Block] {
    let rules = report.rules
    let window = terms.span(rules.networkedWindow)
    let minimum = terms.span(rules.horizonMinimum)
    var blocks: [ReportDocument.Block] = [
      .prose(
        pick(
          "Networked: a reading or a live online within \(window) before the as-of. A reading is valid for "
            + "\(rules.horizonFactor) declared report intervals, at least \(minimum). Online: a reading "
            + "is valid or the session is open. Automatic counts, semi-automatic does not; unclassified "
            + "stays in the base.",
          "联网：统计时点前 \(window)内有数据或上线记录。"
            + "数据有效时限为申报上报周期的 \(rules.horizonFactor) 倍，且不少于 \(minimum)。"
            + "在线：数据有效或连接在线。半自动不计入自动化；未分类设备计入基数。"), .faint),
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
