/// A column of bytes being written: integers as base-128, least significant first.
package struct ByteColumn {
  package private(set) var bytes: [UInt8] = []

  /// An empty column.
  package init() {}

  package mutating func append(_ value: UInt64) { bytes.appendVarint(value) }

  package mutating func append(_ value: Int) { append(UInt64(value)) }

  /// Small magnitudes of either sign take few bytes.
  package mutating func append(signed value: Int64) {
    append(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
  }

  package mutating func append(_ byte: UInt8) { bytes.append(byte) }
  package mutating func append(contentsOf slice: some Sequence<UInt8>) { bytes.append(contentsOf: slice) }

  /// Adds another column with its length before it.
  package mutating func append(framed column: ByteColumn) {
    append(column.bytes.count)
    bytes.append(contentsOf: column.bytes)
  }
}

/// Reads what a ``ByteColumn`` holds. Damaged bytes are input: what does not fit is `corrupt`.
package struct ByteCursor {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package static let damage = StoreError(.corrupt, "packed records do not fit their content")

  package var isAtEnd: Bool { position == bytes.endIndex }

  package mutating func byte() throws(StoreError) -> UInt8 {
    guard position < bytes.endIndex else { throw Self.damage }
    defer { position += 1 }
    return bytes[position]
  }

  package mutating func unsigned() throws(StoreError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      let next = try byte()
      // The tenth byte may have one bit only, and a final byte after others must not be 0.
      guard shift < 63 || next <= 1, shift == 0 || next != 0 else { throw Self.damage }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
    throw Self.damage
  }

  package mutating func signed() throws(StoreError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A count or a length, at most `limit`.
  package mutating func count(limit: Int) throws(StoreError) -> Int {
    guard let value = Int(exactly: try unsigned()), value <= limit else { throw Self.damage }
    return value
  }

  package mutating func slice(_ count: Int) throws(StoreError) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - position else { throw Self.damage }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// A column written with its length before it.
  package mutating func framed() throws(StoreError) -> ByteCursor {
    ByteCursor(try slice(try count(limit: bytes.count)))
  }
}

extension [UInt8] {
  /// Appends an integer in base 128, least significant first.
  package mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}
