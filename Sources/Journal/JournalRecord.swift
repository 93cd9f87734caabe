import Telemetry

/// One record of the journal as read back. Topic and payload are views into the block and hold only as
/// long as the call that lends them.
public struct JournalRecord {
  /// The kind of a record.
  public enum Kind: UInt8, Sendable {
    /// A message exactly as received.
    case message = 1
    /// The shard connected and subscribed.
    case connected = 2
    /// The shard lost or closed its connection.
    case disconnected = 3
    /// The shard was connected up to here, though nothing came.
    case observedThrough = 4
    /// A message of the broker about itself, as received; it belongs to no factory.
    case brokerStatus = 5
    /// The sources and limits by which messages from here on are decoded: their text, and as topic its SHA-256.
    /// Journaled at the beginning of each day, and where they change.
    case sources = 6
    /// The state of a decoder for the messages of one factory, to which the record belongs. Its topic is the
    /// factory's id, "/" and the SHA-256 of the source's text. It follows `sources` in the same block. With the SHA-256
    /// of `ended sessions` it names equipment whose sessions ended because the sources changed.
    case decoderState = 7
    /// The decision to read earlier messages by other sources and limits: their text, and as topic the day of the
    /// journal from which on, followed by a selection if only refused messages are meant. It stands before `sources`,
    /// in the same block.
    case rereading = 8

    /// Whether a block that begins with it tells how messages from there on are decoded.
    public var opens: Bool { self == .sources || self == .rereading }

    /// Whether it came over the connection, in a window with others, rather than tells of the connection.
    public var isReceived: Bool { self == .message || self == .brokerStatus }
  }

  /// Properties of a record besides its content.
  public struct Flags: OptionSet, Sendable {
    public let rawValue: UInt8
    /// Flags as stored.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The broker delivered the message as retained: it is never presence now.
    public static let retained = Flags(rawValue: 1)
    /// The message was delivered again after a reconnection: an earlier record is its first receipt.
    public static let redelivered = Flags(rawValue: 2)
    /// The broker resumed the session (`connected`).
    public static let sessionPresent = Flags(rawValue: 4)
    /// The sender was refused because the register did not know it and there were too many such; the
    /// register may know it now, so what was decided then is kept.
    public static let senderRefused = Flags(rawValue: 8)
    /// The message was refused because the journal no longer had the day it is for; a store that keeps more
    /// may not refuse it now, so what was decided then is kept.
    public static let dayDropped = Flags(rawValue: 32)
    /// The message arrived for a topic filter that is no longer configured but was still in the broker's session: it
    /// is stored, and neither counted nor refused.
    public static let former = Flags(rawValue: 64)
    /// Flags of messages that are stored but not counted.
    public static let uncounted: Flags = [.retained, .redelivered, .former]
    /// The message was flagged retained long after the subscription: it is live, and its broker keeps the flag of
    /// live messages.
    public static let retainFlagKept = Flags(rawValue: 128)
    /// Every acknowledgement had left before the connection ended (`disconnected`).
    public static let clean = Flags(rawValue: 16)
  }

  public var kind: Kind
  public var flags: Flags
  public var received: Timestamp
  public var topic: UnsafeRawBufferPointer
  public var payload: UnsafeRawBufferPointer
  /// Position in its block, from 0.
  public var index: Int
}

/// A block as stored: a window's records in the order received, or one event of the shard's connection.
public struct JournalBlock: Sendable {
  /// From 1, without a gap, across day files.
  public var number: Int64
  public var firstReceived: Timestamp
  public var lastReceived: Timestamp
  public var records: Int
  /// nil for a block that is packed with others: then the chain gives it.
  public var hash: SHA256Digest?
  /// The content before compression, laid out as ``JournalLayout`` says.
  public var content: [UInt8]
  /// Of its records; nil for a block that is packed with others.
  public var packetIDs: PacketIDs?

  /// A block as stored.
  package init(
    number: Int64, firstReceived: Timestamp, lastReceived: Timestamp, records: Int, hash: SHA256Digest?,
    content: [UInt8], packetIDs: PacketIDs? = nil
  ) {
    self.number = number
    self.firstReceived = firstReceived
    self.lastReceived = lastReceived
    self.records = records
    self.hash = hash
    self.content = content
    self.packetIDs = packetIDs
  }
}

/// The layout of records in a block's content, before compression. Integers are little-endian.
///
///     records… | directory | u16 factories | u32 bytes of records
///
/// A record is a u16, the place of its factory in the directory, and its frame, which never changes once
/// written and is what is hashed:
///
///     u8 kind | u8 flags | i64 received | u16 length of topic | u32 length of payload | topic | payload
///
/// The directory names the block's factories in the order they first appear, each as u8 length and id; the
/// empty id stands for what belongs to none.
enum JournalLayout {
  static let frameHeader = 16
  static let trailer = 6
  /// Readable bytes behind every content handed to decoders, which load past the end of a payload.
  static let padding = 64

