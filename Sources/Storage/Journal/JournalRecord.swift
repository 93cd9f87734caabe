import Telemetry

/// One record of the journal as read back. Topic and payload are views into the block and hold only as
/// long as the call that lends them.
public struct JournalRecord {
  /// What a record tells.
  public enum Kind: UInt8, Sendable {
    /// A message exactly as received.
    case message = 1
    /// The shard connected and subscribed.
    case connected = 2
    /// The shard lost or closed its connection.
    case disconnected = 3
    /// The shard was connected up to here, though nothing came.
    case observedThrough = 4
  }

  public var kind: Kind
  /// The broker delivered the message as retained, or resumed the session (`connected`).
  public var flag: Bool
  public var received: Timestamp
  public var topic: UnsafeRawBufferPointer
  public var payload: UnsafeRawBufferPointer
  /// Position in its block, from 0.
  public var index: Int
}

/// How records are laid out in a block's content, before compression. Integers are little-endian.
///
/// A block is a run of sections, one for each factory that has records in it, ascending by id; the empty
/// id, first, holds what belongs to no factory. A section is
///
///     u8 length of id | id | u32 records | u32 bytes of frames | frames
///
/// and a frame, which never changes once written and is what is hashed,
///
///     u8 kind | u8 flag | i64 received | u16 length of topic | u32 length of payload | topic | payload
enum JournalLayout {
  static let frameHeader = 16
  static let longestTopic = Int(UInt16.max)
  /// Readable bytes behind every content handed to decoders, which load past the end of a payload.
  static let padding = 64
}

/// The place of one factory's records in a block's content.
public struct JournalSection: Sendable {
  /// Factory id; empty for what belongs to no factory.
  public var factory: [UInt8]
  public var records: Int
  /// The frames, as offsets into the content.
  public var frames: Range<Int>
}

/// A block as stored: a window's records, or one event of the shard's connection.
public struct JournalBlock: Sendable {
  /// From 1, without a gap, across day files.
  public var number: Int64
  public var firstReceived: Timestamp
  public var lastReceived: Timestamp
  public var records: Int
  public var hash: SHA256Digest
  /// The content before compression.
  public var content: [UInt8]
}

extension JournalBlock {
  /// The sections of the content, checked against its length.
  public func sections() throws(StoreError) -> [JournalSection] {
    try Self.sections(of: content, block: number)
  }

  static func sections(of content: [UInt8], block: Int64) throws(StoreError) -> [JournalSection] {
    var sections: [JournalSection] = []
    var offset = 0
    func corrupt() -> StoreError {
      StoreError(.corrupt, "journal block \(block): section at byte \(offset) does not fit the content")
    }
    while offset < content.count {
      let idLength = Int(content[offset])
      let header = offset + 1 + idLength
      guard header + 8 <= content.count else { throw corrupt() }
      let records = Int(content.readInteger(UInt32.self, at: header))
      let length = Int(content.readInteger(UInt32.self, at: header + 4))
      guard header + 8 + length <= content.count else { throw corrupt() }
      sections.append(
        JournalSection(
          factory: Array(content[offset + 1..<header]), records: records,
          frames: header + 8..<header + 8 + length))
      offset = header + 8 + length
    }
    return sections
  }

  /// Calls `body` with every record, section by section, in each in the order received.
  ///
  /// Bytes past a payload's end are readable for at least ``JournalLayout/padding`` bytes.
  public func forEachRecord(_ body: (JournalRecord) throws -> Void) throws {
    let sections = try sections()
    var padded = content
    padded.append(contentsOf: repeatElement(0, count: JournalLayout.padding))
    var index = 0
    try padded.withUnsafeBytes { bytes in
      for section in sections {
        var offset = section.frames.lowerBound
        for _ in 0..<section.records {
          let start = offset + JournalLayout.frameHeader
          guard start <= section.frames.upperBound,
            let kind = JournalRecord.Kind(rawValue: bytes[offset])
          else { throw StoreError(.corrupt, "journal block \(number): record \(index) is not one") }
          let topicLength = Int(bytes.loadUnaligned(fromByteOffset: offset + 10, as: UInt16.self))
          let payloadLength = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
          let end = start + topicLength + payloadLength
          guard end <= section.frames.upperBound else {
            throw StoreError(.corrupt, "journal block \(number): record \(index) is cut short")
          }
          try body(
            JournalRecord(
              kind: kind, flag: bytes[offset + 1] != 0,
              received: Timestamp(
                milliseconds: bytes.loadUnaligned(fromByteOffset: offset + 2, as: Int64.self)),
              topic: UnsafeRawBufferPointer(rebasing: bytes[start..<start + topicLength]),
              payload: UnsafeRawBufferPointer(rebasing: bytes[start + topicLength..<end]), index: index))
          offset = end
          index += 1
        }
      }
    }
  }
}

extension Array<UInt8> {
  func readInteger<Integer: FixedWidthInteger>(_ type: Integer.Type, at offset: Int) -> Integer {
    withUnsafeBytes { Integer(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
  }
  mutating func appendInteger(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
