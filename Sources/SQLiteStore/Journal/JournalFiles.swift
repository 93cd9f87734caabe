import Foundation
import GRDB
import GRDBSQLite
import Journal
import Telemetry

/// The journal as a folder of databases, one a day, whose blocks are numbered and chained across them.
final class JournalFiles {
  private let folder: String
  private let calendar: LocalCalendar
  /// Whether a block survives a power cut once it was appended.
  private let isDurable: Bool
  private var current: (day: String, queue: DatabaseQueue)?
  /// The current day's file and its log, which must keep their names.
  private var pinned: [PinnedFile] = []
  /// The newest block.
  private(set) var head: Int64 = 0
  private var headHash = SHA256Digest.zero
  /// Blocks of the current day that are not packed yet, and their records.
  private var loose = (blocks: 0, records: 0)

  /// Opens the newest day and reads the journal's head.
  init(folder: String, calendar: LocalCalendar, durable: Bool = true) throws(StoreError) {
    self.folder = folder
    isDurable = durable
    self.calendar = calendar
    // A day file made just before a crash may still be empty: the head is then in the one before.
    for day in try Self.days(in: folder).reversed() {
      let path = Self.path(day, in: folder)
      let queue = try Self.openDay(day, in: folder, durable: isDurable)
      if let found = try JournalDay(day, path: path, queue: queue, hasNewestSchema: true).head() {
        current = (day, queue)
        (head, headHash) = (found.number, found.hash)
        do { loose = try queue.read(LooseBlockPacking.loose) } catch { throw StoreError(path: path, error) }
        pinned = try Self.pin(path, queue)
        break
      }
    }
  }

  /// The day that blocks are being added to; nil before the first.
  var currentDay: String? { current?.day }

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

  /// The result of reading a day of a listing; nil for a day that was dropped after the listing.
  static func unlessDropped<Result>(
    _ day: String, in folder: String, _ body: () throws(StoreError) -> Result?
  ) throws(StoreError) -> Result? {
    do {
      return try body()
    } catch {
      let isDropped = !FileManager.default.fileExists(atPath: path(day, in: folder))
      guard error.kind == .missing, isDropped else { throw error }
      return nil
    }
  }

