import Aggregation
import Register
import Storage
import Telemetry
import Testing

@Suite("Sequence gaps") struct SequenceGapTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let today = CalendarDay(number: 20_780)
  private var start: Timestamp { shanghai.start(of: today) }

  /// A day of one machine that reports hourly (T = 3 h), observed throughout: a reading at 00:00, the next at
  /// 10:00, and one at 20:00.
  private func sums(gaps: [PeriodEvidence.SequenceGap]) throws -> TimeFigures {
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: [
        RegisteredEquipment(
          key: EquipmentKey(factory: "F1", equipment: "E1"), reportInterval: .seconds(3600))
      ]), effectiveOn: today - 300, importedAt: .init(milliseconds: 0))
    let period = Period(from: today, to: today, calendar: shanghai, now: start + .days(9))
    let calendar = ProductionCalendar(shifts: [
      .init(place: .init(), days: today...today, weekdays: Set(1...7), start: 8 * 60, end: 16 * 60)
    ])
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: [(period.from, period.until)]),
      register: RegisterPeriod(days: today...today, effectiveDays: []) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(version: 1, factories: ["F1": calendar]), rules: PresenceRules(),
      keepsEquipment: true)
    var totals = DayTotals()
    for minute in [0, 600, 1200] { totals.minutes.insert(minute) }
    totals.readings = 3
    let evidence = PeriodEvidence(
      key: EquipmentKey(factory: "F1", equipment: "E1"), firstReading: start,
      days: [(today, totals)], gaps: gaps)
    try ledger.add(evidence) { _ in
      [0, 10, 20].map { (hour: Int64) in
        let at = self.start + .minutes(hour * 60)
        return StateInterval(equipment: 0, from: at, last: at, state: .running, mode: .unstated)
      }
    }
    return try ledger.finish().total
  }

  private func hours(_ span: Int64) -> Int64 { span * 3_600_000 }

  @Test("Without one, what is not vouched for is off") func none() throws {
    let sums = try sums(gaps: [])
    #expect(sums.connectivity.on == hours(9))
    #expect(sums.connectivity.off == hours(15))
    #expect(sums.connectivity.unobserved == 0)
    #expect(sums.planned == hours(8))
    #expect(sums.slotsExpected == 24)
    #expect(sums.slotsReceived == 3)
  }

  @Test("Where messages are missing, what the reading before no longer vouches for is unobserved")
  func gap() throws {
    let sums = try sums(gaps: [.init(last: start, until: start + .minutes(600))])
    #expect(sums.connectivity.on == hours(9))
    // 13:00 to 20:00 and 23:00 to 24:00; 03:00 to 10:00 is not known.
    #expect(sums.connectivity.off == hours(8))
    #expect(sums.connectivity.unobserved == hours(7))
    // Of 08:00 to 16:00 the first two hours are not known.
    #expect(sums.planned == hours(6))
    #expect(sums.plannedUnobserved == hours(2))
    #expect(sums.plannedRunning == hours(3))
    // Data was not due from 03:00 to 10:00.
    #expect(sums.slotsExpected == 17)
    #expect(sums.slotsReceived == 3)
  }

  @Test("An offline ends what the reading before it vouches for, and the next reading what is unknown")
  func cut() throws {
    let sums = try sums(gaps: [
      .init(last: start + .minutes(600), cut: start + .minutes(660), until: start + .minutes(1200)),
      // Shorter than the horizon: nothing is unknown.
      .init(last: start + .minutes(1200), until: start + .minutes(1380)),
    ])
    // The stretches given to the ledger know of no offline: 13:00 is where vouching ends, 11:00 where the
    // gap begins; what is vouched for stays so.
    #expect(sums.connectivity.on == hours(9))
    #expect(sums.connectivity.unobserved == hours(7))
    #expect(sums.slotsExpected == 15)
  }
}
