import Foundation
import GRDB
import Telemetry

/// Reads a store's views, as anyone who may read its files, with the collector stopped or running.
public struct ViewsReader {
  private let directory: StoreDirectory
  private let queue: DatabaseQueue

  /// Opens the views of `directory`. A store that is not there, or of a newer version, is refused.
  public init(_ directory: StoreDirectory) throws(StoreError) {
    guard directory.exists else {
      throw StoreError(
        .missing,
        "\(directory.path): no store here, or not yours to read; run 'millwright collect', or point --store at it"
      )
    }
    self.directory = directory
    queue = try SQLiteConnection.openReader(path: directory.views, label: "views")
    do {
      try SQLiteConnection.checkSchema(queue, against: ViewsSchema.migrator, path: directory.views)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// The time zone in which the store cuts days.
  public func timeZone() throws(StoreError) -> String {
    do {
      let name = try queue.read {
        try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = 'timezone'")
      }
      guard let name else { throw StoreError(.refused, "\(directory.views): states no time zone") }
      return name
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// What the store knows at `instant`, in one consistent snapshot.
  ///
  /// - Parameters:
  ///   - factory: only this factory's senders and rejections; nil for all.
  ///   - period: the stretch for which observation is returned.
  public func evidence(
    asOf instant: Timestamp, factory: String? = nil, period: Range<Timestamp>
  ) throws(StoreError) -> StoreEvidence {
    do {
      return try queue.read { database in
        var evidence = StoreEvidence(asOf: instant)
        let observations = Self.untangled(
          try Row.fetchAll(database, sql: "SELECT * FROM observation ORDER BY number")
            .map { try ObservedStretch(row: $0) })
        evidence.observed = Self.observed(observations, in: period)
        evidence.rejections = try rejections(of: factory, in: database)
        evidence.repairsPending = try repairsPending(of: factory, in: database)
        evidence.equipment = try equipment(
          of: factory, at: instant, isDeaf: Self.isDeaf(at: instant, observations),
          sessionLosses: Self.sessionLosses(observations), in: database)
        let cursor = try Int64.fetchOne(database, sql: "SELECT block FROM cursor WHERE shard = 0") ?? 0
        if let head = try JournalReader(directory).head(at: cursor) {
          evidence.journalHead = head.hash.description
          evidence.newestReceipt = head.lastReceived
        }
        return evidence
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// The timeline of an equipment after the last day before `day` that anything came on; nil when there is
  /// none. Its totals are empty.
  public func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws(StoreError) -> Timeline?
  {
    do {
      return try queue.read { database in
        try Row.fetchOne(
          database.cachedStatement(
            sql: "SELECT * FROM closing WHERE equipment = ? AND day < ? ORDER BY day DESC LIMIT 1"),
          arguments: [equipment, day.number]
        ).map { try Timeline(closing: $0) }
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  // MARK: -

  /// Observations clipped to a period, joined where they touch.
  static func observed(
    _ observations: [ObservedStretch], in period: Range<Timestamp>
  ) -> [(from: Timestamp, until: Timestamp)] {
    var stretches: [(from: Timestamp, until: Timestamp)] = []
    for observation in observations.sorted(by: { $0.from < $1.from }) {
      let from = max(observation.from, period.lowerBound)
      let until = min(observation.through, period.upperBound)
      guard from < until else { continue }
      if let last = stretches.last, from <= last.until {
        stretches[stretches.count - 1].until = max(last.until, until)
      } else {
        stretches.append((from, until))
      }
    }
    return stretches
  }

  /// Cuts each stretch where the next one, in the order of connections, begins: what a clock that was set
  /// back afterwards had shown was not observed.
  static func untangled(_ observations: [ObservedStretch]) -> [ObservedStretch] {
    var result = observations
    for index in result.indices.dropLast() {
      result[index].through = min(result[index].through, result[index + 1].from)
    }
    return result
  }

  /// Whether nobody listens at `instant`, and none has since in the same session: then a device may have
  /// gone without being heard, and no session vouches for it.
  static func isDeaf(at instant: Timestamp, _ observations: [ObservedStretch]) -> Bool {
    guard let index = observations.lastIndex(where: { $0.from <= instant }) else { return false }
    // Views lag a little behind a collector that listens.
    guard instant - observations[index].through > .minutes(1) else { return false }
    // What a resumed session had queued tells what happened meanwhile.
    return !observations[(index + 1)...].contains(where: \.resumed)
  }

  /// A connection on which the broker had lost the shard's session: sessions of equipment that were open
  /// before it ended with the connection before, as far as is known.
  struct SessionLoss {
    /// Where the connection before was last observed.
    var since: Timestamp
    /// The connection that found the session lost.
    var noticed: Timestamp
  }

  static func sessionLosses(_ observations: [ObservedStretch]) -> [SessionLoss] {
    zip(observations, observations.dropFirst()).compactMap { before, after in
      after.resumed ? nil : SessionLoss(since: before.through, noticed: after.from)
    }
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
    of factory: String?, at instant: Timestamp, isDeaf: Bool, sessionLosses: [SessionLoss],
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
