import Foundation
import Telemetry
import Testing

@Suite("Calendar days")
struct CalendarDayTests {
  @Test(
    "a date is its number of days since 1970-01-01",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("1970-03-01", 59), ("1972-02-29", 789), ("2000-02-29", 11_016),
      ("2000-03-01", 11_017), ("2026-11-22", 20_779), ("2100-02-28", 47_540), ("2100-03-01", 47_541),
      ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
    ] as [(String, Int32)])
  func number(text: String, number: Int32) throws {
    let day = try #require(CalendarDay(text))
    #expect(day.number == number)
    #expect(CalendarDay(number: number).description == text)
  }

  @Test("every day from 0001 to 9999 follows the one before and reads back")
  func everyDay() throws {
    var (year, month, day) = (1, 1, 1)
    var wrong: [String] = []
    for number in Int32(-719_162)...2_932_896 {
      let civil = CalendarDay(number: number).civil
      if civil != (year, month, day) || CalendarDay(year: year, month: month, day: day)?.number != number {
        wrong.append("\(number): \(civil), expected \(year)-\(month)-\(day)")
        if wrong.count > 3 { break }
      }
      day += 1
      if day > CalendarDay.length(ofMonth: month, year: year) { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
    }
    #expect(wrong == [])
    #expect((year, month, day) == (10_000, 1, 1))
  }

  @Test("February has 29 days in years divisible by 4, but by 100 only when by 400 too")
  func leapYears() {
    #expect(
      [2023, 2024, 1900, 2000, 2100].map { CalendarDay.length(ofMonth: 2, year: $0) } == [28, 29, 28, 29, 28])
    #expect(
      (1...12).map { CalendarDay.length(ofMonth: $0, year: 2026) } == [
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
      ])
  }

  @Test(
    "what is no date in the form YYYY-MM-DD is refused",
    arguments: [
      "", "2026-11-2", "2026-11-222", "2026/11/22", "20261122", "2026-1-022", "2026-13-01", "2026-00-01",
      "2026-01-00",
      "2026-01-32", "2026-02-29", "2024-02-30", "2026-04-31", "0000-01-01", "-026-01-01", "+026-01-01",
      " 026-01-01",
      "2026-11-2a", "２０２６-11-22", "2026-11-22T",
    ])
  func refused(text: String) {
    #expect(CalendarDay(text) == nil)
  }

  @Test("days add, subtract and compare, and stop at the ends of what can be held")
  func arithmetic() throws {
    let day = try #require(CalendarDay("2024-02-28"))
    #expect((day + 2).description == "2024-03-01")
    #expect((day - 59).description == "2023-12-31")
    #expect(day < day + 1)
    #expect(CalendarDay(number: .max) + 1 == CalendarDay(number: .max))
    #expect(CalendarDay(number: .min) - 1 == CalendarDay(number: .min))
    #expect(day + Int.max == CalendarDay(number: .max))
    #expect(day + Int.min == CalendarDay(number: .min))
    #expect(day - Int.min == CalendarDay(number: .max))
    #expect(day - Int.max == CalendarDay(number: .min))
  }

  @Test("years that are not four digits are written whole")
  func farDescriptions() {
    #expect(CalendarDay(number: 2_932_897).description == "10000-01-01")
    #expect(CalendarDay(number: -719_163).description == "0000-12-31")
    #expect(CalendarDay(number: -719_529).description == "-0001-12-31")
  }
}

@Suite("Local calendars")
struct LocalCalendarTests {
  /// A zone for each oddity: none; daylight saving either side of the equator; half and quarter hours; a
  /// changed standard time; a skipped day; transitions at local midnight, forward and back.
  static let zones = [
    "UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Asia/Pyongyang", "Europe/Moscow", "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut", "America/Havana",
    "Africa/Casablanca", "Pacific/Kiritimati", "America/Santiago",
  ]

  @Test("an unknown zone is refused", arguments: ["", "Mars/Olympus", "Asia/Chongqing City"])
  func unknown(identifier: String) {
    #expect(LocalCalendar(identifier: identifier) == nil)
  }

  @Test("a day in Shanghai begins at 16:00 UTC")
  func shanghai() throws {
    let calendar = try #require(LocalCalendar(identifier: "Asia/Shanghai"))
    let day = try #require(CalendarDay("2026-11-22"))
    let start = try #require(Timestamp("2026-11-21T16:00:00Z"))
    #expect(calendar.identifier == "Asia/Shanghai")
    #expect(calendar.start(of: day) == start)
    #expect(calendar.day(at: start) == day)
    #expect(calendar.day(at: start - .milliseconds(1)) == day - 1)
    #expect(calendar.offset(at: start) == .hours(8))
  }

  @Test("before 1970 and in far years days are still cut at midnight")
  func farInstants() throws {
    let utc = LocalCalendar.utc
    #expect(utc.day(at: Timestamp(milliseconds: -1)) == CalendarDay(number: -1))
    #expect(utc.day(at: Timestamp(milliseconds: -86_400_000)) == CalendarDay(number: -1))
    #expect(utc.day(at: Timestamp(milliseconds: -86_400_001)) == CalendarDay(number: -2))
    #expect(utc.day(at: .distantPast) == CalendarDay(number: .min))
    #expect(utc.day(at: .distantFuture) == CalendarDay(number: .max))
    #expect(utc.start(of: CalendarDay(number: -1)) == Timestamp(milliseconds: -86_400_000))
  }

  @Test("the day after clocks go back begins at its own midnight")
  func clocksGoBack() throws {
    let berlin = try #require(LocalCalendar(identifier: "Europe/Berlin"))
    let sunday = try #require(CalendarDay("2026-10-25"))
    #expect(berlin.start(of: sunday).rfc3339 == "2026-10-24T22:00:00.000Z")
    #expect(berlin.start(of: sunday + 1).rfc3339 == "2026-10-25T23:00:00.000Z")
    #expect(berlin.start(of: sunday + 1) - berlin.start(of: sunday) == .hours(25))
  }

