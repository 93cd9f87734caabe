/// Reads integers in base 128, least significant first, from bytes that are lent: what ``ByteColumn`` writes.
/// Damaged bytes are input: what does not fit is `corrupt`.
struct PackedCursor {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  private static let damage = StoreError(.corrupt, "a packed row is not what it must be; the file is damaged")

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  @inline(__always)
  mutating func byte() throws(StoreError) -> UInt8 {
    guard position < bytes.count else { throw Self.damage }
    defer { position += 1 }
    return bytes[position]
  }

  @inline(__always)
  mutating func unsigned() throws(StoreError) -> UInt64 {
    let first = try byte()
    return first < 0x80 ? UInt64(first) : try longer(first)
  }

  private mutating func longer(_ first: UInt8) throws(StoreError) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while shift < 70 {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
    throw Self.damage
  }

  @inline(__always)
  mutating func signed() throws(StoreError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A signed number that fits 32 bits.
  @inline(__always)
  mutating func short() throws(StoreError) -> Int32 {
    guard let value = Int32(exactly: try signed()) else { throw Self.damage }
    return value
  }

  /// A count or a length, at most `limit`.
  @inline(__always)
  mutating func count(limit: Int) throws(StoreError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(limit) else { throw Self.damage }
    return Int(value)
  }

  /// Lends the next `count` bytes.
  mutating func bytes(_ count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - position else { throw Self.damage }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }
}

extension [UInt8] {
  /// Appends an integer in base 128, least significant first.
  mutating func appendPacked(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}
