import Foundation
import GRDB
import Telemetry

/// Writes `views.sqlite`: the one writer of a claimed shard.
final class ViewsWriter {
  private let queue: DatabaseQueue
  private let path: String
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  /// An embedded store is one shard.
  private let shard: Int64 = 0

  init(path: String, calendar: LocalCalendar, horizonMinimum: Span) throws(StoreError) {
    self.path = path
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    queue = try SQLiteConnection.openWriter(path: path, label: "views", durable: false)
    try SQLiteConnection.migrate(queue, with: ViewsSchema.migrator, path: path)
    try fix("timezone", calendar.identifier, "district.timezone")
    try fix("horizon_minimum_ms", "\(horizonMinimum.milliseconds)", "presence.horizon_minimum")
  }

  /// Days and stretches are cut by these settings once and for all: another value needs another store.
  private func fix(_ name: String, _ value: String, _ key: String) throws(StoreError) {
    let stored: String?
    do {
      stored = try queue.write { database in
        try database.execute(
          sql: "INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", arguments: [name, value])
        return try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
      }
    } catch {
      throw StoreError(path: path, error)
    }
    guard stored == value else {
      throw StoreError(
        .refused,
        "\(path): made with \(key) = \(stored ?? "nothing"), the configuration now says \(value); set it back, or use a new store")
    }
  }

  func state(head: Int64) throws -> ShardState {
    try queue.read { database in
      let cursor =
        try Int64.fetchOne(database, sql: "SELECT block FROM cursor WHERE shard = ?", arguments: [shard]) ?? 0
      let senders = try Row.fetchAll(
        database, sql: "SELECT factory, equipment, workshop FROM equipment ORDER BY number"
      ).map {
        Sender(key: EquipmentKey(factory: $0["factory"], equipment: $0["equipment"]), workshop: $0["workshop"])
      }
      var timelines = ContiguousArray(repeating: Timeline(), count: senders.count)
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM live")
      while let row = try rows.next() {
        let number: Int = row["equipment"]
        guard timelines.indices.contains(number) else {
          throw StoreError(.corrupt, "\(path): live row of unknown equipment \(number)")
        }
        timelines[number] = try Timeline(row: row)
      }
      let newest = try Row.fetchOne(database, sql: "SELECT * FROM observation ORDER BY number DESC LIMIT 1")
      return ShardState(
        senders: senders, timelines: timelines, observation: newest.map(ObservedStretch.init(row:)),
        cursor: cursor, head: head)
    }
  }

