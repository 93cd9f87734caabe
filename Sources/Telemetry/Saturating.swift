extension FixedWidthInteger {
  /// The sum, capped at the greatest and least value: counts of a faulty device must not wrap around.
  @inlinable public func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, capped at the greatest and least value.
  @inlinable public func subtractingSaturated(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// Adds `other`, capped at the greatest and least value.
  @inlinable public mutating func add(saturating other: Self) { self = addingSaturated(other) }
}
