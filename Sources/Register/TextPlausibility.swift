import Glibc

/// The character encodings of register files.
public enum TextEncoding: String, CaseIterable, Sendable {
  case utf8 = "utf-8"
  case gb18030

  /// The encoding of a name such as `UTF-8`, `GBK` or `GB2312`; nil when it is neither.
  public init?(name: String) {
    switch name.lowercased() {
    case "utf-8", "utf8": self = .utf8
    case "gb18030", "gbk", "gb2312": self = .gb18030
    default: return nil
    }
  }
}

/// Implausibility of bytes as text in each encoding: the lower, the more likely.
///
/// Validity proves nothing: the GBK bytes of 压装 are well-formed UTF-8 (`ѹװ`), and most UTF-8 is valid GBK. So every
/// character gets a weight: 0 for common Chinese characters, punctuation and units, a high weight for scripts not
/// used in ledgers, and the highest for invalid bytes.
struct TextPlausibility: Equatable {
  var utf8 = 0
  var gb18030 = 0
  /// Offset of the first byte that is not UTF-8; nil when all are.
  var firstNotUTF8: Int?

  private static let invalid = 6
  private static let strange = 4
  private static let rare = 1

  /// Weighs `bytes` from `range`; a byte order mark is left out beforehand.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    bytes.withUnsafeBufferPointer { bytes in
      weighUTF8(bytes, range)
      weighGB18030(bytes, range)
    }
  }

  // MARK: UTF-8

  private mutating func weighUTF8(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var i = range.lowerBound
    while i < range.upperBound {
      guard bytes[i] >= 0x80 else {
        i += 1
        continue
      }
      let length = UTF8Form.sequence(at: i, in: bytes, end: range.upperBound)
      guard length > 0 else {
        if firstNotUTF8 == nil { firstNotUTF8 = i }
        utf8 += Self.invalid
        i += 1
        continue
      }
      let scalar = UTF8Form.scalar(at: i, length: length, in: bytes)
      let isInWord =
        (i > range.lowerBound && bytes[i - 1].isLetter)
        || (i + length < range.upperBound && bytes[i + length].isLetter)
      utf8 += Self.weight(of: scalar, isInWord: isInWord)
      i += length
    }
  }

  /// Weight of a UTF-8 character; `isInWord` when a Latin letter is beside it.
  private static func weight(of scalar: UInt32, isInWord: Bool) -> Int {
    switch scalar {
    case 0x4E00...0x9FFF: return CommonHan.contains(scalar) ? 0 : rare
    // Punctuation, wide forms, circled and Roman numbers, arrows, mathematical signs, ticks.
    case 0x3000...0x303F, 0xFF00...0xFFEF, 0x2000...0x27BF, 0xFEFF: return 0
    // Signs such as ° ± ² µ · × ÷ Ø.
    case 0xA0...0xBF, 0xD7, 0xD8, 0xF7, 0xF8: return 0
    // Latin letters with marks occur inside words.
    case 0xC0...0x24F: return isInWord ? 0 : 3
    // Greek letters occur as units and sizes.
    case 0x391...0x3A9, 0x3B1...0x3C9: return 2
    case 0x3040...0x30FF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x3FFFF: return rare
    default: return strange
    }
  }

  // MARK: GB18030

  private mutating func weighGB18030(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var i = range.lowerBound
    while i < range.upperBound {
      let lead = bytes[i]
      guard lead >= 0x80 else {
        i += 1
        continue
      }
      let trail = i + 1 < range.upperBound ? bytes[i + 1] : 0
      switch (lead, trail) {
      // GB 2312: punctuation and wide forms, common characters, rarer characters.
      case (0xA1...0xA3, 0xA1...0xFE): i += 2
      case (0xB0...0xD7, 0xA1...0xFE):
        gb18030 += loneliness(bytes, i, range)
        i += 2
      case (0xD8...0xF7, 0xA1...0xFE):
        gb18030 += Self.rare + loneliness(bytes, i, range)
        i += 2
      // Characters added by GBK.
      case (0x81...0xFE, 0x40...0x7E), (0x81...0xFE, 0x80...0xFE):
        gb18030 += Self.strange
        i += 2
      case (0x81...0xFE, 0x30...0x39)
      where i + 3 < range.upperBound && (0x81...0xFE).contains(bytes[i + 2])
        && (0x30...0x39).contains(bytes[i + 3]):
        gb18030 += Self.rare
        i += 4
      default:
        gb18030 += Self.invalid
        i += 1
      }
    }
  }

  /// Additional weight of a two-byte character that is isolated between Latin letters and digits: high with one on
  /// both sides, as `ü` in `Bühler`, low with one on one side, as `±` in `±5`.
  private func loneliness(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ range: Range<Int>) -> Int {
    let before = i > range.lowerBound ? bytes[i - 1] : 0
    let after = i + 2 < range.upperBound ? bytes[i + 2] : 0
    guard before < 0x80, after < 0x80 else { return 0 }
    switch (before.isLetter || before.isDigit, after.isLetter || after.isDigit) {
    case (true, true): return 3
    case (false, false): return 0
    default: return 1
    }
  }
}

/// The Chinese characters of GB 2312, used in nearly all names of machines.
enum CommonHan {
  /// One bit for each character from U+4E00 on.
  private static let bits: [UInt64] = {
    var bits = [UInt64](repeating: 0, count: 0x5200 / 64)
    guard let converter = iconv_open("UTF-16LE", "GB2312"), Int(bitPattern: converter) != -1 else {
      // Without the table every character counts as common; the encodings are then distinguished by scripts only.
      return [UInt64](repeating: .max, count: 0x5200 / 64)
    }
    defer { iconv_close(converter) }
    for lead in UInt8(0xB0)...0xF7 {
      for trail in UInt8(0xA1)...0xFE {
        var (source, target): ([UInt8], [UInt8]) = ([lead, trail], [0, 0])
        let isConverted = source.withUnsafeMutableBytes { source in
          target.withUnsafeMutableBytes { target in
            var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
            var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
            var (left, room) = (2, 2)
            return iconv(converter, &from, &left, &to, &room) != -1 && room == 0
          }
        }
        let place = Int(target[0]) + Int(target[1]) << 8 - 0x4E00
        if isConverted, place >= 0, place < 0x5200 { bits[place / 64] |= 1 << UInt64(place % 64) }
      }
    }
    return bits
  }()

  static func contains(_ scalar: UInt32) -> Bool {
    guard (0x4E00..<0xA000).contains(scalar) else { return false }
    let place = Int(scalar - 0x4E00)
    return bits[place / 64] & (1 << UInt64(place % 64)) != 0
  }
}

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

  /// The scalar of a valid sequence.
  static func scalar(at i: Int, length: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var scalar = UInt32(bytes[i]) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for j in (i + 1)..<(i + length) { scalar = scalar << 6 | UInt32(bytes[j]) & 0x3F }
    return scalar
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
