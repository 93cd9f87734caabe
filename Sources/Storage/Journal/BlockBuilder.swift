import CZstd
import Telemetry

/// Lays out a window's records section by section, hashes and compresses them. Reused from block to
/// block: in the steady state it allocates nothing.
public struct BlockBuilder: ~Copyable {
  private var content: [UInt8] = []
  private var compressed: [UInt8] = []
  private var sectionHashes: [UInt8] = []
  private var sectionHeader = 0
  private var sectionRecords: UInt32 = 0
  private var records = 0
  private var firstReceived = Timestamp.distantFuture
  /// The newest receipt among the records added; decides the day the block belongs to.
  public private(set) var lastReceived = Timestamp.distantPast
  private let compressor: OpaquePointer
  private let level: Int32

  /// A builder that compresses at a zstd level; 1 costs about 0.2 µs a message.
  public init(level: Int32 = 1) throws(StoreError) {
    guard let context = ZSTD_createCCtx() else {
      throw StoreError(.io, "zstd: no memory for a compression context")
    }
    compressor = context
    self.level = level
  }

  deinit { ZSTD_freeCCtx(compressor) }

  /// Records added since the last seal.
  public var count: Int { records }

  /// Opens the section of a factory. Sections follow one another ascending by the bytes of their ids.
  public mutating func beginSection(factory: some Collection<UInt8>) {
    sectionHeader = content.count
    sectionRecords = 0
    content.append(UInt8(truncatingIfNeeded: factory.count))
    content.append(contentsOf: factory)
    content.append(contentsOf: repeatElement(0, count: 8))
  }

  /// Adds a record to the open section.
  public mutating func append(
    _ kind: JournalRecord.Kind, flag: Bool, received: Timestamp,
    topic: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) {
    // MQTT bounds a topic to 65,535 bytes and a packet to 256 MiB, so neither length is ever cut.
    content.append(kind.rawValue)
    content.append(flag ? 1 : 0)
    content.appendInteger(received.milliseconds)
    content.appendInteger(UInt16(truncatingIfNeeded: topic.count))
    content.appendInteger(UInt32(truncatingIfNeeded: payload.count))
    content.append(contentsOf: topic)
    content.append(contentsOf: payload)
    sectionRecords += 1
    records += 1
    if received < firstReceived { firstReceived = received }
    if received > lastReceived { lastReceived = received }
  }

  /// Closes the open section and hashes it.
  public mutating func endSection() {
    let header = sectionHeader + 1 + Int(content[sectionHeader])
    let frames = header + 8
    let length = UInt32(truncatingIfNeeded: content.count - frames)
    let digest = content.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: sectionRecords.littleEndian, toByteOffset: header, as: UInt32.self)
      bytes.storeBytes(of: length.littleEndian, toByteOffset: header + 4, as: UInt32.self)
      return SHA256Digest(hashing: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[frames...]))
    }
    appendSection(
      to: &sectionHashes, id: content[sectionHeader + 1..<header], records: sectionRecords, digest: digest)
  }

  /// Ends the block: its hash follows `previous`. The builder is empty again afterwards.
  public mutating func seal<Result>(
    number: Int64, previous: SHA256Digest,
    _ body: (SealedBlock, UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    defer { reset() }
    let bound = ZSTD_compressBound(content.count)
    if compressed.count < bound { compressed = [UInt8](repeating: 0, count: bound) }
    let size = ZSTD_compressCCtx(compressor, &compressed, compressed.count, content, content.count, level)
    guard ZSTD_isError(size) == 0 else {
      throw StoreError(.io, "zstd: \(String(cString: ZSTD_getErrorName(size)))")
    }
    let block = SealedBlock(
      number: number, firstReceived: firstReceived, lastReceived: lastReceived, records: records,
      contentBytes: content.count,
      hash: chainHash(
        previous: previous, number: number, first: firstReceived, last: lastReceived, records: records,
        sections: sectionHashes))
    return try compressed.withUnsafeBytes {
      try body(block, UnsafeRawBufferPointer(rebasing: $0[..<size]))
    }
  }

  /// Forgets what was added.
  public mutating func reset() {
    content.removeAll(keepingCapacity: true)
    sectionHashes.removeAll(keepingCapacity: true)
    records = 0
    firstReceived = .distantFuture
    lastReceived = .distantPast
  }
}

/// What is stored beside a block's compressed content.
public struct SealedBlock: Sendable {
  public var number: Int64
  public var firstReceived: Timestamp
  public var lastReceived: Timestamp
  public var records: Int
  public var contentBytes: Int
  public var hash: SHA256Digest
}

/// Appends what a block's hash covers of one section: u8 length of id, id, u32 records, digest of frames.
private func appendSection(
  to hashes: inout [UInt8], id: ArraySlice<UInt8>, records: UInt32, digest: SHA256Digest
) {
  hashes.append(UInt8(truncatingIfNeeded: id.count))
  hashes.append(contentsOf: id)
  hashes.appendInteger(records)
  hashes.append(contentsOf: digest.bytes)
}

/// SHA-256 over previous hash, number, first and last receipt, records, and each section's digest: the
/// hash of a block binds every factory's records separately and all blocks before it.
private func chainHash(
  previous: SHA256Digest, number: Int64, first: Timestamp, last: Timestamp, records: Int, sections: [UInt8]
) -> SHA256Digest {
  var bytes = previous.bytes
  bytes.appendInteger(number)
  bytes.appendInteger(first.milliseconds)
  bytes.appendInteger(last.milliseconds)
  bytes.appendInteger(Int64(records))
  bytes.append(contentsOf: sections)
  return bytes.withUnsafeBytes { SHA256Digest(hashing: $0) }
}

extension JournalBlock {
  /// The hash the block must have when it follows `previous`, computed from its content.
  public func computedHash(following previous: SHA256Digest) throws(StoreError) -> SHA256Digest {
    var hashes: [UInt8] = []
    for section in try sections() {
      let digest = content.withUnsafeBytes {
        SHA256Digest(hashing: UnsafeRawBufferPointer(rebasing: $0[section.frames]))
      }
      appendSection(
        to: &hashes, id: section.factory[...], records: UInt32(truncatingIfNeeded: section.records),
        digest: digest)
    }
    return chainHash(
      previous: previous, number: number, first: firstReceived, last: lastReceived, records: records,
      sections: hashes)
  }
}

/// Decompresses a block's content of a known size.
func decompress(_ bytes: [UInt8], size: Int, block: Int64) throws(StoreError) -> [UInt8] {
  // A window's content; a stored size beyond this is damage, not data.
  guard size >= 0, size <= 1 << 30 else {
    throw StoreError(.corrupt, "journal block \(block): impossible size \(size)")
  }
  var content = [UInt8](repeating: 0, count: size)
  let written = ZSTD_decompress(&content, size, bytes, bytes.count)
  guard ZSTD_isError(written) == 0, written == size else {
    throw StoreError(.corrupt, "journal block \(block): content does not decompress to \(size) bytes")
  }
  return content
}
