import Foundation
import GRDB
import Journal

/// Packs single blocks of a day that is still being written into spans. ``DayCompaction`` packs a closed day.
enum LooseBlockPacking {
  /// Maximum number of records and bytes packed at once: packing them takes less time than a window may wait.
  private static let records = 20_000
  private static let bytes = 8 << 20
  /// Maximum number of unpacked blocks.
  private static let blocks = 2048
  /// Average number of records from which packing saves no space.
  private static let largeBlock = 2000
  /// Number of the newest blocks that are not packed, because they are read again soon.
  private static let kept = 16
  private static let level: Int32 = 6

  /// Numbers of a day's blocks that are not packed, and of their records.
  static func loose(_ database: Database) throws -> (blocks: Int, records: Int) {
    let row = try Row.fetchOne(
      database, sql: "SELECT COUNT(*) AS n, COALESCE(SUM(records), 0) AS r FROM block")
    return (try row?.integer("n") ?? 0, try row?.integer("r") ?? 0)
  }

  /// Whether this number of blocks, with this number of records, should be packed.
  static func isWorthwhile(_ loose: (blocks: Int, records: Int)) -> Bool {
    guard loose.blocks > kept, loose.records / loose.blocks < largeBlock else { return false }
    return loose.blocks - kept >= blocks || loose.records >= records
  }

  /// Packs the oldest loose blocks of a day, in one transaction that replaces them.
  static func pack(_ day: JournalDay, _ queue: DatabaseQueue) throws {
    var span = SpanPacker(byFactory: false)
    let (first, last, before): (Int64, Int64, SHA256Digest?) = try queue.read { database in
      let row = try Row.fetchOne(database, sql: "SELECT MIN(number) AS first, MAX(number) AS last FROM block")
      let first: Int64 = try row?.count("first") ?? 0
      return (first, try row?.count("last") ?? 0, try day.hash(before: first, database))
    }
    guard let before else { throw StoreError(.corrupt, "\(day.path): the block before \(first) is missing") }
    try day.forEachBlock(from: first, through: last - Int64(kept)) { block in
      if span.records < records, span.bytes < bytes { try span.append(block) }
    }
    guard !span.isEmpty else { return }
    let packed = try PackedSpan(&span, following: before, level: level)
    let hash = try queue.read { database in
      try Row.fetchOne(database, sql: "SELECT hash FROM block WHERE number = ?", arguments: [packed.last])
        .map { try $0.digest("hash") }
    }
    // Acknowledged blocks are replaced only by packed records that were read back and compared.
    guard packed.hash == hash else {
      throw StoreError(
        .corrupt, "\(day.path): blocks \(packed.first)–\(packed.last) do not match their hashes")
    }
    try queue.write { database in
      try packed.insert(into: database)
      try database.execute(
        sql: "DELETE FROM block WHERE number BETWEEN ? AND ?", arguments: [packed.first, packed.last])
    }
  }
}

/// Packed blocks in the form to be stored, read back once.
struct PackedSpan {
  let first: Int64
  let last: Int64
  /// Of block `last`, as computed from what was packed.
  let hash: SHA256Digest
  private let lastReceived: Int64
  private let records: Int
  private let parts: [SpanPacker.Part]

  /// Packs a span, which is empty afterwards, and reads it back: the hash is that of what can be read.
  init(_ span: inout SpanPacker, following before: SHA256Digest, level: Int32) throws {
    (first, last, records) = (span.first, span.last, span.records)
    lastReceived = span.lastReceived.milliseconds
    parts = try span.pack(level: level)
    var hash = before
    let unpacked = try parts.map { try UnpackedRecords($0.content, size: $0.size) }
    try UnpackedRecords(merging: unpacked).forEachBlock { hash = try $0.computedHash(following: hash) }
    self.hash = hash
  }

  func insert(into database: Database) throws {
    var seal = SpanSeal(first: first, last: last, lastReceived: lastReceived, records: records, hash: hash)
    for part in parts {
      seal.add(factory: part.factory, size: part.size, content: SHA256Digest(hashing: part.content))
    }
    try database.execute(
      sql: "INSERT INTO span (first, last, last_received, records, hash, seal) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [first, last, lastReceived, records, Data(hash.bytes), Data(seal.stored)])
    for part in parts {
      try database.execute(
        sql: "INSERT INTO part (span, factory, content_bytes, content) VALUES (?, ?, ?, ?)",
        arguments: [
          first, part.factory.map { String(decoding: $0, as: UTF8.self) }, part.size, Data(part.content),
        ])
    }
  }
}
