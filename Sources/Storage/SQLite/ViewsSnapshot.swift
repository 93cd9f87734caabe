import GRDB
import Telemetry

/// The views at one moment. Valid only inside the call that lends it.
public struct ViewsSnapshot {
  let database: Database
  let directory: StoreDirectory

  /// What the store knows at `instant`.
  ///
  /// - Parameters:
  ///   - factory: only this factory's senders and rejections; nil for all.
  ///   - period: the stretch for which observation is returned.
  ///   - skewsOn: the days of which to return how far the clocks of one factory's senders were off.
  public func evidence(
    asOf instant: Timestamp, factory: String? = nil, period: Range<Timestamp>,
    skewsOn days: Range<CalendarDay>? = nil
  ) throws -> StoreEvidence {
    var evidence = StoreEvidence(asOf: instant)
    let observations = Observations.untangled(
      try Row.fetchAll(database, sql: "SELECT * FROM observation ORDER BY number")
        .map { try ObservedStretch(row: $0) })
    evidence.observed = Observations.observed(observations, in: period)
    evidence.brokerDrops = try brokerDrops(in: period)
    evidence.rejections = try rejections(of: factory, in: database)
    if let factory {
      evidence.refusedSkews = try refusedSkews(of: factory)
      if let days, !days.isEmpty { evidence.earlierSkews = try skews(of: factory, on: days) }
    }
    evidence.repairsPending = try repairsPending(of: factory, in: database)
    evidence.equipment = try equipment(
      of: factory, at: instant, isDeaf: Observations.isDeaf(at: instant, observations),
      sessionLosses: Observations.sessionLosses(observations), in: database)
    evidence.dayRoot = try DayRootStore(directory).newest()?.root
    let cursor = try Int64.fetchOne(database, sql: "SELECT block FROM cursor WHERE shard = 0") ?? 0
    if let head = try JournalReader(directory).head(at: cursor) {
      evidence.journalHead = head.hash.description
      evidence.newestReceipt = head.lastReceived
    }
    return evidence
  }

  // MARK: -

  private func brokerDrops(in period: Range<Timestamp>) throws -> Int? {
    BrokerDropCount.dropped(
      try Row.fetchAll(
        database,
        sql: """
          SELECT at, total FROM broker_drop WHERE at < ?2
            AND at >= coalesce((SELECT max(at) FROM broker_drop WHERE at < ?1), ?1) ORDER BY at, total
          """, arguments: [period.lowerBound.milliseconds, period.upperBound.milliseconds]
      ).map { try BrokerDropCount(row: $0) }, from: period.lowerBound)
  }

