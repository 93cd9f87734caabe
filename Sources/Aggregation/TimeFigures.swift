import Telemetry

/// Sums over a period of a group of equipment: milliseconds, slots, thousandths. Roll-ups add them.
public struct TimeFigures: Equatable, Sendable {
  /// One way to split the time of equipment in service.
  public struct Connectivity: Equatable, Sendable {
    /// Vouched for.
    public var on: Int64 = 0
    /// Observed, and not vouched for.
    public var off: Int64 = 0
    /// Neither observed nor vouched for.
    public var unobserved: Int64 = 0

    /// Nothing yet.
    public init() {}

    /// On of on and off.
    public var connected: Count { Count(Int(on), of: Int(on.addingSaturated(off))) }

    static func += (a: inout Connectivity, b: Connectivity) {
      a.on.add(saturating: b.on)
      a.off.add(saturating: b.off)
      a.unobserved.add(saturating: b.unobserved)
    }
  }

  /// Of equipment that was ever heard, vouched for by a reading or a session; without planned shutdowns.
  public var connectivity = Connectivity()
  /// The same round the clock.
  public var roundTheClock = Connectivity()
  /// Of equipment that was ever heard, vouched for by a reading; without planned shutdowns.
  public var reporting = Connectivity()
  /// Milliseconds vouched for by its readings, round the clock.
  public var vouchedByReadings: Int64 = 0
  /// Of equipment that was never heard, without planned shutdowns: none of it is on.
  public var neverHeard = Connectivity()
  /// In service, of equipment that was ever heard.
  public var inService: Int64 = 0
  /// Milliseconds in service neither observed nor vouched for by a reading: the state is unknown.
  public var stateUnobserved: Int64 = 0
  /// In service while shut down as planned, of all equipment.
  public var shutdown: Int64 = 0
  /// Milliseconds running by its readings, and the parts of them in automatic and in manual mode.
  public var running: Int64 = 0
  public var automaticRunning: Int64 = 0
  public var manualRunning: Int64 = 0
  /// Whether a calendar says when any of the equipment is to produce.
  public var hasCalendar = false
  /// PBT: planned, not shut down, and observed or vouched for.
  public var planned: Int64 = 0
  /// Planned and not shut down, but neither observed nor vouched for.
  public var plannedUnobserved: Int64 = 0
  /// APT: running within planned time.
  public var plannedRunning: Int64 = 0
  /// AUBT: in a state other than off or maintenance, within planned time.
  public var plannedBusy: Int64 = 0
  /// Report intervals in which data was due, and in which it came.
  public var slotsExpected = 0
  public var slotsReceived = 0
  /// The same with planned shutdowns in them.
  public var slotsExpectedRoundTheClock = 0
  public var slotsReceivedRoundTheClock = 0
  /// Of production equipment in service, how many were ever heard by the period's end; on at least half of its days;
  /// and how many declare no report interval.
  public var machinesHeard = 0
  public var machinesHeardHalf = 0
  public var machinesUndeclared = 0
  /// Thousandths of a kWh, each meter once.
  public var energy: Int64 = 0
  public var hasEnergy = false
  /// Thousandths of good pieces.
  public var good: Int64 = 0
  /// The part of `good` from machines whose counters do not count their line's output, and the number of these machines.
  public var goodNotOutput: Int64 = 0
  public var machinesNotCounting = 0
  /// Overall equipment effectiveness.
  public var effectiveness = Effectiveness()
  /// Good and all pieces of the steps between readings that carry both; steps in which good rose by more are left
  /// out.
  public var countedGood: Int64 = 0
  public var countedTotal: Int64 = 0
  public var readings = 0
  /// Messages that sequence numbers show to be missing.
  public var missing = 0
  /// Meters that fell and stayed below, and were not declared to roll over.
  public var meterResets = 0
  /// Falls of meters that turned out to be glitches.
  public var meterGlitches = 0
  /// Meters that were falling at the end: their counts since the fall are left out until they settle.
  public var fallingMeters = 0
  /// Steps in which good pieces rose by more than all pieces, and which are left out of the quality.
  public var goodAboveTotal = 0
  /// Equipment whose meters count more than any machine can (``saturation``).
  public var saturated = 0
  /// Number of production equipment in service on any day, each where it was on the last of them, and of those among it
  /// whose energy is measured, by their own or a shared meter.
  public var machines = 0
  public var machinesWithEnergy = 0
  /// Readings beyond the first at one event time.
  public var ties = 0
  /// Times each alarm was raised.
  public var alarms: [String: Int] = [:]

  /// Counts of one period, in thousandths, from which a machine's meter is reported as saturated: a millionth of the
  /// capacity of a sum. So no sum over a million machines saturates without a reported machine.
  public static let saturation = Int64.max / 1_000_000

  /// Nothing yet.
  public init() {}

