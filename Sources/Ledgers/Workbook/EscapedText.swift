/// Characters that XML cannot hold, which workbooks write as `_x000D_` (ECMA-376 part 1, 22.9.2.19).
enum EscapedText {
  private static let length = 7

  /// Replaces the escapes in the bytes from `start` on. Most texts have none.
  static func decode(_ bytes: inout [UInt8], from start: Int) {
    guard var i = firstEscape(in: bytes, from: start) else { return }
    var target = i
    while i < bytes.count {
      if let unit = unit(at: i, in: bytes) {
        // Half a surrogate pair is no character.
        let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          bytes[target] = byte
          target += 1
        }
        i += length
      } else {
        bytes[target] = bytes[i]
        target += 1
        i += 1
      }
    }
    bytes.removeSubrange(target...)
  }

  private static func firstEscape(in bytes: [UInt8], from start: Int) -> Int? {
    var i = start
    while i + length <= bytes.count {
      if bytes[i] == UInt8(ascii: "_"), unit(at: i, in: bytes) != nil { return i }
      i += 1
    }
    return nil
  }

  private static func unit(at i: Int, in bytes: [UInt8]) -> UInt16? {
    guard i + length <= bytes.count, bytes[i] == UInt8(ascii: "_"), bytes[i + 1] == UInt8(ascii: "x"),
      bytes[i + 6] == UInt8(ascii: "_")
    else { return nil }
    var value: UInt16 = 0
    for byte in bytes[(i + 2)..<(i + 6)] {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt16(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt16(byte - 0x57)
      default: return nil
      }
    }
    return value
  }
}
