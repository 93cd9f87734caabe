import Aggregation
import Telemetry

/// 10 Alarms, clocks, and what was refused.
extension DocumentWriter {
  func dataQuality() -> [ReportDocument.Block] {
    var blocks: [ReportDocument.Block] = []
    let alarms = report.figures.time.alarmsByFrequency
    if !alarms.isEmpty {
      var table = DocumentTable(
        pick("Alarms", "报警"),
        [
          .init(pick("Alarm", "报警代码"), shrinksTo: 8), .init(pick("Raised", "次数"), numeric: true),
        ])
      table.rows = alarms.map { .cells([.text($0.code), .number($0.raised)]) }
      table.rows.append(
        .sum([.text(pick("Total", "合计")), .number(alarms.reduce(0) { $0 + $1.raised })]))
      table.brief = Array(alarms.indices.prefix(Self.rowsShown)) + [alarms.count]
      blocks += [.prose(pick("Alarms", "报警"), .strong), .table(table)]
    }
    let flags = report.flags.filter { !$0.kind.isClaim }
    if !flags.isEmpty {
      blocks += [.prose(pick("Clocks and devices", "时钟与设备"), .strong), .table(flagTable(flags))]
    }
    return blocks + counts() + rejections()
  }

  /// What is odd about the messages that count.
  private func counts() -> [ReportDocument.Block] {
    let time = report.figures.time
    guard time.readings > 0 else { return [] }
    var table = DocumentTable(
      pick("Readings", "数据条数"),
      [.init(pick("Readings", "数据")), .init(pick("Number", "数量"), numeric: true)])
    let counts = [
      (pick("Readings counted", "计入数据"), time.readings),
      (pick("Missing by sequence number", "序号缺失"), time.missing),
      (pick("Duplicate timestamps", "时间戳重复"), time.ties),
      (pick("Meter resets", "电表、计数读数回退"), time.meterResets),
    ]
    table.rows = counts.map { .cells([.text($0.0), .number($0.1)]) }
    return [.prose(pick("Readings", "数据"), .strong), .table(table)]
  }

  private func rejections() -> [ReportDocument.Block] {
    let found = report.rejections.filter { $0.messages > 0 }
    guard !found.isEmpty else { return [] }
    let title =
      report.scope == .district
      ? pick("Rejected messages of the district", "园区拒收消息")
      : pick("Rejected messages of the factory", "本厂拒收消息")
    var table = DocumentTable(
      title, [.init(pick("Reason", "原因")), .init(pick("Messages", "消息数"), numeric: true)])
    table.rows = found.map { .cells([.text(terms.name($0.reason)), .number($0.messages)]) }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .number(found.reduce(0) { $0 + $1.messages })]))
    return [.prose(title, .strong), .table(table)]
  }
}
