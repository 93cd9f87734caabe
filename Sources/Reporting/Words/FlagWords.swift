import Aggregation
import Telemetry

/// Names of flags and the sentences that state their evidence, in both languages. `{key}` stands for the fact with
/// that key.
enum FlagWords {
  /// The name of a kind, without its evidence.
  static func name(_ kind: AuditFlag.Kind) -> (english: String, chinese: String) {
    switch kind {
    case .claimWithoutEvidence: ("Claim without evidence", "申报无实测依据")
    case .manualOperation: ("Mostly run by hand", "多为手动运行")
    case .sharedSerial: ("Duplicate serial number", "序列号重复")
    case .interleavedBoots: ("Two senders, one id", "一号多机")
    case .recentlyRetired: ("Recently retired", "近期退役")
    case .removedFromBase: ("Removed from the base", "移出统计基数")
    case .registerImproved: ("Register changed afterwards", "事后变更台账")
    case .heardFirst: ("First connected in the period", "本期内首次接入")
    case .intervalMismatch: ("Interval not as declared", "上报间隔与申报不符")
    case .backFilled: ("Data sent afterwards", "数据补传")
    case .darkInShutdown: ("Never on, planned shutdown", "全期无数据且登记停产")
    case .modeNeverStated: ("Operating mode never stated", "从未上报运行模式")
    case .sameCounters: ("Same counters as another", "计数与其他设备完全相同")
    case .noPause: ("No pause for a week", "连续一周无停顿")
    case .constantDeltas: ("Same counts every day", "逐日计数完全相同")
    case .energyWithoutPieces: ("Energy without pieces", "有能耗无产量")
    case .piecesWithoutEnergy: ("Pieces without energy", "有产量无能耗")
    case .fewMeters: ("Few machines metered", "计量覆盖不足")
    case .foreignCounter: ("Sequence numbers unusable", "序号不可用")
    case .lateShutdown: ("Shutdown entered late", "停产补录")
    case .clockSkew: ("Clock is off", "时钟偏差")
    case .equalTimes: ("Duplicate timestamps", "时间戳重复")
    case .refusedMessages: ("Messages refused", "消息被拒收")
    case .unreadableField: ("Field left out", "字段无法读取")
    case .meterChanged: ("Energy meter changed", "电表变更")
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
      ("{manual_ms} of {running_ms} running by hand", "运行 {running_ms}中手动 {manual_ms}")
    case .sharedSerial: ("{serial}, as {with}", "{serial}，同 {with}")
    case .interleavedBoots:
      (
        "an earlier boot id came back {times} \(isOne(flag, "times") ? "time" : "times")",
        "旧启动标识重现 {times} 次"
      )
    case .recentlyRetired: ("out of service since {on}", "{on} 起停用")
    case .removedFromBase, .registerImproved: register(flag)
    case .heardFirst:
      (
        "in service and observed for {dark_ms} of the period before it was first heard at {first}",
        "本期内在役且已观测，历时 {dark_ms}后于 {first} 首次接入"
      )
    case .intervalMismatch: interval(flag)
    case .backFilled:
      (
        "{late} of {readings} readings came over an hour late",
        "{readings} 条数据中 {late} 条迟到超过 1 小时"
      )
    case .darkInShutdown:
      (
        "on at no time of the period, of which planned shutdowns cover {shutdown_ms}",
        "全期无有效数据，其中 {shutdown_ms}登记为计划停产"
      )
    case .modeNeverStated:
      (
        "declared automatic or intelligent; running for {running_ms}, no reading states the mode",
        "申报为自动化或智能化设备，运行 {running_ms}，未上报运行模式"
      )
    case .sameCounters:
      (
        "energy ({energy_kwh} kWh) and pieces of the period are exactly those of {with}",
        "本期能耗（{energy_kwh} kWh）与产量同 {with} 完全一致"
      )
    case .noPause: ("running for {days} days without a pause", "连续运行 {days} 天无停顿")
    case .constantDeltas:
      ("exactly the same counts on {days} days in a row", "连续 {days} 天计数完全相同")
    case .energyWithoutPieces:
      ("took {energy_kwh} kWh running, its counters of pieces stand still", "运行耗电 {energy_kwh} kWh，产量计数未变")
    case .piecesWithoutEnergy:
      ("made {pieces} pieces, its meter stands still", "产量 {pieces} 件，电表读数未变")
    case .fewMeters:
      (
        "energy is metered for {metered} of {machines} machines", "{machines} 台设备中仅 {metered} 台有能耗计量"
      )
    case .foreignCounter:
      (
        "{jumps} of {readings} readings leave numbers out: a counter shared by several machines, with a stride, or a "
          + "time; no losses are counted by it",
        "{readings} 条数据中 {jumps} 条序号不连续：多台设备共用、固定步长或为时间值，不据此统计丢失"
      )
    case .lateShutdown: ("from {from}, entered {entered_at}", "始于 {from}，录入于 {entered_at}")
    case .clockSkew: clock(flag)
    case .equalTimes:
      (
        "{times} \(isOne(flag, "times") ? "reading has" : "readings have") the timestamp of another",
        "{times} 条数据与其他数据时间戳相同"
      )
    // FlagWriter appends the fault and its remedy.
    case .refusedMessages:
      isOne(flag, "kinds")
        ? ("{messages} \(isOne(flag, "messages") ? "message" : "messages"): ", "{messages} 条：")
        : (
          "{messages} messages with {kinds} kinds of faults, most often: ", "{messages} 条，问题共 {kinds} 种，最多的是："
        )
    case .unreadableField:
      ("{messages} \(isOne(flag, "messages") ? "reading" : "readings"): ", "{messages} 条数据：")
    case .meterChanged:
      (
        "reads meter {to} since {on}, before {from}; what its own readings add on that day is left out, since it may be the "
          + "difference of two counters",
        "自 {on} 起改用电表 {to}，此前为 {from}；当日由其读数得出的电量可能为两表读数之差，未计入"
      )
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

  private static func register(_ flag: AuditFlag) -> (english: String, chinese: String) {
    switch (flag.kind, flag["change"]) {
    case (.removedFromBase, .text("meter_decommissioned_on")):
      return ("meter retired within the period, entered {entered_at}", "计量器具本期内停用，录入于 {entered_at}")
    case (.removedFromBase, .text("meter_commissioned_on")):
      return ("the meter's commissioning was put off, entered {entered_at}", "推迟计量器具投用日期，录入于 {entered_at}")
    case (.removedFromBase, .text("decommissioned_on")):
      return ("retired within the period, entered {entered_at}", "本期内退役，录入于 {entered_at}")
    case (.removedFromBase, .text("commissioned_on")):
      return ("its commissioning was put off, entered {entered_at}", "推迟投用日期，录入于 {entered_at}")
    case (.removedFromBase, _):
      return (
        "its category is no production equipment any more, entered {entered_at}",
        "改列为非生产设备，录入于 {entered_at}"
      )
    default:
      return ("changed for the better: {change}, entered {entered_at}", "变更后指标上升：{change}，录入于 {entered_at}")
    }
  }

  private static func isOne(_ flag: AuditFlag, _ key: String) -> Bool { flag[key] == .number(1) }

  /// Names the column of the register and the value to set, in whole seconds.
  private static func interval(_ flag: AuditFlag) -> (english: String, chinese: String) {
    var english = "declared every {declared_ms}, sends every {measured_ms}"
    var chinese = "申报每 {declared_ms}，实测每 {measured_ms}"
    if case .span(let measured) = flag["measured_ms"] {
      let seconds = max(1, (measured.milliseconds + 500) / 1000)
      english +=
        "; if that is intended, set report_interval_s of \(flag.equipment) to \(seconds) in the register"
      chinese += "；如属正常，请将台账中 \(flag.equipment) 的上报周期秒改为 \(seconds)"
    }
    return (english, chinese)
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
    case .text(ClockCause.seconds.rawValue):
      ("times are in seconds: send milliseconds", "时间戳单位为秒，应为毫秒")
    case .text(ClockCause.microseconds.rawValue):
      ("times are in microseconds: send milliseconds", "时间戳单位为微秒，应为毫秒")
    case .text(ClockCause.nanoseconds.rawValue):
      ("times are in nanoseconds: send milliseconds", "时间戳单位为纳秒，应为毫秒")
    default: (english + ": it was never set", chinese + "：时钟未校准")
    }
  }
}

extension AuditFlag {
  /// The sentence printed for a requirement.
  package func sentence(in language: Language, calendar: LocalCalendar) -> String {
    FlagWriter(terms: Terms(language), calendar: calendar).evidence(self)
  }
}

/// Fills the facts of flags into their sentences.
struct FlagWriter {
  let terms: Terms
  let calendar: LocalCalendar

