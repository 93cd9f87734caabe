import Register
import Telemetry

/// Numbers of factories with a ratio in each tenth of the scale.
public struct Distribution: Equatable, Sendable {
  /// From 0 %, 10 %, … 90 %, each excluding the next; the last is exactly 100 %.
  public let factories: [Int]
  /// Factories without the figure.
  public let without: Int

  /// Lower bound of each class, in percent.
  public static let bounds = Array(stride(from: 0, through: 100, by: 10))

  /// The distribution of factories' ratios.
  public init(_ counts: [Count]) {
    var factories = Array(repeating: 0, count: Self.bounds.count)
    var without = 0
    for count in counts {
      guard let permille = count.permille else {
        without += 1
        continue
      }
      factories[permille / 100] += 1
    }
    self.factories = factories
    self.without = without
  }
}

/// The factories of one industry, added up.
public struct IndustryFigures: Sendable {
  /// As the register names it; empty for factories without one.
  public let industry: String
  public let factories: Int
  public let figures: Figures
}

/// Numbers of factories of a district that meet a policy.
public struct PolicyAttainment: Sendable {
  /// One threshold.
  public struct Rule: Equatable, Sendable {
    public let rule: Policy.Rule
    public let met: Int
    public let unmet: Int
    /// Without the figure.
    public let open: Int
  }

  /// One step of a scale.
  public struct Band: Equatable, Sendable {
    public let band: Policy.Band
    public let factories: Int
  }

  public let policy: Policy
  /// Factories that meet every rule, miss one, or lack a figure; all 0 for a policy without rules.
  public let met: Int
  public let unmet: Int
  public let open: Int
  public let rules: [Rule]
  public let bands: [Band]

  /// Holds each factory's own figures of a period against `policy`.
  public init(_ policy: Policy, of factories: [FactorySummary], over period: Period) {
    let verdicts = factories.map { PolicyVerdict(policy, of: $0.figures.shown(in: period)) }
    self.policy = policy
    let overall = policy.rules.isEmpty ? [] : verdicts.map(\.isMet)
    met = overall.count { $0 == true }
    unmet = overall.count { $0 == false }
    open = overall.count { $0 == nil }
    rules = policy.rules.indices.map { index in
      let of = verdicts.map { $0.rules[index].isMet }
      return Rule(
        rule: policy.rules[index], met: of.count { $0 == true }, unmet: of.count { $0 == false },
        open: of.count { $0 == nil })
    }
    bands = policy.bands.map { band in
      Band(band: band, factories: verdicts.count { $0.bands.contains { $0.band == band } })
    }
  }
}

extension DistrictAssessment {
  /// The factories that the register knows.
  public var registeredFactories: [FactorySummary] { factories.filter(\.isRegistered) }

  /// Distribution of the registered factories' ratios.
  public func distribution(of metric: Metric) -> Distribution {
    Distribution(registeredFactories.compactMap { $0.figures.count(of: metric) })
  }

  /// The registered factories by industry, ascending by name, those without one last. They add up to all
  /// registered factories.
  public var industries: [IndustryFigures] {
    let groups = Dictionary(grouping: registeredFactories, by: \.factory.industry)
    let names = groups.keys.sorted { a, b in a.isEmpty != b.isEmpty ? b.isEmpty : a < b }
    return names.map { name in
      let members = groups[name] ?? []
      return IndustryFigures(
        industry: name, factories: members.count,
        figures: members.reduce(into: Figures()) { $0 += $1.figures })
    }
  }
}
