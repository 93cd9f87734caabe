import Foundation
import GRDB
import Telemetry

/// Reads a store's journal, as anyone who may read its files.
public struct JournalReader {
  private let folder: String

  /// A reader of the journal of `store`.
  public init(_ store: StoreDirectory) { folder = store.journal }

  /// Lends every block from number `first` on, ascending, checking each hash against the chain.
  public func forEachVerifiedBlock(_ body: (JournalBlock) throws -> Void) throws {
    var previous = SHA256Digest.zero
    var next: Int64?
    for day in try JournalFiles.days(in: folder) {
      let path = JournalFiles.path(day, in: folder)
      let queue = try SQLiteConnection.openReader(path: path, label: "journal \(day)")
      try SQLiteConnection.checkSchema(queue, against: JournalFiles.migrator, path: path)
      guard let opening = try JournalFiles.opening(of: day, in: folder) else { continue }
      if next == nil {
        // The oldest kept day states what it follows; later days must follow what was read.
        previous = opening.hash
        next = opening.number + 1
      } else if opening.hash != previous || opening.number + 1 != next {
        throw StoreError(.corrupt, "\(path): does not continue the day before it")
      }
      try Self.forEachBlock(in: queue, from: 0) { block in
        guard block.number == next ?? block.number else {
          throw StoreError(.corrupt, "\(path): block \(next ?? 0) is missing")
        }
        guard try block.computedHash(following: previous) == block.hash else {
          throw StoreError(.corrupt, "\(path): block \(block.number) does not match its hash")
        }
        previous = block.hash
        next = block.number + 1
        try body(block)
      }
    }
  }

  /// The block after which the newest `records` up to block `cursor` lie, or as many as there are.
  public func block(before cursor: Int64, holding records: Int) throws(StoreError) -> Int64 {
    var number = cursor
    var held = 0
    for day in try JournalFiles.days(in: folder).reversed() where held < records {
      let path = JournalFiles.path(day, in: folder)
      let queue = try SQLiteConnection.openReader(path: path, label: "journal \(day)")
      do {
        try queue.read { database in
          guard try database.tableExists("block") else { return }
          let rows = try Row.fetchCursor(
            database, sql: "SELECT number, records FROM block WHERE number <= ? ORDER BY number DESC",
            arguments: [cursor])
          while held < records, let row = try rows.next() {
            number = try row.integer("number") - 1
            held += try row.integer("records")
          }
        }
      } catch {
        throw StoreError(path: path, error)
      }
    }
    return number
  }

  /// Lends the blocks after `number` up to `last`, ascending; one that is missing is an error.
  public func forEachBlock(
    after number: Int64, through last: Int64 = .max, _ body: (JournalBlock) throws -> Void
  ) throws {
    var next = max(number, try opening()) + 1
    for day in try JournalFiles.daysHolding(after: number, in: folder) where next <= last {
      let path = JournalFiles.path(day, in: folder)
      let queue = try SQLiteConnection.openReader(path: path, label: "journal \(day)")
      try Self.forEachBlock(in: queue, from: next, through: last) { block in
        guard block.number == next else {
          throw StoreError(.corrupt, "\(path): block \(next) is missing")
        }
        try body(block)
        next += 1
      }
    }
  }

  /// The newest block; 0 when there is none.
  public func head() throws -> Int64 {
    for day in try JournalFiles.days(in: folder).reversed() {
      let queue = try SQLiteConnection.openReader(
        path: JournalFiles.path(day, in: folder), label: "journal \(day)")
      let newest = try queue.read { database in
        guard try database.tableExists("block") else { return nil as Int64? }
        return try Int64.fetchOne(database, sql: "SELECT max(number) FROM block")
      }
      if let newest { return newest }
    }
    return try opening()
  }

  /// The block before the oldest kept day's first; 0 when nothing was ever dropped.
  private func opening() throws(StoreError) -> Int64 {
    for day in try JournalFiles.days(in: folder) {
      if let opening = try JournalFiles.opening(of: day, in: folder) { return opening.number }
    }
    return 0
  }

  /// Hash and last receipt of block `number`, or nil when the journal no longer has it.
  public func head(at number: Int64) throws -> (hash: SHA256Digest, lastReceived: Timestamp)? {
    for day in try JournalFiles.daysHolding(after: number - 1, in: folder) {
      let queue = try SQLiteConnection.openReader(
        path: JournalFiles.path(day, in: folder), label: "journal \(day)")
      let row = try queue.read {
        try Row.fetchOne(
          $0, sql: "SELECT hash, last_received FROM block WHERE number = ?", arguments: [number])
      }
      if let row {
        return (try row.digest("hash"), Timestamp(milliseconds: try row.integer("last_received")))
      }
    }
    return nil
  }

  /// The block `number`, or nil.
  public func block(_ number: Int64) throws -> JournalBlock? {
    for day in try JournalFiles.daysHolding(after: number - 1, in: folder) {
      let queue = try SQLiteConnection.openReader(
        path: JournalFiles.path(day, in: folder), label: "journal \(day)")
      let row = try queue.read {
        try Row.fetchOne($0, sql: "SELECT * FROM block WHERE number = ?", arguments: [number])
      }
      if let row { return try Self.block(row) }
    }
    return nil
  }

  static func forEachBlock(
    in queue: DatabaseQueue, from first: Int64, through last: Int64 = .max,
    _ body: (JournalBlock) throws -> Void
  ) throws {
    // Block by block: a cursor held open across the body would keep a read transaction as long.
    var next = first
    while let row = try queue.read({
      try Row.fetchOne(
        $0, sql: "SELECT * FROM block WHERE number BETWEEN ? AND ? ORDER BY number LIMIT 1",
        arguments: [next, last])
    }) {
      let block = try block(row)
      try body(block)
      next = block.number + 1
    }
  }

  private static func block(_ row: Row) throws(StoreError) -> JournalBlock {
    let number: Int64 = try row.integer("number")
    return JournalBlock(
      number: number, firstReceived: Timestamp(milliseconds: try row.integer("first_received")),
      lastReceived: Timestamp(milliseconds: try row.integer("last_received")),
      records: try row.integer("records"), hash: try row.digest("hash"),
      content: try decompress(
        try row.bytes("content"), size: try row.integer("content_bytes"), block: number))
  }
}
