import Aggregation
import Configuration
import Telemetry

/// The numbers behind a condition, for messages.
public struct AlertFigures: Equatable, Codable, Sendable {
  /// A ratio, or a count of a whole; nil without.
  public var numerator: Int?
  public var denominator: Int?
  /// The same as it was before a projection; nil without.
  public var presentNumerator: Int?
  public var presentDenominator: Int?
  /// The threshold, in the unit of the rule: thousandths of a percent, or messages a minute.
  public var threshold: Int64?
  /// Key of the metric.
  public var metric: String?
  /// Milliseconds UTC of the last message, or of the end of a certificate.
  public var instant: Int64?

  /// No numbers.
  public init() {}

  /// A ratio held against a threshold.
  init(_ count: Count, threshold: Int64, metric: Metric? = nil) {
    numerator = count.numerator
    denominator = count.denominator
    self.threshold = threshold
    self.metric = metric?.key
  }

  /// An instant.
  init(_ instant: Timestamp) { self.instant = instant.milliseconds }
}

/// The result of a rule for one subject at one moment.
public enum AlertCondition: Equatable, Sendable {
  /// The condition holds; `since` when it began, if the facts say so.
  case met(since: Timestamp?, AlertFigures)
  /// It does not hold, and it is not well either: between the thresholds of raising and clearing.
  case between(AlertFigures)
  case clear(AlertFigures)
  /// The facts do not say.
  case unknown
  /// The subject does not exist any more.
  case gone

  /// The numbers; none if they are not known.
  public var figures: AlertFigures? {
    switch self {
    case .met(_, let figures), .between(let figures), .clear(let figures): figures
    case .unknown, .gone: nil
    }
  }
}

extension AlertRule {
  /// Subjects that may need an alert now. Others need none unless they have one already.
  func subjects(in facts: AlertFacts) -> [AlertSubject] {
    switch kind {
    case .factorySilent: return factories(in: facts).map(AlertSubject.factory)
    case .equipmentFault:
      return (facts.machines ?? [:]).filter { $0.value == .fault && covers($0.key.factory) }.keys.sorted()
        .map(AlertSubject.equipment)
    case .ratioBelow(_, _, .factory, _, _), .policyAtRisk(_, .factory, _, _):
      return factories(in: facts).map(AlertSubject.factory)
    case .ratioBelow(_, _, .district, _, _), .policyAtRisk(_, .district, _, _): return [.district]
    case .refusedMessages, .observationGap, .diskLow: return [.collector]
    case .certificateExpiring: return facts.certificates.keys.sorted().map(AlertSubject.certificate)
    }
  }

  private func factories(in facts: AlertFacts) -> [String] {
    (facts.factories ?? [:]).keys.filter(covers).sorted()
  }

  /// The result of the rule for a subject.
  ///
  /// - Parameter mutedUntil: end of the newest maintenance window or silence that is over: time before it does not count.
  func condition(of subject: AlertSubject, in facts: AlertFacts, mutedUntil: Timestamp?) -> AlertCondition {
    if let factory = subject.factory, !covers(factory) { return .gone }
    switch (kind, subject) {
    case (.factorySilent, .factory(let id)): return silence(of: id, facts, mutedUntil)
    case (.ratioBelow(let metric, let days, let level, let share, let clearAt), _):
      guard isOf(level, subject) else { return .gone }
      guard let period = facts.periods[days] else { return .unknown }
      if isMissing(subject, in: facts) { return .gone }
      guard let count = period.count(of: metric, subject) else { return .unknown }
      return Self.below(count, share, clearAt, metric)
    case (.equipmentFault, .equipment(let key)):
      guard let machines = facts.machines else { return .unknown }
      switch machines[key] {
      case nil: return .gone
      case .fault: return .met(since: nil, AlertFigures())
      case .other: return .clear(AlertFigures())
      case .unknown: return .unknown
      }
    case (.refusedMessages(let most, let clearBelow), .collector):
      guard let refused = facts.collector?.refused else { return .unknown }
      let figures = AlertFigures(refused, threshold: Int64(most))
      if refused.numerator >= most { return .met(since: nil, figures) }
      return refused.numerator < clearBelow ? .clear(figures) : .between(figures)
    case (.observationGap, .collector): return gap(facts, mutedUntil)
    case (.diskLow(let share, let clearAt), .collector):
      guard let disk = facts.collector?.disk else { return .unknown }
      return Self.below(disk, share, clearAt, nil)
    case (.certificateExpiring(let within, _), .certificate(let file)):
      guard let end = facts.certificates[file] else { return .unknown }
      let isNear = (end - facts.at) < within
      return isNear ? .met(since: nil, AlertFigures(end)) : .clear(AlertFigures(end))
    case (.policyAtRisk, _): return risk(of: subject, facts)
    default: return .gone
    }
  }

