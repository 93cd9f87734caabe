import Telemetry

/// Splits a payload into its text and the numbers in it, so that messages of one kind share the text.
///
/// In the text, a mark takes the place of each number:
///
///     0x01 n   n digits, the first of several a zero
///     0x02     local time to the millisecond, as RFC 3339 writes it before the offset; in milliseconds
///     0x03     the same to the second; in seconds
///     0x04 n   a number with n decimals, one to three; in thousandths
///     0x05     a whole number without leading zeros
///
/// A payload that contains such bytes itself, or more numbers than ``mostNumbers``, is stored whole after 0x00: every
/// position of a number in any payload needs a column.
package enum PayloadTemplate {
  private static let whole: UInt8 = 0
  private static let padded: UInt8 = 1
  private static let milliseconds: UInt8 = 2
  private static let seconds: UInt8 = 3
  private static let decimal: UInt8 = 4
  private static let integer: UInt8 = 5
  private static let mostDigits = 18
  /// Maximum number of numbers extracted from one payload.
  package static let mostNumbers = 128
  /// Thousandths in the last of one, two or three decimals.
  private static let units: [Int64] = [100, 10, 1]

  /// Takes a payload apart, adding to `text` and `numbers`.
  package static func split(_ payload: UnsafeRawBufferPointer, text: inout [UInt8], numbers: inout [Int64]) {
    guard payload.allSatisfy({ $0 > integer }) else {
      text.append(whole)
      text.append(contentsOf: payload)
      return
    }
    let (startOfText, startOfNumbers) = (text.count, numbers.count)
    var at = 0
    while at < payload.count {
      guard isDigit(payload[at]) else {
        text.append(payload[at])
        at += 1
        continue
      }
      guard numbers.count - startOfNumbers < mostNumbers else {
        text.removeSubrange(startOfText...)
        numbers.removeSubrange(startOfNumbers...)
        text.append(whole)
        text.append(contentsOf: payload)
        return
      }
      if let (value, length, mark) = time(payload, at) {
        text.append(mark)
        numbers.append(value)
        at += length
        continue
      }
      at = number(payload, at, &text, &numbers)
    }
  }

  /// Puts a payload together again, taking its numbers from `next`.
  package static func join(
    _ text: ArraySlice<UInt8>, into payload: inout [UInt8], next: () throws(StoreError) -> Int64
  ) throws(StoreError) {
    guard text.first != whole else {
      payload.append(contentsOf: text.dropFirst())
      return
    }
    var at = text.startIndex
    while at < text.endIndex {
      switch text[at] {
      case padded:
        at += 1
        guard at < text.endIndex, (1...mostDigits).contains(Int(text[at])) else { throw ByteCursor.damage }
        try append(digits: try next(), width: Int(text[at]), to: &payload)
      case milliseconds:
        let value = try next()
        try append(time: Int64.floored(value, 1000).quotient, to: &payload)
        payload.append(0x2E)
        try append(digits: Int64.floored(value, 1000).remainder, width: 3, to: &payload)
      case seconds: try append(time: try next(), to: &payload)
      case decimal:
        let value = try next()
        at += 1
        guard value >= 0, at < text.endIndex, (1...3).contains(text[at]) else { throw ByteCursor.damage }
        append(integer: value / 1000, to: &payload)
        payload.append(0x2E)
        let unit = units[Int(text[at]) - 1]
        guard value % 1000 % unit == 0 else { throw ByteCursor.damage }
        try append(digits: value % 1000 / unit, width: Int(text[at]), to: &payload)
      case integer:
        let value = try next()
        guard value >= 0 else { throw ByteCursor.damage }
        append(integer: value, to: &payload)
      case let byte: payload.append(byte)
      }
      at += 1
    }
  }

  // MARK: -

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Takes the number at `start`; returns where it ends.
  private static func number(
    _ payload: UnsafeRawBufferPointer, _ start: Int, _ text: inout [UInt8], _ numbers: inout [Int64]
  ) -> Int {
    var end = start
    var value: Int64 = 0
    while end < payload.count, end - start < mostDigits, isDigit(payload[end]) {
      value = value * 10 + Int64(payload[end] - 0x30)
      end += 1
    }
    let isPadded = payload[start] == 0x30 && end - start > 1
    if isPadded {
      text.append(padded)
      text.append(UInt8(end - start))
      numbers.append(value)
      return end
    }
    if end - start <= 15, let (fraction, decimals) = fraction(payload, end) {
      text.append(decimal)
      text.append(UInt8(decimals))
      numbers.append(value * 1000 + fraction)
      return end + 1 + decimals
    }
    text.append(integer)
    numbers.append(value)
    return end
  }

  /// A point and one to three decimals at `at`, in thousandths.
  private static func fraction(_ payload: UnsafeRawBufferPointer, _ at: Int) -> (Int64, decimals: Int)? {
    guard at < payload.count, payload[at] == 0x2E else { return nil }
    var end = at + 1
    var value: Int64 = 0
    while end < payload.count, isDigit(payload[end]) {
      guard end - at <= 3 else { return nil }
      value = value * 10 + Int64(payload[end] - 0x30)
      end += 1
    }
    let decimals = end - at - 1
    return decimals > 0 ? (value * units[decimals - 1], decimals) : nil
  }

  /// `2026-11-22T08:00:00` at `at`, with or without three decimals.
  private static func time(
    _ payload: UnsafeRawBufferPointer, _ at: Int
  ) -> (value: Int64, length: Int, mark: UInt8)? {
    guard payload.count - at >= 19, payload[at + 4] == 0x2D, payload[at + 7] == 0x2D,
      payload[at + 10] == 0x54, payload[at + 13] == 0x3A, payload[at + 16] == 0x3A,
      let year = digits(payload, at, 4), let month = digits(payload, at + 5, 2),
      let day = digits(payload, at + 8, 2), let hour = digits(payload, at + 11, 2),
      let minute = digits(payload, at + 14, 2), let second = digits(payload, at + 17, 2),
      hour < 24, minute < 60, second < 60,
      let date = CalendarDay(year: Int(year), month: Int(month), day: Int(day))
    else { return nil }
    let value = Int64(date.number) * 86_400 + hour * 3600 + minute * 60 + second
    guard payload.count - at >= 23, payload[at + 19] == 0x2E, let fraction = digits(payload, at + 20, 3),
      payload.count - at == 23 || !isDigit(payload[at + 23])
    else { return (value, 19, seconds) }
    return (value * 1000 + fraction, 23, milliseconds)
  }

  private static func digits(_ payload: UnsafeRawBufferPointer, _ at: Int, _ count: Int) -> Int64? {
    var value: Int64 = 0
    for offset in at..<at + count {
      guard isDigit(payload[offset]) else { return nil }
      value = value * 10 + Int64(payload[offset] - 0x30)
    }
    return value
  }

  private static func append(integer value: Int64, to payload: inout [UInt8]) {
    payload.append(contentsOf: String(value).utf8)
  }

  private static func append(
    digits value: Int64, width: Int, to payload: inout [UInt8]
  ) throws(StoreError) {
    guard value >= 0 else { throw ByteCursor.damage }
    let start = payload.count
    var rest = value
    for _ in 0..<width {
      payload.append(UInt8(rest % 10) + 0x30)
      rest /= 10
    }
    guard rest == 0 else { throw ByteCursor.damage }
    payload[start...].reverse()
  }

  private static func append(time seconds: Int64, to payload: inout [UInt8]) throws(StoreError) {
    let (days, rest) = Int64.floored(seconds, 86_400)
    guard let number = Int32(exactly: days) else { throw ByteCursor.damage }
    let (year, month, day) = CalendarDay(number: number).civil
    let parts: [(Int64, Int, UInt8)] = [
      (Int64(year), 4, 0x2D), (Int64(month), 2, 0x2D), (Int64(day), 2, 0x54), (rest / 3600, 2, 0x3A),
      (rest / 60 % 60, 2, 0x3A),
    ]
    for (value, width, separator) in parts {
      try append(digits: value, width: width, to: &payload)
      payload.append(separator)
    }
    try append(digits: rest % 60, width: 2, to: &payload)
  }
}

extension Int64 {
  /// Division that rounds down, with a remainder that is never negative.
  fileprivate static func floored(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
