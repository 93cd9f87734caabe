import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// Report by exception: a reading holds while its session lives and is heard (metrics.md, rule 7).
@Suite("Vouching by a session") struct SessionVouchingTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let today = CalendarDay(number: 20_780)
  private var start: Timestamp { shanghai.start(of: today) }
  private let key = EquipmentKey(factory: "F1", equipment: "E1")

  private func hours(_ span: Int64) -> Int64 { span * 3_600_000 }
  private func at(_ hour: Int64) -> Timestamp { start + .hours(hour) }

  /// A day of one machine with a horizon of 15 minutes: readings at `readings`, hours and states.
  private func sums(
    _ readings: [(Int64, EquipmentState)], sessions: [Range<Int64>],
    observed: [Range<Int64>] = [0..<24], cut: [Int64: Int64] = [:], lost: [Int64: Int64] = [:]
  ) throws -> TimeFigures {
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: [RegisteredEquipment(key: key)]), effectiveOn: today - 300,
      importedAt: .init(milliseconds: 0))
    let period = Period(from: today, to: today, calendar: shanghai, now: start + .days(9))
    var ledger = PeriodLedger(
      observation: Observation(
        period: period, stretches: observed.map { (at($0.lowerBound), at($0.upperBound)) }),
      register: RegisterPeriod(days: today...today, effectiveDays: []) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(), rules: PresenceRules(), keepsEquipment: true)
    var totals = DayTotals()
    totals.readings = Int32(readings.count)
    var evidence = PeriodEvidence(
      key: key, firstReading: at(readings[0].0),
      sessions: sessions.map { at($0.lowerBound)..<at($0.upperBound) }, days: [(today, totals)])
    evidence.everVouchedBySession = true
    try ledger.add(evidence) { _ in
      readings.map { hour, state in
        StateInterval(
          equipment: 0, from: at(hour), last: at(hour), cut: cut[hour].map(at), state: state,
          mode: .automatic, vouching: .session, lostUntil: lost[hour].map(at))
      }
    }
    return try ledger.finish().total
  }

  @Test("The state holds up to the next reading, and to the end of the session") func holds() throws {
    let sums = try sums([(2, .running), (8, .idle)], sessions: [2..<20])
    #expect(sums.running == hours(6))
    #expect(sums.vouchedByReadings == hours(18))
    #expect(sums.reporting.on == hours(18))
    #expect(sums.reporting.off == hours(6))
    #expect(sums.connectivity.on == hours(18))
  }

  @Test("Without a session nothing holds a state beyond the horizon") func horizon() throws {
    let sums = try sums([(2, .running), (8, .idle)], sessions: [])
    #expect(sums.vouchedByReadings == 1_800_000)
    #expect(sums.running == 900_000)
  }

  @Test("An offline ends it") func offline() throws {
    let sums = try sums([(2, .running)], sessions: [2..<5], cut: [2: 5])
    #expect(sums.running == hours(3))
    #expect(sums.reporting.off == hours(21))
  }

  @Test("After a break of what was heard the state is unobserved, then unknown until the next reading")
  func breakOfHearing() throws {
    let sums = try sums([(2, .running), (20, .idle)], sessions: [2..<24], observed: [0..<6, 9..<24])
    // Running from 2 to 6; idle from 20 to 24.
    #expect(sums.running == hours(4))
    #expect(sums.vouchedByReadings == hours(8))
    #expect(sums.reporting.unobserved == hours(3))
    #expect(sums.reporting.off == hours(13))
    // The session itself goes on.
    #expect(sums.connectivity.on == hours(22))
  }

  @Test("Where messages are missing after a reading, it vouches up to the horizon only") func missing() throws
  {
    let sums = try sums([(2, .running), (8, .idle)], sessions: [2..<20], lost: [2: 8])
    #expect(sums.running == 900_000)
    #expect(sums.vouchedByReadings == hours(12) + 900_000)
  }

  @Test("A session that was open when the period began holds a reading from before") func before() throws {
    let sums = try sums([(-30, .running), (8, .idle)], sessions: [0..<20])
    #expect(sums.running == hours(8))
    #expect(sums.vouchedByReadings == hours(20))
  }

  @Test("At an instant the reading vouches while its session is open, and not one opened later")
  func atAnInstant() {
    func presence(online: Int64?, isOpen: Bool, cut: Int64? = nil) -> Bool {
      let evidence = EquipmentEvidence(
        key: key,
        readings: .init(last: at(2), cut: cut.map(at), state: .running, vouching: .session),
        lastOnline: online.map(at), sessionOpen: isOpen)
      return PresenceRules().presence(of: evidence, at: at(12), horizon: .minutes(15)).vouchedByReading
    }
    #expect(presence(online: 1, isOpen: true))
    #expect(presence(online: 2, isOpen: true))
    #expect(!presence(online: 1, isOpen: false))
    #expect(!presence(online: 5, isOpen: true))
    #expect(!presence(online: 1, isOpen: true, cut: 6))
    #expect(!presence(online: nil, isOpen: true))
  }
}
