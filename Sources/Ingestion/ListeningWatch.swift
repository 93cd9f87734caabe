import Glibc
import Telemetry

/// Readings of three clocks of the system at one moment, in milliseconds.
public struct SystemClocks: Equatable, Sendable {
  /// Milliseconds since 1970; jumps when the clock is set.
  public var wall: Int64
  /// Milliseconds since the machine started, including suspension: `CLOCK_BOOTTIME`.
  public var sinceBoot: Int64
  /// Milliseconds since the machine started, excluding suspension: `CLOCK_MONOTONIC`.
  public var awake: Int64

  /// Clock readings with the given values.
  public init(wall: Int64, sinceBoot: Int64, awake: Int64) {
    self.wall = wall
    self.sinceBoot = sinceBoot
    self.awake = awake
  }

  /// The current readings of the system's clocks.
  public static var now: SystemClocks {
    func milliseconds(_ clock: clockid_t) -> Int64 {
      var time = timespec()
      clock_gettime(clock, &time)
      return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
    return SystemClocks(
      wall: milliseconds(CLOCK_REALTIME), sinceBoot: milliseconds(CLOCK_BOOTTIME),
      awake: milliseconds(CLOCK_MONOTONIC))
  }
}

/// Finds times in which a shard did not listen although it was connected. The session's thread sets a mark at least
/// once a second; a longer time between two marks was not observed.
struct ListeningWatch {
  /// An interruption of listening.
  struct Break: Equatable {
    var cause: ShardEvent.ListeningBreak
    /// The wall clock at the last mark before the interruption, and at the first mark after it.
    var from: Timestamp
    var until: Timestamp
    /// Duration by the clock that never jumps and includes suspension.
    var length: Span
  }

  private let clocks: () -> SystemClocks
  private var last: SystemClocks?

  /// Maximum time between two marks of a thread that ran.
  static let longestPause = Span.seconds(10)
  /// Maximum correction of the wall clock between two marks that does not count as setting it.
  static let permittedCorrection = Span.seconds(2)

  init(_ clocks: @escaping () -> SystemClocks) { self.clocks = clocks }

  /// Sets a mark; returns the interruption that has just ended, or nil.
  mutating func mark() -> Break? {
    let now = clocks()
    defer { last = now }
    guard let last else { return nil }
    let elapsed = now.sinceBoot - last.sinceBoot
    let asleep = elapsed - (now.awake - last.awake)
    let jump = (now.wall - last.wall) - elapsed
    let cause: ShardEvent.ListeningBreak
    if asleep > Self.permittedCorrection.milliseconds {
      cause = .suspended
    } else if jump.magnitude > Self.permittedCorrection.milliseconds.magnitude {
      cause = .clockSet(by: .milliseconds(jump))
    } else if elapsed > Self.longestPause.milliseconds {
      cause = .stopped
    } else {
      return nil
    }
    return Break(
      cause: cause, from: Timestamp(milliseconds: last.wall), until: Timestamp(milliseconds: now.wall),
      length: .milliseconds(elapsed))
  }
}
