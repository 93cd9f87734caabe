import Aggregation
import Telemetry

/// A ratio at the end of a month if everything goes on as in the last days.
public struct MonthProjection: Equatable, Sendable {
  /// The ratio now.
  public var now: Count
  /// The ratio at the month's end.
  public var atEnd: Count

  /// Projects a metric of a group; nil if it has no figure.
  ///
  /// A ratio that counts equipment at an instant stays as it is. One that adds up over time gets what the last days
  /// would add in the time that is left: numerator and denominator, each in proportion to the time, rounded down.
  public init?(_ metric: Metric, of subject: AlertSubject, in month: AlertFacts.Month) {
    guard let now = month.soFar.count(of: metric, subject) else { return nil }
    self.now = now
    let left = (month.end - month.until).milliseconds
    let length = (month.until - month.recentFrom).milliseconds
    guard Metric.timeRatios.contains(metric), left > 0, length > 0,
      let recent = month.recent.count(of: metric, subject)
    else {
      atEnd = now
      return
    }
    func added(_ part: Int) -> Int { Int(clamping: Int128(part) * Int128(left) / Int128(length)) }
    atEnd = now + Count(added(recent.numerator), of: added(recent.denominator))
  }
}

extension Count {
  /// Whether the ratio is below a share in thousandths of a percent, compared exactly. A ratio without denominator is
  /// not.
  func isBelow(_ share: Int64) -> Bool {
    denominator > 0 && Int128(numerator) * 100_000 < Int128(share) * Int128(denominator)
  }
}
