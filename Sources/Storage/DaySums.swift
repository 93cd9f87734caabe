import Telemetry

/// ``Telemetry/DayTotals`` without the minutes: numbers only, so that months of them are copied as bytes.
@dynamicMemberLookup
public struct DaySums: Equatable, Sendable {
  public var numbers = DayNumbers()
  /// Rare events of the meters.
  public var odd = MeterOddities()

  /// Nothing.
  public init() {}

  /// The numbers of totals, without the minutes.
  public init(_ totals: DayTotals) {
    numbers = totals.numbers
    odd = totals.odd
  }

  /// A number of the day.
  @inlinable
  public subscript<Value>(dynamicMember field: WritableKeyPath<DayNumbers, Value>) -> Value {
    @inline(__always) get { numbers[keyPath: field] }
    @inline(__always) set { numbers[keyPath: field] = newValue }
  }
}
