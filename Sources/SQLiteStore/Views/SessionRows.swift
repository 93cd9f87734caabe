import GRDB
import Storage
import Telemetry

/// Reads when the sessions of one sender after another were open in a period.
///
/// A live `online` opens a session, the next `offline` ends it, and so does a connection on which the broker had lost
/// the collector's own session: at the last moment observed before it. When nobody listens any more a session is taken
/// to be open for the minute by which views may lag behind the collector.
struct SessionRows {
  private let events: StatementReader
  /// Connections that found the collector's session lost, ascending, each with the earliest end of sessions that it or
  /// a later one makes known.
  private let losses: [(noticed: Timestamp, since: Timestamp)]
  private let range: Range<Timestamp>
  private let calendar: LocalCalendar
  /// Time from which no session is open; `distantFuture` if nobody ever listened.
  private let deafFrom: Timestamp

  init(
    _ database: Database, _ observations: [ObservedStretch], in range: Range<Timestamp>,
    calendar: LocalCalendar
  ) throws {
    events = try StatementReader(
      database,
      sql: """
        SELECT at, presence FROM session_event WHERE equipment = ?1 AND at < ?3 AND at >= coalesce(
          (SELECT max(at) FROM session_event WHERE equipment = ?1 AND at < ?2 AND presence = 1), ?2)
        ORDER BY at, presence
        """)
    // By a clock that was set back a later connection may have been noticed earlier.
    var since = Timestamp.distantFuture
    let sorted = Observations.sessionLosses(observations).sorted { $0.noticed < $1.noticed }
    losses = sorted.reversed().map { loss in
      since = min(since, loss.since)
      return (loss.noticed, since)
    }.reversed()
    deafFrom = observations.last.map { $0.through + .minutes(1) + .milliseconds(1) } ?? .distantFuture
    self.range = range
    self.calendar = calendar
  }

  /// Adds a sender's sessions to its evidence.
  func read(_ sender: StoredSender, into evidence: inout PeriodEvidence) throws {
    guard sender.lastOnline != nil else { return }
    events.bind(Int64(sender.number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var open: Timestamp?
    while try events.step() {
      let at = try events.timestamp(0)
      let presence: UInt8 = try events.integer(1)
      if let from = open { add(from, until: at, to: &evidence) }
      open = presence == Presence.online.rawValue ? at : nil
      guard open != nil else { continue }
      evidence.wasOnline = true
      let day = calendar.day(at: at)
      if at >= range.lowerBound, evidence.onlineDays.last != day { evidence.onlineDays.append(day) }
    }
    if let from = open { add(from, until: range.upperBound, to: &evidence) }
  }

  /// End of sessions open at an instant that a loss of the collector's own session makes known.
  private func lost(after instant: Timestamp) -> Timestamp {
    var low = 0
    var high = losses.count
    while low < high {
      let middle = (low + high) / 2
      if losses[middle].noticed <= instant { low = middle + 1 } else { high = middle }
    }
    return low < losses.count ? losses[low].since : .distantFuture
  }

  /// Adds the session that an online at `from` opened, at most up to `until`.
  private func add(_ from: Timestamp, until: Timestamp, to evidence: inout PeriodEvidence) {
    let end = min(until, lost(after: from), deafFrom)
    let session = from..<max(from, end)
    let clipped = session.clamped(to: range)
    guard !clipped.isEmpty else { return }
    if let last = evidence.sessions.last, last.upperBound == clipped.lowerBound {
      evidence.sessions[evidence.sessions.count - 1] = last.lowerBound..<clipped.upperBound
    } else {
      evidence.sessions.append(clipped)
    }
  }
}
