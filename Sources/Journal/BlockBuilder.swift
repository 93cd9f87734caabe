import CZstd
import Telemetry

/// Lays out a window's records, hashes them factory by factory and compresses them. Reused from block to
/// block: in the steady state it allocates next to nothing.
public struct BlockBuilder: ~Copyable {
  private var content: [UInt8] = []
  private var compressed: [UInt8] = []
  private var gathered: [UInt8] = []
  /// Each frame, and the next one of the same factory; -1 ends a chain.
  private var frames: ContiguousArray<(range: Range<Int32>, next: Int32)> = []
  /// The factories of the block, in directory order.
  private var chains: ContiguousArray<(factory: Int32, first: Int32, last: Int32, count: UInt32)> = []
  /// Place in `chains` by factory number plus two; -1 where the block has none of it.
  private var places: ContiguousArray<Int32> = []
  private var packetIDs = PacketIDs()
  private var firstReceived = Timestamp.distantFuture
  /// The newest receipt among the records added; decides the day the block belongs to.
  public private(set) var lastReceived = Timestamp.distantPast
  private let compressor: OpaquePointer

  private static let ordinarySize = 8 << 20

  /// The factory number of what belongs to no factory.
  public static let noFactory: Int32 = -1
  /// The factory number of what the broker says of itself.
  public static let broker: Int32 = -2

  /// A builder that compresses at a zstd level; 1 costs about 0.2 µs a message.
  public init(level: Int32 = 1) throws(StoreError) {
    guard let context = ZSTD_createCCtx() else {
      throw StoreError(.io, "zstd: no memory for a compression context")
    }
    compressor = context
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    // Whoever reads a block learns of a damaged one, also where its hash is not looked at.
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { ZSTD_freeCCtx(compressor) }

  /// Records added since the last seal.
  public var count: Int { frames.count }

  /// Adds a record of a factory, by the caller's own dense number, or ``noFactory``; `packetID` is 0 where the
  /// message has none.
  public mutating func append(
    _ kind: JournalRecord.Kind, flags: JournalRecord.Flags, received: Timestamp, factory: Int32 = noFactory,
    topic: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0), packetID: UInt16 = 0
  ) {
    let place = place(of: factory)
    let start = Int32(truncatingIfNeeded: content.count + 2)
    // MQTT bounds a topic to 65,535 bytes and a packet to 256 MiB, so neither length is ever cut.
    let head = Self.head(
      place: UInt16(truncatingIfNeeded: place), kind, flags, received,
      topic: UInt16(truncatingIfNeeded: topic.count), payload: UInt32(truncatingIfNeeded: payload.count))
    withUnsafeBytes(of: head) { content.append(contentsOf: $0) }
    content.append(contentsOf: topic)
    content.append(contentsOf: payload)
    let frame = Int32(frames.count)
    frames.append((start..<Int32(truncatingIfNeeded: content.count), -1))
    if chains[place].last >= 0 {
      frames[Int(chains[place].last)].next = frame
    } else {
      chains[place].first = frame
    }
    chains[place].last = frame
    chains[place].count += 1
    packetIDs.append(packetID)
    if received < firstReceived { firstReceived = received }
    if received > lastReceived { lastReceived = received }
  }

