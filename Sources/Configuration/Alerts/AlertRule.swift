import Aggregation
import Telemetry

/// Rules by which alerts are raised, receivers of their messages, and maintenance windows: the content of a rules file.
public struct AlertRules: Equatable, Sendable {
  /// In the order of the file; never empty. Names are unique.
  public var rules: [AlertRule]
  public var receivers: [AlertReceiver]
  public var windows: [MaintenanceWindow]

  /// Rules with the receivers and windows that they name.
  public init(rules: [AlertRule], receivers: [AlertReceiver], windows: [MaintenanceWindow] = []) {
    self.rules = rules
    self.receivers = receivers
    self.windows = windows
  }

  /// The rule of a name; nil if there is none.
  public func rule(_ name: String) -> AlertRule? { rules.first { $0.name == name } }
  /// The receiver of a name; nil if there is none.
  public func receiver(_ name: String) -> AlertReceiver? { receivers.first { $0.name == name } }
}

/// One rule: a condition, how long it must hold, and who is told.
public struct AlertRule: Equatable, Sendable {
  /// Urgency of an alert.
  public enum Severity: String, CaseIterable, Codable, Sendable {
    case info, warning, critical
  }

  /// The groups of equipment whose ratio is judged.
  public enum Level: String, CaseIterable, Sendable {
    case district, factory
  }

  /// The condition. Shares are thousandths of a percent.
  public enum Kind: Equatable, Sendable {
    /// No message came from any equipment of a factory for ``AlertRule/hold``.
    case factorySilent
    /// A ratio over the last `days` local days is below a share; it is well again from `clearAt` on.
    case ratioBelow(Metric, days: Int, level: Level, share: Int64, clearAt: Int64)
    /// An equipment is in the state fault for ``AlertRule/hold``.
    case equipmentFault
    /// The messages refused in the last minute reach a number; it is well again below `clearBelow`.
    case refusedMessages(perMinute: Int, clearBelow: Int)
    /// The collector does not hear its broker for ``AlertRule/hold``.
    case observationGap
    /// The free share of the store's disk is below a share; it is well again from `clearAt` on.
    case diskLow(share: Int64, clearAt: Int64)
    /// A certificate ends within a time. Without files: those of `mqtt.tls`.
    case certificateExpiring(within: Span, files: [String])
    /// The month will end below a rule of the policy if equipment goes on as in the last seven days; judged from a day
    /// of the month on. It is well again from the policy's share and `margin` on.
    case policyAtRisk(Policy, level: Level, fromDay: Int, margin: Int64)

    /// The word in the rules file and in messages.
    public var name: String {
      switch self {
      case .factorySilent: "factory_silent"
      case .ratioBelow: "ratio_below"
      case .equipmentFault: "equipment_fault"
      case .refusedMessages: "refused_messages"
      case .observationGap: "observation_gap"
      case .diskLow: "disk_low"
      case .certificateExpiring: "certificate_expiring"
      case .policyAtRisk: "policy_at_risk"
      }
    }

    /// All words.
    static let names = [
      "factory_silent", "ratio_below", "equipment_fault", "refused_messages", "observation_gap", "disk_low",
      "certificate_expiring", "policy_at_risk",
    ]
  }

  public var name: String
  public var kind: Kind
  public var severity: Severity
  /// Who looks after it, as messages name them; nil if nobody is named.
  public var owner: String?
  /// Names of receivers; empty: the alert is only listed.
  public var receivers: [String]
  /// Names of maintenance windows.
  public var windows: [String]
  /// Ids of the factories it applies to; empty: all.
  public var factories: Set<String>
  /// Time for which the condition must hold before the alert is raised.
  public var hold: Span
  /// Time for which the condition must be over before the alert is resolved.
  public var clearHold: Span
  /// Time after which an alert that lasts is repeated, at least a day; nil: never.
  public var repeats: Span?
  /// The remedy in the rule's words, which replace the product's.
  public var adviceChinese: String?
  public var adviceEnglish: String?

