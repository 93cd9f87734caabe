import Ingestion
import Logging

/// Decides when the counts of the last hour are logged: a line each hour after the start, by a clock that never jumps.
package struct HourlySummary: Sendable {
  /// One log line.
  package struct Line: Equatable, Sendable {
    /// Messages since the previous line, and how many of them were refused or delivered again.
    package var messages: Int
    package var refused: Int
    package var redelivered: Int
    /// Machines heard since the store was made.
    package var senders: Int
    /// Connections since the start.
    package var connections: Int
    /// Free bytes of the store's disk; nil if unknown.
    package var diskFree: Int64?
  }
  /// Time and counts of the previous line, or of the start.
  private var previous: (at: ContinuousClock.Instant, counters: ShardCounters)

  /// The counts begin at zero at `start`.
  package init(from start: ContinuousClock.Instant) { previous = (start, ShardCounters()) }

  /// The line to log now; nil before an hour is over.
  package mutating func line(
    _ counters: ShardCounters, senders: Int, connections: Int, diskFree: Int64?,
    at now: ContinuousClock.Instant
  ) -> Line? {
    guard now - previous.at >= .seconds(3600) else { return nil }
    let before = previous.counters
    previous = (now, counters)
    return Line(
      messages: counters.messages - before.messages, refused: counters.rejected - before.rejected,
      redelivered: counters.redelivered - before.redelivered, senders: senders, connections: connections,
      diskFree: diskFree)
  }
}

extension Logger {
  /// The counts of the last hour.
  package func lastHour(_ line: HourlySummary.Line) {
    info(
      "the last hour",
      metadata: [
        "messages": "\(line.messages)", "refused": "\(line.refused)", "redelivered": "\(line.redelivered)",
        "senders": "\(line.senders)", "connections": "\(line.connections)",
        "disk_free": "\(line.diskFree.map { ByteText.of($0) } ?? "unknown")",
      ])
  }
}
