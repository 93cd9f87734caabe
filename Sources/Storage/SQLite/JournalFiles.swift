import Foundation
import GRDB
import GRDBSQLite
import Telemetry

/// The journal as a folder of databases, one a day, whose blocks are numbered and chained across them.
final class JournalFiles {
  private let folder: String
  private let calendar: LocalCalendar
  private var current: (day: String, queue: DatabaseQueue)?
  /// The newest block.
  private(set) var head: Int64 = 0
  private var headHash = SHA256Digest.zero

  /// Opens the newest day and reads the journal's head.
  init(folder: String, calendar: LocalCalendar) throws(StoreError) {
    self.folder = folder
    self.calendar = calendar
    // A day file made just before a crash may still be empty: the head is then in the one before.
    for day in try Self.days(in: folder).reversed() {
      let queue = try Self.openDay(day, in: folder)
      if let found = try Self.readHead(queue, path: Self.path(day, in: folder)) {
        current = (day, queue)
        (head, headHash) = found
        break
      }
    }
  }

  /// The days that have a file, ascending.
  static func days(in folder: String) throws(StoreError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".sqlite") && CalendarDay($0.dropLast(7)) != nil }
        .map { String($0.dropLast(7)) }.sorted()
    } catch {
      throw StoreError(.io, "\(folder): cannot be listed: \(error.localizedDescription)")
    }
  }

  static func path(_ day: String, in folder: String) -> String { "\(folder)/\(day).sqlite" }

  /// Commits a block; returns when it is on disk.
  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    let queue = try writer(for: builder.lastReceived)
    let number = head + 1
    let hash = try builder.seal(number: number, previous: headHash, factoryID: factoryID) { block, content in
      try queue.inDatabase { try Self.insert(block, content: content, into: $0) }
      return block.hash
    }
    head = number
    headHash = hash
    return number
  }

  /// The block before the oldest kept day's first; 0 when nothing was ever dropped.
  func opening() throws(StoreError) -> Int64 {
    for day in try Self.days(in: folder) {
      if let opening = try Self.opening(of: day, in: folder) { return opening.number }
    }
    return 0
  }

  /// Lends every block after `number` that is kept, ascending; a gap among them is an error.
  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    guard number < head else { return }
    var next = max(number, try opening()) + 1
    for day in try Self.daysHolding(after: number, in: folder) {
      let queue: DatabaseQueue
      if let current, current.day == day {
        queue = current.queue
      } else {
        queue = try Self.openDay(day, in: folder)
      }
      try JournalReader.forEachBlock(in: queue, from: next) { block in
        guard block.number == next else {
          throw StoreError(.corrupt, "\(Self.path(day, in: folder)): block \(next) is missing")
        }
        try body(block)
        next += 1
      }
    }
    guard next == head + 1 else {
      throw StoreError(.corrupt, "\(folder): blocks \(next)–\(head) are missing")
    }
  }

  // MARK: -

  /// The day file a block received then belongs to. Days never go backwards, whatever the clock does.
  private func writer(for received: Timestamp) throws -> DatabaseQueue {
    let day = calendar.day(at: received).description
    if let current, current.day >= day { return current.queue }
    let queue = try Self.openDay(day, in: folder)
    let opening = (head, headHash)
    try queue.write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO opening (only, number, hash) VALUES (1, ?, ?)",
        arguments: [opening.0, Data(opening.1.bytes)])
    }
    // The folder's entry for the new file must survive a power cut as its blocks do.
    try synchronizeFolder()
    let closed = current?.queue
    current = (day, queue)
    // Only tidies up: a reader that still holds the old day must not hold up the new one.
    try? closed?.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA busy_timeout = 0")
      _ = try database.checkpoint(.truncate)
    }
    return queue
  }

  private func synchronizeFolder() throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.io, "\(folder): cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.io, "\(folder): cannot be synchronized") }
  }

  private static func openDay(_ day: String, in folder: String) throws(StoreError) -> DatabaseQueue {
    let path = path(day, in: folder)
    let queue = try SQLiteConnection.openWriter(path: path, label: "journal \(day)", durable: true)
    try SQLiteConnection.migrate(queue, with: migrator, path: path)
    return queue
  }

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 blocks") { database in
      try database.execute(
        sql: """
          CREATE TABLE block (
            number INTEGER PRIMARY KEY,
            first_received INTEGER NOT NULL,
            last_received INTEGER NOT NULL,
            records INTEGER NOT NULL,
            content_bytes INTEGER NOT NULL,
            hash BLOB NOT NULL,
            content BLOB NOT NULL);
          CREATE TABLE opening (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, hash BLOB NOT NULL);
          """)
    }
    return migrator
  }

  private static func insert(_ block: SealedBlock, content: UnsafeRawBufferPointer, into database: Database)
    throws
  {
    let statement = try database.cachedStatement(sql: "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)")
    let handle = statement.sqliteStatement
    let hash = block.hash.bytes
    sqlite3_bind_int64(handle, 1, block.number)
    sqlite3_bind_int64(handle, 2, block.firstReceived.milliseconds)
    sqlite3_bind_int64(handle, 3, block.lastReceived.milliseconds)
    sqlite3_bind_int64(handle, 4, Int64(block.records))
    sqlite3_bind_int64(handle, 5, Int64(block.contentBytes))
    // The bytes outlive the step: SQLite need not copy them.
    let code = hash.withUnsafeBytes { hash in
      sqlite3_bind_blob(handle, 6, hash.baseAddress, Int32(hash.count), nil)
      sqlite3_bind_blob64(handle, 7, content.baseAddress, UInt64(content.count), nil)
      return sqlite3_step(handle)
    }
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    guard code == SQLITE_DONE else {
      throw StoreError(
        .io,
        "journal: block \(block.number) cannot be stored: \(String(cString: sqlite3_errmsg(database.sqliteConnection)))"
      )
    }
  }

  private static func readHead(_ queue: DatabaseQueue, path: String) throws(StoreError)
    -> (Int64, SHA256Digest)?
  {
    do {
      return try queue.read { database in
        let row =
          try Row.fetchOne(database, sql: "SELECT number, hash FROM block ORDER BY number DESC LIMIT 1")
          ?? Row.fetchOne(database, sql: "SELECT number, hash FROM opening")
        guard let row else { return nil }
        return (try row.integer("number"), try row.digest("hash"))
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Days that may hold blocks after `number`: from the last whose opening is at or before it.
  static func daysHolding(after number: Int64, in folder: String) throws(StoreError) -> [String] {
    let days = try days(in: folder)
    var first = 0
    for (index, day) in days.enumerated().reversed() {
      if let opening = try opening(of: day, in: folder), opening.number <= number {
        first = index
        break
      }
    }
    return Array(days[first...])
  }

  /// The block a day follows; nil for a file that a crash left before its first block, which holds none.
  static func opening(of day: String, in folder: String) throws(StoreError) -> (
    number: Int64, hash: SHA256Digest
  )? {
    let path = path(day, in: folder)
    let queue = try SQLiteConnection.openReader(path: path, label: "journal \(day)")
    do {
      return try queue.read { database in
        guard try database.tableExists("opening"),
          let row = try Row.fetchOne(database, sql: "SELECT number, hash FROM opening")
        else { return nil }
        return (try row.integer("number"), try row.digest("hash"))
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }
}
