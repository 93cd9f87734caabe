import GRDB
import Storage
import Telemetry

/// Reads what is known of each sender at one instant.
struct SenderReading {
  private let database: Database
  private let instant: Timestamp
  private let limits: SessionLimits
  private let beginnings: SessionBeginnings
  private let intervals: StatementReader
  private let sessions: StatementReader
  private let workshops: StatementReader

  init(_ database: Database, at instant: Timestamp, _ limits: SessionLimits) throws {
    self.database = database
    self.instant = instant
    self.limits = limits
    beginnings = try SessionBeginnings(database, limits)
    intervals = try StatementReader(
      database,
      sql: """
        SELECT \(ViewsSchema.stretchColumns) FROM interval WHERE equipment = ?1 AND start <= ?2
        ORDER BY start DESC LIMIT 1
        """)
    sessions = try StatementReader(
      database,
      sql: """
        SELECT presence, at FROM session_event WHERE equipment = ?1 AND at <= ?2
        ORDER BY at DESC, presence DESC
        """)
    workshops = try StatementReader(
      database,
      sql: """
        SELECT workshop FROM closing WHERE equipment = ?1
          AND max(coalesce(newest, ?3), coalesce(last_online, ?3), coalesce(last_offline, ?3)) <= ?2
        ORDER BY day DESC LIMIT 1
        """)
  }

  /// Calls `body` with every sender ever heard among `senders`, ascending by key. Returns its results together with
  /// the evidence of senders whose messages were all refused, in order of keys.
  ///
  /// - Parameter body: makes evidence with ``evidence(of:refusals:ended:)``, given the refused messages.
  func forEach(
    of senders: StoredSenders, _ body: (StoredSender, _ refusals: [Refusal]) throws -> EquipmentEvidence
  ) throws -> [EquipmentEvidence] {
    let refusals = try refusals(senders.rejections)
    var found: [EquipmentEvidence] = []
    found.reserveCapacity(senders.senders.count)
    for sender in senders.senders {
      found.append(try body(sender, refusals.isEmpty ? [] : refusals[sender.key] ?? []))
    }
    guard !senders.refused.isEmpty else { return found }
    for key in senders.refused {
      guard let refused = refusals[key] else { continue }
      var evidence = EquipmentEvidence(key: key)
      evidence.note(refused)
      found.append(evidence)
    }
    return found.sorted { $0.key < $1.key }
  }

  /// Refused messages received by the instant.
  private func refusals(_ days: [EquipmentKey: [RefusedDay]]) throws -> [EquipmentKey: [Refusal]] {
    guard !days.isEmpty else { return [:] }
    let known = try RefusalReading(database: database).known(at: instant, days.values.flatMap { $0 })
    return Dictionary(grouping: known, by: \.key).mapValues { RefusalReading.sums($0) }
  }

  /// Evidence of a sender at the instant.
  ///
  /// - Parameters:
  ///   - ended: the last stretch that began by an instant, of those that have ended; nil to have it looked up.
  ///   - newest: the newest reading up to the instant, where the instant lies inside a stretch; nil where it is not
  ///     known.
  ///   - workshop: the workshop in its newest topic up to the instant; nil to have it looked up.
  func evidence(
    of sender: StoredSender, refusals: [Refusal], workshop: String? = nil,
    ended: ((Timestamp) throws -> StateInterval?)? = nil,
    newest last: (StoredSender) throws -> Timestamp? = { _ in nil }
  ) throws -> EquipmentEvidence {
    var stretch = sender.stretch
    if let open = stretch, open.from > instant {
      stretch =
        try sender.silentUntil > instant ? nil : ended.map { try $0(instant) } ?? self.ended(sender.number)
    }
    let (online, offline) = try newest(of: sender)
    let isInside = stretch.map { $0.last > instant } ?? false
    // A stretch begins with a reading.
    let first = stretch.flatMap { $0.from == instant ? $0.from : nil }
    let found = isInside ? try first ?? last(sender) : stretch?.last
    var evidence = EquipmentEvidence(
      key: sender.key,
      topicWorkshop: stretch == nil && online == nil && offline == nil
        ? "" : try workshop ?? self.workshop(of: sender),
      readings: stretch.map { stretch in
        EquipmentEvidence.Readings(
          last: found ?? instant, isExact: found != nil,
          cut: stretch.cut.flatMap { $0 <= instant ? $0 : nil },
          state: stretch.state, mode: stretch.mode, vouching: stretch.vouching,
          lostUntil: isInside ? nil : stretch.lostUntil)
      }, lastOnline: online, lastOffline: offline, sessionOpen: isOpen(online, offline),
      firstHeard: sender.firstHeard)
    if evidence.sessionOpen, let online, stretch?.vouching == .session {
      let session = try beginnings.beginning(of: sender, openAt: online)..<instant + .milliseconds(1)
      evidence.held.add(session, heard: limits.heard, in: instant..<session.upperBound)
    }
    evidence.note(refusals)
    return evidence
  }

  /// The last stretch that began by the instant, of those that have ended.
  func ended(_ number: EquipmentNumber) throws -> StateInterval? {
    intervals.bind(Int64(number), instant.milliseconds)
    return try intervals.first { try $0.stretch(of: number, from: 0) }
  }

  // MARK: -

  /// The workshop in its newest topic up to the instant.
  private func workshop(of sender: StoredSender) throws -> String {
    guard sender.hasMoved, sender.newest > instant else { return sender.workshop }
    workshops.bind(Int64(sender.number), instant.milliseconds, Int64.min)
    return try workshops.first { try $0.text(0) } ?? ""
  }

  /// Whether a session vouches at the instant.
  private func isOpen(_ online: Timestamp?, _ offline: Timestamp?) -> Bool {
    guard let online, online > offline ?? .distantPast else { return false }
    return instant < limits.end(ofSessionOpenedAt: online)
  }

  /// The newest online and the newest offline up to the instant.
  private func newest(of sender: StoredSender) throws -> (online: Timestamp?, offline: Timestamp?) {
    var online = sender.lastOnline.flatMap { $0 <= instant ? $0 : nil }
    var offline = sender.lastOffline.flatMap { $0 <= instant ? $0 : nil }
    // If the newest of all is later, an earlier one may exist.
    var seeks = (
      online: online == nil && sender.lastOnline != nil, offline: offline == nil && sender.lastOffline != nil
    )
    guard seeks.online || seeks.offline else { return (online, offline) }
    sessions.bind(Int64(sender.number), instant.milliseconds)
    while seeks.online || seeks.offline, try sessions.step() {
      let presence: UInt8 = try sessions.integer(0)
      if seeks.online, presence == Presence.online.rawValue {
        online = try sessions.timestamp(1)
        seeks.online = false
      } else if seeks.offline, presence == Presence.offline.rawValue {
        offline = try sessions.timestamp(1)
        seeks.offline = false
      }
    }
    sessions.reset()
    return (online, offline)
  }
}

extension EquipmentEvidence {
  /// Adds refused messages.
  fileprivate mutating func note(_ refused: [Refusal]) {
    refusals = refused
    rejections = refused.reduce(0) { $0 + $1.messages }
  }
}
