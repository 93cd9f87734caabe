import Configuration
import Telemetry

/// One alert's state before and after an evaluation.
public struct AlertChange: Equatable, Sendable {
  public var key: AlertKey
  public var before: AlertState
  public var after: AlertState
  /// The event that receivers are told of; nil if only the state changed.
  public var event: AlertEvent?
  /// The numbers at this moment; nil if they are not known.
  public var figures: AlertFigures?
  /// The alert that the event is about; nil without an event.
  public var alert: AlertState.Raised?

  /// A change.
  public init(
    key: AlertKey, before: AlertState, after: AlertState, event: AlertEvent?, figures: AlertFigures?,
    alert: AlertState.Raised?
  ) {
    self.key = key
    self.before = before
    self.after = after
    self.event = event
    self.figures = figures
    self.alert = alert
  }
}

/// Holds all rules against facts: a pure function of rules, facts, states and silences.
public struct AlertEvaluation: Sendable {
  private let rules: AlertRules
  private let calendar: LocalCalendar

  /// An evaluation of rules in a district's time zone.
  public init(_ rules: AlertRules, calendar: LocalCalendar) {
    self.rules = rules
    self.calendar = calendar
  }

  /// The changes at the moment of the facts, ascending by rule in the order of the file and by subject.
  ///
  /// - Parameter states: every state that is not quiet.
  public func changes(
    _ facts: AlertFacts, _ states: [AlertKey: AlertState], silences: [AlertSilence] = []
  ) -> [AlertChange] {
    var subjects: [String: Set<AlertSubject>] = [:]
    for key in states.keys { subjects[key.rule, default: []].insert(key.subject) }
    var changes: [AlertChange] = []
    for rule in rules.rules {
      let windows = rule.windows.compactMap { name in rules.windows.first { $0.name == name } }
      let ranges =
        Muting.ranges(of: windows, near: facts.at, calendar)
        + silences.filter { $0.target == rule.name && $0.from < $0.until }.map { $0.from..<$0.until }
      let judged = (subjects.removeValue(forKey: rule.name) ?? []).union(rule.subjects(in: facts))
      for subject in judged.sorted(by: { $0.text < $1.text }) {
        let key = AlertKey(rule: rule.name, subject: subject)
        let state = states[key] ?? .quiet
        let muting = Muting(ranges + Self.ranges(silencing: state, silences), at: facts.at)
        let condition = rule.condition(of: subject, in: facts, mutedUntil: muting.mutedUntil)
        if let change = Self.change(key, state, condition, .init(rule), muting.isMuted, facts.at) {
          changes.append(change)
        }
      }
    }
    // Alerts of rules that the file does not have any more.
    for (rule, gone) in subjects.sorted(by: { $0.key < $1.key }) {
      for subject in gone.sorted(by: { $0.text < $1.text }) {
        let key = AlertKey(rule: rule, subject: subject)
        let state = states[key] ?? .quiet
        if let change = Self.change(key, state, .gone, .init(), false, facts.at) { changes.append(change) }
      }
    }
    return changes
  }

  private static func ranges(
    silencing state: AlertState, _ silences: [AlertSilence]
  ) -> [Range<Timestamp>] {
    guard case .raised(let raised) = state else { return [] }
    return silences.filter { $0.target == raised.id && $0.from < $0.until }.map { $0.from..<$0.until }
  }

  private static func change(
    _ key: AlertKey, _ before: AlertState, _ condition: AlertCondition, _ timing: AlertState.Timing,
    _ isMuted: Bool, _ now: Timestamp
  ) -> AlertChange? {
    var after = before
    let event = after.advance(condition, timing, isMuted: isMuted, of: key, at: now)
    guard after != before || event != nil else { return nil }
    var alert: AlertState.Raised?
    if event != nil {
      if case .raised(let raised) = after {
        alert = raised
      } else if case .raised(let raised) = before {
        alert = raised
      }
    }
    return AlertChange(
      key: key, before: before, after: after, event: event, figures: condition.figures, alert: alert)
  }
}