  /// Commits a block; returns its number once it is on disk, in a file that still has its name. Throws `.removed` for
  /// a block written to a file that was removed, renamed or replaced.
  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    let queue = try writer(for: builder.lastReceived)
    let number = head + 1
    let records = builder.count
    let hash = try builder.seal(number: number, previous: headHash, factoryID: factoryID) { block, content in
      try queue.inDatabase { database in
        guard block.opening != nil else { return try Self.insert(block, content: content, into: database) }
        try database.inTransaction {
          try Self.insert(block, content: content, into: database)
          return .commit
        }
      }
      return block.hash
    }
    try checkFiles()
    head = number
    headHash = hash
    loose.blocks += 1
    loose.records += records
    return number
  }

  /// Whether a block received then begins a day.
  func beginsDay(at received: Timestamp) -> Bool {
    guard let current else { return true }
    return current.day < calendar.day(at: received).description
  }

  /// Packs the current day's older blocks together once there are enough of them. A quiet plant's blocks hold
  /// a message or two each, and alone they take many times what they do together.
  func packWhenWorthwhile() throws {
    guard let current, let file = currentFile, LooseBlockPacking.isWorthwhile(loose) else { return }
    try LooseBlockPacking.pack(file, current.queue)
    loose = try current.queue.read(LooseBlockPacking.loose)
  }

  /// The block before the oldest kept day's first; 0 when nothing was ever dropped.
  func opening() throws(StoreError) -> Int64 {
    try DaySearch(OpenDays(folder), current: currentFile).firstOpening()?.number ?? 0
  }

  /// Lends every block after `number` that is kept, ascending; a gap among them is an error.
  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    guard number < head else { return }
    var next = max(number, try opening()) + 1
    try DaySearch(OpenDays(folder), current: currentFile).forEachDay(holdingAfter: number) { day in
      try day.forEachBlock(from: next) { block in
        try body(block)
        next = block.number + 1
      }
      return true
    }
    guard next == head + 1 else {
      throw StoreError(.corrupt, "\(folder): blocks \(next)–\(head) are missing")
    }
  }

  /// Closes the current day, so that its file may be moved; nothing can be appended afterwards.
  func close() throws(StoreError) {
    pinned = []
    guard let closing = current else { return }
    current = nil
    do { try closing.queue.close() } catch {
      throw StoreError(path: Self.path(closing.day, in: folder), error)
    }
  }

  /// Throws `.removed` when the file to which blocks are added, or its log, no longer has its name. Two system calls.
  func checkFiles() throws(StoreError) {
    guard let gone = pinned.first(where: \.isGone), let current else { return }
    let path = Self.path(current.day, in: folder)
    let fate = gone.fate
    let remedy = Self.rescue(path, current.queue, pinned)
    throw StoreError(.removed, "\(gone.path) \(fate) while the collector was writing to it: \(remedy)")
  }

  // MARK: -

  /// The day that blocks are being added to, for reading through the collector's own connection.
  private var currentFile: JournalDay? {
    current.map {
      JournalDay($0.day, path: Self.path($0.day, in: folder), queue: $0.queue, hasNewestSchema: true)
    }
  }

  /// The day file a block received then belongs to. Days never go backwards, whatever the clock does.
  private func writer(for received: Timestamp) throws -> DatabaseQueue {
    let day = calendar.day(at: received).description
    if let current, current.day >= day { return current.queue }
    let queue = try Self.openDay(day, in: folder, durable: isDurable)
    let opening = (head, headHash)
    try queue.write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO opening (only, number, hash) VALUES (1, ?, ?)",
        arguments: [opening.0, Data(opening.1.bytes)])
    }
    // The folder's entry for the new file must survive a power cut as its blocks do.
    try synchronize(folder: folder)
    pinned = try Self.pin(Self.path(day, in: folder), queue)
    let closed = current?.queue
    current = (day, queue)
    loose = (0, 0)
    // Only tidies up: a reader that still holds the old day must not hold up the new one.
    try? closed?.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA busy_timeout = 0")
      _ = try database.checkpoint(.truncate)
    }
    return queue
  }

  private static func openDay(
    _ day: String, in folder: String, durable: Bool
  ) throws(StoreError) -> DatabaseQueue {
    let path = path(day, in: folder)
    return try SQLiteConnection.openWriter(
      path: path, label: "journal \(day)", durable: durable, schema: JournalDay.migrator)
  }

  /// Inserts a block and, if it is an opening, its entry in `sources`.
  static func insert(_ block: SealedBlock, content: UnsafeRawBufferPointer, into database: Database)
    throws
  {
    if let kind = block.opening {
      try database.execute(
        sql: "INSERT INTO sources (block, kind) VALUES (?, ?)", arguments: [block.number, kind.rawValue])
    }
    let statement = try database.cachedStatement(sql: "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    let handle = statement.sqliteStatement
    let hash = block.hash.bytes
    let packetIDs = block.packetIDs.bytes
    sqlite3_bind_int64(handle, 1, block.number)
    sqlite3_bind_int64(handle, 2, block.firstReceived.milliseconds)
    sqlite3_bind_int64(handle, 3, block.lastReceived.milliseconds)
    sqlite3_bind_int64(handle, 4, Int64(block.records))
    sqlite3_bind_int64(handle, 5, Int64(block.contentBytes))
    // The bytes outlive the step: SQLite need not copy them.
    let code = hash.withUnsafeBytes { hash in
      sqlite3_bind_blob(handle, 6, hash.baseAddress, Int32(hash.count), nil)
      sqlite3_bind_blob64(handle, 7, content.baseAddress, UInt64(content.count), nil)
      return packetIDs.withUnsafeBytes { ids in
        sqlite3_bind_blob(handle, 8, ids.baseAddress, Int32(ids.count), nil)
        return sqlite3_step(handle)
      }
    }
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    if code & 0xFF == SQLITE_CONSTRAINT {
      throw StoreError(
        .removed,
        """
        journal: block \(block.number) is there already: another process writes to this store. Make sure that one \
        collector uses it, then start it again
        """)
    }
    guard code == SQLITE_DONE else {
      throw StoreError(
        .io,
        "journal: block \(block.number) cannot be stored: \(String(cString: sqlite3_errmsg(database.sqliteConnection)))"
      )
    }
  }
}
