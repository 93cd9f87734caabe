/// Instants as text, by RFC 3339 section 5.6, without Foundation: every message's `ts` is parsed here.
extension Timestamp {
  /// 9999-12-31T23:59:59.999Z, the last instant RFC 3339 can write in UTC.
  private static let lastWritable = Timestamp(milliseconds: 253_402_300_799_999)
  /// 0001-01-01T00:00:00.000Z, the first instant a ``CalendarDay`` can name.
  private static let firstWritable = Timestamp(milliseconds: -62_135_596_800_000)

  /// The instant written in RFC 3339's `date-time`, or nil.
  ///
  /// An offset is required: `Z`, `z` or `±hh:mm` up to 23:59 (`-00:00` is UTC); the `T` may be lower case, a
  /// space may not stand for it. A fraction of any length is truncated to milliseconds. Second 60 is accepted
  /// only where UTC can have a leap second, in the last minute of a month, and means the start of the next
  /// second, as ``Timestamp`` has no leap seconds. Only instants from 1970-01-01T00:00:00Z to
  /// 9999-12-31T23:59:59.999Z are accepted: nothing earlier can be telemetry.
  public init?(rfc3339 bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    // The shortest is 1970-01-01T00:00:00Z.
    guard count >= 20 else { return nil }
    var wrong: UInt8 = 0
    let year = Self.pair(bytes, 0, &wrong) * 100 + Self.pair(bytes, 2, &wrong)
    let month = Self.pair(bytes, 5, &wrong)
    let day = Self.pair(bytes, 8, &wrong)
    let hour = Self.pair(bytes, 11, &wrong)
    let minute = Self.pair(bytes, 14, &wrong)
    let second = Self.pair(bytes, 17, &wrong)
    guard wrong == 0, bytes[4] == Self.hyphen, bytes[7] == Self.hyphen, bytes[10] | 0x20 == Self.lowerT,
      bytes[13] == Self.colon, bytes[16] == Self.colon,
      hour <= 23, minute <= 59, second <= 60,
      let date = CalendarDay(year: year, month: month, day: day)
    else { return nil }

    var at = 19
    guard let fraction = Self.fraction(bytes, &at), let offset = Self.offset(bytes, at) else { return nil }
    let minutes = Int64(date.number) * 1440 + Int64(hour * 60 + minute) - Int64(offset)
    var result = minutes * 60_000 + Int64(second * 1000)
    if second < 60 {
      result += Int64(fraction)
    } else {
      guard minutes % 1440 == 1439,
        CalendarDay(number: Int32(truncatingIfNeeded: minutes / 1440 + 1)).civil.day == 1
      else { return nil }
    }
    guard (0...Self.lastWritable.milliseconds).contains(result) else { return nil }
    self.init(milliseconds: result)
  }

  /// The instant written in RFC 3339's `date-time`, or nil; see ``init(rfc3339:)``.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    let parsed = text.withUTF8 { Timestamp(rfc3339: UnsafeRawBufferPointer($0)) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The instant in UTC with milliseconds, such as `2026-11-22T00:00:00.000Z`; see ``rfc3339(offset:)``.
  public var rfc3339: String { Self.text(of: self, offsetMinutes: nil) }

  /// The instant in local time with milliseconds, such as `2026-11-22T08:00:00.000+08:00`.
  ///
  /// An offset is written in whole minutes up to ±23:59, as RFC 3339 has no more; seconds in it are dropped
  /// from clock and offset alike, so that the text always names this instant. Instants whose local time is
  /// outside the years 0001 to 9999 are written as the nearest one inside.
  public func rfc3339(offset: Span) -> String {
    Self.text(of: self, offsetMinutes: max(-1439, min(1439, offset.milliseconds / 60_000)))
  }

  // MARK: Parsing

  private static let hyphen = UInt8(ascii: "-")
  private static let colon = UInt8(ascii: ":")
  private static let lowerT = UInt8(ascii: "t")

  /// The number of two digits at `at`; when they are none, sets the top bit of `wrong` (without a branch).
  @inline(__always)
  private static func pair(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ wrong: inout UInt8) -> Int {
    let tens = bytes[at] &- 0x30
    let ones = bytes[at + 1] &- 0x30
    // 0x76 lifts what is above 9 to 0x80 and beyond, unless it is there already.
    wrong |= (tens | (tens &+ 0x76) | ones | (ones &+ 0x76)) & 0x80
    return Int(tens) * 10 + Int(ones)
  }

  /// Milliseconds of the fraction at `at`, 0 when there is none; nil when it has no digits. Moves `at` on.
  @inline(__always)
  private static func fraction(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
    guard bytes[at] == UInt8(ascii: ".") else { return 0 }
    let start = at + 1
    at = start
    var milliseconds = 0
    var weight = 100
    while at < bytes.count {
      let digit = bytes[at] &- 0x30
      if digit > 9 { break }
      milliseconds += Int(digit) * weight
      weight /= 10
      at += 1
    }
    return at > start ? milliseconds : nil
  }

  /// Minutes of the offset that must fill `bytes` from `at` on, or nil.
  @inline(__always)
  private static func offset(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    let rest = bytes.count - at
    if rest == 1 { return bytes[at] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
    guard rest == 6, bytes[at + 3] == colon else { return nil }
    var wrong: UInt8 = 0
    let hours = pair(bytes, at + 1, &wrong)
    let minutes = pair(bytes, at + 4, &wrong)
    guard wrong == 0, hours <= 23, minutes <= 59 else { return nil }
    switch bytes[at] {
    case UInt8(ascii: "+"): return hours * 60 + minutes
    case hyphen: return -(hours * 60 + minutes)
    default: return nil
    }
  }

  // MARK: Formatting

  /// The text of an instant at an offset in minutes; nil writes `Z`.
  private static func text(of instant: Timestamp, offsetMinutes: Int64?) -> String {
    let offset = (offsetMinutes ?? 0) * 60_000
    let local =
      min(max(instant.milliseconds, firstWritable.milliseconds - offset), lastWritable.milliseconds - offset)
      + offset
    let days = local >= 0 ? local / 86_400_000 : -((-local + 86_399_999) / 86_400_000)
    let ofDay = Int(local - days * 86_400_000)
    let (year, month, day) = CalendarDay(number: Int32(truncatingIfNeeded: days)).civil

    return String(unsafeUninitializedCapacity: 29) { buffer in
      var count = 0
      func write(_ value: Int, digits: Int, then separator: Unicode.Scalar? = nil) {
        var value = value
        for at in stride(from: count + digits - 1, through: count, by: -1) {
          buffer[at] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
          value /= 10
        }
        count += digits
        if let separator { write(separator) }
      }
      func write(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: character)
        count += 1
      }
      write(year, digits: 4, then: "-")
      write(month, digits: 2, then: "-")
      write(day, digits: 2, then: "T")
      write(ofDay / 3_600_000, digits: 2, then: ":")
      write(ofDay / 60_000 % 60, digits: 2, then: ":")
      write(ofDay / 1000 % 60, digits: 2, then: ".")
      write(ofDay % 1000, digits: 3)
      guard let offsetMinutes else {
        write("Z")
        return count
      }
      write(offsetMinutes < 0 ? "-" : "+")
      write(Int(abs(offsetMinutes)) / 60, digits: 2, then: ":")
      write(Int(abs(offsetMinutes)) % 60, digits: 2)
      return count
    }
  }
}
