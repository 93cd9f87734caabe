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
        return try String.fetchOne(
          database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
      }
    } catch {
      throw StoreError(path: path, error)
    }
    guard stored == value else {
      throw StoreError(
        .refused,
        "\(path): made with \(key) = \(stored ?? "nothing"), the configuration now says \(value); set it back, or use a new store"
      )
    }
  }

  func state(head: Int64) throws -> ShardState {
    try queue.read { database in
      let cursor =
        try Int64.fetchOne(database, sql: "SELECT block FROM cursor WHERE shard = ?", arguments: [shard]) ?? 0
      let senders = try Row.fetchAll(
        database, sql: "SELECT number, factory, equipment, workshop FROM equipment ORDER BY number"
      ).enumerated().map { index, row in
        guard try row.integer("number") == index else {
          throw StoreError(.corrupt, "\(path): equipment \(index) is missing")
        }
        return Sender(
          key: EquipmentKey(factory: try row.text("factory"), equipment: try row.text("equipment")),
          workshop: try row.text("workshop"))
      }
      var timelines = ContiguousArray(repeating: Timeline(), count: senders.count)
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM live")
      while let row = try rows.next() {
        let number: Int = try row.integer("equipment")
        guard timelines.indices.contains(number) else {
          throw StoreError(.corrupt, "\(path): live row of unknown equipment \(number)")
        }
        timelines[number] = try Timeline(row: row)
      }
      let newest = try Row.fetchOne(database, sql: "SELECT * FROM observation ORDER BY number DESC LIMIT 1")
      return ShardState(
        senders: senders, timelines: timelines, observation: try newest.map { try ObservedStretch(row: $0) },
        cursor: cursor, head: head, remembered: cursor)
    }
  }

  func write(_ update: ViewUpdate) throws {
    try commit(update)
    relieveLog()
  }

  /// Begins the write-ahead log anew when readers that overlap have kept it growing. Waits for them a
  /// moment only; the next write tries again.
  private func relieveLog() {
    var status = stat()
    guard stat(path + "-wal", &status) == 0, status.st_size > Self.longLog else { return }
    try? queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA busy_timeout = 100")
      defer { try? database.execute(sql: "PRAGMA busy_timeout = 5000") }
      _ = try database.checkpoint(.restart)
    }
  }

  /// Bytes of write-ahead log beyond which it is begun anew.
  private static let longLog = 32 << 20

  private func commit(_ update: ViewUpdate) throws {
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
    let insideOpen = open.hasReadings && late.at >= open.stretchStart
    let last = try insideOpen ? open.newest : before?.timestamp("last")
    var from = late.at
    if let last { from = last >= late.at ? late.at - horizonMinimum : last }
    let opens = open.hasReadings ? (insideOpen ? open.newest : open.stretchStart) : late.at
    var until = after.map { Timestamp(milliseconds: $0) } ?? opens
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
  init(row: Row) throws(StoreError) {
    let resumed: Int = try row.integer("resumed")
    let ended: Int = try row.integer("ended")
    self.init(
      number: try row.integer("number"), from: Timestamp(milliseconds: try row.integer("start")),
      through: Timestamp(milliseconds: try row.integer("through")), resumed: resumed != 0, ended: ended != 0)
  }
}
