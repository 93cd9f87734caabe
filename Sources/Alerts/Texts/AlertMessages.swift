import Aggregation
import Configuration
import Telemetry

/// Writes messages of alerts: what is stored of an event before anything is sent.
public struct AlertMessages: Sendable {
  private let district: AlertMessage.District
  private let calendar: LocalCalendar

  /// Messages of the configuration's district.
  public init(_ settings: Settings) {
    district = AlertMessage.District(
      id: settings.district.id, nameZh: settings.district.nameChinese, nameEn: settings.district.nameEnglish)
    calendar = settings.district.calendar
  }

  /// The message of an event; the delivery's id is filled in for each receiver.
  ///
  /// - Parameters:
  ///   - rule: nil if the file does not have it any more.
  ///   - names: names of factories.
  func message(
    _ change: AlertChange, _ event: AlertEvent, _ alert: AlertState.Raised, _ rule: AlertRule?,
    names: [String: AlertFacts.Factory], at now: Timestamp
  ) -> AlertMessage {
    func text(_ language: AlertWording) -> AlertText {
      language.text(event, change.key, rule, alert, change.figures, at: now)
    }
    let isOver = event == .resolved || event == .withdrawn
    var equipment: String?
    if case .equipment(let key) = change.key.subject { equipment = key.equipment }
    return AlertMessage(
      delivery: "", event: event, district: district,
      alert: AlertMessage.Subject(
        id: alert.id, rule: change.key.rule, kind: rule?.kind.name ?? "",
        severity: (rule?.severity ?? .warning).rawValue, owner: rule?.owner, subject: change.key.subject.text,
        factory: change.key.subject.factory, equipment: equipment, since: time(alert.since),
        raisedAt: time(alert.raisedAt), endedAt: isOver ? time(alert.clearSince ?? now) : nil,
        repeats: alert.repeats),
      figures: rule.flatMap { Self.figures($0, change.figures) },
      text: AlertMessage.Texts(
        en: text(AlertWording(.english, calendar, names: names)),
        zh: text(AlertWording(.chinese, calendar, names: names))))
  }

  /// A change with its message and the receivers of its rule.
  public func record(
    _ change: AlertChange, _ rules: AlertRules, names: [String: AlertFacts.Factory], at now: Timestamp
  ) -> RecordedChange {
    guard let event = change.event, let alert = change.alert else { return RecordedChange(change) }
    let rule = rules.rule(change.key.rule)
    return RecordedChange(
      change, message: message(change, event, alert, rule, names: names, at: now),
      receivers: rule?.receivers ?? [])
  }

  /// A message that says that it is a test.
  public func test(of receiver: String, at now: Timestamp) -> AlertMessage {
    let moment = calendar.minute(now)
    return AlertMessage(
      delivery: "test-\(now.milliseconds)-\(receiver)", event: .raised, test: true, district: district,
      alert: AlertMessage.Subject(
        id: "test", rule: "test", kind: "test", severity: "info", owner: nil, subject: "district",
        factory: nil, equipment: nil, since: time(now), raisedAt: time(now), endedAt: nil, repeats: 0),
      figures: nil,
      text: AlertMessage.Texts(
        en: AlertText(
          title: "[test] Millwright alerts", happened: "This message is a test. Nothing has happened.",
          since: "Sent at \(moment).", figures: "", advice: ""),
        zh: AlertText(
          title: "[测试] Millwright 告警", happened: "这是一条测试消息，并无异常。", since: "发送时间：\(moment)。", figures: "",
          advice: "")))
  }

  private func time(_ instant: Timestamp) -> String { instant.rfc3339(offset: calendar.offset(at: instant)) }

  private static func figures(_ rule: AlertRule, _ figures: AlertFigures?) -> AlertMessage.Figures? {
    guard let figures, let numerator = figures.numerator, let denominator = figures.denominator else {
      return nil
    }
    var threshold = figures.threshold.map { Thousandths.text($0) }
    if case .refusedMessages(let perMinute, _) = rule.kind { threshold = "\(perMinute)" }
    return AlertMessage.Figures(
      metric: figures.metric, numerator: numerator, denominator: denominator,
      percent: Count(numerator, of: denominator).percent, threshold: threshold)
  }
}
