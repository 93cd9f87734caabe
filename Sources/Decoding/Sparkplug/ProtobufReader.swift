/// Reads the fields of a Protocol Buffers message from bytes, in the order in which they were written.
///
/// Reading allocates nothing. Every length is checked before it is used, so that no bytes can make it read outside
/// the message. After an error the reader must not be used any more. See the Protocol Buffers documentation,
/// "Encoding".
package struct ProtobufReader {
  /// Encoding of a field's value.
  package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    /// Begin and end of a group, the deprecated encoding of a nested message.
    case groupBegin = 3
    case groupEnd = 4
    case fixed32 = 5
  }

  /// Faults of a message.
  package enum Fault: Error, Equatable, Sendable {
    /// The message ends in the middle of a field.
    case cutShort
    /// A number has more than 64 bits.
    case tooLong
    /// A field has number 0, a number of more than 29 bits or an unknown encoding.
    case invalidTag
    /// A known field has another encoding than its type.
    case wrongType
    /// Groups are nested deeper than ``ProtobufReader/deepestGroup``, or not closed correctly.
    case groups
  }

  /// Maximum nesting of groups.
  package static let deepestGroup = 8

  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  /// Number of the current field, 1 or more.
  package private(set) var number: UInt32 = 0
  /// Encoding of the current field.
  package private(set) var wireType = WireType.varint

  /// A reader at the beginning of a message.
  @inline(__always)
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether all bytes are read.
  @inline(__always)
  package var isAtEnd: Bool { at >= bytes.count }

  /// Moves to the next field; false at the end. Then read its value, or call ``skip()``.
  @inline(__always)
  package mutating func next() throws(Fault) -> Bool {
    guard at < bytes.count else { return false }
    let tag = try rawVarint()
    guard tag <= UInt64(UInt32.max), let type = WireType(rawValue: UInt8(tag & 7)), tag >> 3 > 0 else {
      throw .invalidTag
    }
    number = UInt32(tag >> 3)
    wireType = type
    return true
  }

  /// Reads an unsigned number of up to 64 bits.
  @inline(__always)
  package mutating func varint() throws(Fault) -> UInt64 {
    guard wireType == .varint else { throw .wrongType }
    return try rawVarint()
  }

  /// Reads a number of 32 bits; further bits are discarded, as other readers of the format do.
  @inline(__always)
  package mutating func varint32() throws(Fault) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }

  /// Reads a truth value: any number but 0 is true.
  @inline(__always)
  package mutating func bool() throws(Fault) -> Bool { try varint() != 0 }

  /// Reads a number of single precision.
  @inline(__always)
  package mutating func float() throws(Fault) -> Float {
    guard wireType == .fixed32 else { throw .wrongType }
    guard bytes.count - at >= 4 else { throw .cutShort }
    defer { at += 4 }
    return Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
  }

  /// Reads a number of double precision.
  @inline(__always)
  package mutating func double() throws(Fault) -> Double {
    guard wireType == .fixed64 else { throw .wrongType }
    guard bytes.count - at >= 8 else { throw .cutShort }
    defer { at += 8 }
    return Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
  }

  /// Reads text, bytes or a nested message as a view of the message's bytes.
  @inline(__always)
  package mutating func content() throws(Fault) -> UnsafeRawBufferPointer {
    guard wireType == .bytes else { throw .wrongType }
    let length = try rawVarint()
    guard length <= UInt64(bytes.count - at) else { throw .cutShort }
    let start = at
    at += Int(length)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<at])
  }

  /// Skips the value of the current field.
  package mutating func skip() throws(Fault) {
    switch wireType {
    case .varint: _ = try rawVarint()
    case .fixed64: try skip(8)
    case .fixed32: try skip(4)
    case .bytes: _ = try content()
    case .groupBegin: try skipGroup(number, depth: 1)
    case .groupEnd: throw .groups
    }
  }

  private mutating func skipGroup(_ group: UInt32, depth: Int) throws(Fault) {
    guard depth <= Self.deepestGroup else { throw .groups }
    while try next() {
      switch wireType {
      case .groupEnd:
        guard number == group else { throw .groups }
        return
      case .groupBegin: try skipGroup(number, depth: depth + 1)
      case .varint, .fixed64, .bytes, .fixed32: try skip()
      }
    }
    throw .cutShort
  }

  private mutating func skip(_ count: Int) throws(Fault) {
    guard bytes.count - at >= count else { throw .cutShort }
    at += count
  }

  @inline(__always)
  private mutating func rawVarint() throws(Fault) -> UInt64 {
    guard at < bytes.count else { throw .cutShort }
    let first = bytes[at]
    if first < 0x80 {
      at += 1
      return UInt64(first)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(Fault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      // The tenth byte has the highest of 64 bits.
      if shift == 63, byte > 1 { throw .tooLong }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
      if shift > 63 { throw .tooLong }
    }
    throw .cutShort
  }
}