  private func isOf(_ level: Level, _ subject: AlertSubject) -> Bool {
    switch (level, subject) {
    case (.district, .district), (.factory, .factory): true
    default: false
    }
  }

  private func isMissing(_ subject: AlertSubject, in facts: AlertFacts) -> Bool {
    guard case .factory(let id) = subject, let factories = facts.factories else { return false }
    return factories[id] == nil
  }

  private func silence(of id: String, _ facts: AlertFacts, _ mutedUntil: Timestamp?) -> AlertCondition {
    guard let factories = facts.factories else { return .unknown }
    guard let factory = factories[id] else { return .gone }
    // One that was never heard has not fallen silent. Without observation nobody knows.
    guard let last = factory.lastHeard, let collector = facts.collector, collector.unobservedSince == nil
    else { return .unknown }
    let figures = AlertFigures(last)
    if facts.at - last < hold { return .clear(figures) }
    let counted = [last, collector.observedSince, mutedUntil].compactMap { $0 }.max() ?? last
    return facts.at - counted >= hold ? .met(since: last, figures) : .between(figures)
  }

  private func gap(_ facts: AlertFacts, _ mutedUntil: Timestamp?) -> AlertCondition {
    guard let collector = facts.collector else { return .unknown }
    guard let since = collector.unobservedSince else { return .clear(AlertFigures()) }
    let figures = AlertFigures(since)
    let counted = max(since, mutedUntil ?? since)
    return facts.at - counted >= hold ? .met(since: since, figures) : .between(figures)
  }

  private static func below(
    _ count: Count, _ share: Int64, _ clearAt: Int64, _ metric: Metric?
  ) -> AlertCondition {
    let figures = AlertFigures(count, threshold: share, metric: metric)
    if count.isBelow(share) { return .met(since: nil, figures) }
    return count.isBelow(clearAt) ? .between(figures) : .clear(figures)
  }

  private func risk(of subject: AlertSubject, _ facts: AlertFacts) -> AlertCondition {
    guard case .policyAtRisk(let policy, let level, let fromDay, let margin) = kind, isOf(level, subject)
    else { return .gone }
    guard let month = facts.month else { return .unknown }
    if isMissing(subject, in: facts) { return .gone }
    var isClear = true
    var isKnown = false
    var shown: AlertFigures?
    for rule in policy.rules {
      guard let projection = MonthProjection(rule.metric, of: subject, in: month) else { continue }
      isKnown = true
      var figures = AlertFigures(projection.atEnd, threshold: rule.atLeast, metric: rule.metric)
      figures.presentNumerator = projection.now.numerator
      figures.presentDenominator = projection.now.denominator
      // Too early in the month the few days say little.
      if projection.atEnd.isBelow(rule.atLeast), isLateEnough(month, fromDay) {
        return .met(since: nil, figures)
      }
      if projection.atEnd.isBelow(min(rule.atLeast + margin, 100_000)) {
        isClear = false
        shown = figures
      }
      if shown == nil { shown = figures }
    }
    guard isKnown, isLateEnough(month, fromDay), let shown else { return .unknown }
    return isClear ? .clear(shown) : .between(shown)
  }

  private func isLateEnough(_ month: AlertFacts.Month, _ fromDay: Int) -> Bool {
    Int(month.today.number) - Int(month.firstDay.number) + 1 >= fromDay
  }
}
