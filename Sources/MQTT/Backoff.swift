/// How long to wait before the next attempt to connect: twice as long each time, with jitter, so that
/// many sessions that lost one broker do not return to it in step.
///
/// Attempt n (from 0) waits between `min(initial × 2ⁿ, maximum ÷ 2)` and twice that, never outside
/// `initial ... maximum`. A value: it says how long, waiting is the caller's.
public struct Backoff: Sendable, Equatable {
  /// The shortest wait, milliseconds.
  public let initial: Int64
  /// The longest wait, milliseconds.
  public let maximum: Int64
  private var base: Int64
  private var latest: Int64 = 0

  /// Waits from `initial` to `maximum` milliseconds.
  public init(initial: Int64 = 1000, maximum: Int64 = 60_000) {
    self.initial = max(1, initial)
    self.maximum = max(self.initial, maximum)
    base = self.initial
  }

  /// Milliseconds to wait now; the next wait is longer.
  ///
  /// - Parameter jitter: where in the range to wait, 0 (shortest) up to 1 (longest).
  public mutating func next(jitter: Double) -> Int64 {
    let shortest = max(initial, min(base, maximum / 2))
    let longest = min(2 * shortest, maximum)
    if base <= maximum / 2 { base *= 2 }
    latest = shortest + Int64(Double(longest - shortest) * min(max(jitter, 0), 1))
    return latest
  }

  /// Starts over from the shortest wait when a connection stood for at least twice the wait that led to
  /// it. One that ended sooner proves nothing: the store may still be full, or another client may be
  /// taking turns with us, and the waits go on growing.
  public mutating func connectionEnded(afterStanding milliseconds: Int64) {
    if milliseconds >= 2 * latest { base = initial }
  }
}
