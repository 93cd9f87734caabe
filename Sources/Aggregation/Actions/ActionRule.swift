import Register
import Storage
import Telemetry

/// An action that raises a ratio, and the equipment it applies to: a line of the rules file.
public struct ActionRule: Equatable, Sendable {
  /// Condition on the equipment of a rule; nil asks nothing.
  public struct Condition: Equatable, Sendable {
    public var buckets: Set<Bucket>?
    public var automation: Set<Automation>?
    public var digital: Bool?
    public var connectable: Bool?
    public var intelligent: Bool?
    public var networked: Bool?

    /// Asks nothing.
    public init() {}

    func holds(for equipment: Assessment) -> Bool {
      guard let bucket = equipment.bucket, let registered = equipment.entry?.equipment else { return false }
      func agrees<Value: Equatable>(_ asked: Value?, _ value: Value) -> Bool {
        asked == nil || asked == value
      }
      return (buckets?.contains(bucket) ?? true) && (automation?.contains(registered.automation) ?? true)
        && agrees(digital, registered.digital) && agrees(connectable, registered.connectable)
        && agrees(intelligent, registered.intelligent) && agrees(networked, equipment.isNetworked)
    }
  }

  /// Whether it is about how things stand at an instant.
  public var isOfStates: Bool {
    metric.isState
      || !(equipment.buckets ?? []).isDisjoint(with: [.reporting, .silent, .offline])
  }

  public var name: String
  /// The ratio it raises: one of ``Metric/equipmentRatios``.
  public var metric: Metric
  public var equipment: Condition
  /// The advice. `{place}`, `{count}` and `{equipment}` are filled in; `{remedy}` is the remedy for the most frequent
  /// fault of the equipment's refused messages.
  public var textChinese: String
  public var textEnglish: String

  /// A rule as its file gives it.
  public init(name: String, metric: Metric, equipment: Condition, textChinese: String, textEnglish: String) {
    self.name = name
    self.metric = metric
    self.equipment = equipment
    self.textChinese = textChinese
    self.textEnglish = textEnglish
  }
}

/// Something to do next: with which equipment of one workshop, and what it gains.
public struct Action: Sendable {
  public let rule: ActionRule
  /// Empty for equipment without one.
  public let workshop: String
  /// Ascending by id.
  public let equipment: [String]
  /// The most frequent fault among the refused messages of this equipment; nil when none were refused.
  public let refusal: Refusal?
  /// The ratio now, and once this alone is done.
  public let before: Count
  public let after: Count
  /// Thresholds this alone is enough to reach.
  public let reaches: [Threshold]
  /// The nearest threshold of the ratio, where this alone does not reach it, and how many are lacking then.
  public let next: (threshold: Threshold, missing: Int)?
}

/// A share that a policy asks of a ratio, not reached yet.
public struct Threshold: Equatable, Sendable {
  public let policy: Policy
  /// Thousandths of a percent.
  public let share: Int64
  /// Whether the share itself is not enough: a step of a scale begins above it.
  public let isExclusive: Bool
  /// The step's name; empty for a rule.
  public let band: String

  /// Least numerator.
  func needed(of denominator: Int) -> Int {
    let product = Int128(denominator) * Int128(share)
    return Int(clamping: isExclusive ? product / 100_000 + 1 : (product + 99_999) / 100_000)
  }
}
