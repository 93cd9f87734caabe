/// A ratio as it travels: an integer numerator over an integer denominator.
///
/// Roll-ups add counts; nothing averages percentages. It becomes a percent only when rendered.
public struct Count: Equatable, Sendable {
  /// The numerator.
  public var numerator: Int
  /// The denominator; 0 if there is nothing to count.
  public var denominator: Int

  /// `numerator` of `denominator`.
  public init(_ numerator: Int, of denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The sum of two counts: numerators and denominators are added, capped at the greatest `Int`.
  public static func + (a: Count, b: Count) -> Count {
    Count(
      a.numerator.addingSaturated(b.numerator), of: a.denominator.addingSaturated(b.denominator))
  }

  /// Adds another count to this one.
  public static func += (a: inout Count, b: Count) { a = a + b }

  /// Tenths of a percent, floored, so that 1000 appears only when numerator equals denominator;
  /// nil when the denominator is zero.
  public var permille: Int? {
    guard denominator > 0 else { return nil }
    return Int(clamping: Int128(numerator) * 1000 / Int128(denominator))
  }

  /// Tenths of a percent, rounded up, as an upper bound is; nil when the denominator is zero.
  public var permilleRoundedUp: Int? {
    guard denominator > 0 else { return nil }
    return Int(clamping: (Int128(numerator) * 1000 + Int128(denominator) - 1) / Int128(denominator))
  }

  /// The percent with one decimal, rounded up, or nil when the denominator is zero.
  public var percentRoundedUp: String? {
    permilleRoundedUp.map { "\($0 / 10).\($0 % 10)" }
  }

  /// The percent with one decimal, floored ("80.0"), or nil when the denominator is zero.
  public var percent: String? {
    permille.map { "\($0 / 10).\($0 % 10)" }
  }
}
