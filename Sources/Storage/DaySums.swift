import Telemetry

/// ``Telemetry/DayTotals`` without the minutes: numbers only, so that months of them are copied as bytes.
public struct DaySums: Equatable, Sendable {
  public var states = InlineStates()
  public var automaticRunning: Int32 = 0
  public var manualRunning: Int32 = 0
  public var readings: Int32 = 0
  public var missing: Int32 = 0
  public var meterResets: Int32 = 0
  public var ties: Int32 = 0
  public var bootReturns: Int32 = 0
  public var live: Int32 = 0
  public var late: Int32 = 0
  public var sequenceJumps: Int32 = 0
  public var energy: Int64 = 0
  public var good: Int64 = 0
  public var total: Int64 = 0
  public var odd = MeterOddities()
  public var skew: Int64?

  /// Nothing.
  public init() {}

  /// The numbers of totals, without the minutes.
  public init(_ totals: DayTotals) {
    states = totals.states
    automaticRunning = totals.automaticRunning
    manualRunning = totals.manualRunning
    readings = totals.readings
    missing = totals.missing
    meterResets = totals.meterResets
    ties = totals.ties
    bootReturns = totals.bootReturns
    live = totals.live
    late = totals.late
    sequenceJumps = totals.sequenceJumps
    energy = totals.energy
    good = totals.good
    total = totals.total
    odd = totals.odd
    skew = totals.skew
  }

  /// The sums of this and a later day, without the skew, which cannot be added; nil on overflow.
  package func adding(_ other: DaySums) -> DaySums? {
    var sums = self
    var fits = true
    func add<Value: FixedWidthInteger>(_ one: Value, _ other: Value) -> Value {
      let (sum, overflow) = one.addingReportingOverflow(other)
      fits = fits && !overflow
      return sum
    }
    for state in EquipmentState.allCases { sums.states[state] = add(states[state], other.states[state]) }
    sums.automaticRunning = add(automaticRunning, other.automaticRunning)
    sums.manualRunning = add(manualRunning, other.manualRunning)
    sums.readings = add(readings, other.readings)
    sums.missing = add(missing, other.missing)
    sums.meterResets = add(meterResets, other.meterResets)
    sums.ties = add(ties, other.ties)
    sums.bootReturns = add(bootReturns, other.bootReturns)
    sums.live = add(live, other.live)
    sums.late = add(late, other.late)
    sums.sequenceJumps = add(sequenceJumps, other.sequenceJumps)
    sums.energy = add(energy, other.energy)
    sums.good = add(good, other.good)
    sums.total = add(total, other.total)
    sums.skew = nil
    guard let odd = odd.adding(other.odd, laterHasReadings: other.readings > 0) else { return nil }
    sums.odd = odd
    return fits ? sums : nil
  }
}
