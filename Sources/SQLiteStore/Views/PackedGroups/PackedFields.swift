import Journal
import Storage
import Telemetry

/// Writes numbers in base 128, zigzag; one that may not be there after a byte that says if it is.
extension ByteColumn: FieldCoder {
  package mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    append(signed: Int64(truncatingIfNeeded: value))
  }
  package mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    append(signed: Int64(truncatingIfNeeded: value))
  }
  package mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    append(UInt8(value == nil ? 0 : 1))
    if let value { append(signed: Int64(truncatingIfNeeded: value)) }
  }
}

/// Reads what a ``ByteColumn`` writes; a number that does not fit its field is damage.
extension ByteCursor: FieldCoder {
  package mutating func amount<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(StoreError) {
    try integer(name, &value)
  }
  package mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value
  ) throws(StoreError) {
    guard let exact = Value(exactly: try signed()) else { throw Self.damage }
    value = exact
  }
  package mutating func integer<Value: FixedWidthInteger>(
    _ name: StaticString, _ value: inout Value?
  ) throws(StoreError) {
    guard try byte() != 0 else { return value = nil }
    guard let exact = Value(exactly: try signed()) else { throw Self.damage }
    value = exact
  }
}

/// Reads the same without checks: whoever reads asks ``VarintCursor/check()`` in the end.
extension VarintCursor: FieldCoder {
  @inline(__always)
  public mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    value = Value(truncatingIfNeeded: signed())
  }
  @inline(__always)
  public mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    value = Value(truncatingIfNeeded: signed())
  }
  @inline(__always)
  public mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    value = byte() != 0 ? Value(truncatingIfNeeded: signed()) : nil
  }
}