  @Test("a midnight that a gap swallows is the first instant after the gap")
  func swallowedMidnight() throws {
    let beirut = try #require(LocalCalendar(identifier: "Asia/Beirut"))
    let sunday = try #require(CalendarDay("2026-03-29"))
    #expect(beirut.start(of: sunday).rfc3339(offset: .hours(3)) == "2026-03-29T01:00:00.000+03:00")
    #expect(beirut.start(of: sunday + 1) - beirut.start(of: sunday) == .hours(23))
  }

  @Test("a date that the zone skipped has no length")
  func skippedDate() throws {
    let apia = try #require(LocalCalendar(identifier: "Pacific/Apia"))
    let skipped = try #require(CalendarDay("2011-12-30"))
    #expect(apia.start(of: skipped) == apia.start(of: skipped + 1))
    #expect(apia.start(of: skipped + 1).rfc3339 == "2011-12-30T10:00:00.000Z")
    #expect(apia.day(at: apia.start(of: skipped)) == skipped + 1)
  }

  @Test("offsets are Foundation's at every sixth hour and around every change of a century", arguments: zones)
  func offsets(identifier: String) throws {
    let calendar = try #require(LocalCalendar(identifier: identifier))
    let zone = try #require(TimeZone(identifier: identifier))
    var wrong: [Int] = []
    // 2000-01-01 … 2100-01-01.
    for seconds in stride(from: 946_684_800, to: 4_102_444_800, by: 21_600) where wrong.count < 4 {
      let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
      let offset = calendar.offset(at: Timestamp(milliseconds: Int64(seconds) * 1000))
      if offset != .seconds(Int64(expected)) { wrong.append(seconds) }
    }
    #expect(wrong == [])
  }

  @Test("the start of a day is the first instant of its date, on every day of 60 years", arguments: zones)
  func starts(identifier: String) throws {
    let calendar = try #require(LocalCalendar(identifier: identifier))
    let first = try #require(CalendarDay("2000-01-03"))
    var wrong: [String] = []
    for number in 0..<21_915 where wrong.count < 4 {
      let day = first + number
      let start = calendar.start(of: day)
      let atStart = calendar.day(at: start)
      let before = calendar.day(at: start - .milliseconds(1))
      // A skipped date has no instant: its start is the next date's. Where midnight comes twice the first
      // counts, so what precedes it is always an earlier date.
      let isSkipped = calendar.start(of: day + 1) == start
      if before >= day || (atStart != day && !isSkipped) { wrong.append("\(day): \(start.rfc3339)") }
    }
    #expect(wrong == [])
  }
}

@Suite("Counts")
struct CountTests {
  @Test(
    "a percent is floored to one decimal and 100.0 only when everything counts",
    arguments: [
      (48, 60, "80.0"), (0, 60, "0.0"), (1, 3, "33.3"), (2, 3, "66.6"), (999, 1000, "99.9"),
      (99_999, 100_000, "99.9"), (1, 1001, "0.0"), (1, 1000, "0.1"), (7, 7, "100.0"), (3, 2, "150.0"),
      (Int.max - 1, Int.max, "99.9"), (Int.max, Int.max, "100.0"),
    ])
  func percent(numerator: Int, denominator: Int, percent: String) {
    #expect(Count(numerator, of: denominator).percent == percent)
  }

  @Test("nothing of nothing is no percent")
  func zeroDenominator() {
    #expect(Count(0, of: 0).percent == nil)
    #expect(Count(5, of: 0).permille == nil)
    #expect(Count(0, of: 0).permille == nil)
  }

  @Test("a roll-up adds counts and does not average percents")
  func rollUp() {
    var sum = Count(1, of: 2) + Count(1, of: 98)
    #expect(sum == Count(2, of: 100))
    #expect(sum.percent == "2.0")
    sum += Count(98, of: 100)
    #expect(sum == Count(100, of: 200))
  }

  @Test("a count beyond what tenths of a percent can hold stops at the end")
  func clamped() {
    #expect(Count(.max, of: 1).permille == .max)
  }
}

@Suite("Equipment keys")
struct EquipmentKeyTests {
  @Test(
    "ids are 1 to 64 letters, digits, underscores, dots and hyphens",
    arguments: [
      ("E1", true), ("a", true), ("A-Z_0.9", true), (String(repeating: "x", count: 64), true), ("..", true),
      ("", false), (String(repeating: "x", count: 65), false), ("E 1", false), ("E/1", false), ("E+", false),
      ("#", false), ("设备", false), ("é", false), ("E1\n", false), ("E1\0", false), ("E@", false),
      ("E[", false),
      ("E`", false), ("E{", false), ("E:", false), ("E,", false), ("$SYS", false),
    ])
  func ids(text: String, isID: Bool) {
    #expect(EquipmentKey.isID(text.utf8) == isID)
  }

  @Test("exactly the 65 allowed bytes stand in an id")
  func bytes() {
    let allowed = (UInt8.min...UInt8.max).filter(EquipmentKey.isIDByte)
    #expect(
      String(decoding: allowed, as: UTF8.self)
        == "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
  }

  @Test("keys sort by factory, then by equipment")
  func order() {
    let keys = [("F2", "E1"), ("F1", "E2"), ("F1", "E10")].map {
      EquipmentKey(factory: $0.0, equipment: $0.1)
    }
    #expect(keys.sorted().map(\.description) == ["F1/E10", "F1/E2", "F2/E1"])
  }
}
