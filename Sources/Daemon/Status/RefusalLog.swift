import Ingestion
import Telemetry

/// Decides when refused messages are logged: at most a line a minute for each reason, the first one at once.
package struct RefusalLog: Sendable {
  package struct Line: Equatable, Sendable {
    package var reason: RejectionReason
    /// Messages refused since the previous line.
    package var messages: Int
  }
  /// The newest line of a reason: messages since the start, and its time.
  private struct Logged: Sendable {
    var messages: Int
    var at: ContinuousClock.Instant
  }
  private var logged: [RejectionReason: Logged] = [:]
  /// Nothing was logged yet.
  package init() {}

  private static let pause = Duration.seconds(60)

  /// The reasons to log now.
  ///
  /// - Parameter refused: messages since the start, by reason.
  package mutating func lines(
    _ refused: [(reason: RejectionReason, messages: Int)], at now: ContinuousClock.Instant
  ) -> [Line] {
    var lines: [Line] = []
    for (reason, messages) in refused {
      let before = logged[reason]
      guard messages > before?.messages ?? 0, before.map({ now - $0.at >= Self.pause }) ?? true
      else { continue }
      lines.append(Line(reason: reason, messages: messages - (before?.messages ?? 0)))
      logged[reason] = Logged(messages: messages, at: now)
    }
    return lines
  }
}

/// Counts at the end of each of the last sixty seconds.
struct LastMinute: Sendable {
  private struct Sample: Sendable {
    var at: ContinuousClock.Instant
    var messages: Int
    var refused: [RejectionReason: Int]
    /// Milliseconds.
    var longestCommit: Int
  }
  private var samples: [Sample] = []

  /// Notes the counts at `now`.
  mutating func note(
    _ counters: ShardCounters, longestCommit: Int, at now: ContinuousClock.Instant
  ) {
    var refused: [RejectionReason: Int] = [:]
    for (reason, messages) in counters.refusals.byReason { refused[reason] = messages }
    samples.append(
      Sample(at: now, messages: counters.messages, refused: refused, longestCommit: longestCommit))
    // Keep the newest sample that is a minute old: the minute is counted from it.
    while samples.count > 2, now - samples[1].at >= .seconds(60) { samples.removeFirst() }
  }

  /// Messages a second, over the samples there are.
  var perSecond: Double {
    guard let first = samples.first, let last = samples.last, last.at > first.at else { return 0 }
    return Double(last.messages - first.messages) / ((last.at - first.at) / .seconds(1))
  }

  /// Number of messages refused for a reason.
  func refused(_ reason: RejectionReason) -> Int {
    (samples.last?.refused[reason] ?? 0) - (samples.first?.refused[reason] ?? 0)
  }

  /// Milliseconds.
  var longestCommit: Int { samples.map(\.longestCommit).max() ?? 0 }
}
