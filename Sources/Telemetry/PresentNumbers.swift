/// Presence of a value's optional numbers, in one byte: an optional number takes eight more than the number, and there is
/// a timeline for every equipment. A number that is not there is 0, so that equal values are equal in every field.
struct PresentNumbers: Equatable, Sendable {
  private var bits: UInt8 = 0

  /// The number at a place, below 8; nil when it is not there.
  @inline(__always) func value<Number>(_ number: Number, at place: UInt8) -> Number? {
    bits & (1 << place) != 0 ? number : nil
  }

  /// Makes the number at a place another, or none.
  @inline(__always) mutating func set<Number: FixedWidthInteger>(
    _ number: inout Number, to value: Number?, at place: UInt8
  ) {
    if let value {
      number = value
      bits |= 1 << place
    } else {
      number = 0
      bits &= ~(1 << place)
    }
  }
}
