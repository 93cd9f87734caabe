import Aggregation
import Telemetry

/// What a flag is called and the sentence that gives its evidence, in both languages. `{key}` stands for the
/// fact of that key.
enum FlagWords {
  /// The name of a kind, whatever its evidence.
  static func name(_ kind: AuditFlag.Kind) -> (english: String, chinese: String) {
    switch kind {
    case .claimWithoutEvidence: ("Claim without evidence", "申报无实测依据")
    case .manualOperation: ("Mostly run by hand", "多为手动运行")
    case .sharedSerial: ("Duplicate serial number", "序列号重复")
    case .interleavedBoots: ("Two senders, one id", "一号多机")
    case .recentlyRetired: ("Recently retired", "近期退役")
    case .lateShutdown: ("Shutdown entered late", "停产补录")
    case .clockSkew: ("Clock is off", "时钟偏差")
    case .equalTimes: ("Duplicate timestamps", "时间戳重复")
    case .refusedMessages: ("Messages refused", "消息被拒收")
    case .unreadableField: ("Field left out", "字段无法读取")
    case .meterReset: ("Meter reset", "表计读数回退")
    case .goodAboveTotal: ("More good pieces than pieces", "合格品多于产量")
    case .saturatedMeter: ("Meter out of range", "计数超出范围")
    }
  }

  /// The evidence of a flag as a sentence.
  static func sentence(_ flag: AuditFlag) -> (english: String, chinese: String) {
    switch flag.kind {
    case .claimWithoutEvidence: claim(flag)
    case .manualOperation:
      ("{manual_ms} of {running_ms} running by hand", "运行 {running_ms} 中手动 {manual_ms}")
    case .sharedSerial: ("{serial}, as {with}", "{serial}，同 {with}")
    case .interleavedBoots:
      (
        "an earlier boot id came back {times} \(isOne(flag, "times") ? "time" : "times")",
        "旧启动标识重现 {times} 次"
      )
    case .recentlyRetired: ("out of service since {on}", "{on} 起停用")
    case .lateShutdown: ("from {from}, entered {entered_at}", "始于 {from}，录入于 {entered_at}")
    case .clockSkew: clock(flag)
    case .equalTimes:
      (
        "{times} \(isOne(flag, "times") ? "reading has" : "readings have") the timestamp of another",
        "{times} 条数据与其他数据时间戳相同"
      )
    // What is wrong and what to do about it follow: see FlagWriter.
    case .refusedMessages:
      ("{messages} \(isOne(flag, "messages") ? "message" : "messages"): ", "{messages} 条：")
    case .unreadableField:
      ("{messages} \(isOne(flag, "messages") ? "reading" : "readings"): ", "{messages} 条数据：")
    case .meterReset:
      isOne(flag, "times")
        ? ("{meter} fell and stayed below at {last}", "{meter} 于 {last} 回退且未恢复")
        : (
          "{meter} fell and stayed below {times} times, last at {last}",
          "{meter} 回退且未恢复 {times} 次，末次 {last}"
        )
    case .goodAboveTotal:
      (
        "good rose by more than total {steps} \(isOne(flag, "steps") ? "time" : "times"); left out of the quality",
        "good 增量大于 total {steps} 次，不计入合格率"
      )
    case .saturatedMeter:
      (
        "its meters count more than any machine can; check the values it sends",
        "计数增量超出设备可能范围，请核对设备上报值"
      )
    }
  }

  private static func isOne(_ flag: AuditFlag, _ key: String) -> Bool { flag[key] == .number(1) }

  private static func claim(_ flag: AuditFlag) -> (english: String, chinese: String) {
    let (english, chinese) =
      flag["automatic"] == .truth(true)
      ? ("declared automatic", "申报为自动化设备") : ("declared connectable", "申报为可联网设备")
    return flag["last_reading"] == .missing
      ? (english + ", no reading ever received", chinese + "，未收到过数据")
      : (english + ", last reading {last_reading}", chinese + "，末次数据 {last_reading}")
  }

  private static func clock(_ flag: AuditFlag) -> (english: String, chinese: String) {
    var isAhead = false
    if case .span(let behind)? = flag["behind_ms"] { isAhead = behind < .zero }
    let (english, chinese) =
      isAhead ? ("{behind_ms} ahead", "快 {behind_ms}") : ("{behind_ms} behind", "慢 {behind_ms}")
    return switch flag["cause"] {
    case .text(ClockCause.timeZone.rawValue): (english + ": the time zone?", chinese + "：时区设置？")
    case .text(ClockCause.drifting.rawValue):
      (english + ", and more every day: it drifts", chinese + "，且逐日增大：时钟漂移")
    default: (english + ": it was never set", chinese + "：时钟未校准")
    }
  }
}

/// Fills flags' facts into their sentences.
struct FlagWriter {
  let terms: Terms
  let calendar: LocalCalendar

  /// What a kind is called.
  func name(_ kind: AuditFlag.Kind) -> String {
    let name = FlagWords.name(kind)
    return terms.pick(name.english, name.chinese)
  }

  /// The evidence of a flag in a sentence.
  func evidence(_ flag: AuditFlag) -> String {
    let sentence = FlagWords.sentence(flag)
    var text = ""
    var rest = terms.pick(sentence.english, sentence.chinese)[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      text += rest[..<open]
      text += flag[String(rest[rest.index(after: open)..<close])].map(self.text) ?? ""
      rest = rest[rest.index(after: close)...]
    }
    return text + rest + mending(flag)
  }

  /// What is wrong with messages and what to do about it; empty for other flags.
  private func mending(_ flag: AuditFlag) -> String {
    func fact(_ key: String) -> String { if case .text(let text)? = flag[key] { text } else { "" } }
    let remedies = Remedies(terms.language)
    let fault = Fault.allCases.first { $0.name == fact("fault") } ?? .unspecified
    if let reason = RejectionReason.allCases.first(where: { $0.name == fact("reason") }) {
      return remedies.problem(reason, fact("field"), fault, fact("excerpt")) + terms.pick(". ", "。")
        + remedies.remedy(reason, fact("field"), fault, fact("excerpt"))
    }
    guard flag.kind == .unreadableField,
      let field = OptionalField.allCases.first(where: { $0.name == fact("field") })
    else { return "" }
    return remedies.problem(field, fault, fact("excerpt")) + terms.pick(". ", "。")
      + remedies.remedy(field, fault, fact("excerpt"))
  }

  private func text(_ fact: AuditFlag.Fact) -> String {
    switch fact {
    case .number(let number): terms.number(number)
    case .span(let span): rough(span)
    case .instant(let instant): calendar.minute(instant)
    case .day(let day): day.description
    case .text(let text): text
    case .truth(let isTrue): isTrue ? terms.pick("yes", "是") : terms.pick("no", "否")
    case .missing: terms.notApplicable
    }
  }

  /// A span's size to the nearest unit that is read easily, for reading and not for reckoning.
  private func rough(_ span: Span) -> String {
    let milliseconds = span.milliseconds.magnitude
    let minutes = milliseconds / 60_000
    if milliseconds < 120_000 { return "\((milliseconds + 500) / 1000) \(terms.pick("s", "秒"))" }
    if minutes < 120 { return "\(minutes) \(terms.pick("min", "分钟"))" }
    if minutes < 72 * 60 { return "\((minutes + 30) / 60) \(terms.pick("h", "小时"))" }
    return "\((minutes + 720) / 1440) \(terms.pick("days", "天"))"
  }
}
