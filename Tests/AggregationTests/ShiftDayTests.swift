import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// A day that was observed throughout and planned from 08:00 to 16:00: totals say everything but what the machine did
/// in planned time, for which its stretches are read.
@Suite("Days with shifts") struct ShiftDayTests {
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let day = CalendarDay(number: 20_780)
  private let key = EquipmentKey(factory: "F1", equipment: "E1")
  private var start: Timestamp { calendar.start(of: day) }

  /// Sums of a machine that reports every 5 minutes, and the ranges for which its stretches were asked.
  ///
  /// - Parameter states: by hour of the day from which each holds.
  private func sums(
    _ states: [(hour: Int64, state: EquipmentState)], unobserved: Range<Int64>? = nil,
    shutdown: Range<Int64>? = nil
  ) throws -> (sums: TimeFigures, asked: [Range<Timestamp>]) {
    let period = Period(from: day, to: day, calendar: calendar, now: calendar.start(of: day + 9))
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: [RegisteredEquipment(key: key, reportInterval: .minutes(5))]),
      effectiveOn: day - 300, importedAt: .init(milliseconds: 0))
    let shutdowns = shutdown.map { hours in
      ProductionCalendar.Shutdown(
        place: .init(), range: at(hours.lowerBound)..<at(hours.upperBound), enteredAt: start - .days(9))
    }
    let plan = ProductionCalendar(
      shifts: [
        .init(place: .init(), days: day...day, weekdays: Set(1...7), start: 8 * 60, end: 16 * 60)
      ], shutdowns: shutdowns.map { [$0] } ?? [])
    let observed = unobserved.map { [(start, at($0.lowerBound)), (at($0.upperBound), at(24))] }
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: observed ?? [(start, at(24))]),
      register: RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(version: 1, factories: ["F1": plan]), rules: PresenceRules(),
      keepsEquipment: true)
    let ends = states.dropFirst().map(\.hour) + [24]
    var totals = DayTotals()
    for (one, end) in zip(states, ends) { totals.states[one.state] += Int32((end - one.hour) * 3_600_000) }
    totals.readings = 288
    let stretches = zip(states, ends).map { one, end in
      StateInterval(
        equipment: 0, from: at(one.hour), last: at(end) - .minutes(5), state: one.state, mode: .unstated)
    }
    var asked: [Range<Timestamp>] = []
    try ledger.add(
      PeriodEvidence(key: key, firstReading: start - .days(9), days: [(day: day, totals: totals)])
    ) { range in
      asked.append(range)
      return stretches
    }
    return (try ledger.finish().total, asked)
  }

  private func at(_ hour: Int64) -> Timestamp { start + .hours(hour) }
  private func hours(_ count: Int64) -> Int64 { count * 3_600_000 }

  @Test("Only stretches of planned time are read") func planned() throws {
    let (sums, asked) = try sums([(0, .off), (6, .running), (12, .idle), (14, .maintenance), (15, .running)])
    #expect(asked == [at(8)..<at(16)])
    #expect(sums.planned == hours(8))
    #expect(sums.plannedUnobserved == 0)
    // 08:00 to 12:00 and 15:00 to 16:00; idle from 12:00 to 14:00 is busy, maintenance is not.
    #expect(sums.plannedRunning == hours(5))
    #expect(sums.plannedBusy == hours(7))
    #expect(sums.running == hours(15))
    #expect(sums.roundTheClock.on == hours(24))
    #expect(sums.connectivity == sums.roundTheClock)
  }

  @Test("Of a day on which it was never busy no stretch is read") func off() throws {
    let (sums, asked) = try sums([(0, .off), (9, .maintenance), (15, .off)])
    #expect(asked == [])
    #expect(sums.planned == hours(8))
    #expect(sums.plannedBusy == 0)
    #expect(sums.plannedRunning == 0)
  }

  @Test("Where nobody listened or it was shut down, all stretches of the day are read") func unusual() throws
  {
    let blind = try sums([(0, .running)], unobserved: 10..<12)
    #expect(blind.asked == [at(0)..<at(24)])
    #expect(blind.sums.planned == hours(8))
    #expect(blind.sums.plannedRunning == hours(8))
    let shut = try sums([(0, .running)], shutdown: 10..<12)
    #expect(shut.asked == [at(0)..<at(24)])
    #expect(shut.sums.planned == hours(6))
    #expect(shut.sums.plannedRunning == hours(6))
    #expect(shut.sums.shutdown == hours(2))
  }
}
