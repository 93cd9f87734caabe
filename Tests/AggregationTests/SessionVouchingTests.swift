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

  private func held(_ sessions: [Range<Int64>], _ heard: [Range<Int64>], in hours: Range<Int64>) -> HeldTime {
    HeldTime(
      of: sessions.map { at($0.lowerBound)..<at($0.upperBound) },
      heard: TimeRanges(merging: heard.map { at($0.lowerBound)..<at($0.upperBound) }),
      in: at(hours.lowerBound)..<at(hours.upperBound))
  }

  /// A day of one machine with a horizon of 15 minutes: readings at `readings`, hours and states. Sessions and hearing
  /// are given from their beginnings on, also from before the day.
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
      sessions: sessions.map { at($0.lowerBound)..<at($0.upperBound) }.map { $0.clamped(to: start..<at(24)) },
      days: [(today, totals)])
    evidence.everVouchedBySession = true
    evidence.held = held(sessions, observed, in: 0..<24)
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

  @Test(
    "A session that was open and heard since a reading before the period holds it; one opened later does not")
  func before() throws {
    let held = try sums([(-30, .running), (8, .idle)], sessions: [-31..<20], observed: [-40..<24])
    #expect(held.running == hours(8))
    #expect(held.vouchedByReadings == hours(20))
    // The session began after the reading: with a loss of the collector's own session, another one ended before.
    let later = try sums([(-30, .running), (8, .idle)], sessions: [-20..<20], observed: [-40..<24])
    #expect(later.running == 0)
    #expect(later.vouchedByReadings == hours(12))
    // The collector did not hear from -10 to -9.
    let broken = try sums(
      [(-30, .running), (8, .idle)], sessions: [-31..<20], observed: [-40..<(-10), -9..<24])
    #expect(broken.running == 0)
    #expect(broken.vouchedByReadings == hours(12))
  }

  @Test(
    "At an instant the reading vouches while its session has been open and heard since it, and not one opened later"
  )
  func atAnInstant() {
    func vouches(
      session: Range<Int64>?, heard: [Range<Int64>] = [0..<24], cut: Int64? = nil, lost: Int64? = nil
    ) -> Bool {
      var evidence = EquipmentEvidence(
        key: key,
        readings: .init(
          last: at(2), cut: cut.map(at), state: .running, vouching: .session, lostUntil: lost.map(at)),
        lastOnline: session.map { at($0.lowerBound) }, sessionOpen: session?.contains(12) == true)
      evidence.held = HeldTime(
        of: session.map { [at($0.lowerBound)..<at($0.upperBound)] } ?? [],
        heard: TimeRanges(merging: heard.map { at($0.lowerBound)..<at($0.upperBound) }),
        in: at(12)..<at(12) + .milliseconds(1))
      return PresenceRules().presence(of: evidence, at: at(12), horizon: .minutes(15)).vouchedByReading
    }
    #expect(vouches(session: 1..<24))
    #expect(vouches(session: 2..<24))
    #expect(!vouches(session: 1..<11))
    #expect(!vouches(session: 5..<24))
    #expect(!vouches(session: nil))
    #expect(!vouches(session: 1..<24, cut: 6))
    #expect(!vouches(session: 1..<24, heard: [0..<6, 7..<24]))
    #expect(!vouches(session: 1..<24, heard: [0..<11]))
    #expect(!vouches(session: 1..<24, lost: 14))
  }

  @Test("A range of time held begins with its session or the last break before, and ends with the period")
  func ranges() {
    let sessions: [Range<Int64>] = [-50..<(-45), -40..<4, 6..<9, 20..<40]
    let heard: [Range<Int64>] = [-60..<(-44), -42..<(-2), -1..<8, 10..<30]
    #expect(
      held(sessions, heard, in: 0..<24).ranges == [at(-1)..<at(4), at(6)..<at(8), at(20)..<at(24)])
    #expect(held(sessions, heard, in: -3..<1).ranges == [at(-40)..<at(-2), at(-1)..<at(1)])
    #expect(held(sessions, heard, in: 4..<6).ranges.isEmpty)
    #expect(held(sessions, heard, in: 8..<9).ranges.isEmpty)
  }

  @Test("A reading never vouches shorter than its horizon") func horizonAtLeast() {
    let held = held([2..<5], [0..<24], in: 0..<24)
    func end(_ hour: Int64, _ vouching: Vouching = .session, horizon: Int64 = 15, lost: Int64? = nil)
      -> Timestamp
    {
      held.end(ofReadingAt: at(hour), horizon: .minutes(horizon), vouching: vouching, lostUntil: lost.map(at))
    }
    #expect(end(2) == at(5))
    #expect(end(2, horizon: 240) == at(6))
    #expect(end(2, .horizon) == at(2) + .minutes(15))
    #expect(end(2, lost: 4) == at(2) + .minutes(15))
    #expect(end(1) == at(1) + .minutes(15))
    #expect(end(5) == at(5) + .minutes(15))
  }
}