  /// A rule without receivers, which is raised and resolved at once.
  public init(
    name: String, kind: Kind, severity: Severity = .warning, owner: String? = nil, receivers: [String] = [],
    windows: [String] = [], factories: Set<String> = [], hold: Span = .zero, clearHold: Span = .zero,
    repeats: Span? = .days(1), adviceChinese: String? = nil, adviceEnglish: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.severity = severity
    self.owner = owner
    self.receivers = receivers
    self.windows = windows
    self.factories = factories
    self.hold = hold
    self.clearHold = clearHold
    self.repeats = repeats
    self.adviceChinese = adviceChinese
    self.adviceEnglish = adviceEnglish
  }

  /// Whether it applies to a factory.
  public func covers(_ factory: String) -> Bool { factories.isEmpty || factories.contains(factory) }
}

/// Where messages of alerts are sent. Secrets are in files of mode 0600, which are read when a message is sent.
public struct AlertReceiver: Equatable, Sendable {
  /// Languages of a message's text.
  public enum Languages: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh"
    case both
  }

  /// How messages are sent. Paths are absolute.
  public enum Kind: Equatable, Sendable {
    /// JSON by HTTP POST to the address in a file or in the rules, signed with the secret in a file.
    case webhook(Address, secretFile: String)
    /// A group robot of WeCom (企业微信). Its address contains its key.
    case wecom(urlFile: String)
    /// A group robot of DingTalk (钉钉), signed if there is a secret.
    case dingtalk(urlFile: String, secretFile: String?)
    /// A group robot of Feishu (飞书), signed if there is a secret.
    case feishu(urlFile: String, secretFile: String?)
    /// JSON to a topic at the broker of the configuration, at QoS 1.
    case mqtt(topic: String)

    /// The word in the rules file.
    public var name: String {
      switch self {
      case .webhook: "webhook"
      case .wecom: "wecom"
      case .dingtalk: "dingtalk"
      case .feishu: "feishu"
      case .mqtt: "mqtt"
      }
    }

    static let names = ["webhook", "wecom", "dingtalk", "feishu", "mqtt"]
  }

  /// An address that need not be secret.
  public enum Address: Equatable, Sendable {
    case url(String)
    case file(String)
  }

  public var name: String
  public var kind: Kind
  public var languages: Languages

  /// A receiver.
  public init(name: String, kind: Kind, languages: Languages = .both) {
    self.name = name
    self.kind = kind
    self.languages = languages
  }
}

/// Time in which no alert is raised or repeated: planned work.
public struct MaintenanceWindow: Equatable, Sendable {
  public var name: String
  /// Local days on which it begins.
  public var days: ClosedRange<CalendarDay>
  /// Weekdays on which it begins, by ISO 8601: Monday is 1.
  public var weekdays: Set<Int>
  /// Minutes of its begin and its end after midnight, 0 ... 1440. An end that is not after the begin is on the next day.
  public var start: Int
  public var end: Int

  /// A window that begins on every day of `days` that is one of `weekdays`.
  public init(
    name: String, days: ClosedRange<CalendarDay> = CalendarDay.written, weekdays: Set<Int> = Set(1...7),
    start: Int = 0, end: Int = 1440
  ) {
    self.name = name
    self.days = days
    self.weekdays = weekdays
    self.start = start
    self.end = end
  }

  /// The window that begins on a day; nil if none does. Clocks that change meanwhile change its length.
  public func range(on day: CalendarDay, _ calendar: LocalCalendar) -> Range<Timestamp>? {
    guard days.contains(day), weekdays.contains(day.weekday) else { return nil }
    let from = calendar.instant(on: day, minute: start)
    let until =
      end > start
      ? end == 1440 ? calendar.start(of: day + 1) : calendar.instant(on: day, minute: end)
      : calendar.instant(on: day + 1, minute: end)
    return from < until ? from..<until : nil
  }
}
