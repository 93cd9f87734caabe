import Telemetry

extension Count {
  /// Millionths, floored; nil when the denominator is zero.
  public var millionths: Int? {
    guard denominator > 0 else { return nil }
    return Int(clamping: Int128(numerator) * 1_000_000 / Int128(denominator))
  }

  /// Whether this ratio is larger than another, exactly; a ratio without denominator is smaller than any.
  package func isLarger(than other: Count) -> Bool {
    guard denominator > 0 else { return false }
    guard other.denominator > 0 else { return true }
    return Int128(numerator) * Int128(other.denominator) > Int128(other.numerator) * Int128(denominator)
  }

  /// Whether a factory with this ratio is listed before one with another: the larger ratio first, of equal ratios the
  /// one of more equipment, and of ratios of 0 the one of less equipment, because more is missing in the other.
  package func precedes(_ other: Count) -> Bool {
    if isLarger(than: other) { return true }
    if other.isLarger(than: self) { return false }
    return numerator == 0 ? denominator < other.denominator : denominator > other.denominator
  }
}

/// The order in which a district's factories are listed.
public enum RankingOrder: Equatable, Sendable {
  /// By a metric, the largest ratio first.
  case metric(Metric)
  /// By the gap between the declared and the measured figure, the largest first: the share of equipment declared as
  /// connectable, less the share that is networked.
  case gap

  /// The key in JSON and on the command line.
  public var key: String {
    switch self {
    case .metric(let metric): metric.key
    case .gap: Self.gapKey
    }
  }
  private static let gapKey = "declared_gap"

  /// Keys of all orders.
  public static let keys: [String] = Metric.ranked.map(\.key) + [gapKey]

  /// The order with a key; nil for an unknown key, and for a metric that cannot rank factories.
  public init?(key: String) {
    if key == Self.gapKey {
      self = .gap
    } else if let metric = Metric.ranked.first(where: { $0.key == key }) {
      self = .metric(metric)
    } else {
      return nil
    }
  }

  /// The measured figure that the order is about.
  public var metric: Metric {
    switch self {
    case .metric(let metric): metric
    case .gap: .networkedRatio
    }
  }
}

extension Metric {
  /// The declared metric over the same equipment, which the measured one could reach; nil if there is none.
  public var declaredCounterpart: Metric? {
    switch self {
    case .networkedRatio, .networkedTimeRatio: .connectableRatio
    default: nil
    }
  }
}

extension Figures {
  /// The share of equipment declared as connectable, less the share that is networked; negative if more is networked
  /// than declared. Nil if either figure is missing.
  public var declaredGap: Count? {
    guard let declared = count(of: .connectableRatio), let measured = count(of: .networkedRatio),
      declared.denominator > 0, declared.denominator == measured.denominator
    else { return nil }
    return Count(declared.numerator - measured.numerator, of: declared.denominator)
  }
}

/// Mean and median of a ratio over the factories that have it: they say how factories differ, never what the
/// district's figure is (that is the roll-up).
public struct Spread: Equatable, Sendable {
  /// Number of factories that have the figure.
  public let factories: Int
  /// Mean of the factories' ratios, in millionths, floored.
  public let mean: Int
  /// Median of the factories' ratios, in millionths; of an even count the floored mean of the middle two.
  public let median: Int

  /// The spread of `counts`; nil when none has a denominator.
  public init?(_ counts: [Count]) {
    let ratios = counts.compactMap(\.millionths).sorted()
    guard !ratios.isEmpty else { return nil }
    factories = ratios.count
    mean = ratios.reduce(0, +) / ratios.count
    let middle = ratios.count / 2
    median = ratios.count % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2
  }
}

extension DistrictAssessment {
  /// The factories in an order. Of factories with equal ratios, the one with more equipment comes first, at 0 the one
  /// with less; then they are in order of their ids. Factories without the figure come last. Nil when the metric cannot
  /// rank factories.
  public func ranked(by order: RankingOrder) -> [FactorySummary]? {
    func ratio(_ factory: FactorySummary) -> Count? {
      switch order {
      case .metric(let metric): factory.figures.count(of: metric)
      case .gap: factory.figures.declaredGap
      }
    }
    guard Metric.ranked.contains(order.metric) else { return nil }
    // `factories` is ascending by id and the sort is stable, so factories with equal counts keep that order.
    return factories.map { (factory: $0, ratio: ratio($0) ?? Count(0, of: 0)) }
      .sorted { a, b in a.ratio.denominator > 0 && a.ratio.precedes(b.ratio) }
      .map(\.factory)
  }

  /// Mean and median of a metric over the factories that have it.
  public func spread(of metric: Metric) -> Spread? {
    Spread(factories.compactMap { $0.figures.count(of: metric) })
  }
}
