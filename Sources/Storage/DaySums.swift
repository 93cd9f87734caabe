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
  public var energy: Int64 = 0
  public var good: Int64 = 0
  public var total: Int64 = 0
  public var skew: Int64?

  /// Nothing.
  public init() {}

  /// What totals say beside their minutes.
  public init(_ totals: DayTotals) {
    states = totals.states
    automaticRunning = totals.automaticRunning
    manualRunning = totals.manualRunning
    readings = totals.readings
    missing = totals.missing
    meterResets = totals.meterResets
    ties = totals.ties
    bootReturns = totals.bootReturns
    energy = totals.energy
    good = totals.good
    total = totals.total
    skew = totals.skew
  }

  /// These and others added up, without the skew, which is no sum; nil where a number would not hold it.
  func adding(_ other: DaySums) -> DaySums? {
    var sums = self
    var fits = true
    func add<Value: FixedWidthInteger>(_ field: WritableKeyPath<DaySums, Value>) {
      let (sum, overflow) = self[keyPath: field].addingReportingOverflow(other[keyPath: field])
      sums[keyPath: field] = sum
      fits = fits && !overflow
    }
    for state in EquipmentState.allCases { add(\.states[state]) }
    for field in [
      \.automaticRunning, \.manualRunning, \.readings, \.missing, \.meterResets, \.ties, \.bootReturns,
    ] as [WritableKeyPath<DaySums, Int32>] {
      add(field)
    }
    for field in [\.energy, \.good, \.total] as [WritableKeyPath<DaySums, Int64>] { add(field) }
    sums.skew = nil
    return fits ? sums : nil
  }
}
