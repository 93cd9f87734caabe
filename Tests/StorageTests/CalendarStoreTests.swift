import Register
import SQLiteStore
import Telemetry
import Testing

@Suite("Calendar store") struct CalendarStoreTests {
  @Test("A calendar is the newest import that names its factory, as known then") func versions() throws {
    let fixture = try StoreFixture()
    let register = try RegisterStore.open(directory: fixture.directory.path, readOnly: false)
    let file = RegisterFile(name: "calendar.csv", bytes: [])
    let days = CalendarDay(number: 20_000)...CalendarDay(number: 20_010)
    let shutdown = morning..<morning + .hours(4)
    func shift(_ factory: String, _ start: Int) -> CalendarEntry {
      CalendarEntry(
        factory: factory, place: .init(workshop: "W1", line: "L1"),
        kind: .shift(days: days, weekdays: [1, 7], start: start, end: 1500), note: "n")
    }
    let planned = CalendarEntry(factory: "F1", place: .init(), kind: .shutdown(shutdown))
    #expect(
      try register.importCalendar([shift("F1", 60), planned], from: file, at: morning - .hours(2)) == 1)
    #expect(
      try register.importCalendar(
        [shift("F1", 90), planned, shift("F2", 30)], from: file, at: morning + .hours(9)) == 2)
    // A clock that was set back: known no earlier than what came before.
    #expect(try register.importCalendar([shift("F2", 45)], from: file, at: morning) == 3)

    let now = try register.productionCalendars()
    #expect(now.version == 3)
    #expect(now.factories["F1"]?.shifts.map(\.start) == [90])
    #expect(now.factories["F1"]?.shifts.map(\.weekdays) == [[1, 7]])
    #expect(now.factories["F2"]?.shifts.map(\.start) == [45])
    #expect(now.factories["F1"]?.shutdowns.map(\.enteredAt) == [morning - .hours(2)])
    let before = try register.productionCalendars(knownAt: morning)
    #expect(before.version == 1)
    #expect(before.factories["F1"]?.shifts.map(\.start) == [60])
    #expect(before.factories["F2"] == nil)
    #expect(try register.productionCalendars(factory: "F2").factories.keys.sorted() == ["F2"])
    #expect(
      try register.calendarImports().map(\.importedAt) == [
        morning - .hours(2), morning + .hours(9), morning + .hours(9),
      ])
    #expect(try register.calendarImports().map(\.factories) == [["F1"], ["F1", "F2"], ["F2"]])
  }
}
