import GRDB
import Journal
import Telemetry

/// One day of the journal, for reading: blocks as they were committed, and spans of earlier blocks that were
/// packed together since. Both read as the blocks they are.
struct JournalDay {
  /// Name of the day, as in its file's name.
  let name: String
  let path: String
  private let queue: DatabaseQueue
  /// Whether the file had every table when it was opened. A file of an earlier version lacks some, and so does one that
  /// a crash left empty.
  let hasNewestSchema: Bool

  /// The day `name` of the journal in `folder`, opened anew for reading only.
  init(_ name: String, in folder: String) throws(StoreError) {
    let path = JournalFiles.path(name, in: folder)
    let queue = try SQLiteConnection.openReader(path: path, label: "journal \(name)")
    do {
      let isNewest = try SQLiteConnection.checkSchema(queue, against: Self.migrator, path: path)
      self.init(name, path: path, queue: queue, hasNewestSchema: isNewest)
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// A day that is open already.
  ///
  /// - Parameter hasNewestSchema: false if that is not known.
  init(_ name: String, path: String, queue: DatabaseQueue, hasNewestSchema: Bool = false) {
    self.name = name
    self.path = path
    self.queue = queue
    self.hasNewestSchema = hasNewestSchema
  }

  /// Whether the day has a table. A collector may bring the file of an earlier version up to date while it is read.
  func hasTable(_ name: String, _ database: Database) throws -> Bool {
    if hasNewestSchema { return true }
    return try database.tableExists(name)
  }

  /// The block the day follows; nil for a file that a crash left before its first block, which holds none.
  func opening() throws(StoreError) -> JournalHead? {
    try readOnce { database in
      guard try hasTable("opening", database),
        let row = try Row.fetchOne(database, sql: "SELECT number, hash FROM opening")
      else { return nil }
      return JournalHead(number: try row.count("number"), hash: try row.digest("hash"))
    }
  }

  /// The newest block, or the one the day follows while it has none; nil as for ``opening()``.
  func head() throws(StoreError) -> JournalHead? {
    let newest: JournalHead? = try read { database in
      guard try hasTable("block", database) else { return nil }
      var row = try Row.fetchOne(database, sql: "SELECT number, hash FROM block ORDER BY number DESC LIMIT 1")
      if row == nil, try hasTable("span", database) {
        row = try Row.fetchOne(
          database, sql: "SELECT last AS number, hash FROM span ORDER BY first DESC LIMIT 1")
      }
      guard let row else { return nil }
      return JournalHead(number: try row.count("number"), hash: try row.digest("hash"))
    }
    return if let newest { newest } else { try opening() }
  }

  /// The blocks that tell how messages from there on are decoded, ascending, each with whether it decides to read
  /// earlier ones anew.
  func openings() throws(StoreError) -> [(block: Int64, isRereading: Bool)] {
    try readOnce { database in
      guard try hasTable("sources", database) else { return [] }
      return try Row.fetchAll(database, sql: "SELECT block, kind FROM sources ORDER BY block").map { row in
        let kind: Int64 = try row.integer("kind")
        return (try row.count("block"), kind == Int64(JournalRecord.Kind.rereading.rawValue))
      }
    }
  }

  /// Block numbers and how many records they hold, the newest first: a span as one.
  func forEachCount(upTo last: Int64, _ body: (_ first: Int64, _ records: Int) -> Bool) throws(StoreError) {
    try read { database -> Void in
      guard try hasTable("block", database) else { return }
      let spans =
        try hasTable("span", database) ? "UNION ALL SELECT first, records FROM span WHERE first <= ?1" : ""
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT number AS first, records FROM block WHERE number <= ?1 \(spans) ORDER BY 1 DESC
          """, arguments: [last])
      while let row = try rows.next() {
        guard body(try row.count("first"), try row.count("records")) else { return }
      }
    }
  }

  /// Lends the blocks from `first` to `last`, ascending; a gap among them is an error.
  ///
  /// Only the rest of a span is read ahead, and no transaction is open while a block is lent.
  func forEachBlock(
    from first: Int64, through last: Int64 = .max, _ body: (JournalBlock) throws -> Void
  ) throws {
    var next = first
    while next <= last, let found = try stored(from: next) {
      switch found {
      case .block(let block):
        guard block.number <= last else { return }
        try check(block.number, is: next)
        try body(block)
        next = block.number + 1
      case .span(let span):
        guard span.first <= last else { return }
        try check(max(span.first, next), is: next)
        let records = try unpack(span)
        try records.forEachBlock { block in
          if block.number >= next, block.number <= last { try body(block) }
        }
        next = span.last + 1
      }
    }
  }

  /// Lends every record of some factories (nil: all) in the blocks from `first` to `last`, ascending, with its block's
  /// number; false ends it. What spans hold of others is not unpacked. Returns whether later days may have more.
  func forEachRecord(
    ofFactories factories: Set<String>?, from first: Int64 = .min, through last: Int64,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws -> Bool {
    var next = first
    while let found = try stored(from: next, factories: factories) {
      var goesOn = true
      func lend(_ block: JournalBlock) throws {
        guard goesOn, block.number >= first, block.number <= last else { return }
        try block.forEachRecord(ofFactories: factories) { record in
          if goesOn { goesOn = try body(record, block.number) }
        }
      }
      switch found {
      case .block(let block):
        try lend(block)
        next = block.number + 1
      case .span(let span):
        guard span.first <= last else { return false }
        try unpack(span).forEachBlock(lend)
        next = span.last + 1
      }
      guard goesOn, next <= last else { return false }
    }
    return true
  }

  /// The hash and the last receipt of a block of this day; nil when it is not here.
  func head(at number: Int64) throws -> (hash: SHA256Digest, lastReceived: Timestamp)? {
    guard let found = try stored(from: number) else { return nil }
    switch found {
    case .block(let block):
      guard block.number == number, let hash = block.hash else { return nil }
      return (hash, block.lastReceived)
    case .span(let span):
      guard span.first <= number else { return nil }
      if span.last == number { return (span.hash, span.lastReceived) }
      guard var hash = try read({ try self.hash(before: span.first, $0) }) else { return nil }
      var lastReceived = Timestamp.distantPast
      try unpack(span).forEachBlock { block in
        guard block.number <= number else { return }
        hash = try block.computedHash(following: hash)
        lastReceived = block.lastReceived
      }
      return (hash, lastReceived)
    }
  }

  // MARK: -

  enum Stored {
    case block(JournalBlock)
    case span(StoredSpan)
  }

  /// The block or span that holds block `number`, or else begins soonest after it.
  func stored(from number: Int64, factories: Set<String>? = nil) throws(StoreError) -> Stored? {
    if let block = try unpackedBlock(number) { return .block(block) }
    return try read { database in
      guard try hasTable("block", database) else { return nil }
      if try hasTable("span", database),
        let row = try Row.fetchOne(
          database.cachedStatement(sql: "SELECT * FROM span WHERE last >= ? ORDER BY first LIMIT 1"),
          arguments: [number])
      {
        return .span(try StoredSpan(row, factories: factories, database))
      }
      return try Row.fetchOne(
        database.cachedStatement(sql: "SELECT * FROM block WHERE number >= ? ORDER BY number LIMIT 1"),
        arguments: [number]
      ).map { .block(try JournalBlock($0)) }
    }
  }

  /// The block `number` if it is in no span. A day that is being written has thousands of such blocks, and each is read
  /// with one statement.
  private func unpackedBlock(_ number: Int64) throws(StoreError) -> JournalBlock? {
    guard hasNewestSchema else { return nil }
    return try readOnce { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT * FROM block WHERE number = ?"), arguments: [number]
      ).map { try JournalBlock($0) }
    }
  }

  private func unpack(_ span: StoredSpan) throws(StoreError) -> UnpackedRecords {
    do {
      return try span.unpacked()
    } catch {
      throw StoreError(error.kind, "\(path): blocks \(span.first)–\(span.last): \(error.description)")
    }
  }

  /// The hash of the block before the first of a span, or of the blocks that follow all spans.
  func hash(before first: Int64, _ database: Database) throws -> SHA256Digest? {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT hash FROM span WHERE last = ?1 UNION ALL SELECT hash FROM opening WHERE number = ?1 LIMIT 1
        """, arguments: [first - 1])
    return try row?.digest("hash")
  }

  private func check(_ number: Int64, is next: Int64) throws(StoreError) {
    guard number == next else {
      throw StoreError(.corrupt, "\(path): block \(next) is missing")
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try queue.read(body) } catch { throw StoreError(path: path, error) }
  }

  /// Reads with one statement, which needs no transaction.
  private func readOnce<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try queue.inDatabase(body) } catch { throw StoreError(path: path, error) }
  }
}

extension JournalBlock {
  /// A row of `block`.
  init(_ row: Row) throws(StoreError) {
    let number: Int64 = try row.count("number")
    self.init(
      number: number, firstReceived: try row.instant("first_received"),
      lastReceived: try row.instant("last_received"),
      records: try row.count("records"), hash: try row.digest("hash"),
      content: try decompress(
        try row.bytes("content"), size: try row.count("content_bytes"), of: "journal block \(number)"),
      packetIDs: try row.optionalBytes("packet_ids").map { PacketIDs(bytes: $0) })
  }
}

extension JournalDay {
  /// The root with which the day was closed; nil while it is open, or after a crash while it was being closed.
  func closedRoot() throws(StoreError) -> SHA256Digest? {
    try readOnce { database in
      guard try hasTable("closed", database) else { return nil }
      return try Row.fetchOne(database, sql: "SELECT root FROM closed").map { try $0.digest("root") }
    }
  }
}