  /// Puts the directory and the trailer behind a content's records.
  static func close(_ content: inout [UInt8], directory: [[UInt8]]) {
    let recordBytes = content.count
    for id in directory {
      content.append(UInt8(truncatingIfNeeded: id.count))
      content.append(contentsOf: id)
    }
    content.appendInteger(UInt16(truncatingIfNeeded: directory.count))
    content.appendInteger(UInt32(truncatingIfNeeded: recordBytes))
  }
}

/// Positions of a block's records and factories in its content.
struct JournalBlockIndex {
  /// Ids, in directory order.
  var factories: [[UInt8]] = []
  /// Offset and length of each frame, and the place of its factory in the directory.
  var frames: [(range: Range<Int>, factory: Int)] = []

  /// Reads the index of a content, checking every length against it.
  init(of block: JournalBlock) throws(StoreError) {
    let content = block.content
    func corrupt(_ what: String) -> StoreError {
      StoreError(.corrupt, "journal block \(block.number): \(what) does not fit its content")
    }
    guard content.count >= JournalLayout.trailer else { throw corrupt("its trailer") }
    guard block.records >= 0, block.records <= content.count / JournalLayout.frameHeader else {
      throw corrupt("the number of records")
    }
    let trailer = content.count - JournalLayout.trailer
    let factoryCount = Int(content.readInteger(UInt16.self, at: trailer))
    let recordBytes = Int(content.readInteger(UInt32.self, at: trailer + 2))
    guard recordBytes <= trailer else { throw corrupt("its directory") }
    var offset = recordBytes
    for _ in 0..<factoryCount {
      guard offset < trailer, offset + 1 + Int(content[offset]) <= trailer else {
        throw corrupt("its directory")
      }
      factories.append(Array(content[offset + 1..<offset + 1 + Int(content[offset])]))
      offset += 1 + Int(content[offset])
    }
    offset = 0
    frames.reserveCapacity(block.records)
    for record in 0..<block.records {
      let start = offset + 2
      guard start + JournalLayout.frameHeader <= recordBytes else { throw corrupt("record \(record)") }
      let factory = Int(content.readInteger(UInt16.self, at: offset))
      let topic = Int(content.readInteger(UInt16.self, at: start + 10))
      let payload = Int(content.readInteger(UInt32.self, at: start + 12))
      offset = start + JournalLayout.frameHeader + topic + payload
      guard offset <= recordBytes, factory < factories.count else { throw corrupt("record \(record)") }
      frames.append((start..<offset, factory))
    }
    guard offset == recordBytes else { throw corrupt("the number of records") }
  }
}

extension JournalBlock {
  /// Calls `body` with every record in the order received, or with those of some factories ("" for what
  /// belongs to none).
  ///
  /// Bytes past a payload's end are readable for at least ``JournalLayout/padding`` bytes.
  public func forEachRecord(
    ofFactories factories: Set<String>? = nil, _ body: (JournalRecord) throws -> Void
  ) throws {
    let index = try JournalBlockIndex(of: self)
    let wanted = factories.map { factories in
      index.factories.map { factories.contains(String(decoding: $0, as: UTF8.self)) }
    }
    var padded = content
    padded.append(contentsOf: repeatElement(0, count: JournalLayout.padding))
    try padded.withUnsafeBytes { bytes in
      for (position, frame) in index.frames.enumerated() where wanted?[frame.factory] ?? true {
        let start = frame.range.lowerBound
        guard let kind = JournalRecord.Kind(rawValue: bytes[start]) else {
          throw StoreError(.corrupt, "journal block \(number): record \(position) is of no known kind")
        }
        let milliseconds = bytes.loadUnaligned(fromByteOffset: start + 2, as: Int64.self)
        guard let received = Timestamp(stored: Int64(littleEndian: milliseconds)) else {
          throw StoreError(.corrupt, "journal block \(number): record \(position) has no possible receipt")
        }
        let topicLength = Int(bytes.loadUnaligned(fromByteOffset: start + 10, as: UInt16.self))
        let topic = start + JournalLayout.frameHeader
        try body(
          JournalRecord(
            kind: kind, flags: JournalRecord.Flags(rawValue: bytes[start + 1]),
            received: received,
            topic: UnsafeRawBufferPointer(rebasing: bytes[topic..<topic + topicLength]),
            payload: UnsafeRawBufferPointer(rebasing: bytes[topic + topicLength..<frame.range.upperBound]),
            index: position))
      }
    }
  }
}

extension Array<UInt8> {
  func readInteger<Integer: FixedWidthInteger>(_ type: Integer.Type, at offset: Int) -> Integer {
    withUnsafeBytes { Integer(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
  }
  package mutating func appendInteger(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
