import Aggregation
import Register
import Telemetry

/// All words of a report in one language: one term for each thing, as used in the field.
public struct Terms: Sendable {
  public let language: Language

  /// The terms of a language.
  public init(_ language: Language) { self.language = language }

  /// The text in this language.
  package func pick(_ english: String, _ chinese: String) -> String {
    switch language {
    case .english: english
    case .chinese: chinese
    }
  }

  /// A bucket's name.
  public func name(_ bucket: Bucket) -> String {
    switch bucket {
    case .reporting: pick("Reporting", "正常上报")
    case .silent: pick("Silent", "在线无数据")
    case .offline: pick("Offline", "离线")
    case .refused: pick("Refused", "上报被拒")
    case .notConnectable: pick("Not connectable", "不可联网")
    case .neverSeen: pick("Never seen", "未接入")
    }
  }

  /// The meaning of a bucket.
  func meaning(_ bucket: Bucket) -> String {
    switch bucket {
    case .reporting: pick("valid data within its horizon", "有效时限内有数据")
    case .silent: pick("session open, no recent reading", "连接在线但无数据")
    case .offline: pick("heard before, not now", "曾上报，当前失联")
    case .refused: pick("sends, but every message is refused", "有消息上报，但均被拒收")
    case .notConnectable: pick("declared so, and never heard", "台账申报，且从未上报")
    case .neverSeen: pick("declared connectable, never heard", "台账可联网，从未上报")
    }
  }

  /// The status of equipment outside the base set; for equipment in it, the bucket's name.
  package func name(_ standing: Standing) -> String {
    switch standing {
    case .counted(let bucket): name(bucket)
    case .retired: pick("Retired", "已退役")
    case .notYetInService: pick("Not yet in service", "尚未投用")
    case .auxiliary: pick("Not production equipment", "非生产设备")
    case .unregistered: pick("Unregistered", "未登记设备")
    }
  }

  /// A gap's kind.
  func name(_ kind: Gap.Kind) -> String {
    switch kind {
    case .neverSeen: name(Bucket.neverSeen)
    case .offline: name(Bucket.offline)
    case .silent: name(Bucket.silent)
    case .notConnectable: name(Bucket.notConnectable)
    case .refused: name(Bucket.refused)
    case .unregistered: name(Standing.unregistered)
    case .sendsOutOfService: pick("Out of service", "停用仍上报")
    case .workshopMismatch: pick("Other workshop", "车间不符")
    case .unregisteredFactory: pick("Unregistered", "未登记企业")
    }
  }

  /// An equipment state.
  public func name(_ state: EquipmentState) -> String {
    switch state {
    case .running: pick("running", "运行")
    case .idle: pick("idle", "待机")
    case .setup: pick("setup", "调机")
    case .stopped: pick("stopped", "停机")
    case .fault: pick("fault", "故障")
    case .maintenance: pick("maintenance", "维护")
    case .off: pick("off", "关机")
    }
  }

  /// An operating mode.
  public func name(_ mode: OperatingMode) -> String {
    switch mode {
    case .unstated: pick("mode not stated", "未注明模式")
    case .automatic: pick("automatic", "自动")
    case .manual: pick("manual", "手动")
    }
  }

  /// A declared degree of automation.
  public func name(_ automation: Automation) -> String {
    switch automation {
    case .manual: pick("manual", "手动")
    case .semiAutomatic: pick("semi-automatic", "半自动")
    case .automatic: pick("automatic", "自动")
    case .unclassified: pick("unclassified", "未分类")
    }
  }

  /// A section's title.
  func title(_ section: ReportSection, _ scope: ReportScope) -> String {
    switch section {
    case .overview: pick("Overview and data sufficiency", "概况与数据可信度")
    case .figures:
      scope.kind == "equipment" ? pick("How it is counted", "计入情况") : pick("Key figures", "核心指标")
    case .trend: pick("Course of the headline figures", "核心指标走势")
    case .ranking: pick("Factories", "企业排名")
    case .distribution: pick("Distribution", "企业分布")
    case .policies: pick("Against policies", "对标")
    case .form: pick("Form", "填报表")
    case .formFactories: pick("Form by factory", "填报表：分企业")
    case .formEquipment: pick("Equipment behind the counts", "计数所依据的设备清单")
    case .beforeAfter: pick("Before and after the retrofit", "改造前后对比")
    case .industries: pick("Industries", "分行业")
    case .green: pick("Green figures", "绿色指标")
    case .gaps: pick("Gaps", "未接入与异常清单")
    case .connectivity: pick("Connectivity", "联网情况")
    case .performance: pick("Availability and use", "可用与利用")
    case .energy: pick("Energy by day", "逐日用能")
    case .dataQuality: pick("Alarms and data quality", "报警与数据质量")
    case .actions: pick("What to do next", "整改建议")
    case .definitions: pick("Definitions", "口径说明")
    case .factories: pick("Factories", "企业")
    case .equipment: pick("Equipment", "设备明细")
    case .exceptions: pick("Exceptions", "异常")
    }
  }

