import Journal

/// Reads integers in base 128, least significant first, from bytes that are lent: what ``ByteColumn`` writes.
///
/// Single integers are read without a look at where the bytes end: ``padding`` bytes after them can be read as
/// well, whatever is there. Who reads looks after a few, by ``check()``. Damaged bytes are input: what does not
/// fit is `corrupt`.
@frozen
public struct VarintCursor {
  @usableFromInline var next: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  /// Bytes that must be readable behind those that are read: for forty integers of the greatest length, and
  /// what is loaded beyond the last.
  public static let padding = 420

  public static let damage = StoreError(.corrupt, "a packed row is not what it must be; the file is damaged")

  /// A cursor over `range` of bytes of which as many as ``padding`` follow it.
  public init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(StoreError) {
    guard let start = bytes.baseAddress, range.lowerBound >= 0,
      range.upperBound <= bytes.count - Self.padding
    else { throw Self.damage }
    next = start + range.lowerBound
    end = start + range.upperBound
  }

  /// A cursor over a part of bytes that was read from them.
  public init(_ bytes: UnsafeRawBufferPointer, part: UnsafeRawBufferPointer) throws(StoreError) {
    guard let start = part.baseAddress, let all = bytes.baseAddress else { throw Self.damage }
    let offset = start - all
    try self.init(bytes, offset..<offset + part.count)
  }

  @inlinable public var isAtEnd: Bool { next >= end }

  /// Refuses what went beyond the end. To be called after at most forty integers.
  @inlinable
  @inline(__always)
  public func check() throws(StoreError) {
    guard next <= end else { throw Self.damage }
  }

  @inlinable
  @inline(__always)
  public mutating func byte() -> UInt8 {
    defer { next += 1 }
    return next.load(as: UInt8.self)
  }

  /// Eight bytes as they are, least significant first.
  @inlinable
  @inline(__always)
  public mutating func word() -> UInt64 {
    defer { next += 8 }
    return UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
  }

  @inlinable
  @inline(__always)
  public mutating func unsigned() -> UInt64 {
    let first = next.load(as: UInt8.self)
    if first < 0x80 {
      next += 1
      return UInt64(first)
    }
    return several()
  }

  /// Of the bytes up to the first without its highest bit, the lower seven bits, pushed together.
  @inlinable
  @inline(__always)
  mutating func several() -> UInt64 {
    let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
    let ends = ~word & 0x8080_8080_8080_8080
    guard ends != 0 else { return many() }
    next += ends.trailingZeroBitCount / 8 + 1
    var value = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    value = (value & 0x7F00_7F00_7F00_7F00) >> 1 | (value & 0x007F_007F_007F_007F)
    value = (value & 0x3FFF_0000_3FFF_0000) >> 2 | (value & 0x0000_3FFF_0000_3FFF)
    return (value & 0x0FFF_FFFF_0000_0000) >> 4 | (value & 0x0000_0000_0FFF_FFFF)
  }

  /// More than eight bytes, ten at most.
  @inline(never)
  @usableFromInline mutating func many() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      let byte = byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return value
  }

  @inlinable
  @inline(__always)
  public mutating func signed() -> Int64 {
    let value = unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A signed number of 32 bits; what is more is cut off.
  @inlinable
  @inline(__always)
  public mutating func short() -> Int32 { Int32(truncatingIfNeeded: signed()) }

  /// A count or a length, at most `limit`.
  @inlinable
  @inline(__always)
  public mutating func count(limit: Int) throws(StoreError) -> Int {
    let value = unsigned()
    guard value <= UInt64(limit) else { throw Self.damage }
    return Int(value)
  }

  /// Lends the next `count` bytes.
  @inlinable
  @inline(__always)
  public mutating func bytes(_ count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
    guard next <= end, count <= end - next else { throw Self.damage }
    defer { next += count }
    return UnsafeRawBufferPointer(start: next, count: count)
  }

  /// A length, and the bytes it says.
  @inlinable
  @inline(__always)
  public mutating func framed() throws(StoreError) -> UnsafeRawBufferPointer {
    try bytes(try count(limit: Int(Int32.max)))
  }
}

extension [UInt8] {
  /// Appends what ``VarintCursor`` may read beyond the end.
  package mutating func appendPadding() {
    append(contentsOf: repeatElement(0, count: VarintCursor.padding))
  }
}
