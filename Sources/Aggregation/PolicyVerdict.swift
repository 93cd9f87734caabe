import Telemetry

/// Judgement of figures by a policy. Everything is compared in integers.
public struct PolicyVerdict: Equatable, Sendable {
  /// One rule held against its figure.
  public struct RuleVerdict: Equatable, Sendable {
    public var rule: Policy.Rule
    public var count: Count
    /// nil without a figure.
    public var isMet: Bool?
    /// Number missing from the numerator; 0 if the rule is met or there is no figure.
    public var missing: Int
    /// The reason why there is no figure; nil if there is one.
    public var absence: Absence?
  }

  /// The step of a scale that a figure reaches.
  public struct BandVerdict: Equatable, Sendable {
    public var metric: Metric
    public var count: Count
    /// nil without a figure, and for one in no step.
    public var band: Policy.Band?
    /// The reason why there is no figure; nil if there is one.
    public var absence: Absence?
    /// Points of that step, in thousandths; nil without a step, and for a scale without points.
    public var points: Int64? { band?.points }
  }

  /// Points of a policy's scales, in thousandths.
  public struct Points: Equatable, Sendable {
    /// Reached by the figures there are.
    public var reached: Int64
    /// The most that the scales give.
    public var most: Int64
    /// Scales whose figure is missing, or in no step: their points are left out of those reached.
    public var open: [Metric]
  }

  public let policy: Policy
  public let rules: [RuleVerdict]
  /// One for each metric of the policy's scales, in their order.
  public let bands: [BandVerdict]

  /// Holds figures against a policy.
  public init(_ policy: Policy, of figures: Figures) {
    self.policy = policy
    rules = policy.rules.map { rule in
      let count = figures.count(of: rule.metric) ?? Count(0, of: 0)
      guard count.denominator > 0 else {
        return RuleVerdict(
          rule: rule, count: count, isMet: nil, missing: 0, absence: figures.absence(of: rule.metric))
      }
      // numerator / denominator ≥ atLeast / 100,000, without dividing.
      let needed = (Int128(count.denominator) * Int128(rule.atLeast) + 99_999) / 100_000
      return RuleVerdict(
        rule: rule, count: count, isMet: Int128(count.numerator) >= needed,
        missing: Int(clamping: max(0, needed - Int128(count.numerator))))
    }
    bands = policy.scales.map { metric in
      let count = figures.count(of: metric) ?? Count(0, of: 0)
      let reached = policy.bands.first { $0.metric == metric && $0.contains(count) }
      return BandVerdict(
        metric: metric, count: count, band: reached, absence: figures.absence(of: metric))
    }
  }

  /// Whether every rule is met. One that is not decides; else a figure that cannot be had leaves it open
  /// (nil), as does a policy without rules.
  public var isMet: Bool? {
    if rules.contains(where: { $0.isMet == false }) { return false }
    if rules.isEmpty || rules.contains(where: { $0.isMet == nil }) { return nil }
    return true
  }

  /// The metrics it asks for that have no figure, each once, in its order.
  public var missingFigures: [Metric] {
    let missing =
      rules.filter { $0.isMet == nil }.map(\.rule.metric)
      + bands.filter { $0.count.denominator == 0 }.map(\.metric)
    return missing.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The points that the figures reach; nil for a policy whose scales give none.
  public var points: Points? {
    let scoring = policy.bands.filter { $0.points != nil }
    guard !scoring.isEmpty else { return nil }
    var points = Points(reached: 0, most: 0, open: [])
    for verdict in bands {
      let most = scoring.filter { $0.metric == verdict.metric }.compactMap(\.points).max()
      guard let most else { continue }
      points.most += most
      if let reached = verdict.points {
        points.reached += reached
      } else {
        points.open.append(verdict.metric)
      }
    }
    return points
  }
}