  /// Adds the sums of another group; each sum is capped at the greatest value of its type.
  public static func += (a: inout TimeFigures, b: TimeFigures) {
    a.connectivity += b.connectivity
    a.roundTheClock += b.roundTheClock
    a.reporting += b.reporting
    a.vouchedByReadings.add(saturating: b.vouchedByReadings)
    a.neverHeard += b.neverHeard
    a.inService.add(saturating: b.inService)
    a.stateUnobserved.add(saturating: b.stateUnobserved)
    a.shutdown.add(saturating: b.shutdown)
    a.running.add(saturating: b.running)
    a.automaticRunning.add(saturating: b.automaticRunning)
    a.manualRunning.add(saturating: b.manualRunning)
    a.hasCalendar = a.hasCalendar || b.hasCalendar
    a.planned.add(saturating: b.planned)
    a.plannedUnobserved.add(saturating: b.plannedUnobserved)
    a.plannedRunning.add(saturating: b.plannedRunning)
    a.plannedBusy.add(saturating: b.plannedBusy)
    a.slotsExpected.add(saturating: b.slotsExpected)
    a.slotsReceived.add(saturating: b.slotsReceived)
    a.slotsExpectedRoundTheClock.add(saturating: b.slotsExpectedRoundTheClock)
    a.slotsReceivedRoundTheClock.add(saturating: b.slotsReceivedRoundTheClock)
    a.machinesHeard.add(saturating: b.machinesHeard)
    a.machinesHeardHalf.add(saturating: b.machinesHeardHalf)
    a.machinesUndeclared.add(saturating: b.machinesUndeclared)
    a.energy.add(saturating: b.energy)
    a.hasEnergy = a.hasEnergy || b.hasEnergy
    a.good.add(saturating: b.good)
    a.goodNotOutput.add(saturating: b.goodNotOutput)
    a.machinesNotCounting.add(saturating: b.machinesNotCounting)
    a.effectiveness += b.effectiveness
    a.countedGood.add(saturating: b.countedGood)
    a.countedTotal.add(saturating: b.countedTotal)
    a.readings.add(saturating: b.readings)
    a.missing.add(saturating: b.missing)
    a.meterResets.add(saturating: b.meterResets)
    a.meterGlitches.add(saturating: b.meterGlitches)
    a.fallingMeters.add(saturating: b.fallingMeters)
    a.goodAboveTotal.add(saturating: b.goodAboveTotal)
    a.saturated.add(saturating: b.saturated)
    a.machines.add(saturating: b.machines)
    a.machinesWithEnergy.add(saturating: b.machinesWithEnergy)
    a.ties.add(saturating: b.ties)
    if a.alarms.isEmpty {
      a.alarms = b.alarms
    } else if !b.alarms.isEmpty {
      a.alarms.merge(b.alarms, uniquingKeysWith: { $0.addingSaturated($1) })
    }
  }

  /// Of all equipment, without planned shutdowns: what was never heard is off.
  public var networked: Connectivity {
    var sum = connectivity
    sum += neverHeard
    return sum
  }

  /// Thousandths of good pieces that lines put out: without those of machines that do not count their line's output.
  public var output: Int64 { good.subtractingSaturated(goodNotOutput) }

  /// kWh per good piece of output, floored to six decimals; nil where nothing was produced or no meter read.
  public var energyIntensity: String? {
    guard hasEnergy, energy >= 0, output > 0 else { return nil }
    let millionths = Int128(energy) * 1_000_000 / Int128(output)
    let fraction = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }

  /// Every alarm, the most often raised first, then by code.
  public var alarmsByFrequency: [(code: String, raised: Int)] {
    alarms.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// A ratio, and what it would be had everything unobserved gone one way or the other.
  public struct Bounded: Equatable, Sendable {
    public var value: Count
    public var lower: Count?
    public var upper: Count?
  }

  /// A metric over time; nil for one that is not, or that does not apply without a calendar.
  public func ratio(of metric: Metric) -> Bounded? {
    func count(_ numerator: Int64, _ denominator: Int64) -> Count {
      Count(Int(numerator), of: Int(denominator))
    }
    func connectivity(_ split: Connectivity) -> Bounded {
      let known = split.on.addingSaturated(split.off)
      let all = known.addingSaturated(split.unobserved)
      return Bounded(
        value: count(split.on, known), lower: count(split.on, all),
        upper: count(split.on.addingSaturated(split.unobserved), all))
    }
    switch metric {
    case .timeWeightedConnectivity: return connectivity(self.connectivity)
    case .timeWeightedConnectivityRoundTheClock: return connectivity(roundTheClock)
    case .timeWeightedReporting: return connectivity(reporting)
    case .networkedTimeRatio: return connectivity(networked)
    case .calendarRunningRatio:
      return Bounded(
        value: count(running, inService.subtractingSaturated(stateUnobserved)),
        lower: count(running, inService),
        upper: count(running.addingSaturated(stateUnobserved), inService))
    case .availability:
      guard hasCalendar else { return Bounded(value: Count(0, of: 0)) }
      let all = planned.addingSaturated(plannedUnobserved)
      return Bounded(
        value: count(plannedRunning, planned), lower: count(plannedRunning, all),
        upper: count(plannedRunning.addingSaturated(plannedUnobserved), all))
    case .utilizationEfficiency:
      return Bounded(value: hasCalendar ? count(plannedRunning, plannedBusy) : Count(0, of: 0))
    case .uploadRatio: return Bounded(value: Count(slotsReceived, of: slotsExpected))
    case .uploadRatioRoundTheClock:
      return Bounded(value: Count(slotsReceivedRoundTheClock, of: slotsExpectedRoundTheClock))
    case .qualityRatio: return Bounded(value: count(countedGood, countedTotal))
    case .oee: return effectiveness.ratio
    default: return nil
    }
  }
}
