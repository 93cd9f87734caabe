extension BinaryInteger {
  /// The number with the word for what it counts: "1 factory", "3 factories".
  ///
  /// - Parameter many: the word of other numbers than 1; nil for `one` with an s.
  func counted(_ one: String, _ many: String? = nil) -> String {
    "\(self) " + (self == 1 ? one : many ?? one + "s")
  }
}
