import Aggregation
import Telemetry

/// What an auditor should look at, each with its evidence.
extension DocumentWriter {
  func flagTable(_ flags: [AuditFlag]) -> DocumentTable {
    var table = DocumentTable(
      pick("Flags with their evidence", "疑点及依据"),
      [
        .init(terms.equipment, shrinksTo: 8), .init(pick("What", "疑点"), shrinksTo: 16, wraps: true),
        .init(pick("Evidence", "依据"), shrinksTo: 24, wraps: true),
      ])
    table.rows = flags.map { flag in
      let place = place(flag.place.workshop, flag.place.line)
      let subject = flag.equipment.isEmpty ? (place.isEmpty ? flag.factory : place) : flag.equipment
      return .cells([.text(subject), .text(name(flag.kind)), .text(evidence(flag.kind))])
    }
    table.brief = Array(flags.indices.prefix(Self.rowsShown))
    return table
  }

  private func name(_ kind: AuditFlag.Kind) -> String {
    switch kind {
    case .claimWithoutEvidence: pick("Claim without evidence", "申报无实测依据")
    case .manualOperation: pick("Mostly run by hand", "多为手动运行")
    case .sharedSerial: pick("Duplicate serial number", "序列号重复")
    case .interleavedBoots: pick("Two senders, one id", "一号多机")
    case .recentlyRetired: pick("Recently retired", "近期退役")
    case .lateShutdown: pick("Shutdown entered late", "停产补录")
    case .clockSkew: pick("Clock is off", "时钟偏差")
    case .equalTimes: pick("Duplicate timestamps", "时间戳重复")
    }
  }

  private func evidence(_ kind: AuditFlag.Kind) -> String {
    let calendar = report.calendar
    switch kind {
    case .claimWithoutEvidence(let automatic, let last):
      let claim =
        automatic ? pick("declared automatic", "申报为自动化设备") : pick("declared connectable", "申报为可联网设备")
      guard let last else { return claim + pick(", no reading ever received", "，未收到过数据") }
      return claim + pick(", last reading ", "，末次数据 ") + calendar.minute(last)
    case .manualOperation(let manual, let running):
      return pick(
        "\(rough(manual)) of \(rough(running)) running by hand",
        "运行 \(rough(running)) 中手动 \(rough(manual))")
    case .sharedSerial(let serial, let other):
      return serial + pick(", as ", "，同 ") + other.description
    case .interleavedBoots(let times):
      return pick(
        "an earlier boot id came back \(times) \(times == 1 ? "time" : "times")", "旧启动标识重现 \(times) 次")
    case .recentlyRetired(let day): return pick("out of service since \(day)", "\(day) 起停用")
    case .lateShutdown(let range, let entered):
      return pick(
        "from \(calendar.minute(range.lowerBound)), entered \(calendar.minute(entered))",
        "始于 \(calendar.minute(range.lowerBound))，录入于 \(calendar.minute(entered))")
    case .clockSkew(let skew, let cause): return clock(skew, cause)
    case .equalTimes(let times):
      return pick(
        "\(times) \(times == 1 ? "reading has" : "readings have") the timestamp of another",
        "\(times) 条数据与其他数据时间戳相同")
    }
  }

  private func clock(_ skew: Span, _ cause: AuditFlag.ClockCause) -> String {
    let isAhead = skew.milliseconds < 0
    let size = rough(isAhead ? .milliseconds(-skew.milliseconds) : skew)
    let what = isAhead ? pick("\(size) ahead", "快 \(size)") : pick("\(size) behind", "慢 \(size)")
    switch cause {
    case .timeZone: return what + pick(": the time zone?", "：时区设置？")
    case .drifting: return what + pick(", and more every day: it drifts", "，且逐日增大：时钟漂移")
    case .notSet: return what + pick(": it was never set", "：时钟未校准")
    }
  }

  /// A span to the nearest larger unit, for reading and not for reckoning.
  private func rough(_ span: Span) -> String {
    let minutes = span.milliseconds / 60_000
    if minutes < 120 { return "\(minutes) \(pick("min", "分钟"))" }
    return "\((minutes + 30) / 60) \(pick("h", "小时"))"
  }
}

extension AuditFlag.Kind {
  /// Whether it is about what the register or the calendar claims; else it is about the data.
  var isClaim: Bool {
    switch self {
    case .claimWithoutEvidence, .manualOperation, .sharedSerial, .recentlyRetired, .lateShutdown: true
    case .interleavedBoots, .clockSkew, .equalTimes: false
    }
  }
}
