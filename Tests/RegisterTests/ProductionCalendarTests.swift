import Register
import Telemetry
import Testing

@Suite("Production calendars") struct ProductionCalendarTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  private func read(_ text: String) throws(RegisterProblems) -> [CalendarEntry] {
    try CalendarEntry.read(
      RegisterFile(name: "calendar.csv", bytes: Array(text.utf8)), factories: ["F1", "F2"], calendar: shanghai
    )
  }

  private func day(_ text: String) -> CalendarDay { CalendarDay(text) ?? CalendarDay(number: 0) }
  private func at(_ text: String) -> Timestamp { Timestamp(text + "+08:00") ?? .distantPast }

  @Test("Rows become shifts, holidays and shutdowns, with English or Chinese words") func rows() throws {
    let entries = try read(
      """
      企业编号,车间,产线,类型,起,止,星期,开始,结束,备注
      F1,,,班次,2026-11-16,2026/11/20,1-5,08:00,20:00,早班
      F1,W1,L1,shift,2026-11-16,2026-11-20,"1,3",22:00,6:00,
      F1,,,holiday,2026-11-18,2026-11-18,,,,
      F2,W1,,停产,2026-11-19 08:00,2026-11-19T12:00:00+08:00,,,,检修
      """)
    let days = day("2026-11-16")...day("2026-11-20")
    #expect(
      entries == [
        CalendarEntry(
          factory: "F1", place: .init(),
          kind: .shift(days: days, weekdays: [1, 2, 3, 4, 5], start: 480, end: 1200), note: "早班"),
        CalendarEntry(
          factory: "F1", place: .init(workshop: "W1", line: "L1"),
          kind: .shift(days: days, weekdays: [1, 3], start: 1320, end: 1800)),
        CalendarEntry(
          factory: "F1", place: .init(), kind: .holiday(days: day("2026-11-18")...day("2026-11-18"))),
        CalendarEntry(
          factory: "F2", place: .init(workshop: "W1"),
          kind: .shutdown(at("2026-11-19T08:00:00")..<at("2026-11-19T12:00:00")), note: "检修"),
      ])
  }

  @Test("Everything wrong with a file is named by line and column, at once") func problems() {
    let error = #expect(throws: RegisterProblems.self) {
      try read(
        """
        factory_id,workshop,line,kind,from,to,weekdays,start,end,note
        F9,,,shift,2026-11-16,2026-11-20,1-9,8,24:30,
        F1,,L1,holliday,2026-11-16,2026-11-15,,,,
        F1,,,holiday,2026-11-16,2026-11-15,1,,,
        F1,,,shutdown,2026-11-16,2026-11-15 08:00,,,,
        """)
    }
    #expect(
      error?.problems.map(\.description) == [
        "calendar.csv:2:factory_id (column 1): factory 'F9' is not in the register (did you mean 'F1'?)",
        "calendar.csv:2:weekdays (column 7): '1-9' are not weekdays such as 1-5 or 1,3,5 (Monday is 1)",
        "calendar.csv:2:start (column 8): '8' is not a time such as 08:00 or 24:00",
        "calendar.csv:2:end (column 9): '24:30' is not a time such as 08:00 or 24:00",
        "calendar.csv:3:line (column 3): a line needs its workshop beside it",
        "calendar.csv:3:kind (column 4): 'holliday' is not one of shift 班次, holiday 假日, shutdown 停产 (did you mean 'holiday'?)",
        "calendar.csv:4:to (column 6): 2026-11-15 is before from 2026-11-16",
        "calendar.csv:4:weekdays (column 7): a holiday has none",
        "calendar.csv:5:from (column 5): '2026-11-16' is not an instant such as 2026-11-20 08:00",
      ])
  }

  @Test("A line's shifts stand in for its workshop's and its factory's; holidays hold for all") func planned()
  {
    let week = day("2026-11-16")...day("2026-11-22")
    let calendar = ProductionCalendar(
      shifts: [
        .init(place: .init(), days: week, weekdays: [1, 2], start: 480, end: 1200),
        .init(place: .init(workshop: "W1", line: "L1"), days: week, weekdays: [1], start: 1320, end: 1800),
      ], holidays: [.init(place: .init(), days: day("2026-11-17")...day("2026-11-17"))])
    func ranges(_ place: ProductionCalendar.Place) -> [Range<Timestamp>]? {
      calendar.planned(place, days: week, calendar: shanghai)?.ranges
    }
    #expect(
      ranges(.init(workshop: "W2")) == [at("2026-11-16T08:00:00")..<at("2026-11-16T20:00:00")])
    #expect(
      ranges(.init(workshop: "W1", line: "L1")) == [at("2026-11-16T22:00:00")..<at("2026-11-17T06:00:00")])
    #expect(ProductionCalendar().planned(.init(), days: week, calendar: shanghai) == nil)
  }

  @Test("A night shift that began before the days asked for reaches into them") func overMidnight() {
    let calendar = ProductionCalendar(
      shifts: [
        .init(
          place: .init(), days: day("2026-11-01")...day("2026-11-30"), weekdays: [1], start: 1320, end: 1800)
      ])
    let tuesday = day("2026-11-17")...day("2026-11-17")
    #expect(
      calendar.planned(.init(), days: tuesday, calendar: shanghai)?.ranges == [
        at("2026-11-17T00:00:00")..<at("2026-11-17T06:00:00")
      ])
  }

  @Test("Hours follow the clocks when they change") func daylightSaving() throws {
    let berlin = try #require(LocalCalendar(identifier: "Europe/Berlin"))
    let sunday = day("2026-03-29")
    let calendar = ProductionCalendar(
      shifts: [.init(place: .init(), days: sunday...sunday, weekdays: [7], start: 60, end: 240)])
    // 01:00 to 04:00 is two hours long on the day that has no 02:30.
    #expect(
      calendar.planned(.init(), days: sunday...sunday, calendar: berlin)?.ranges.map {
        ($0.upperBound - $0.lowerBound).milliseconds
      } == [7_200_000])
    #expect(berlin.instant(on: sunday, minute: 150) == Timestamp("2026-03-29T03:00:00+02:00"))
  }

  @Test("A shutdown keeps the time it was first entered, and is late when that is after its beginning")
  func entered() {
    let range = at("2026-11-19T08:00:00")..<at("2026-11-19T12:00:00")
    let entry = CalendarEntry(factory: "F1", place: .init(), kind: .shutdown(range))
    let first = ProductionCalendar([entry], enteredAt: at("2026-11-18T00:00:00"), known: [])
    let second = ProductionCalendar([entry], enteredAt: at("2026-11-20T00:00:00"), known: first.shutdowns)
    #expect(second.shutdowns.map(\.enteredAt) == [at("2026-11-18T00:00:00")])
    #expect(second.effectiveShutdowns(.init(workshop: "W1")).ranges == [range])
    let late = ProductionCalendar([entry], enteredAt: at("2026-11-19T08:00:01"), known: [])
    #expect(late.shutdowns.map(\.isLate) == [true])
    #expect(late.effectiveShutdowns(.init()).isEmpty)
  }
}
