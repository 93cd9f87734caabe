import GRDB
import Journal
import Telemetry

/// Blocks packed together, as stored: by factory when a closed day was compacted, else in one part.
struct StoredSpan {
  var first: Int64
  var last: Int64
  var lastReceived: Timestamp
  /// Of block `last`.
  var hash: SHA256Digest
  private let records: Int
  private var parts: [Part] = []
  /// Whether every part was read, not only those of some factories.
  private let isWhole: Bool

  private struct Part {
    var factory: String?
    var content: [UInt8]
    package var size: Int
  }

  /// A row of `span` with its parts, or those that hold anything of `factories`.
  ///
  /// The labels by which parts are chosen are held against the span's seal, so that a part is never left
  /// out because of a label that was altered. Without a seal, which an earlier version did not write, every
  /// part is read.
  init(_ row: Row, factories: Set<String>?, _ database: Database) throws {
    first = try row.count("first")
    last = try row.count("last")
    lastReceived = try row.instant("last_received")
    hash = try row.digest("hash")
    records = try row.count("records")
    guard last >= first else { throw StoreError(.corrupt, "a span ends before it begins") }
    let seal = try row.optionalBytes("seal").map(SpanSeal.Stored.init)
    let factories = seal == nil ? nil : factories
    isWhole = factories == nil
    var computed = SpanSeal(
      first: first, last: last, lastReceived: lastReceived.milliseconds, records: records, hash: hash)
    var place = 0
    let rows = try Row.fetchCursor(
      database, sql: "SELECT rowid, factory, content_bytes FROM part WHERE span = ? ORDER BY factory",
      arguments: [first])
    while let row = try rows.next() {
      let factory = try row.optionalText("factory")
      let size: Int = try row.count("content_bytes")
      let digest = try seal?.content(place)
      place += 1
      if let digest { computed.add(factory: factory.map { Array($0.utf8) }, size: size, content: digest) }
      if let factories, let factory, !factories.contains(factory) { continue }
      let content = try Self.content(try row.integer("rowid"), database)
      guard digest == nil || digest == SHA256Digest(hashing: content) else {
        throw StoreError(.corrupt, "blocks \(first)–\(last): packed records do not match their digest")
      }
      parts.append(Part(factory: factory, content: content, size: size))
    }
    guard seal == nil || seal?.bytes == computed.stored else {
      throw StoreError(
        .corrupt, "blocks \(first)–\(last): the labels of packed records do not match their seal")
    }
  }

  private static func content(_ number: Int64, _ database: Database) throws -> [UInt8] {
    let row = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT content FROM part WHERE rowid = ?"), arguments: [number])
    guard let row else { throw StoreError(.corrupt, "packed records are missing") }
    return try row.bytes("content")
  }

  func unpacked() throws(StoreError) -> UnpackedRecords {
    var unpacked: [UnpackedRecords] = []
    for part in parts { unpacked.append(try UnpackedRecords(part.content, size: part.size)) }
    return UnpackedRecords(merging: unpacked)
  }

  /// Holds the span's description against its records: their number, last receipt and, part by part, the
  /// factory they belong to. The seal alone could have been computed anew over altered labels.
  func check() throws(StoreError) {
    guard isWhole else { return }
    var count = 0
    var newest = Timestamp.distantPast
    for part in parts {
      let unpacked = try UnpackedRecords(part.content, size: part.size)
      count += unpacked.items.count
      for item in unpacked.items {
        guard item.block >= first, item.block <= last else {
          throw StoreError(.corrupt, "packed records are of block \(item.block)")
        }
        if item.block == last { newest = max(newest, Timestamp(milliseconds: item.received)) }
      }
      guard let factory = part.factory else { continue }
      guard unpacked.factories.allSatisfy({ $0 == Array(factory.utf8) }) else {
        throw StoreError(.corrupt, "packed records labelled '\(factory)' are another factory's")
      }
    }
    guard count == records, newest == lastReceived else {
      throw StoreError(.corrupt, "packed records are not as many, or not as late, as their span says")
    }
  }
}

/// Digests of a span's labels. Stored as a SHA-256 digest followed by the digest of each part's content, ascending by
/// factory, so that labels can be checked without reading any content.
///
/// The first digest is over i64 first and last block, last receipt and number of records, the last block's
/// hash, and for each part: u8 1, u32 length of the factory's id and the id (u8 0 alone for a part of all
/// factories), i64 size before compression, and the SHA-256 of its content. Integers are little-endian.
struct SpanSeal {
  private var description: [UInt8] = []
  private var contents: [UInt8] = []

  init(first: Int64, last: Int64, lastReceived: Int64, records: Int, hash: SHA256Digest) {
    description.appendInteger(first)
    description.appendInteger(last)
    description.appendInteger(lastReceived)
    description.appendInteger(Int64(records))
    description += hash.bytes
  }

  mutating func add(factory: [UInt8]?, size: Int, content: SHA256Digest) {
    description.append(factory == nil ? 0 : 1)
    if let factory {
      description.appendInteger(UInt32(truncatingIfNeeded: factory.count))
      description += factory
    }
    description.appendInteger(Int64(size))
    description += content.bytes
    contents += content.bytes
  }

  /// As it is stored.
  var stored: [UInt8] { SHA256Digest(hashing: description).bytes + contents }

  /// A seal that was read.
  struct Stored {
    let bytes: [UInt8]

    /// The digest that the content of the part at `place` must have.
    func content(_ place: Int) throws(StoreError) -> SHA256Digest {
      let start = 32 * (place + 1)
      guard start + 32 <= bytes.count, let digest = SHA256Digest(bytes: bytes[start..<start + 32]) else {
        throw StoreError(.corrupt, "there are more packed records than their seal knows")
      }
      return digest
    }
  }
}
