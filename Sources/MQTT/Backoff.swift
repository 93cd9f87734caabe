/// The wait before the next attempt to connect. It doubles each time, with jitter, so that sessions that lost the
/// same broker do not reconnect at the same time.
///
/// Attempt n (from 0) waits between `min(initial × 2ⁿ, maximum ÷ 2)` and twice that, never outside `initial ...
/// maximum`. It is a value: the caller does the waiting.
public struct Backoff: Sendable, Equatable {
  /// Shortest wait, milliseconds.
  public let initial: Int64
  /// Longest wait, milliseconds.
  public let maximum: Int64
  private var base: Int64
  private var latest: Int64 = 0

  /// Waits from `initial` to `maximum` milliseconds.
  public init(initial: Int64 = 1000, maximum: Int64 = 60_000) {
    self.initial = max(1, initial)
    self.maximum = max(self.initial, maximum)
    base = self.initial
  }

  /// Returns the milliseconds to wait now, and lengthens the next wait.
  ///
  /// - Parameter jitter: position within the range, 0 (shortest) up to 1 (longest).
  public mutating func next(jitter: Double) -> Int64 {
    let shortest = max(initial, min(base, maximum / 2))
    let longest = min(2 * shortest, maximum)
    if base <= maximum / 2 { base *= 2 }
    latest = shortest + Int64(Double(longest - shortest) * min(max(jitter, 0), 1))
    return latest
  }

  /// Returns to the shortest wait if a connection lasted for at least twice the wait before it. After a shorter
  /// connection the waits keep growing: the store may still be full, or another client may be taking over the
  /// session.
  public mutating func connectionEnded(afterStanding milliseconds: Int64) {
    if milliseconds >= 2 * latest { base = initial }
  }
}
