import Register
import Telemetry

/// Overall equipment effectiveness (OEE, ISO 22400-2) of a group over a period: availability × effectiveness × quality,
/// from integer sums. Times are milliseconds. Only machines that have all of its factors count: an ideal cycle, a
/// production calendar, and counters of good and of all pieces.
///
/// A machine's pieces are taken to be spread evenly over all the time that it ran. Those of its running time outside
/// planned time are left out, as that time is.
public struct Effectiveness: Equatable, Sendable {
  /// Machines that declare an ideal cycle; and of them those that have all factors.
  public var declared = 0
  public var measured = 0
  /// Of those measured, machines whose pieces would have taken longer than they ran: their effectiveness counts as
  /// 100 %, since the ideal cycle must be too long, or pieces came while the machine was not said to run.
  public var limited = 0
  /// PBT: planned, not shut down, and observed or vouched for; and the rest of what was planned.
  public var planned: Int64 = 0
  public var plannedUnobserved: Int64 = 0
  /// APT: running within planned time.
  public var running: Int64 = 0
  /// Ideal cycle × pieces of planned time, at most `running`; floored for each machine.
  public var ideal: Int64 = 0
  /// The part of `ideal` for good pieces; floored for each machine.
  public var productive: Int64 = 0

  /// Nothing yet.
  public init() {}

  static func += (a: inout Effectiveness, b: Effectiveness) {
    a.declared.add(saturating: b.declared)
    a.measured.add(saturating: b.measured)
    a.limited.add(saturating: b.limited)
    a.planned.add(saturating: b.planned)
    a.plannedUnobserved.add(saturating: b.plannedUnobserved)
    a.running.add(saturating: b.running)
    a.ideal.add(saturating: b.ideal)
    a.productive.add(saturating: b.productive)
  }

  /// OEE, and what it would be had everything unobserved been lost, or fully productive; nil if no machine declares an
  /// ideal cycle.
  var ratio: TimeFigures.Bounded? {
    guard declared > 0 || hasTime else { return nil }
    func count(_ numerator: Int64, _ denominator: Int64) -> Count {
      Count(Int(numerator), of: Int(denominator))
    }
    let all = planned.addingSaturated(plannedUnobserved)
    return TimeFigures.Bounded(
      value: count(productive, planned), lower: count(productive, all),
      upper: count(productive.addingSaturated(plannedUnobserved), all))
  }

  /// Whether any machine with all factors was planned to produce. On the line that a machine has left there may be time,
  /// though the machine counts elsewhere.
  var hasTime: Bool { planned > 0 || plannedUnobserved > 0 }

  /// The factors over the same machines. Their product is OEE.
  public var availability: Count { Count(Int(running), of: Int(planned)) }
  public var effectiveness: Count { Count(Int(ideal), of: Int(running)) }
  public var quality: Count { Count(Int(productive), of: Int(ideal)) }
}

/// Gathers what one machine did on the lines and with the ideal cycles of its register rows, for ``Effectiveness``.
/// Rows that repeat an earlier one add to it, so that an import which changes neither changes no figure.
struct EffectivenessAccount {
  private struct Stay {
    var line: Int
    var cycle: Span
    var planned: Int64 = 0
    var plannedUnobserved: Int64 = 0
    /// Running within planned time, and in all.
    var plannedRunning: Int64 = 0
    var running: Int64 = 0
    /// Thousandths of pieces, whenever they were made.
    var good: Int64 = 0
    var total: Int64 = 0
  }
  private var stays: [Stay] = []
  /// Whether any row declares an ideal cycle.
  private(set) var isDeclared = false

  /// Adds the time of one register row.
  ///
  /// - Parameter countsPieces: whether the machine ever sent good pieces and all pieces.
  mutating func add(_ cycle: Span?, _ figures: TimeFigures, line: Int, isHeard: Bool, countsPieces: Bool) {
    guard let cycle else { return }
    isDeclared = true
    guard isHeard, countsPieces, figures.hasCalendar else { return }
    let place = stays.firstIndex { $0.line == line && $0.cycle == cycle } ?? stays.count
    if place == stays.count { stays.append(Stay(line: line, cycle: cycle)) }
    stays[place].planned.add(saturating: figures.planned)
    stays[place].plannedUnobserved.add(saturating: figures.plannedUnobserved)
    stays[place].plannedRunning.add(saturating: figures.plannedRunning)
    stays[place].running.add(saturating: figures.running)
    stays[place].good.add(saturating: figures.countedGood)
    stays[place].total.add(saturating: figures.countedTotal)
  }

  /// Calls `body` with the sums of each line. The machine counts on the line `last`, and its limits where they apply.
  func close(last: Int, _ body: (_ line: Int, Effectiveness) -> Void) {
    guard isDeclared else { return }
    var machine = Effectiveness()
    machine.declared = 1
    machine.measured = stays.isEmpty ? 0 : 1
    var isLimited = false
    for stay in stays {
      let (sums, limits) = Self.sums(stay)
      isLimited = isLimited || limits
      body(stay.line, sums)
    }
    machine.limited = isLimited ? 1 : 0
    body(last, machine)
  }

  private static func sums(_ stay: Stay) -> (Effectiveness, isLimited: Bool) {
    var sums = Effectiveness()
    sums.planned = stay.planned
    sums.plannedUnobserved = stay.plannedUnobserved
    sums.running = stay.plannedRunning
    let total = Int128(max(0, stay.total))
    let good = min(Int128(max(0, stay.good)), total)
    let cycle = Int128(stay.cycle.milliseconds)
    let planned = Int128(stay.plannedRunning)
    let running = max(Int128(stay.running), planned)
    // Pieces are thousandths. An ideal cycle of at most a day × any counter fits into 128 bits.
    guard cycle * total <= running * 1000 else {
      sums.ideal = stay.plannedRunning
      sums.productive = Int64(clamping: planned * good / total)
      return (sums, true)
    }
    guard running > 0 else { return (sums, false) }
    // A day has at most 2^31 ms and a period fewer than 2^22 days. The pieces take no longer, so the products fit as well.
    sums.ideal = Int64(clamping: cycle * total * planned / (running * 1000))
    sums.productive = Int64(clamping: cycle * good * planned / (running * 1000))
    return (sums, false)
  }
}
