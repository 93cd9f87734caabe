extension BinaryInteger {
  /// The number with its noun: "1 factory", "3 factories".
  ///
  /// - Parameter many: the noun for numbers other than 1; nil for `one` with an s.
  func counted(_ one: String, _ many: String? = nil) -> String {
    "\(self) " + (self == 1 ? one : many ?? one + "s")
  }
}
