import Aggregation
import Alerts
import Configuration
import Telemetry

/// Values for tests of alerts.
enum Sample {
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  /// 2026-11-30 08:00 in Shanghai, a Monday.
  static let morning = Timestamp(milliseconds: 1_795_996_800_000)

  static func at(_ minutes: Int64) -> Timestamp { morning + .minutes(minutes) }

  static func settings(_ more: String = "", file: String = "/nowhere/millwright.yaml") throws -> Settings {
    try Settings.parse(
      """
      district: { id: test, name_zh: 测试园区, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      \(more)
      """, file: file)
  }

  /// Figures whose networked ratio is a count.
  static func networked(_ numerator: Int, of denominator: Int) -> Figures {
    var figures = Figures()
    figures.equipment = denominator
    figures.networked = numerator
    return figures
  }

  /// Figures whose upload rate is a count.
  static func uploads(_ numerator: Int, of denominator: Int) -> Figures {
    var figures = Figures()
    figures.time.slotsReceived = numerator
    figures.time.slotsExpected = denominator
    return figures
  }
}

/// Evaluates one rule at moments after another and keeps its states, as the database does.
struct Story {
  private let evaluation: AlertEvaluation
  private(set) var states: [AlertKey: AlertState] = [:]
  var silences: [AlertSilence] = []
  private(set) var last: [AlertChange] = []

  init(_ rules: AlertRule..., windows: [MaintenanceWindow] = []) {
    evaluation = AlertEvaluation(
      AlertRules(rules: rules, receivers: [], windows: windows), calendar: Sample.calendar)
  }

  /// The events of an evaluation: `rule subject event`.
  mutating func events(_ facts: AlertFacts) -> [String] {
    last = evaluation.changes(facts, states, silences: silences)
    for change in last { states[change.key] = change.after == .quiet ? nil : change.after }
    return last.compactMap { change in
      change.event.map { "\(change.key.rule) \(change.key.subject.text) \($0.rawValue)" }
    }
  }

  /// The only alert that is raised; nil if there is none.
  var raised: AlertState.Raised? {
    for case .raised(let raised) in states.values { return raised }
    return nil
  }
}
