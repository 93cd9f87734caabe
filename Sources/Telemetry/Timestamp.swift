/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Every time in Millwright is one of these until it is rendered, so that comparing, storing and
/// subtracting are integer operations. Intervals between two are half-open: [a, b).
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds UTC.
  public var milliseconds: Int64

  /// The instant `milliseconds` after 1970-01-01T00:00:00Z.
  @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Before every instant a device can name.
  public static let distantPast = Timestamp(milliseconds: .min / 4)
  /// After every instant a device can name.
  public static let distantFuture = Timestamp(milliseconds: .max / 4)

  @inlinable public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
  /// The instant `span` later.
  @inlinable public static func + (a: Timestamp, span: Span) -> Timestamp {
    Timestamp(milliseconds: a.milliseconds &+ span.milliseconds)
  }
  /// The instant `span` earlier.
  @inlinable public static func - (a: Timestamp, span: Span) -> Timestamp {
    Timestamp(milliseconds: a.milliseconds &- span.milliseconds)
  }
  /// The span from `b` to `a`; negative when `a` is earlier.
  @inlinable public static func - (a: Timestamp, b: Timestamp) -> Span {
    Span(milliseconds: a.milliseconds &- b.milliseconds)
  }
}

/// A length of time in milliseconds.
public struct Span: Hashable, Comparable, Sendable {
  /// Milliseconds; may be negative.
  public var milliseconds: Int64

  /// A span of `milliseconds`.
  @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }
  /// No time at all.
  public static let zero = Span(milliseconds: 0)
  /// `n` milliseconds.
  @inlinable public static func milliseconds(_ n: Int64) -> Span { Span(milliseconds: n) }
  /// `n` seconds.
  @inlinable public static func seconds(_ n: Int64) -> Span { Span(milliseconds: n &* 1000) }
  /// `n` minutes.
  @inlinable public static func minutes(_ n: Int64) -> Span { .seconds(n &* 60) }
  /// `n` hours.
  @inlinable public static func hours(_ n: Int64) -> Span { .minutes(n &* 60) }
  /// `n` times 24 hours.
  @inlinable public static func days(_ n: Int64) -> Span { .hours(n &* 24) }

  @inlinable public static func < (a: Span, b: Span) -> Bool { a.milliseconds < b.milliseconds }
  /// The two spans one after the other.
  @inlinable public static func + (a: Span, b: Span) -> Span {
    Span(milliseconds: a.milliseconds &+ b.milliseconds)
  }
  /// `a` repeated `n` times.
  @inlinable public static func * (a: Span, n: Int64) -> Span { Span(milliseconds: a.milliseconds &* n) }
}
