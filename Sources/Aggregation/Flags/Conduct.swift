import Storage
import Telemetry

/// Behaviour of one sender over a period, for flags; figures do not use it.
public struct Conduct: Equatable, Sendable {
  public var bootReturns = 0
  public var ties = 0
  /// Resets of each meter, without rollovers: the time of the last confirmed one, and their number.
  private(set) var resets: [MeterReset.Meter: Resets] = [:]
  struct Resets: Equatable, Sendable {
    var last: Timestamp
    var times: Int
  }
  /// Steps in which good pieces rose by more than all pieces.
  public var goodAboveTotal = 0
  /// Whether a meter counts more than any machine can.
  public var isSaturated = false
  /// Jumps of the sequence number that show no loss, since the counter is not the sender's own; and number of
  /// readings.
  public var sequenceJumps = 0
  public var readings = 0
  /// By day, of the period and the days read before it; empty unless the clock deviates noticeably on one of them.
  private var clocks: [ClockDay] = []

  /// Days before a period that are read too, so that a clock is judged by at least thirty days.
  public static func days(before period: Period) -> Range<CalendarDay> {
    min(period.lastDay - 29, period.firstDay)..<period.firstDay
  }

  /// Makes the conduct of a period from its evidence, for equipment whose energy meter is declared to restart from 0
  /// at `rollover`, or nil.
  ///
  /// - Throws: the error of reading its clock before the period.
  init(_ evidence: PeriodEvidence, rollover: Int64?) throws {
    add(evidence.days)
    noteClocks(evidence.days, after: try evidence.earlierClocks?() ?? [])
    for reset in evidence.meterResets where !(rollover.map(reset.isRollover(at:)) ?? false) {
      resets[reset.meter] = Resets(last: reset.at, times: (resets[reset.meter]?.times ?? 0) + 1)
    }
  }

  /// Adds the counts of a period's days. It allocates nothing: a district judges all its machines.
  private mutating func add(_ days: [PeriodEvidence.Day]) {
    var sums: (energy: Int64, good: Int64, total: Int64) = (0, 0, 0)
    for index in days.indices {
      bootReturns += Int(days[index].totals.bootReturns)
      ties += Int(days[index].totals.ties)
      goodAboveTotal += Int(days[index].totals.odd.goodAboveTotal)
      sums.energy.add(saturating: days[index].totals.energy)
      sums.good.add(saturating: days[index].totals.good)
      sums.total.add(saturating: days[index].totals.total)
      sequenceJumps += Int(days[index].totals.sequenceJumps)
      readings += Int(days[index].totals.readings)
    }
    isSaturated = max(sums.energy, sums.good, sums.total) >= TimeFigures.saturation
  }

  /// Notes the clock by day if it deviates noticeably on one of the days: else its median does not.
  private mutating func noteClocks(_ days: [PeriodEvidence.Day], after earlier: [ClockDay]) {
    guard
      days.contains(where: { $0.totals.skew.map(Self.isNoticeable) ?? false })
        || earlier.contains(where: { Self.isNoticeable($0.skew) })
    else { return }
    clocks = earlier
    for day in days {
      if let skew = day.totals.skew { clocks.append(ClockDay(skew: skew, live: Int(day.totals.live))) }
    }
  }

  private static func isNoticeable(_ skew: Int64) -> Bool {
    skew.magnitude >= AuditFlag.noticeableSkew.milliseconds.magnitude
  }

  /// Whether any flag follows from it.
  var isConspicuous: Bool {
    bootReturns > 0 || ties > 0 || !resets.isEmpty || goodAboveTotal > 0 || isSaturated || hasForeignCounter
      || skew != nil
  }

  /// Whether its sequence numbers jump so often that they do not count its messages.
  var hasForeignCounter: Bool { sequenceJumps >= 3 && sequenceJumps >= readings / 4 }

  /// The clock's deviation from receipt: the median over live readings, where each day stands for its live readings
  /// with its least difference, because delays on the way only add to it. nil below the noticeable deviation, and
  /// with fewer than three live readings.
  var skew: Span? {
    let all = clocks.reduce(0) { $0 + $1.live }
    guard all >= Self.readingsToJudge else { return nil }
    var before = 0
    for day in clocks.sorted(by: { $0.skew < $1.skew }) {
      before += day.live
      guard before * 2 >= all else { continue }
      return Self.isNoticeable(day.skew) ? .milliseconds(day.skew) : nil
    }
    return nil
  }
  /// Minimum number of live readings for judging a clock.
  private static let readingsToJudge = 3

  /// The likely cause of a difference.
  func cause(of skew: Span) -> ClockCause {
    if let cause = ClockCause.zone(of: skew) { return cause }
    let steps = zip(clocks, clocks.dropFirst()).map { Double($1.skew.magnitude) - Double($0.skew.magnitude) }
    if steps.count >= 3, steps.allSatisfy({ $0 > 0 }) { return .drifting }
    return .notSet
  }
}

/// Causes of a clock's deviation. The raw value is the word in JSON.
public enum ClockCause: String, CaseIterable, Sendable {
  /// Near a whole number of half hours, of at most 14 hours: the time zone.
  case timeZone = "time_zone"
  /// The deviation grows every day.
  case drifting
  /// Times are sent in seconds, microseconds or nanoseconds instead of milliseconds.
  case seconds
  case microseconds
  case nanoseconds
  /// Any other cause.
  case notSet = "not_set"

  /// `timeZone` if the difference is within five minutes of a multiple of half an hour, up to 14 hours; nil
  /// otherwise.
  static func zone(of skew: Span) -> ClockCause? {
    let half = Span.minutes(30).milliseconds
    let (size, slack) = (Int64(clamping: skew.milliseconds.magnitude), Span.minutes(5).milliseconds)
    guard size >= half - slack, size <= Span.hours(14).milliseconds + slack else { return nil }
    let rest = size % half
    return min(rest, half - rest) <= slack ? .timeZone : nil
  }

  /// The likely cause of times that were refused, from the median of their deviations and its receipt.
  static func of(refused skew: Span, received: Timestamp) -> ClockCause {
    let (time, overflow) = received.milliseconds.subtractingReportingOverflow(skew.milliseconds)
    let unit =
      overflow
      ? nil : TimestampUnit.looking(like: Timestamp(milliseconds: time), receivedAt: received)
    switch unit {
    case .seconds: return .seconds
    case .microseconds: return .microseconds
    case .nanoseconds: return .nanoseconds
    case nil: return zone(of: skew) ?? .notSet
    }
  }
}
