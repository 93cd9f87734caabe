import Telemetry

/// How a source states the time of its readings.
public struct TimeRule: Equatable, Sendable {
  /// The unit of a number. Text that is written like a number is read in the same way.
  public enum Unit: Int64, CaseIterable, Sendable {
    case seconds = 1
    case milliseconds = 1000
    case microseconds = 1_000_000
    case nanoseconds = 1_000_000_000

    /// The word in the configuration.
    public var word: String {
      switch self {
      case .seconds: "s"
      case .milliseconds: "ms"
      case .microseconds: "us"
      case .nanoseconds: "ns"
      }
    }
  }

  /// The unit of numbers.
  public var unit: Unit
  /// The zone of text without an offset from UTC; nil if such text is refused.
  public var zone: LocalCalendar?

  /// A rule with the unit of numbers and the zone of text without one.
  public init(unit: Unit = .milliseconds, zone: LocalCalendar? = nil) {
    self.unit = unit
    self.zone = zone
  }

  private static let last: Int64 = 253_402_300_799_999

  /// Returns the time that a value states; nil if it states none from the years 1970 to 9999.
  ///
  /// A local time that a change of clocks repeats is the second of the two if the message was received within half an
  /// hour of it, and nearer to it than to the first: data that is sent at once. Without `received`, and for data that is
  /// sent later, it is the first.
  @inline(__always)
  public func time(_ value: FieldValue, received: Timestamp? = nil) -> Timestamp? {
    switch value {
    case .integer(let number): time(number)
    case .text(let text): Timestamp(rfc3339: text) ?? time(otherText: text, received)
    default: time(other: value)
    }
  }

  @inline(__always)
  private func time(_ number: Int64) -> Timestamp? {
    var milliseconds = number
    switch unit {
    case .milliseconds: break
    case .seconds:
      let (product, overflow) = number.multipliedReportingOverflow(by: 1000)
      if overflow { return nil }
      milliseconds = product
    case .microseconds, .nanoseconds:
      if number < 0 { return nil }
      milliseconds = number / (unit.rawValue / 1000)
    }
    guard milliseconds >= 0, milliseconds <= Self.last else { return nil }
    return Timestamp(milliseconds: milliseconds)
  }

  @inline(never)
  private func time(other value: FieldValue) -> Timestamp? {
    switch value {
    case .decimal, .double:
      guard let thousandths = value.thousandths else { return largeTime(value) }
      let milliseconds = thousandths / unit.rawValue
      return milliseconds <= Self.last ? Timestamp(milliseconds: milliseconds) : nil
    default: return nil
    }
  }

  /// The time of a number whose thousandths exceed Int64, such as nanoseconds with an exponent. A double has them to a
  /// quarter of a microsecond.
  private func largeTime(_ value: FieldValue) -> Timestamp? {
    let number: Double? =
      switch value {
      case .double(let number): number
      case .decimal(let text): PlainNumber.double(text)
      default: nil
      }
    guard let number,
      let milliseconds = Int64(exactly: (number / Double(unit.rawValue) * 1000).rounded(.down)),
      (0...Self.last).contains(milliseconds)
    else { return nil }
    return Timestamp(milliseconds: milliseconds)
  }

  @inline(never)
  private func time(otherText text: UnsafeRawBufferPointer, _ received: Timestamp?) -> Timestamp? {
    let text = text.trimmed
    if PlainNumber.isNumber(text) {
      return PlainNumber.integer(text).map(time) ?? time(other: .decimal(text))
    }
    guard let first = LocalTimeText.time(text, zone: zone), let zone, let received,
      let second = zone.repetition(of: first), LocalTimeText.isLocal(text)
    else { return LocalTimeText.time(text, zone: zone) }
    let (sinceFirst, sinceSecond) = (received - first, received - second)
    let isNearer = abs(sinceSecond.milliseconds) < abs(sinceFirst.milliseconds)
    return isNearer && abs(sinceSecond.milliseconds) <= Self.atOnce.milliseconds ? second : first
  }