  /// A level of the hierarchy (IEC 62264).
  package func kind(_ scope: ReportScope) -> String {
    switch scope {
    case .district: pick("District", "园区")
    case .factory: factory
    case .workshop: workshop
    case .line: line
    case .equipment: equipment
    }
  }

  package var factory: String { pick("Factory", "企业") }
  package var workshop: String { pick("Workshop", "车间") }
  package var line: String { pick("Line", "产线") }
  package var equipment: String { pick("Equipment", "设备") }

  /// The name of a factory: this language's, or else the other one; empty for none.
  func name(of factory: RegisteredFactory) -> String {
    names(factory.nameEnglish, factory.nameChinese).first ?? ""
  }

  /// Both names, this language's first, without those that are missing.
  package func names(_ english: String, _ chinese: String) -> [String] {
    let names = english == chinese ? [english] : [english, chinese]
    let given = names.filter { !$0.isEmpty }
    return language == .english ? given : given.reversed()
  }

  /// A reason for rejection.
  public func name(_ reason: RejectionReason) -> String {
    switch reason {
    case .malformed: pick("malformed", "格式错误")
    case .unknownState: pick("unknown state", "未知状态")
    case .missingField: pick("missing field", "缺少字段")
    case .invalidTimestamp: pick("invalid timestamp", "时间戳无效")
    case .invalidNumber: pick("invalid number", "数值无效")
    case .future: pick("ahead of our clock", "时间戳超前")
    case .tooLate: pick("too late", "时间戳过早")
    case .identityMismatch: pick("identity mismatch", "标识与主题不一致")
    case .tooLarge: pick("too large", "超长")
    case .unmatchedTopic: pick("unmatched topic", "主题不匹配")
    case .senderLimit: pick("sender limit", "设备数超出上限")
    }
  }

  /// The name for equipment without a workshop or line in the register.
  package var none: String { pick("(none)", "（无）") }
  /// Yes or no.
  func yes(_ value: Bool) -> String { value ? pick("yes", "是") : pick("no", "否") }
  /// The text for a field that is empty in the register.
  var notGiven: String { pick("not given", "未填") }

  /// The reason for a missing figure.
  package func text(_ absence: Absence) -> String {
    switch absence {
    case .noEquipment: pick("no production equipment in service", "无在役生产设备")
    case .noneDigital: pick("no digital equipment", "无数字化设备")
    case .noneNetworked: pick("no networked equipment", "无联网设备")
    case .notObserved: pick("not observed", "无观测")
    case .neverHeard: pick("none of the machines was ever heard", "所有设备均从未上报")
    case .noCalendar: pick("no production calendar", "无生产日历")
    case .notPlanned: pick("no planned time was observed", "计划时间内无观测")
    case .shutDown: pick("shut down as planned throughout", "全期计划停产")
    case .neverBusy: pick("off or in maintenance for all of the planned time", "计划时间内全部关机或维护")
    case .nothingDue: pick("observed for less than a report interval", "观测时间不足一个上报周期")
    case .ofInstant: pick("a state at one instant, not a figure of a period", "时点状态，不是时段指标")
    case .noPieces: pick("no two readings count good and all pieces", "缺少连续两条同时含合格数与总数的数据")
    case .noMeter: pick("no meter was read", "无电表数据")
    case .noOutput: pick("no good piece was counted", "无合格品计数")
    case .notStated: pick("the register does not state what it needs", "台账未填报所需信息")
    case .noValue: pick("the asset values add up to zero", "资产净值合计为零")
    }
  }

  /// The text for a time that was not observed.
  var notObserved: String { pick("not observed", "无观测") }

  /// The text for a figure without a value.
  package var notApplicable: String { pick("N/A", "不适用") }
}
