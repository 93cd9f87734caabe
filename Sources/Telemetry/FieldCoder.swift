/// Writes, reads or lists numbers one after another, each under its name: the field's in every table and document.
///
/// A writer leaves the values as they are, a reader sets them.
public protocol FieldCoder {
  associatedtype Failure: Error = Never

  /// A sum or count: at least 0.
  mutating func amount<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(Failure)
  /// A number of either sign.
  mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(Failure)
  /// A number of either sign that may not be there.
  mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value?
  ) throws(Failure)
}

/// The values of fields in order; one that is not there is 0.
struct FieldValues: FieldCoder {
  private(set) var values: ContiguousArray<Int64> = []

  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    values.append(Int64(truncatingIfNeeded: value))
  }

  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    values.append(Int64(truncatingIfNeeded: value))
  }

  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    values.append(0)
  }
}

/// Adds values to fields in order. Fields that need not be there are no sums: they are removed.
struct FieldAddition: FieldCoder {
  private var rest: ArraySlice<Int64>
  /// Whether every sum so far fits its field.
  private(set) var fits = true

  init(of values: FieldValues) { rest = ArraySlice(values.values) }

  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    add(to: &value)
  }

  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    add(to: &value)
  }

  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    _ = rest.popFirst()
    value = nil
  }

  private mutating func add<Value: FixedWidthInteger>(to value: inout Value) {
    let (sum, overflow) = value.addingReportingOverflow(Value(truncatingIfNeeded: rest.popFirst() ?? 0))
    value = sum
    fits = fits && !overflow
  }
}
