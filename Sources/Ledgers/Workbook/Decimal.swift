/// The form of a number in decimal digits, for instance `-12.5` or `4.2E+17`.
struct Decimal {
  /// Number of digits from the first one that is not zero.
  private var significant = 0
  /// Whether there is a decimal point or an exponent.
  private var isBroken = false

  /// Digits that a binary number of 64 bits keeps of any decimal number.
  private static let exactDigits = 15

  /// Nil if the bytes are no number.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var i = 0
    var digits = 0
    func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
    if !bytes.isEmpty, isSign(bytes[0]) { i = 1 }
    while i < bytes.count {
      let byte = bytes[i]
      if (0x30...0x39).contains(byte) {
        digits += 1
        if significant > 0 || byte != 0x30 { significant += 1 }
      } else if byte == UInt8(ascii: "."), !isBroken {
        isBroken = true
      } else {
        break
      }
      i += 1
    }
    guard digits > 0 else { return nil }
    guard i < bytes.count else { return }
    guard bytes[i] | 0x20 == UInt8(ascii: "e") else { return nil }
    isBroken = true
    i += 1
    if i < bytes.count, isSign(bytes[i]) { i += 1 }
    guard i < bytes.count, bytes[i...].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  }

  /// The number's text. Programs write binary numbers with up to 17 digits, for instance 45.299999999999997 for 45.3:
  /// such a number is written in the fewest digits that name it. The digits of whole numbers stay as they are.
  func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    if isBroken, significant > Self.exactDigits, let value = double(bytes) { return Self.text(value) }
    return String(decoding: bytes, as: UTF8.self)
  }

  func double(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    let value = Double(String(decoding: bytes, as: UTF8.self))
    return value?.isFinite == true ? value : nil
  }

  /// A binary number in the fewest digits that name it, without a decimal point if it is whole.
  static func text(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Bytes without white space around them.
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while start < end, bytes[end - 1] <= 0x20 { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  /// A whole number of at most nine digits; nil for anything else.
  static func whole(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard (1...9).contains(bytes.count) else { return nil }
    var value = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }
}
