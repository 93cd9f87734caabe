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
    in queue: DatabaseQueue, from first: Int64, _ body: (JournalBlock) throws -> Void
  ) throws {
    // Block by block: a cursor held open across the body would keep a read transaction as long.
    var next = first
    while let row = try queue.read({
      try Row.fetchOne(
        $0, sql: "SELECT * FROM block WHERE number >= ? ORDER BY number LIMIT 1", arguments: [next])
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
