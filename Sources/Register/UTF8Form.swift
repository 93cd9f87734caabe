/// Rules of UTF-8 sequences.
enum UTF8Form {
  /// Length of the valid sequence of two to four bytes at `i` (Unicode, table 3-7), or 0.
  static func sequence(at i: Int, in bytes: UnsafeBufferPointer<UInt8>, end: Int) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[i] {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard i + length <= end, second.contains(bytes[i + 1]) else { return 0 }
    for j in (i + 2)..<max(i + length, i + 2) where !(0x80...0xBF).contains(bytes[j]) { return 0 }
    return length
  }

  /// Offset of the first byte that is not part of a valid sequence; nil when all are.
  static func firstInvalid(in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var i = 0
      while i < bytes.count {
        if bytes[i] < 0x80 {
          i += 1
          continue
        }
        let length = sequence(at: i, in: bytes, end: bytes.count)
        guard length > 0 else { return i }
        i += length
      }
      return nil
    }
  }

  /// The scalar of a valid sequence.
  static func scalar(at i: Int, length: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var scalar = UInt32(bytes[i]) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for j in (i + 1)..<(i + length) { scalar = scalar << 6 | UInt32(bytes[j]) & 0x3F }
    return scalar
  }
}
