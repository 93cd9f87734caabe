import Telemetry

/// Time in which one sender's session was open and the collector heard without a break: the time in which a reading that
/// vouches by its session holds its state (metrics.md, rule 7).
///
/// ``end(ofReadingAt:horizon:vouching:lostUntil:)`` is the only definition of how long a reading vouches; figures at an
/// instant and over a period both follow it. By its session a reading vouches until the earliest of the next reading, an
/// offline, the end of the session, and the first moment at which the collector did not hear. The loss of the
/// collector's own session ends the session of the sender. A second `online` in an open session does not end it and
/// opens no other: the session is open since the first.
public struct HeldTime: Equatable, Sendable {
  /// Ascending, disjoint, none empty: each is of one session, without a break of hearing. The first may begin before
  /// the time for which they were read, so that readings from before that time are judged alike.
  public private(set) var ranges: [Range<Timestamp>] = []

  /// No time at all.
  public init() {}

  /// The parts of sessions in which the collector heard, of those that reach into `time`.
  ///
  /// - Parameters:
  ///   - sessions: open sessions, ascending and disjoint, each from its beginning on.
  ///   - heard: when the collector heard.
  public init(of sessions: [Range<Timestamp>], heard: TimeRanges, in time: Range<Timestamp>) {
    for session in sessions { add(session, heard: heard, in: time) }
  }

  /// Forgets everything, and keeps the memory.
  package mutating func removeAll() { ranges.removeAll(keepingCapacity: true) }

  /// Adds a session after all there are. `session` is from its beginning on; only what reaches into `time` is added.
  package mutating func add(_ session: Range<Timestamp>, heard: TimeRanges, in time: Range<Timestamp>) {
    let within = session.clamped(to: time)
    guard !within.isEmpty else { return }
    heard.forEach(from: within.lowerBound, until: within.upperBound) { part in
      var from = part.lowerBound
      if from == within.lowerBound, let whole = heard.range(containing: from) {
        from = max(whole.lowerBound, session.lowerBound)
      }
      ranges.append(from..<part.upperBound)
    }
  }

  /// The instant from which a reading at `instant` no longer vouches, if neither an offline nor another reading comes
  /// before: never earlier than the horizon's end.
  ///
  /// - Parameters:
  ///   - horizon: T of the reading.
  ///   - lostUntil: event time of the next reading if it shows that messages before it are missing; else nil. A change of
  ///     state may be among them, so that the session vouches for nothing.
  public func end(
    ofReadingAt instant: Timestamp, horizon: Span, vouching: Vouching, lostUntil: Timestamp?
  ) -> Timestamp {
    let end = instant + horizon
    guard vouching == .session, lostUntil == nil, let held = range(containing: instant) else { return end }
    return max(end, held.upperBound)
  }

  private func range(containing instant: Timestamp) -> Range<Timestamp>? {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= instant { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= instant ? ranges[low] : nil
  }
}