  /// Ends the block: its hash follows `previous`. `factoryID` gives the id of a factory number. Lends what
  /// is to be stored; the builder is empty again afterwards.
  public mutating func seal<Result>(
    number: Int64, previous: SHA256Digest, factoryID: (Int32) -> String,
    _ body: (SealedBlock, UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    defer { reset() }
    var sections: [BlockSection] = []
    for chain in chains {
      let id =
        switch chain.factory {
        case Self.noFactory: [UInt8]()
        case Self.broker: FactoryDay.broker
        default: Array(factoryID(chain.factory).utf8)
        }
      sections.append(BlockSection(factory: id, records: chain.count, digest: digest(of: chain.first)))
    }
    let opening = content.opening
    JournalLayout.close(&content, directory: sections.map(\.factory))
    let size = try compress()
    let block = SealedBlock(
      number: number, firstReceived: firstReceived, lastReceived: lastReceived, records: frames.count,
      contentBytes: content.count,
      hash: chainHash(
        previous: previous, number: number, first: firstReceived, last: lastReceived, records: frames.count,
        sections: sections), packetIDs: packetIDs, opening: opening)
    return try compressed.withUnsafeBytes {
      try body(block, UnsafeRawBufferPointer(rebasing: $0[..<size]))
    }
  }

  /// Forgets what was added. Memory taken for a message of an extraordinary size is given back.
  public mutating func reset() {
    if content.capacity > Self.ordinarySize {
      content = []
      gathered = []
      compressed = []
    }
    content.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    for chain in chains { places[Int(chain.factory + 2)] = -1 }
    chains.removeAll(keepingCapacity: true)
    packetIDs.removeAll()
    firstReceived = .distantFuture
    lastReceived = .distantPast
  }

  // MARK: -

  /// Bytes before a record's topic, in one piece: place of the factory, kind, flags, receipt and the lengths
  /// of topic and payload, each little-endian.
  private static func head(
    place: UInt16, _ kind: JournalRecord.Kind, _ flags: JournalRecord.Flags, _ received: Timestamp,
    topic: UInt16, payload: UInt32
  ) -> (UInt64, UInt64, UInt16) {
    let instant = UInt64(bitPattern: received.milliseconds)
    let first =
      UInt64(place) | UInt64(kind.rawValue) << 16 | UInt64(flags.rawValue) << 24 | instant << 32
    let second = instant >> 32 | UInt64(topic) << 32 | UInt64(payload) << 48
    return (first.littleEndian, second.littleEndian, UInt16(truncatingIfNeeded: payload >> 16).littleEndian)
  }

  private mutating func place(of factory: Int32) -> Int {
    let slot = Int(factory + 2)
    while places.count <= slot { places.append(-1) }
    if places[slot] < 0 {
      places[slot] = Int32(chains.count)
      chains.append((factory, -1, -1, 0))
    }
    return Int(places[slot])
  }

  /// The digest of one factory's frames, one behind the other.
  private mutating func digest(of first: Int32) -> SHA256Digest {
    gathered.removeAll(keepingCapacity: true)
    var frame = first
    while frame >= 0 {
      let (range, next) = frames[Int(frame)]
      content.withUnsafeBytes {
        gathered.append(
          contentsOf: UnsafeRawBufferPointer(rebasing: $0[Int(range.lowerBound)..<Int(range.upperBound)]))
      }
      frame = next
    }
    return gathered.withUnsafeBytes { SHA256Digest(hashing: $0) }
  }

  private mutating func compress() throws(StoreError) -> Int {
    let bound = ZSTD_compressBound(content.count)
    if compressed.count < bound { compressed = [UInt8](repeating: 0, count: bound) }
    let size = ZSTD_compress2(compressor, &compressed, compressed.count, content, content.count)
    guard ZSTD_isError(size) == 0 else {
      throw StoreError(.io, "zstd: \(String(cString: ZSTD_getErrorName(size)))")
    }
    return size
  }
}

/// Columns stored beside a block's compressed content.
public struct SealedBlock: Sendable {
  public var number: Int64
  public var firstReceived: Timestamp
  public var lastReceived: Timestamp
  public var records: Int
  public var contentBytes: Int
  public var hash: SHA256Digest
  public var packetIDs: PacketIDs
  /// The kind of its first record if that ``JournalRecord/Kind/opens``; else nil.
  public var opening: JournalRecord.Kind?

  /// The block `number`, of a content of `contentBytes` bytes before compression.
  package init(
    number: Int64, firstReceived: Timestamp, lastReceived: Timestamp, records: Int, contentBytes: Int,
    hash: SHA256Digest, packetIDs: PacketIDs, opening: JournalRecord.Kind?
  ) {
    self.number = number
    self.firstReceived = firstReceived
    self.lastReceived = lastReceived
    self.records = records
    self.contentBytes = contentBytes
    self.hash = hash
    self.packetIDs = packetIDs
    self.opening = opening
  }
}

extension [UInt8] {
  /// The kind of the first record of a block's content if that ``JournalRecord/Kind/opens``; else nil.
  package var opening: JournalRecord.Kind? {
    guard count > 2, let kind = JournalRecord.Kind(rawValue: self[2]), kind.opens else { return nil }
    return kind
  }
}

/// Compresses a content at a zstd level, with a checksum.
package func compress(_ content: [UInt8], level: Int32) throws(StoreError) -> [UInt8] {
  guard let context = ZSTD_createCCtx() else {
    throw StoreError(.io, "zstd: no memory for a compression context")
  }
  defer { ZSTD_freeCCtx(context) }
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  var compressed = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count))
  let size = ZSTD_compress2(context, &compressed, compressed.count, content, content.count)
  guard ZSTD_isError(size) == 0 else {
    throw StoreError(.io, "zstd: \(String(cString: ZSTD_getErrorName(size)))")
  }
  compressed.removeSubrange(size...)
  return compressed
}

/// Decompresses a content of a known size; `what` names it in errors.
package func decompress(
  _ bytes: [UInt8], size: Int, of what: @autoclosure () -> String = "packed records"
) throws(StoreError) -> [UInt8] {
  // A block holds one window's content; a greater stored size is damage. Check the frame's own statement before
  // allocating anything: it must be one frame of that size, to the last byte.
  guard size >= 0, size <= 1 << 30 else {
    throw StoreError(.corrupt, "\(what()): impossible size \(size)")
  }
  guard ZSTD_getFrameContentSize(bytes, bytes.count) == UInt64(size),
    ZSTD_findFrameCompressedSize(bytes, bytes.count) == bytes.count
  else { throw StoreError(.corrupt, "\(what()): content does not decompress to \(size) bytes") }
  var content = [UInt8](repeating: 0, count: size)
  let written = ZSTD_decompress(&content, size, bytes, bytes.count)
  guard ZSTD_isError(written) == 0, written == size else {
    throw StoreError(.corrupt, "\(what()): content does not decompress to \(size) bytes")
  }
  return content
}