  /// The name of a kind.
  func name(_ kind: AuditFlag.Kind) -> String {
    let name = FlagWords.name(kind)
    return terms.pick(name.english, name.chinese)
  }

  /// The evidence of a flag as a sentence.
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

  /// Number of equipment that a request names.
  private static let equipmentNamed = 5

  /// The findings of flags of a kind, and the request to the firm.
  func request(_ kind: AuditFlag.Kind, _ flags: [AuditFlag]) -> String {
    let sentence = FlagRequests.sentence(kind)
    let request = terms.pick(sentence.english, sentence.chinese)
    guard !flags.isEmpty else { return request }
    var found = flags.prefix(Self.equipmentNamed).map { flag in
      (flag.equipment.isEmpty ? "" : flag.equipment.inert + terms.pick(": ", "：")) + evidence(flag)
    }
    if flags.count > Self.equipmentNamed {
      let more = terms.number(flags.count - Self.equipmentNamed)
      found.append(terms.pick("and \(more) more", "另有 \(more) 项"))
    }
    return found.joined(separator: terms.pick("; ", "；")) + terms.pick(". ", "。") + request
  }

  /// The fault of refused messages or unreadable fields, and its remedy; empty for other flags.
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

  /// A duration rounded to its most readable unit; for reading, not for arithmetic.
  private func rough(_ span: Span) -> String {
    let milliseconds = span.milliseconds.magnitude
    let minutes = milliseconds / 60_000
    if milliseconds < 120_000 { return "\((milliseconds + 500) / 1000) \(terms.pick("s", "秒"))" }
    if minutes < 120 { return "\(minutes) \(terms.pick("min", "分钟"))" }
    // Half hours of less than a day, since time zones differ by them.
    if minutes < 24 * 60, (25...35).contains(minutes % 60) {
      return "\(minutes / 60).5 \(terms.pick("h", "小时"))"
    }
    if minutes < 72 * 60 { return "\((minutes + 30) / 60) \(terms.pick("h", "小时"))" }
    return "\((minutes + 720) / 1440) \(terms.pick("days", "天"))"
  }
}
