import Storage
import Telemetry

/// What the collector's own connections say about the sessions of senders: when they end, and when they were heard.
///
/// A connection on which the broker had lost the collector's session ends all sessions that were open before it, at the
/// last moment observed before it. When nobody listens any more, sessions are taken to be open for the minute by which
/// views may lag behind the collector, and so is hearing, unless the connection is known to have ended.
struct SessionLimits {
  /// When the collector was connected and heard, joined where it touches.
  let heard: TimeRanges
  /// Connections that found the collector's session lost, ascending, each with the earliest end of sessions that it or
  /// a later one makes known.
  private let losses: [(noticed: Timestamp, since: Timestamp)]
  /// Time from which no session is open; `distantFuture` if nobody ever listened.
  private let deafFrom: Timestamp

  /// - Parameters:
  ///   - observations: all connections, untangled, in their order.
  ///   - silences: when nothing was heard although the collector was connected.
  init(_ observations: [ObservedStretch], _ silences: [Silence]) {
    // By a clock that was set back a later connection may have been noticed earlier.
    var since = Timestamp.distantFuture
    let found = zip(observations, observations.dropFirst()).compactMap { before, after in
      after.resumed ? nil : (noticed: after.from, since: before.through)
    }.sorted { $0.noticed < $1.noticed }
    losses = found.reversed().map { loss in
      since = min(since, loss.since)
      return (loss.noticed, since)
    }.reversed()
    deafFrom = observations.last.map { $0.through + .minutes(1) + .milliseconds(1) } ?? .distantFuture
    var hearing = Observations.hearing(observations, silences)
    if let last = observations.last, !last.ended,
      let newest = hearing.lastIndex(where: { $0.number == last.number && $0.through == last.through })
    {
      hearing[newest].through = deafFrom
    }
    heard = TimeRanges(merging: hearing.map { $0.from..<max($0.from, $0.through) })
  }

  /// When a session that an online opened at an instant ends, if no offline comes before.
  func end(ofSessionOpenedAt online: Timestamp) -> Timestamp {
    let next = firstLoss(after: online)
    return min(next < losses.count ? losses[next].since : .distantFuture, deafFrom)
  }

  /// The newest connection up to an instant that found the collector's session lost; nil if none did.
  func newestLoss(upTo instant: Timestamp) -> Timestamp? {
    let next = firstLoss(after: instant)
    return next > 0 ? losses[next - 1].noticed : nil
  }

  private func firstLoss(after instant: Timestamp) -> Int {
    var (low, high) = (0, losses.count)
    while low < high {
      let middle = (low + high) / 2
      if losses[middle].noticed <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
