import Register
import SQLiteStore
import Telemetry
import TestSupport

/// What was imported into the register through the year: a snapshot of everything every quarter, some
/// factories' own between, and production calendars of some.
struct GeneratedRegister {
  private let plan: GeneratorPlan
  private let factories: [GeneratedFactory]

  init(_ plan: GeneratorPlan, _ factories: [GeneratedFactory]) {
    self.plan = plan
    self.factories = factories
  }

  /// Whether a calendar says when a factory, counting from 1, is to produce.
  static func hasCalendar(_ number: Int) -> Bool { number % 4 == 0 }

  func write(to directory: StoreDirectory) throws {
    let store = try RegisterStore.open(directory: directory.path, readOnly: false)
    var rows = factories.map(\.rows)
    var draw = plan.draw(0, of: 3)
    for step in 0..<Self.steps {
      let day = plan.firstDay + plan.days * step / Self.steps
      let isWhole = step % 3 == 0
      let named = factories.indices.filter { isWhole || $0 % 9 == step % 9 }
      guard !named.isEmpty else { continue }
      if step > 0 { for index in named { rows[index] = changed(rows[index], on: day, &draw) } }
      let snapshot = RegisterRows(
        factories: step == 0 ? factories.map(\.factory) : [], equipment: named.flatMap { rows[$0] })
      try store.importSnapshot(
        snapshot, effectiveOn: day, importedAt: plan.calendar.start(of: day) + .hours(9),
        equipmentFile: RegisterFile(name: "equipment-\(day).csv", bytes: []),
        factoriesFile: step == 0 ? RegisterFile(name: "factories.csv", bytes: []) : nil)
    }
    try writeCalendars(to: store)
  }

  /// How many imports there are; every third is of the whole district.
  private static let steps = 12

  /// Moves, reclassifications, removals and new intervals.
  private func changed(
    _ rows: [RegisteredEquipment], on day: CalendarDay, _ draw: inout SeededGenerator
  ) -> [RegisteredEquipment] {
    rows.map { row in
      guard row.isProduction, row.decommissionedOn == nil else { return row }
      var row = row
      switch draw.within(0...999) {
      case ..<10: row.line = "L\(draw.within(1...5))"
      case ..<15: row.workshop = "W0\(draw.within(1...6))"
      case ..<30: row.automation = .automatic
      case ..<35: row.reportInterval = .seconds(300)
      case ..<40 where row.commissionedOn.map({ $0 < day }) ?? true:
        row.decommissionedOn = day + draw.within(0...20)
      default: break
      }
      return row
    }
  }

  private func writeCalendars(to store: RegisterStore) throws {
    let named = (1...factories.count).filter(Self.hasCalendar)
    guard !named.isEmpty else { return }
    let entries = named.flatMap { calendarEntries(of: factories[$0 - 1].factory.id, number: $0) }
    try store.importCalendar(
      entries, from: RegisterFile(name: "calendar.csv", bytes: []),
      at: plan.calendar.start(of: plan.firstDay) + .hours(1))
    // Half a year later some enter a shutdown that had begun already.
    let late = named.filter { $0 % 16 == 0 }
    guard !late.isEmpty else { return }
    let day = plan.firstDay + plan.days / 2
    let start = plan.calendar.start(of: day)
    try store.importCalendar(
      late.flatMap { number in
        let id = factories[number - 1].factory.id
        return calendarEntries(of: id, number: number) + [
          CalendarEntry(
            factory: id, place: .init(workshop: "W02"), kind: .shutdown(start..<start + .days(2)),
            note: "late")
        ]
      }, from: RegisterFile(name: "calendar-late.csv", bytes: []), at: start + .hours(10))
  }

  private func calendarEntries(of id: String, number: Int) -> [CalendarEntry] {
    func entry(_ place: ProductionCalendar.Place, _ kind: CalendarEntry.Kind) -> CalendarEntry {
      CalendarEntry(factory: id, place: place, kind: kind)
    }
    let all = plan.firstDay - 30...plan.firstDay + plan.days + 30
    var entries = [
      entry(.init(), .shift(days: all, weekdays: [1, 2, 3, 4, 5, 6], start: 8 * 60, end: 20 * 60)),
      entry(
        .init(workshop: "W01"), .shift(days: all, weekdays: [1, 2, 3, 4, 5], start: 8 * 60, end: 16 * 60)),
      entry(
        .init(workshop: "W01"), .shift(days: all, weekdays: [1, 2, 3, 4, 5], start: 16 * 60, end: 28 * 60)),
    ]
    for holiday in Holidays.all(plan) { entries.append(entry(.init(), .holiday(days: holiday))) }
    let shutdown = plan.calendar.start(of: plan.firstDay + plan.days * (number % 10 + 1) / 12) + .hours(8)
    entries.append(entry(.init(workshop: "W02"), .shutdown(shutdown..<shutdown + .hours(58))))
    return entries
  }
}

/// Weeks in which shifts do not work.
enum Holidays {
  static func all(_ plan: GeneratorPlan) -> [ClosedRange<CalendarDay>] {
    [92, 212, 304].map { plan.firstDay + $0...plan.firstDay + $0 + 6 }
  }
}
