import GRDB
import Storage
import Telemetry

/// Reads when the sessions of one sender after another were open in a period.
///
/// A live `online` opens a session unless one is open; the next `offline` ends it, and so do the limits that the
/// collector's own connections set (``SessionLimits``).
struct SessionRows {
  private let events: StatementReader
  private let beginnings: SessionBeginnings
  private let limits: SessionLimits
  private let range: Range<Timestamp>
  private let calendar: LocalCalendar

  init(
    _ database: Database, _ limits: SessionLimits, in range: Range<Timestamp>, calendar: LocalCalendar
  ) throws {
    events = try StatementReader(
      database,
      sql: """
        SELECT at, presence FROM session_event WHERE equipment = ?1 AND at < ?3 AND at >= coalesce(
          (SELECT max(at) FROM session_event WHERE equipment = ?1 AND at < ?2 AND presence = 1), ?2)
        ORDER BY at, presence
        """)
    beginnings = try SessionBeginnings(database, limits)
    self.limits = limits
    self.range = range
    self.calendar = calendar
  }

  /// Adds a sender's sessions to its evidence, and when they were heard if any of its readings vouches by a session.
  func read(_ sender: StoredSender, into evidence: inout PeriodEvidence) throws {
    guard sender.lastOnline != nil else { return }
    events.bind(Int64(sender.number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var open: Timestamp?
    while try events.step() {
      let at = try events.timestamp(0)
      let presence: UInt8 = try events.integer(1)
      let isOnline = presence == Presence.online.rawValue
      if let from = open, !isOnline || limits.end(ofSessionOpenedAt: from) <= at {
        add(from, until: at, to: &evidence)
        open = nil
      }
      guard isOnline else { continue }
      if open == nil {
        // A session from before the period is read from its beginning: it may hold the state of an earlier reading.
        let isEarlier = at < range.lowerBound && sender.everVouchedBySession
        open = isEarlier ? try beginnings.beginning(of: sender, openAt: at) : at
      }
      evidence.wasOnline = true
      let day = calendar.day(at: at)
      if at >= range.lowerBound, evidence.onlineDays.last != day { evidence.onlineDays.append(day) }
    }
    if let from = open { add(from, until: range.upperBound, to: &evidence) }
  }

  /// Adds the session that an online at `from` opened, at most up to `until`.
  private func add(_ from: Timestamp, until: Timestamp, to evidence: inout PeriodEvidence) {
    let session = from..<max(from, min(until, limits.end(ofSessionOpenedAt: from)))
    if evidence.everVouchedBySession { evidence.held.add(session, heard: limits.heard, in: range) }
    let clipped = session.clamped(to: range)
    if !clipped.isEmpty { evidence.sessions.append(clipped) }
  }
}

/// Looks up when sessions began that are open at one of their onlines.
struct SessionBeginnings {
  private let offlines: StatementReader
  private let onlines: StatementReader
  private let limits: SessionLimits

  init(_ database: Database, _ limits: SessionLimits) throws {
    offlines = try StatementReader(
      database,
      sql: """
        SELECT at FROM session_event WHERE equipment = ?1 AND at < ?2 AND presence = 2
        ORDER BY at DESC LIMIT 1
        """)
    onlines = try StatementReader(
      database,
      sql: """
        SELECT at FROM session_event WHERE equipment = ?1 AND at > ?2 AND at >= ?3 AND presence = 1
        ORDER BY at LIMIT 1
        """)
    self.limits = limits
  }

  /// The first online of the session that is open at `online`, one of the sender's.
  func beginning(of sender: StoredSender, openAt online: Timestamp) throws -> Timestamp {
    var offline = sender.lastOffline
    if let newest = offline, newest >= online {
      offlines.bind(Int64(sender.number), online.milliseconds)
      offline = try offlines.first { try $0.timestamp(0) }
    }
    // Sessions from before a loss of the collector's own ended with it.
    onlines.bind(
      Int64(sender.number), offline?.milliseconds ?? .min,
      limits.newestLoss(upTo: online)?.milliseconds ?? .min)
    return try onlines.first { try $0.timestamp(0) } ?? online
  }
}
