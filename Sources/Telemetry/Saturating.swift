extension FixedWidthInteger {
  /// The sum, or the greatest or least value there is: what a faulty device counts must not wrap into nonsense.
  @inlinable public func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the greatest or least value there is.
  @inlinable public func subtractingSaturated(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// Adds `other`, up to the greatest and down to the least value there is.
  @inlinable public mutating func add(saturating other: Self) { self = addingSaturated(other) }
}