  func write(_ update: ViewUpdate) throws {
    try queue.write { database in
      let changes = update.changes
      try writeSenders(update, into: database)
      var live = try RowWriter(database, sql: RowWriter.insertLive)
      for number in changes.changedEquipment { try live.writeLive(number, update.timelines[Int(number)]) }
      try writeTimelineChanges(changes.timelineChanges, into: database)
      // Repairs look at the intervals just written.
      for late in changes.timelineChanges.lateRecords { try markRepair(late, update.timelines, in: database) }
      try writeQuarantined(changes.quarantined, into: database)
      for observation in changes.observations {
        try database.execute(
          sql: "INSERT OR REPLACE INTO observation VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            observation.number, shard, observation.from.milliseconds, observation.through.milliseconds,
            observation.resumed, observation.ended,
          ])
      }
      try database.execute(
        sql: "INSERT OR REPLACE INTO cursor VALUES (?, ?)", arguments: [shard, update.cursor])
    }
  }

  private func writeSenders(_ update: ViewUpdate, into database: Database) throws {
    let new = update.changes.newSenders
    for (number, sender) in zip(new.indices, new) {
      try database.execute(
        sql: "INSERT OR REPLACE INTO equipment VALUES (?, ?, ?, ?)",
        arguments: [number, sender.key.factory, sender.key.equipment, sender.workshop])
    }
    for number in update.changes.movedSenders {
      try database.execute(
        sql: "UPDATE equipment SET workshop = ? WHERE number = ?",
        arguments: [update.senders[Int(number)].workshop, number])
    }
  }

  private func writeTimelineChanges(_ changes: TimelineChanges, into database: Database) throws {
    var intervals = try RowWriter(database, sql: "INSERT OR REPLACE INTO interval VALUES (?,?,?,?,?,?)")
    for interval in changes.intervals {
      intervals.bind(interval.equipment)
      intervals.bind(interval.from)
      intervals.bind(interval.last)
      intervals.bind(interval.cut?.milliseconds)
      intervals.bind(interval.state.rawValue)
      intervals.bind(interval.mode.rawValue)
      try intervals.step()
    }
    var days = try RowWriter(
      database, sql: "INSERT OR REPLACE INTO day_total VALUES (\(RowWriter.placeholders(17)))")
    for closed in changes.closedDays {
      days.bind(closed.equipment)
      days.bind(closed.day.number)
      days.bind(closed.totals)
      try days.step()
    }
    var sessions = try RowWriter(database, sql: "INSERT OR IGNORE INTO session_event VALUES (?,?,?)")
    for event in changes.sessionEvents {
      sessions.bind(event.equipment)
      sessions.bind(event.at)
      sessions.bind(event.presence.rawValue)
      try sessions.step()
    }
  }

  /// Marks the days from the record's predecessor to its successor. Inside a stretch both are at most the
  /// horizon minimum away; between two stretches they are where one ends and the other begins.
  private func markRepair(
    _ late: LateRecord, _ timelines: ContiguousArray<Timeline>, in database: Database
  ) throws {
    let open = timelines[Int(late.equipment)]
    let before = try Row.fetchOne(
      database,
      sql: "SELECT last FROM interval WHERE equipment = ? AND start <= ? ORDER BY start DESC LIMIT 1",
      arguments: [late.equipment, late.at.milliseconds])
    let after = try Int64.fetchOne(
      database, sql: "SELECT min(start) FROM interval WHERE equipment = ? AND start > ?",
      arguments: [late.equipment, late.at.milliseconds])
    let insideOpen = late.at >= open.stretchStart
    let last = insideOpen ? open.newest : before?.timestamp("last")
    var from = late.at
    if let last { from = last >= late.at ? late.at - horizonMinimum : last }
    var until = after.map { Timestamp(milliseconds: $0) } ?? (insideOpen ? open.newest : open.stretchStart)
    if let last, last >= late.at { until = min(last, late.at + horizonMinimum) }
    until = max(until, late.at)
    var day = calendar.day(at: from)
    let end = calendar.day(at: until)
    while day <= end {
      try database.execute(
        sql: "INSERT OR IGNORE INTO repair VALUES (?, ?)", arguments: [late.equipment, day.number])
      day = day + 1
    }
  }

  private func writeQuarantined(_ messages: [Quarantined], into database: Database) throws {
    for message in messages {
      try database.execute(
        sql: "INSERT OR IGNORE INTO quarantine VALUES (?,?,?,?,?,?,?,?,?,?)",
        arguments: [
          message.block, message.record, message.received.milliseconds, message.reason.rawValue,
          message.detail, message.factory, message.equipment, Data(message.topic), Data(message.preview),
          message.payloadBytes,
        ])
      guard database.changesCount > 0 else { continue }
      try database.execute(
        sql: """
          INSERT INTO rejection VALUES (?, ?, ?, 1)
          ON CONFLICT DO UPDATE SET messages = messages + 1
          """, arguments: [message.factory, message.equipment, message.reason.rawValue])
    }
  }
}

extension ObservedStretch {
  init(row: Row) {
    self.init(
      number: row["number"], from: Timestamp(milliseconds: row["start"]),
      through: Timestamp(milliseconds: row["through"]), resumed: row["resumed"], ended: row["ended"])
  }
}
