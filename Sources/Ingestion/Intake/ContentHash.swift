/// A 64-bit hash of a message's topic and payload, the same in every run, by which redeliveries are recognised. It
/// multiplies and folds eight bytes at a time. It does not resist deliberate collisions, by which a sender could only
/// hide its own messages.
enum ContentHash {
  /// The hash of `topic` followed by `payload`.
  static func of(_ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) -> UInt64 {
    absorb(payload, into: absorb(topic, into: 0x9E37_79B9_7F4A_7C15))
  }

  /// The hash of a topic without a payload.
  static func of(_ topic: UnsafeRawBufferPointer) -> UInt64 { absorb(topic, into: 0x9E37_79B9_7F4A_7C15) }

  private static func absorb(_ bytes: UnsafeRawBufferPointer, into seed: UInt64) -> UInt64 {
    var state = mix(seed ^ UInt64(bytes.count), 0xA076_1D64_78BD_642F)
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      state = mix(state ^ word, 0xE703_7ED1_A0B4_28DB)
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return mix(state ^ tail, 0x8EBC_6AF0_9C88_C6E3)
  }

  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
