import Glibc

/// The Chinese characters of GB 2312, used in nearly all names of machines.
enum CommonHan {
  /// The character of each two bytes from B0 A1 on, 94 for each first byte; 0 for bytes that are no character, and for
  /// all if the system cannot convert GB 2312.
  private static let scalars: [UInt16] = {
    var scalars = [UInt16](repeating: 0, count: (0xF7 - 0xB0 + 1) * 94)
    guard let converter = iconv_open("UTF-16LE", "GB2312"), Int(bitPattern: converter) != -1 else {
      return scalars
    }
    defer { iconv_close(converter) }
    for i in scalars.indices {
      var source = [0xB0 + UInt8(i / 94), 0xA1 + UInt8(i % 94)]
      var target: [UInt8] = [0, 0]
      let isConverted = source.withUnsafeMutableBytes { source in
        target.withUnsafeMutableBytes { target in
          var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
          var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
          var (left, room) = (2, 2)
          return iconv(converter, &from, &left, &to, &room) != -1 && room == 0
        }
      }
      if isConverted { scalars[i] = UInt16(target[0]) | UInt16(target[1]) << 8 }
    }
    return scalars
  }()

  /// One bit for each character from U+4E00 on.
  private static let bits: [UInt64] = {
    var bits = [UInt64](repeating: 0, count: 0x5200 / 64)
    for scalar in scalars where (0x4E00..<0xA000).contains(scalar) {
      let place = Int(scalar) - 0x4E00
      bits[place / 64] |= 1 << UInt64(place % 64)
    }
    return bits
  }()

  /// Whether GB 2312 has a character.
  static func contains(_ scalar: UInt32) -> Bool {
    guard (0x4E00..<0xA000).contains(scalar) else { return false }
    let place = Int(scalar - 0x4E00)
    return bits[place / 64] & (1 << UInt64(place % 64)) != 0
  }

  /// The character of two bytes in GB 2312; nil when they are none.
  static func scalar(_ lead: UInt8, _ trail: UInt8) -> UInt32? {
    guard (0xB0...0xF7).contains(lead), (0xA1...0xFE).contains(trail) else { return nil }
    let scalar = scalars[Int(lead - 0xB0) * 94 + Int(trail - 0xA1)]
    return scalar == 0 ? nil : UInt32(scalar)
  }
}
