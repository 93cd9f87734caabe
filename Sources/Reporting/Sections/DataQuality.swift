import Aggregation
import Telemetry

/// Alarms, clocks, and refused messages.
extension DocumentWriter {
  func dataQuality() -> [ReportDocument.Block] {
    var blocks = alarms()
    let flags = report.flags.filter { $0.kind.subject == .data }
    if !flags.isEmpty {
      blocks += [.prose(pick("Clocks and devices", "时钟与设备"), .strong), .table(flagTable(flags))]
    }
    return blocks + counts() + rejections() + refusalsBySender() + fieldErrors()
  }

  /// Maximum number of rows in a table that grows with messages.
  static let mostMessageRows = 1000

  /// Irregularities of the messages that count.
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
      (pick("Meter glitches, left out", "表计瞬时异常（已剔除）"), time.meterGlitches),
      (pick("Meters falling at the end, nothing counted since", "期末读数回退待确认（未计量）"), time.fallingMeters),
      (pick("Steps with more good pieces than pieces", "合格品增量大于产量增量（次）"), time.goodAboveTotal),
      (pick("Machines whose meters are out of range", "计数超出范围的设备（台）"), time.saturated),
    ]
    // The counts from the fifth on are of rare events, and are left out when 0.
    table.rows = counts.enumerated().filter { $0.offset < 4 || $0.element.1 > 0 }
      .map { .cells([.text($0.element.0), .number($0.element.1)]) }
    return [.prose(pick("Readings", "数据"), .strong), .table(table)]
  }

  private func rejections() -> [ReportDocument.Block] {
    let found = report.rejections.filter { $0.messages > 0 }
    guard !found.isEmpty else { return [] }
    let title =
      switch report.scope {
      case .district: pick("Rejected messages of the district", "园区拒收消息")
      case .factory: pick("Rejected messages of the factory", "本厂拒收消息")
      case .workshop: pick("Rejected messages of the workshop", "本车间拒收消息")
      case .line: pick("Rejected messages of the line", "本产线拒收消息")
      case .equipment: pick("Rejected messages of the equipment", "本设备拒收消息")
      }
    var table = DocumentTable(
      title, [.init(pick("Reason", "原因")), .init(pick("Messages", "消息数"), numeric: true)])
    table.rows = found.map { .cells([.text(terms.name($0.reason)), .number($0.messages)]) }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .number(found.reduce(0) { $0.addingSaturated($1.messages) })]))
    return [.prose(title, .strong), .table(table)]
  }

  /// Refused messages of each sender, with remedies.
  private func refusalsBySender() -> [ReportDocument.Block] {
    guard !report.refusals.isEmpty else { return [] }
    let title = pick("Rejected messages by equipment", "各设备拒收消息")
    var table = messageTable(title)
    table.rows = report.refusals.map { one in
      row(
        one.key.equipment, one.refusal.messages, remedies.problem(one.refusal), remedies.remedy(one.refusal))
    }
    table.brief = Array(report.refusals.indices.prefix(Self.rowsShown))
    return [.prose(title, .strong), .table(table)]
  }

  /// Optional fields that could not be read and were left out, with remedies.
  private func fieldErrors() -> [ReportDocument.Block] {
    guard !report.fieldErrors.isEmpty else { return [] }
    let title = pick("Fields left out of readings", "无法读取的字段（其余内容计入）")
    var table = messageTable(title)
    table.rows = report.fieldErrors.map { error in
      row(error.key.equipment, error.messages, remedies.problem(error), remedies.remedy(error))
    }
    table.brief = Array(report.fieldErrors.indices.prefix(Self.rowsShown))
    return [.prose(title, .strong), .table(table)]
  }

  private func messageTable(_ title: String) -> DocumentTable {
    var table = DocumentTable(
      title,
      [
        .init(terms.equipment, shrinksTo: 8), .init(pick("Messages", "消息数"), numeric: true),
        .init(pick("What is wrong", "问题"), shrinksTo: 16, wraps: true),
        .init(pick("What to do", "处理办法"), shrinksTo: 20, wraps: true),
      ])
    table.mostRows = Self.mostMessageRows
    return table
  }

  private func row(_ equipment: String, _ messages: Int, _ problem: String, _ remedy: String)
    -> DocumentTable.Row
  {
    .cells([
      .text(equipment.isEmpty ? terms.none : equipment), .number(messages), .text(problem), .text(remedy),
    ])
  }
}
