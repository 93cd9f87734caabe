/// Converts decimal text to integer thousandths, without binary fractions.
enum Thousandths {
  /// Returns the value in thousandths of the number in `text`, which must conform to RFC 8259 section 6.
  ///
  /// Decimals after the third are rounded half up: `0.0005` is 1, `0.00049999` is 0. Returns nil if the number is
  /// negative (`-0` is not) or exceeds Int64.
  static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
    var at = 0
    let negative = text.first == UInt8(ascii: "-")
    if negative { at = 1 }

    // Most meter values have up to 15 digits, up to three decimals and no exponent.
    var value: UInt64 = 0
    var digits = 0
    var decimals = 0
    var seenPoint = false
    while at < text.count {
      let digit = text[at] &- 0x30
      if digit <= 9 {
        value = value &* 10 &+ UInt64(digit)
        digits += 1
        if seenPoint { decimals += 1 }
      } else if text[at] == UInt8(ascii: ".") {
        seenPoint = true
      } else {
        break
      }
      at += 1
    }
    guard at == text.count, digits <= 15, decimals <= 3 else { return parseAny(text, negative: negative) }
    if negative && value != 0 { return nil }
    for _ in decimals..<3 { value &*= 10 }
    return Int64(truncatingIfNeeded: value)
  }

  /// Converts any number: separates digits and exponent first.
  private static func parseAny(_ text: UnsafeRawBufferPointer, negative: Bool) -> Int64? {
    var end = text.count
    var exponent = 0
    if let e = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      end = e
      exponent = Self.exponent(text, from: e + 1)
    }
    let start = negative ? 1 : 0
    let point = text[start..<end].firstIndex(of: UInt8(ascii: ".")) ?? end
    // Number of leading digits that are whole thousandths.
    let whole = (point - start) + exponent + 3

    var value: Int64 = 0
    var position = 0
    var isZero = true
    var tooLarge = false
    var roundUp = false
    for at in start..<end where at != point {
      let digit = Int64(text[at] &- 0x30)
      if digit != 0 { isZero = false }
      if position < whole {
        tooLarge = append(digit, to: &value) || tooLarge
      } else if position == whole {
        roundUp = digit >= 5
      }
      position += 1
    }
    if negative && !isZero { return nil }
    if isZero { return 0 }
    while position < whole && !tooLarge {
      tooLarge = append(0, to: &value)
      position += 1
    }
    if tooLarge { return nil }
    let (rounded, overflow) = value.addingReportingOverflow(roundUp ? 1 : 0)
    return overflow ? nil : rounded
  }

  /// Appends a decimal digit; returns whether Int64 overflows.
  private static func append(_ digit: Int64, to value: inout Int64) -> Bool {
    let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
    let (sum, carried) = tenfold.addingReportingOverflow(digit)
    value = sum
    return overflowed || carried
  }

  /// The exponent written from `start` on, limited to a range in which sums cannot overflow: no payload has so many
  /// digits.
  private static func exponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
    var at = start
    let negative = text[at] == UInt8(ascii: "-")
    if negative || text[at] == UInt8(ascii: "+") { at += 1 }
    var value = 0
    while at < text.count, value < 1_000_000_000_000 {
      value = value * 10 + Int(text[at] &- 0x30)
      at += 1
    }
    return negative ? -value : value
  }
}
