import Storage
import Telemetry

/// How one sender behaved over a period, beyond what figures are made of.
public struct Conduct: Equatable, Sendable {
  /// Milliseconds running in each mode.
  public var automaticRunning: Int64 = 0
  public var manualRunning: Int64 = 0
  public var bootReturns = 0
  public var ties = 0
  /// By day, the least receipt − event time in milliseconds.
  private var skews: [Int64] = []

  /// The days before a period that are looked at too, to judge a clock by thirty days at least: a day whose
  /// messages were all kept back, or queued while nobody listened, says nothing about it.
  public static func days(before period: Period) -> Range<CalendarDay> {
    min(period.lastDay - 29, period.firstDay)..<period.firstDay
  }

  /// The same with what clocks were off on days before the period.
  func after(_ earlier: [Int64]) -> Conduct {
    var conduct = self
    conduct.skews = earlier + skews
    return conduct
  }

  /// The conduct that a period's days show.
  init(_ days: [PeriodEvidence.Day]) {
    for day in days {
      automaticRunning += Int64(day.totals.automaticRunning)
      manualRunning += Int64(day.totals.manualRunning)
      bootReturns += Int(day.totals.bootReturns)
      ties += Int(day.totals.ties)
      if let skew = day.totals.skew { skews.append(skew) }
    }
  }

  /// How far the clock is off: the median over days; nil below what is noticeable.
  ///
  /// Of each day the least is taken, because delays on the way only add to the difference.
  var skew: Span? {
    guard !skews.isEmpty else { return nil }
    let median = skews.sorted()[(skews.count - 1) / 2]
    return abs(median) >= AuditFlag.noticeableSkew.milliseconds ? .milliseconds(median) : nil
  }

  /// The likely cause of a difference.
  func cause(of skew: Span) -> ClockCause {
    let half = Span.minutes(30).milliseconds
    let rest = abs(skew.milliseconds) % half
    if abs(skew.milliseconds) >= half - 300_000, min(rest, half - rest) <= 300_000 { return .timeZone }
    let steps = zip(skews, skews.dropFirst()).map { abs($1) - abs($0) }
    if steps.count >= 3, steps.allSatisfy({ $0 > 0 }) { return .drifting }
    return .notSet
  }
}
