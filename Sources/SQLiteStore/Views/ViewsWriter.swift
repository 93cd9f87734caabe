import Foundation
import GRDB
import GRDBSQLite
import Journal
import Storage
import Telemetry

/// Writes `views.sqlite`: the one writer of a claimed shard.
final class ViewsWriter {
  private let queue: DatabaseQueue
  private let path: String
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  private let groups: DayGroups
  /// Whether groups of days may wait to be packed.
  private var isPacking = true
  private let shard = ShardID.embedded.number

  /// - Parameter daysPerGroup: how many days are packed together in views that are made now.
  init(
    path: String, calendar: LocalCalendar, horizonMinimum: Span,
    daysPerGroup: Int32 = DayGroups.standardLength
  ) throws(StoreError) {
    self.path = path
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    queue = try SQLiteConnection.openWriter(
      path: path, label: "views", durable: false, schema: ViewsSchema.migrator)
    let length = try Self.setting("days_per_group", "\(daysPerGroup)", queue, path)
    groups = DayGroups(length: Int32(length) ?? DayGroups.standardLength)
    try fix("timezone", calendar.identifier, "district.timezone")
    try fix("horizon_minimum_ms", "\(horizonMinimum.milliseconds)", "presence.horizon_minimum")
  }

  /// Days and stretches are cut by these settings once and for all: another value needs another store.
  private func fix(_ name: String, _ value: String, _ key: String) throws(StoreError) {
    let stored = try Self.setting(name, value, queue, path)
    guard stored == value else {
      throw StoreError(
        .refused,
        "\(path): made with \(key) = \(stored), the configuration now says \(value); set it back, or use a new store"
      )
    }
  }