  /// Maximum time from a reading to its receipt, and back, if it is sent at once.
  private static let atOnce = Span.minutes(30)

  /// The likely fault of a value that states no time.
  func fault(of value: FieldValue, receivedAt: Timestamp) -> Fault {
    switch value {
    case .text(let text): TimeFault.of(text: text)
    case .integer(let number):
      number < 0 ? .negative : TimeUnit.of(number, near: receivedAt) ?? .outOfRange
    case .double, .decimal, .unsigned: value.numberFault
    case .null: .unspecified
    case .boolean, .alarms: .wrongType
    case .unreadable(let fault): fault
    }
  }
}

/// Times as text other than RFC 3339: `yyyy-MM-dd HH:mm:ss`, also with `T` or two spaces for the space, `/` for the
/// hyphens, a fraction after `.` or `,`, and an offset such as `Z`, `+08:00` or `+0800`.
enum LocalTimeText {
  /// The time; nil if the text has another form, or has no offset and no zone is declared. A time that a change of
  /// clocks skips is the first after the gap, one that it repeats the first of the two.
  static func time(_ text: UnsafeRawBufferPointer, zone: LocalCalendar?) -> Timestamp? {
    var at = 0
    func digits(_ count: ClosedRange<Int>) -> Int? {
      var value = 0
      let start = at
      while at < text.count, at - start < count.upperBound, text[at] &- 0x30 <= 9 {
        value = value * 10 + Int(text[at] &- 0x30)
        at += 1
      }
      return at - start >= count.lowerBound ? value : nil
    }
    func take(_ bytes: String) -> Bool {
      guard at < text.count, bytes.utf8.contains(text[at]) else { return false }
      at += 1
      return true
    }
    guard let year = digits(4...4), take("-/"), let month = digits(1...2), take("-/"),
      let dayOfMonth = digits(1...2), let day = CalendarDay(year: year, month: month, day: dayOfMonth),
      take(" Tt")
    else { return nil }
    while take(" ") {}
    guard let hour = digits(1...2), hour <= 23, take(":"), let minute = digits(2...2), minute <= 59 else {
      return nil
    }
    var milliseconds = 0
    if take(":") {
      guard let second = digits(2...2), second <= 59 else { return nil }
      milliseconds = second * 1000
      if take(".,") {
        let start = at
        guard let fraction = digits(1...3) else { return nil }
        milliseconds += [100, 10, 1][at - start - 1] * fraction
        _ = digits(0...15)
      }
    }
    while take(" ") {}
    let clock = hour * 60 + minute
    let result: Timestamp
    if at == text.count {
      guard let zone else { return nil }
      result = zone.instant(on: day, minute: clock) + .milliseconds(Int64(milliseconds))
    } else {
      guard let offset = offset(text, at) else { return nil }
      let minutes = Int64(day.number) * 1440 + Int64(clock - offset)
      result = Timestamp(milliseconds: minutes * 60_000 + Int64(milliseconds))
    }
    return result.milliseconds >= 0 ? result : nil
  }

  /// Whether a text that states a time has no offset.
  static func isLocal(_ text: UnsafeRawBufferPointer) -> Bool { time(text, zone: nil) == nil }

  /// Minutes of the offset that fills the text from `at` on: `Z`, `±hh`, `±hhmm` or `±hh:mm`.
  private static func offset(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    let rest = text[at...]
    guard let sign = rest.first else { return nil }
    if sign | 0x20 == UInt8(ascii: "z") { return rest.count == 1 ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let digits = rest.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 2 || digits.count == 4, rest.count <= 6, digits.allSatisfy({ $0 &- 0x30 <= 9 })
    else {
      return nil
    }
    let numbers = digits.map { Int($0 &- 0x30) }
    let hours = numbers[0] * 10 + numbers[1]
    let minutes = numbers.count == 4 ? numbers[2] * 10 + numbers[3] : 0
    guard hours <= 23, minutes <= 59 else { return nil }
    return sign == UInt8(ascii: "-") ? -(hours * 60 + minutes) : hours * 60 + minutes
  }
}