  private func refusedSkews(of factory: String) throws -> [EquipmentKey: Span] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT equipment, skew FROM quarantine
        WHERE factory = ? AND skew IS NOT NULL ORDER BY equipment, skew
        """, arguments: [factory])
    var skews: [String: [Int64]] = [:]
    while let row = try rows.next() {
      skews[try row.text("equipment"), default: []].append(try row.integer("skew"))
    }
    return skews.reduce(into: [:]) { found, entry in
      found[EquipmentKey(factory: factory, equipment: entry.key)] = .milliseconds(
        entry.value[(entry.value.count - 1) / 2])
    }
  }

  private func skews(of factory: String, on days: Range<CalendarDay>) throws -> [EquipmentKey: [Int64]] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT equipment.equipment, day, skew FROM equipment JOIN day_total ON day_total.equipment = number
        WHERE factory = ?1 AND day >= ?2 AND day < ?3 AND skew IS NOT NULL
        UNION ALL
        SELECT equipment.equipment, day, skew FROM equipment JOIN live ON live.equipment = number
        WHERE factory = ?1 AND day >= ?2 AND day < ?3 AND skew IS NOT NULL ORDER BY 1, 2
        """, arguments: [factory, days.lowerBound.number, days.upperBound.number])
    var skews: [EquipmentKey: [Int64]] = [:]
    while let row = try rows.next() {
      let key = EquipmentKey(factory: factory, equipment: try row.text("equipment"))
      skews[key, default: []].append(try row.integer("skew"))
    }
    return skews
  }

  private func rejections(
    of factory: String?, in database: Database
  ) throws -> [(reason: RejectionReason, messages: Int)] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT reason, SUM(messages) AS messages FROM rejection
        WHERE ?1 IS NULL OR factory = ?1 GROUP BY reason ORDER BY reason
        """, arguments: [factory]
    ).map { row in (try row.reason(), try row.integer("messages")) }
  }

  private func repairsPending(of factory: String?, in database: Database) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT COUNT(*) FROM repair JOIN equipment ON equipment.number = repair.equipment
        WHERE ?1 IS NULL OR equipment.factory = ?1
        """, arguments: [factory]) ?? 0
  }

  private func equipment(
    of factory: String?, at instant: Timestamp, isDeaf: Bool, sessionLosses: [Observations.SessionLoss],
    in database: Database
  ) throws -> [EquipmentEvidence] {
    let intervalAt = try database.cachedStatement(
      sql: "SELECT * FROM interval WHERE equipment = ? AND start <= ? ORDER BY start DESC LIMIT 1")
    let sessionAt = try database.cachedStatement(
      sql: "SELECT MAX(at) FROM session_event WHERE equipment = ? AND presence = ? AND at <= ?")
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT equipment.number, equipment.factory, equipment.equipment AS code, equipment.workshop, live.*,
          (SELECT SUM(messages) FROM rejection
           WHERE rejection.factory = equipment.factory AND rejection.equipment = equipment.equipment) AS rejected
        FROM equipment JOIN live ON live.equipment = equipment.number
        WHERE ?1 IS NULL OR equipment.factory = ?1
        ORDER BY equipment.factory, equipment.equipment
        """, arguments: [factory])
    var found: [EquipmentEvidence] = []
    while let row = try rows.next() {
      let number: Int64 = try row.integer("number")
      let timeline = try Timeline(row: row)
      func newest(_ presence: Presence, live: Timestamp) throws -> Timestamp {
        guard live > instant else { return live }
        let at = try Int64.fetchOne(
          sessionAt, arguments: [number, presence.rawValue, instant.milliseconds])
        return at.map { Timestamp(milliseconds: $0) } ?? .distantPast
      }
      let online = try newest(.online, live: timeline.lastOnline)
      let offline = try newest(.offline, live: timeline.lastOffline)
      var readings = Self.readings(
        from: timeline.stretchStart, last: timeline.newest, cut: timeline.cut, state: timeline.state,
        mode: timeline.mode, at: instant)
      if readings == nil, timeline.hasReadings,
        let closed = try Row.fetchOne(intervalAt, arguments: [number, instant.milliseconds])
      {
        readings = Self.readings(
          from: Timestamp(milliseconds: try closed.integer("start")),
          last: Timestamp(milliseconds: try closed.integer("last")),
          cut: try closed.timestamp("cut") ?? .distantFuture, state: try closed.state(),
          mode: try closed.mode(), at: instant)
      }
      found.append(
        EquipmentEvidence(
          key: EquipmentKey(factory: try row.text("factory"), equipment: try row.text("code")),
          topicWorkshop: try row.text("workshop"),
          readings: readings, lastOnline: online == .distantPast ? nil : online,
          sessionOpen: !isDeaf && online > offline
            && !sessionLosses.contains { online < $0.noticed && $0.since <= instant },
          rejections: try row.optionalInteger("rejected") ?? 0,
          firstHeard: timeline.firstHeard == .distantFuture ? nil : timeline.firstHeard))
    }
    let refused = try onlyRefused(of: factory, in: database)
    return refused.isEmpty ? found : (found + refused).sorted { $0.key < $1.key }
  }

  /// Those who never sent anything that could be counted, by what was refused of them.
  private func onlyRefused(of factory: String?, in database: Database) throws -> [EquipmentEvidence] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT factory, equipment, SUM(messages) AS messages FROM rejection
        WHERE equipment <> '' AND (?1 IS NULL OR factory = ?1) AND NOT EXISTS (
          SELECT 1 FROM equipment
          WHERE equipment.factory = rejection.factory AND equipment.equipment = rejection.equipment)
        GROUP BY factory, equipment LIMIT 100000
        """, arguments: [factory]
    ).map { row in
      EquipmentEvidence(
        key: EquipmentKey(factory: try row.text("factory"), equipment: try row.text("equipment")),
        rejections: try row.integer("messages"))
    }
  }

  /// A stretch as seen at `instant`; nil when it begins later, or there is none.
  private static func readings(
    from: Timestamp, last: Timestamp, cut: Timestamp, state: EquipmentState, mode: OperatingMode,
    at instant: Timestamp
  ) -> EquipmentEvidence.Readings? {
    guard last != .distantPast, from <= instant else { return nil }
    return EquipmentEvidence.Readings(
      last: min(last, instant), cut: cut <= instant ? cut : nil, state: state, mode: mode)
  }
}