  /// Returns a stored setting; stores `value` first if there is none.
  private static func setting(
    _ name: String, _ value: String, _ queue: DatabaseQueue, _ path: String
  ) throws(StoreError) -> String {
    do {
      return try queue.write { database in
        try database.execute(
          sql: "INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", arguments: [name, value])
        return try String.fetchOne(
          database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) ?? value
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Brings everything into the one file, and closes it.
  func close() throws {
    try queue.writeWithoutTransaction { database in
      _ = try database.checkpoint(.truncate)
      var persist: CInt = 0
      sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &persist)
    }
    try queue.close()
  }

  func state(head: Int64) throws -> ShardState {
    try queue.write { try packing.begin($0) }
    isPacking = true
    return try queue.read { database in
      let cursor = try ViewsCursor.block(database)
      var senders: [Sender] = []
      let known = try StatementReader(
        database, sql: "SELECT number, factory, equipment, workshop, moved FROM equipment ORDER BY number")
      while try known.step() {
        guard try known.integer(0) == senders.count else {
          throw StoreError(.corrupt, "\(path): equipment \(senders.count) is missing")
        }
        senders.append(
          Sender(
            key: EquipmentKey(factory: try known.text(1), equipment: try known.text(2)),
            workshop: try known.text(3), hasMoved: try known.integer(4) != 0))
      }
      let pages = try LivePageReader(database)
      var timelines: ContiguousArray<Timeline> = []
      timelines.reserveCapacity(senders.count)
      for number in senders.indices {
        timelines.append(try pages.timeline(of: EquipmentNumber(number)) ?? Timeline())
      }
      let newest = try Row.fetchOne(database, sql: "SELECT * FROM observation ORDER BY number DESC LIMIT 1")
      let drops = try Row.fetchOne(
        database, sql: "SELECT * FROM broker_drop ORDER BY rowid DESC LIMIT 1")
      return ShardState(
        senders: senders, timelines: timelines, observation: try newest.map { try ObservedStretch(row: $0) },
        brokerDrops: try drops.map { try BrokerDropCount(row: $0) }, cursor: cursor, head: head,
        remembered: cursor)
    }
  }

  /// The oldest days that wait to be recomputed. Those up to the final day are not: nothing can change them, and the
  /// journal lacks their messages. A stretch that began on one of them may have marked it.
  ///
  /// - Parameter finalDay: of the base; asked for only where days wait.
  func pendingRepairs(
    limit: Int, finalDay: () throws(StoreError) -> CalendarDay?
  ) throws -> [PendingRepair] {
    let waiting = try storedRepairs(limit: limit)
    guard let oldest = waiting.first, let final = try finalDay(), oldest.day <= final else { return waiting }
    try queue.write {
      try $0.execute(sql: "DELETE FROM repair WHERE day <= ?", arguments: [final.number])
    }
    return try storedRepairs(limit: limit)
  }

  private func storedRepairs(limit: Int) throws -> [PendingRepair] {
    try queue.read { database in
      try Row.fetchAll(
        database, sql: "SELECT equipment, day FROM repair ORDER BY day, equipment LIMIT ?", arguments: [limit]
      ).map { row in
        PendingRepair(
          equipment: try row.integer("equipment"), day: try row.day("day"))
      }
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
      let repairs = RepairWriter(database, calendar)
      for repair in changes.repairs { try repairs.write(repair, update) }
      try writeLive(changes.changedEquipment, update.timelines, into: database)
      try writeTimelineChanges(changes.timelineChanges, into: database)
      for stretch in changes.timelineChanges.intervals {
        let day = update.timelines[Int(stretch.equipment)].day
        try repairs.recheck(stretch, writtenOn: day, waiting: ...day, block: update.cursor)
      }
      // Later days that the record changes are marked when its own day is repaired.
      for late in changes.timelineChanges.lateRecords {
        try repairs.mark(late.equipment, calendar.day(at: late.at), block: update.cursor)
      }
      try RefusalRows.write(changes.quarantined, into: database)
      try RefusalRows.write(changes.fieldErrors, into: database)
      try RetainFlagRows.write(changes.retainFlags, into: database)
      for observation in changes.observations {
        try database.execute(
          sql: "INSERT OR REPLACE INTO observation VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [
            observation.number, shard, observation.from.milliseconds, observation.through.milliseconds,
            observation.resumed, observation.ended,
          ])
      }
      for silence in changes.silences {
        try database.execute(
          sql: """
            INSERT INTO silence VALUES (?, ?, ?) ON CONFLICT (since)
            DO UPDATE SET until = excluded.until, number = excluded.number WHERE excluded.until >= until
            """,
          arguments: [silence.since.milliseconds, silence.until.milliseconds, silence.stretch])
      }
      for drops in changes.brokerDrops {
        try database.execute(
          sql: "INSERT OR IGNORE INTO broker_drop VALUES (?, ?)",
          arguments: [drops.at.milliseconds, drops.total])
      }
      try database.execute(
        sql: "INSERT OR REPLACE INTO cursor VALUES (?, ?)", arguments: [shard, update.cursor])
      if try PackedGroupsKeeper(database, calendar: calendar, groups: groups).follow(update) {
        isPacking = true
      }
    }
  }

  private var packing: WaitingGroups { WaitingGroups(calendar: calendar, groups: groups) }

  /// Packs days that are over and wait for it, for a while; false when none is left.
  @discardableResult
  func packGroups(for time: Duration) throws -> Bool {
    guard isPacking else { return false }
    isPacking = try queue.write { try packing.advance($0, for: time) }
    relieveLog()
    return isPacking
  }

  private func writeSenders(_ update: ViewUpdate, into database: Database) throws {
    let new = update.changes.newSenders
    for (number, sender) in zip(new.indices, new) {
      try database.execute(
        sql: "INSERT OR REPLACE INTO equipment VALUES (?, ?, ?, ?, ?)",
        arguments: [number, sender.key.factory, sender.key.equipment, sender.workshop, sender.hasMoved])
    }
    for number in update.changes.movedSenders {
      try database.execute(
        sql: "UPDATE equipment SET workshop = ?, moved = ? WHERE number = ?",
        arguments: [update.senders[Int(number)].workshop, update.senders[Int(number)].hasMoved, number])
    }
  }

  private func writeLive(
    _ changed: ContiguousArray<EquipmentNumber>, _ timelines: ContiguousArray<Timeline>,
    into database: Database
  ) throws {
    var writer = try LivePageWriter(database)
    var written: Int32 = -1
    for page in changed.map(LivePage.number).sorted() where page != written {
      let first = Int(LivePage.first(of: page))
      try writer.write(page, timelines[first..<min(first + LivePage.senders, timelines.count)])
      written = page
    }
  }

  private func writeTimelineChanges(_ changes: TimelineChanges, into database: Database) throws {
    try writeIntervals(changes.intervals, into: database)
    try writeDays(changes.closedDays, into: database)
    try writeAlarms(changes.alarmChanges, into: database)
    try writeResets(changes.meterResets, into: database)
    var sessions = try RowWriter(database, sql: "INSERT OR IGNORE INTO session_event VALUES (?,?,?)")
    for event in changes.sessionEvents {
      sessions.bind(event.equipment)
      sessions.bind(event.at)
      sessions.bind(event.presence.rawValue)
      try sessions.step()
    }
  }
}

extension BrokerDropCount {
  init(row: Row) throws(StoreError) {
    self.init(at: try row.instant("at"), total: try row.integer("total"))
  }

  /// Number of messages that a broker dropped in a period; nil without counts. The counts ascend, and the first of them is
  /// the last before the period.
  ///
  /// Messages lost between two counts belong to the later one. Counting begins with the very first. A broker that was
  /// started again begins at 0.
  static func dropped(_ counts: [BrokerDropCount], from start: Timestamp) -> Int? {
    guard !counts.isEmpty else { return nil }
    return zip(counts, counts.dropFirst()).reduce(0) { sum, pair in
      guard pair.1.at >= start else { return sum }
      return sum + Int(pair.1.total >= pair.0.total ? pair.1.total - pair.0.total : pair.1.total)
    }
  }
}

extension Silence {
  init(row: Row) throws(StoreError) {
    self.init(
      since: try row.instant("since"), until: try row.instant("until"), stretch: try row.integer("number"))
  }
}

extension ObservedStretch {
  init(row: Row) throws(StoreError) {
    let resumed: Int = try row.integer("resumed")
    let ended: Int = try row.integer("ended")
    self.init(
      number: try row.count("number"), from: try row.instant("start"),
      through: try row.instant("through"), resumed: resumed != 0, ended: ended != 0)
  }
}
