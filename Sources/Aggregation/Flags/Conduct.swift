import Storage
import Telemetry

/// How one sender behaved over a period, beyond what figures are made of.
public struct Conduct: Equatable, Sendable {
  /// Milliseconds running in each mode.
  public var automaticRunning: Int64 = 0
  public var manualRunning: Int64 = 0
  public var bootReturns = 0
  public var ties = 0
  /// By meter, its resets without rollovers: when the last was confirmed, and how many there were.
  private(set) var resets: [MeterReset.Meter: Resets] = [:]
  struct Resets: Equatable, Sendable {
    var last: Timestamp
    var times: Int
  }
  /// Steps in which good pieces rose by more than all pieces.
  public var goodAboveTotal = 0
  /// Whether a meter counts more than any machine can.
  public var isSaturated = false
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

  /// The conduct that a period's evidence shows, of equipment whose energy meter is declared to begin anew at
  /// `rollover`.
  init(_ evidence: PeriodEvidence, rollover: Int64?) {
    self.init(evidence.days)
    for reset in evidence.meterResets where !(rollover.map(reset.isRollover(at:)) ?? false) {
      resets[reset.meter] = Resets(last: reset.at, times: (resets[reset.meter]?.times ?? 0) + 1)
    }
  }

  /// The conduct that a period's days show.
  init(_ days: [PeriodEvidence.Day]) {
    var sums: [Int64] = [0, 0, 0]
    for day in days {
      automaticRunning += Int64(day.totals.automaticRunning)
      manualRunning += Int64(day.totals.manualRunning)
      bootReturns += Int(day.totals.bootReturns)
      ties += Int(day.totals.ties)
      goodAboveTotal += Int(day.totals.odd.goodAboveTotal)
      sums = zip(sums, [day.totals.energy, day.totals.good, day.totals.total]).map { $0.addingSaturated($1) }
      if let skew = day.totals.skew { skews.append(skew) }
    }
    isSaturated = sums.contains { $0 >= TimeFigures.saturation }
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
