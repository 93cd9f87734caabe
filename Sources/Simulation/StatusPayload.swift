import Telemetry

/// Writes payloads byte by byte, without Foundation.
struct StatusPayload {
  private var bytes: [UInt8] = []
  /// `YYYY-MM-DDT` of the day written last, because consecutive messages usually share it.
  private var date: (day: CalendarDay, text: [UInt8]) = (CalendarDay(number: .min), [])

  /// Begins a payload.
  mutating func begin() {
    bytes = []
    bytes.reserveCapacity(224)
  }

  /// The payload.
  func finished() -> [UInt8] { bytes }

  mutating func text(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends a decimal number with a minimum number of digits.
  mutating func number(_ value: UInt64, digits: Int = 1) {
    var value = value
    let start = bytes.count
    var count = 0
    repeat {
      bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
      value /= 10
      count += 1
    } while value > 0 || count < digits
    bytes[start...].reverse()
  }

  /// Appends thousandths as a decimal fraction: 1523250 becomes 1523.250.
  mutating func thousandths(_ value: Int64) {
    number(UInt64(value / 1000))
    bytes.append(UInt8(ascii: "."))
    number(UInt64(value % 1000), digits: 3)
  }

  /// Appends eight hexadecimal digits.
  mutating func hexadecimal(_ value: UInt32) {
    for shift in stride(from: 28, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: value >> UInt32(shift)) & 0xF
      bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }

  /// Appends an RFC 3339 time with milliseconds and +08:00.
  mutating func time(_ instant: Timestamp) {
    let local = LocalTime(instant)
    if local.day != date.day { date = (local.day, Array("\(local.day)T".utf8)) }
    bytes.append(contentsOf: date.text)
    let ofDay = UInt64(local.ofDay)
    number(ofDay / 3_600_000, digits: 2)
    text(":")
    number(ofDay / 60_000 % 60, digits: 2)
    text(":")
    number(ofDay / 1000 % 60, digits: 2)
    text(".")
    number(ofDay % 1000, digits: 3)
    text("+08:00")
  }
}
