import Aggregation
import Telemetry

/// A headline figure of a report as counts, for every language and format.
public struct HeadlineFigure: Sendable {
  /// A threshold of a requested policy.
  public struct Threshold: Sendable {
    public let policy: Policy
    public let verdict: PolicyVerdict.RuleVerdict
  }

  public let metric: Metric
  /// A denominator of zero means that there is no figure.
  public let count: Count
  /// The reason for a missing figure; nil if there is one.
  public let absence: Absence?
  /// nil if no policy in force has a threshold for the metric.
  public let threshold: Threshold?
  /// The figure of the previous period; nil if there is none to compare with.
  public let previous: Count?

  /// The change since the previous period in tenths of a percentage point, rounded towards zero; nil if either period
  /// has no figure.
  public var change: Int? { previous.flatMap { $0.tenthsOfPoints(to: count) } }

  /// Whether the ratio changed by less than a tenth of a percentage point, but is not the same.
  var isChangeTiny: Bool { change == 0 && previous?.hasSameRatio(as: count) == false }

  /// The metrics at the top of a report, in order.
  public static let metrics: [Metric] = [
    .networkedRatio, .networkedTimeRatio, .uploadRatio, .digitalizationRatio, .automationRatio,
  ]
}

extension Report {
  /// The headline figures; none for one machine, and none without equipment in service.
  public var headlineFigures: [HeadlineFigure] {
    if case .equipment = scope { return [] }
    guard figures.equipment > 0 else { return [] }
    let thresholds = thresholdsInForce
    return HeadlineFigure.metrics.compactMap { metric in
      guard let count = figures.count(of: metric) else { return nil }
      let own = thresholds.filter { $0.verdict.rule.metric == metric }
      return HeadlineFigure(
        metric: metric, count: count, absence: figures.absence(of: metric),
        threshold: own.filter { $0.verdict.isMet == false }.min {
          $0.verdict.rule.atLeast < $1.verdict.rule.atLeast
        }
          ?? own.max { $0.verdict.rule.atLeast < $1.verdict.rule.atLeast },
        previous: previous?.figures?.count(of: metric))
    }
  }

  /// The thresholds of the requested policies, in their order, without those of policies that are in force on no day of
  /// the period. For one metric a report shows the lowest that is missed, or else the highest.
  var thresholdsInForce: [HeadlineFigure.Threshold] {
    policies.filter { $0.policy.force(over: observation.period.days) != .never }.flatMap { verdict in
      verdict.rules.map { HeadlineFigure.Threshold(policy: verdict.policy, verdict: $0) }
    }
  }
}
