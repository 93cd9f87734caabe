import Telemetry

extension Count {
  /// Millionths, floored; nil when the denominator is zero.
  public var millionths: Int? {
    guard denominator > 0 else { return nil }
    return Int(Int128(numerator) * 1_000_000 / Int128(denominator))
  }

  /// Whether this ratio is larger than another, exactly; a ratio without denominator is smaller than any.
  func isLarger(than other: Count) -> Bool {
    guard denominator > 0 else { return false }
    guard other.denominator > 0 else { return true }
    return Int128(numerator) * Int128(other.denominator) > Int128(other.numerator) * Int128(denominator)
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
  /// The factories by a metric, largest first; those without the figure last, ties by id. Nil when the
  /// metric does not count equipment.
  public func ranked(by metric: Metric) -> [FactorySummary]? {
    guard Metric.ranked.contains(metric) else { return nil }
    // `factories` is ascending by id and the sort is stable, so ties keep that order.
    return factories.sorted { a, b in
      guard let x = a.figures.count(of: metric), let y = b.figures.count(of: metric) else { return false }
      return x.isLarger(than: y)
    }
  }

  /// Mean and median of a metric over the factories that have it.
  public func spread(of metric: Metric) -> Spread? {
    Spread(factories.compactMap { $0.figures.count(of: metric) })
  }
}
