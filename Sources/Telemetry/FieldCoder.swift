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
