import Foundation
import Telemetry
import TestSupport
import Testing

@Suite("RFC 3339 timestamps")
struct RFC3339Tests {
  @Test(
    "a date-time with an offset is an instant",
    arguments: [
      ("1970-01-01T00:00:00Z", 0),
      ("1970-01-01T00:00:00.001Z", 1),
      ("2026-11-22T08:00:00.000+08:00", 1_795_305_600_000),
      ("2026-11-22T00:00:00Z", 1_795_305_600_000),
      ("2026-11-22t00:00:00z", 1_795_305_600_000),
      ("2026-11-22T00:00:00-00:00", 1_795_305_600_000),
      ("2026-11-22T23:59:00+23:59", 1_795_305_600_000),
      ("2026-11-21T00:01:00-23:59", 1_795_305_600_000),
      ("2026-11-22T05:30:00+05:30", 1_795_305_600_000),
      ("2026-11-21T14:15:00-09:45", 1_795_305_600_000),
      ("2026-11-22T00:00:00.1Z", 1_795_305_600_100),
      ("2026-11-22T00:00:00.12Z", 1_795_305_600_120),
      ("2026-11-22T00:00:00.1239Z", 1_795_305_600_123),
      ("2026-11-22T00:00:00.999999999Z", 1_795_305_600_999),
      ("2026-11-22T00:00:00.00000000000000000001Z", 1_795_305_600_000),
      ("2024-02-29T12:00:00Z", 1_709_208_000_000),
      ("2000-02-29T00:00:00Z", 951_782_400_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      // As written before 1970 or after 9999, but not as an instant.
      ("1969-12-31T23:00:00-01:00", 0),
      ("1970-01-01T08:00:00+08:00", 0),
    ] as [(String, Int64)])
  func accepted(text: String, milliseconds: Int64) {
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test(
    "second 60 at the end of a UTC month is the start of the next second, wherever the clock hangs",
    arguments: [
      ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
      ("2016-12-31T23:59:60.999Z", "2017-01-01T00:00:00.000Z"),
      ("2017-01-01T07:59:60+08:00", "2017-01-01T00:00:00.000Z"),
      ("2015-06-30T15:59:60-08:00", "2015-07-01T00:00:00.000Z"),
      ("2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z"),
    ])
  func leapSecond(text: String, instant: String) {
    #expect(Timestamp(text)?.rfc3339 == instant)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", "Z", "2026-11-22", "2026-11-22T08:00Z", "2026-11-22T08:00:00", "2026-11-22T08:00:00.000",
      "2026-11-22 08:00:00Z", "2026-11-22_08:00:00Z", "20261122T080000Z", "2026-11-22T080000Z00",
      "2026-11-22T08:00:00.Z", "2026-11-22T08:00:00,5Z", "2026-11-22T08:00:00.+08:00",
      "2026-11-22T08:00:00.5",
      "2026-11-22T08:00:00+08", "2026-11-22T08:00:00+0800", "2026-11-22T08:00:00+8:00",
      "2026-11-22T08:00:00+08:0",
      "2026-11-22T08:00:00+08:000", "2026-11-22T08:00:00+24:00", "2026-11-22T08:00:00+08:60",
      "2026-11-22T08:00:00*08:00", "2026-11-22T08:00:00Zx", "2026-11-22T08:00:00ZZ", "2026-11-22T08:00:00Z ",
      " 2026-11-22T08:00:00Z", "2026-11-22T08:00:00 Z", "2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z",
      "2026-11-22T08:00:61Z", "2026-11-22T08:00:60Z", "2026-11-22T23:59:60Z", "2016-12-31T23:59:60+08:00",
      "2026-00-22T08:00:00Z", "2026-13-22T08:00:00Z", "2026-11-00T08:00:00Z", "2026-11-31T08:00:00Z",
      "2026-02-29T08:00:00Z", "2100-02-29T08:00:00Z", "2026-1a-22T08:00:00Z", "2026-11-22T0/:00:00Z",
      "2026-11-22T0::00:00Z", "+026-11-22T08:00:00Z", "-026-11-22T08:00:00Z", "12026-11-22T08:00:00Z",
      "0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
      "9999-12-31T23:59:60Z", "２026-11-22T08:00:00Z", "2026-11-22T08:00:00−08:00",
      "2026-11-22T08:00:00\u{0}Z",
      "2026-11-22T08:00:00.5e1Z", "2026-W47-7T08:00:00Z", "2026-326T08:00:00.00Z", "now", "1795305600000",
    ])
  func refused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("no byte but a digit passes for one, at any place of a digit")
  func digits() {
    let text = Array("2026-11-22T08:00:00.000+08:00".utf8)
    var wrong: [String] = []
    for (place, byte) in text.enumerated() where (0x30...0x39).contains(byte) {
      for other in UInt8.min...UInt8.max where !(0x30...0x39).contains(other) {
        var mutated = text
        mutated[place] = other
        // A fraction may end early, but only where the offset begins.
        if mutated.withUnsafeBytes({ Timestamp(rfc3339: $0) }) != nil { wrong.append("\(place): \(other)") }
      }
    }
    #expect(wrong == [])
  }

  @Test("an instant is written in UTC or at an offset, always with milliseconds")
  func written() {
    let instant = Timestamp(milliseconds: 1_795_305_600_007)
    #expect(instant.rfc3339 == "2026-11-22T00:00:00.007Z")
    #expect(instant.rfc3339(offset: .hours(8)) == "2026-11-22T08:00:00.007+08:00")
    #expect(instant.rfc3339(offset: .zero) == "2026-11-22T00:00:00.007+00:00")
    #expect(instant.rfc3339(offset: .minutes(-570)) == "2026-11-21T14:30:00.007-09:30")
    #expect(instant.rfc3339(offset: .minutes(345)) == "2026-11-22T05:45:00.007+05:45")
    #expect(Timestamp(milliseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
    #expect(Timestamp(milliseconds: -86_400_000).rfc3339 == "1969-12-31T00:00:00.000Z")
  }

  @Test("an offset that RFC 3339 cannot write still names the same instant")
  func oddOffsets() {
    let instant = Timestamp(milliseconds: 1_795_305_600_000)
    #expect(instant.rfc3339(offset: .seconds(29_143)) == "2026-11-22T08:05:00.000+08:05")
    #expect(instant.rfc3339(offset: .seconds(-29_143)) == "2026-11-21T15:55:00.000-08:05")
    #expect(instant.rfc3339(offset: .hours(30)) == "2026-11-22T23:59:00.000+23:59")
    #expect(instant.rfc3339(offset: .hours(-30)) == "2026-11-21T00:01:00.000-23:59")
  }

  @Test("instants beyond four-digit years are written as the nearest inside")
  func farInstants() {
    #expect(Timestamp.distantFuture.rfc3339 == "9999-12-31T23:59:59.999Z")
    #expect(Timestamp.distantPast.rfc3339 == "0001-01-01T00:00:00.000Z")
    #expect(Timestamp.distantFuture.rfc3339(offset: .hours(8)) == "9999-12-31T23:59:59.999+08:00")
    #expect(Timestamp.distantPast.rfc3339(offset: .hours(-8)) == "0001-01-01T00:00:00.000-08:00")
  }

  @Test("10,000 random instants are read as Foundation reads them, and read back as written")
  func likeFoundation() throws {
    var random = SeededGenerator(seed: 3339)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    var wrong: [String] = []
    for _ in 0..<10_000 {
      // 1970-01-02 … 2199-12-31, so that no offset leaves what is accepted.
      let instant = Timestamp(milliseconds: Int64.random(in: 86_400_000...7_258_032_000_000, using: &random))
      let offset = Span.minutes(Int64.random(in: -720...840, using: &random))
      for text in [instant.rfc3339, instant.rfc3339(offset: offset)] {
        let foundation = Int64((try style.parse(text).timeIntervalSince1970 * 1000).rounded())
        if Timestamp(text) != instant || foundation != instant.milliseconds { wrong.append(text) }
      }
      let formatted = style.format(Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000))
      if Timestamp(formatted).map({ abs($0.milliseconds - instant.milliseconds) <= 1 }) != true {
        wrong.append(formatted)
      }
    }
    #expect(wrong == [])
  }
}
