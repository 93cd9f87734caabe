import Telemetry

/// The course of a report's figures: those of several periods, one after the other.
public struct Trend: Sendable {
  public let unit: TrendSteps.Unit
  /// Ascending and without gaps in time, from the first period that was observed. Empty if none was.
  public let steps: [TrendStep]
  /// Number of observed periods before the first step that were not read because that takes long.
  public let leftOut: Int

  /// A trend without the periods before the first that was observed.
  public init(unit: TrendSteps.Unit, steps: [TrendStep], leftOut: Int = 0) {
    self.unit = unit
    self.steps = Array(steps.drop { $0.absence == .notObserved })
    self.leftOut = leftOut
  }

  /// Numerator and denominator of a metric for each step; nil for a step without the figure. nil if fewer than two steps
  /// have it: that is no course.
  public func course(of metric: Metric) -> [Count?]? {
    let counts = steps.map { $0.count(of: metric) }
    return counts.count { $0 != nil } > 1 ? counts : nil
  }
}

/// One period of a trend. It has the figures that a report on this period has with the same register version.
public struct TrendStep: Sendable {
  public let period: Period
  /// nil if they cannot be compared with those of other periods.
  public let figures: Figures?
  /// The reason for missing figures; nil with figures.
  public let absence: PreviousPeriod.Absence?

  /// A period as it is read for comparison.
  public init(_ found: PreviousPeriod) {
    period = found.period
    figures = found.figures
    absence = found.absence
  }

  /// A period with the figures of its report. They cannot be compared if less of the period was observed than a report
  /// needs.
  public init(_ observation: Observation, _ figures: Figures) {
    let period = observation.period
    if let absence = observation.insufficiency {
      self.init(PreviousPeriod(period, without: absence))
    } else {
      self.init(PreviousPeriod(period, figures: figures))
    }
  }

  /// Numerator and denominator of a metric; nil if the period does not have the figure.
  public func count(of metric: Metric) -> Count? {
    guard let figures, figures.absence(of: metric) == nil else { return nil }
    return figures.count(of: metric)
  }
}

extension Observation {
  /// The reason why figures of the period cannot be compared with those of another; nil if they can.
  public var insufficiency: PreviousPeriod.Absence? {
    isSufficient ? nil : isNothing ? .notObserved : .insufficientData
  }
}
