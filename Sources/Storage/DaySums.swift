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
}
