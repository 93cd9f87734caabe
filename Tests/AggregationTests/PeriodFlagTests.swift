import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// Each kind of embellishment, with the evidence in its flag.
@Suite("Looking better than one is") struct PeriodFlagTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let today = CalendarDay(number: 20_780)
  private var period: Period {
    Period(from: today - 9, to: today, calendar: shanghai, now: shanghai.start(of: today) + .days(9))
  }

  private func row(_ id: String, _ change: (inout RegisteredEquipment) -> Void = { _ in })
    -> RegisteredEquipment
  {
    var row = RegisteredEquipment(key: EquipmentKey(factory: "F1", equipment: id))
    change(&row)
    return row
  }

  /// The flags of a factory with these rows; each machine did the same on every day of the period.
  private func flags(
    _ rows: [RegisteredEquipment], first: Timestamp? = nil, calendar: ProductionCalendar? = nil,
    metered: Set<String>? = nil, unobserved: Range<Timestamp>? = nil, sessions: [Range<Timestamp>] = [],
    _ change: (String, Int, inout DayTotals) -> Void = { _, _, _ in }
  ) throws -> [AuditFlag] {
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: rows), effectiveOn: today - 300, importedAt: .init(milliseconds: 0))
    let period = period
    var ledger = PeriodLedger(
      observation: Observation(
        period: period,
        stretches: [
          (period.from, unobserved?.lowerBound ?? period.until),
          (unobserved?.upperBound ?? period.until, period.until),
        ]),
      register: RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(version: 1, factories: calendar.map { ["F1": $0] } ?? [:]),
      rules: PresenceRules(), keepsEquipment: true)
    for row in rows {
      let days = (0..<10).map { index in
        var totals = DayTotals()
        change(row.key.equipment, index, &totals)
        return (today - 9 + index, totals)
      }
      try ledger.add(
        PeriodEvidence(
          key: row.key, firstReading: first ?? period.from - .days(50), sessions: sessions, days: days,
          hasEnergy: metered?.contains(row.key.equipment) ?? true, hasGood: true, hasTotal: true)
      ) { _ in [] }
    }
    return try ledger.finish().factories["F1"]?.flags ?? []
  }

  private let hour: Int32 = 3_600_000

  @Test("First heard on the last day though in service and observed for nine") func heardFirst() throws {
    let first = shanghai.start(of: today) + .hours(2)
    let found = try flags([row("E1")], first: first)
    #expect(found.map(\.kind) == [.heardFirst])
    let since = Span.hours(9 * 24 + 2)
    #expect(found[0].evidence.map(\.fact) == [.instant(first), .span(since)])
    #expect(try flags([row("E1") { $0.commissionedOn = today }], first: first).isEmpty)
  }

  @Test("An interval declared at five minutes where a reading comes each minute") func interval() throws {
    let found = try flags([row("E1") { $0.reportInterval = .minutes(5) }]) { _, _, totals in
      totals.states[.idle] = 10 * hour
      totals.readings = 600
    }
    #expect(found.map(\.kind) == [.intervalMismatch])
    #expect(found[0].evidence.map(\.fact) == [.span(.minutes(5)), .span(.minutes(1))])
  }

  @Test("A machine that sends every 30 minutes is measured so, though its readings vouch for 15")
  func slowInterval() throws {
    func found(_ declared: Span, every minutes: Int, readings: Int = 1) throws -> [AuditFlag.Fact?] {
      try flags([row("E1") { $0.reportInterval = declared }]) { _, _, totals in
        for minute in stride(from: 0, to: 1440, by: minutes) { totals.minutes.insert(minute) }
        totals.readings = Int32(1440 / minutes * readings)
        totals.states[.idle] = 1440 / Int32(minutes) * min(Int32(minutes), 15) * 60_000
      }.filter { $0.kind == .intervalMismatch }.map { $0["measured_ms"] }
    }
    #expect(try found(.minutes(1), every: 30) == [.span(.minutes(30))])
    #expect(try found(.minutes(5), every: 45) == [.span(.minutes(45))])
    #expect(try found(.minutes(5), every: 1, readings: 6) == [.span(.seconds(10))])
    #expect(try found(.minutes(4), every: 12) == [.span(.minutes(12))])
    #expect(try found(.minutes(4), every: 10) == [])
  }

  @Test("Bursts at the start of a shift and nights without readings do not hide a heartbeat of 30 minutes")
  func heartbeat() throws {
    let found = try flags([row("E1") { $0.reportInterval = .minutes(1) }]) { _, _, totals in
      // 08:00 to 20:00 every half an hour, and four readings in the minutes after 08:00.
      for minute in [480, 481, 482, 483, 484] { totals.minutes.insert(minute) }
      for minute in stride(from: 510, through: 1200, by: 30) { totals.minutes.insert(minute) }
      totals.readings = 29
      totals.states[.idle] = 24 * 15 * 60_000
    }.filter { $0.kind == .intervalMismatch }
    #expect(found.map { $0["measured_ms"] } == [.span(.minutes(30))])
  }

  @Test("An interval of 90 seconds is measured from minutes that are one or two apart") func ninetySeconds()
    throws
  {
    let found = try flags([row("E1") { $0.reportInterval = .seconds(10) }]) { _, _, totals in
      for reading in 0..<960 { totals.minutes.insert(reading * 3 / 2) }
      totals.readings = 960
      totals.states[.idle] = 86_400_000
    }.filter { $0.kind == .intervalMismatch }
    // 4,800 times of one minute and 4,799 of two.
    #expect(found.map { $0["measured_ms"] } == [.span(.milliseconds(89_996))])
  }

  @Test("An open session says nothing of how often readings come") func intervalInSession() throws {
    // Eight hours of a reading each minute a day; the session is open throughout.
    func found(_ declared: Span) throws -> [AuditFlag] {
      try flags([row("E1") { $0.reportInterval = declared }], sessions: [period.from..<period.until]) {
        _, _, totals in
        totals.states[.idle] = 8 * hour
        totals.readings = 480
      }.filter { $0.kind == .intervalMismatch }
    }
    #expect(try found(.minutes(1)).isEmpty)
    #expect(try found(.minutes(5)).map { $0["measured_ms"] } == [.span(.minutes(1))])
  }

  @Test("A machine first heard by an online is first heard then") func heardFirstBySession() throws {
    let first = period.from + .days(3)
    let found = try flags([row("E1")], first: .distantFuture, sessions: [first..<first + .hours(1)])
      .filter { $0.kind == .heardFirst }
    #expect(found.map { $0["dark_ms"] } == [.span(.days(3))])
    #expect(found.map { $0["first"] } == [.instant(first)])
  }

  @Test("More than one in twenty readings came late") func backFilled() throws {
    func found(_ late: Int32) throws -> [AuditFlag] {
      try flags([row("E1")]) { _, _, totals in
        totals.states[.idle] = 10 * hour
        (totals.readings, totals.late) = (100, late)
      }
    }
    #expect(try found(5).isEmpty)
    #expect(try found(6).map(\.kind) == [.backFilled])
    #expect(try found(6)[0]["late"] == .number(60))
  }

  @Test("Never on, and under a planned shutdown for a while") func darkInShutdown() throws {
    let range = period.from + .hours(1)..<period.from + .hours(4)
    let calendar = ProductionCalendar(
      shutdowns: [.init(place: .init(), range: range, enteredAt: period.from - .days(1))])
    let found = try flags([row("E1")], calendar: calendar)
    #expect(found.map(\.kind) == [.darkInShutdown])
    #expect(found[0]["shutdown_ms"] == .span(.hours(3)))
  }

  @Test("Declared intelligent, and no mode ever stated; run by hand for an hour is by hand") func modes()
    throws
  {
    let found = try flags([row("E1") { $0.intelligent = true }, row("E2") { $0.automation = .automatic }]) {
      id, _, totals in
      totals.states[.running] = hour / 10
      if id == "E2" { totals.manualRunning = hour / 10 }
    }
    #expect(found.map(\.kind) == [.modeNeverStated, .manualOperation])
    #expect(found.map(\.equipment) == ["E1", "E2"])
    #expect(found[1].evidence.map(\.fact) == [.span(.hours(1)), .span(.hours(1))])
  }

  @Test("By hand is judged against all the time that it runs, also without a stated mode") func unstatedMode()
    throws
  {
    let rows = ["E1", "E2"].map { id in row(id) { $0.automation = .automatic } }
    let found = try flags(rows) { id, _, totals in
      totals.states[.running] = hour
      totals.manualRunning = id == "E1" ? hour / 2 : hour / 2 + 1
    }
    #expect(found.map(\.kind) == [.manualOperation])
    #expect(found.map(\.equipment) == ["E2"])
    #expect(found[0].evidence.map(\.fact) == [.span(.milliseconds(18_000_010)), .span(.hours(10))])
  }

  @Test("Two keys with the same energy and pieces") func sameCounters() throws {
    let found = try flags([row("E1"), row("E2"), row("E3")]) { id, index, totals in
      totals.energy = 1000 + Int64(index)
      totals.good = id == "E3" ? 4000 : 5000 + Int64(index)
    }
    #expect(found.map(\.kind) == [.sameCounters])
    #expect(found.map(\.equipment) == ["E2"])
    #expect(found[0].evidence.map(\.fact) == [.text("F1/E1"), .text("10.045")])
  }

  @Test("A week of running without a pause") func noPause() throws {
    func found(_ days: Range<Int>) throws -> [AuditFlag.Fact?] {
      try flags([row("E1")]) { _, index, totals in
        totals.states[.running] = days.contains(index) ? 24 * hour : hour
      }
      .filter { $0.kind == .noPause }.map { $0["days"] }
    }
    #expect(try found(0..<6) == [])
    #expect(try found(2..<9) == [.number(7)])
  }

  @Test("A week of days with the same counts") func constant() throws {
    let found = try flags([row("E1")]) { _, index, totals in
      totals.energy = index < 8 ? 12_000 : Int64(index)
      totals.good = 3000
    }
    #expect(found.map(\.kind) == [.constantDeltas])
    #expect(found[0]["days"] == .number(8))
  }

  @Test("Energy without pieces, and pieces without energy") func counts() throws {
    let found = try flags([row("E1"), row("E2")]) { id, index, totals in
      totals.states[.running] = hour
      if id == "E1" { totals.energy = Int64(index) * 100 } else { totals.good = Int64(index) * 1000 }
    }
    #expect(found.map(\.kind) == [.energyWithoutPieces, .piecesWithoutEnergy])
    #expect(found.map { $0.evidence[0].fact } == [.text("4.5"), .text("45")])
  }

  @Test("Energy that fewer than half of a factory's machines meter is said once, of the whole factory")
  func fewMeters() throws {
    let rows = ["E1", "E2", "E3"].map { row($0) }
    let found = try flags(rows, metered: ["E1"])
    #expect(found.map(\.kind) == [.fewMeters])
    #expect(found.map(\.equipment) == [""])
    #expect(found[0].evidence.map(\.fact) == [.number(1), .number(3)])
    #expect(try flags(rows, metered: ["E1", "E2"]).isEmpty)
    #expect(try flags(rows, metered: []).isEmpty)
    // One shared meter counts as a meter for all three.
    let shared = rows.map { one in row(one.key.equipment) { $0.energyMeter = "E1" } }
    #expect(try flags(shared, metered: ["E1"]).isEmpty)
  }

  @Test("What came late while nobody listened is not the sender's doing") func backFilledInBlindness() throws
  {
    // One day of ten was not observed: up to 100 of 1000 readings may have been made in it.
    func found(_ late: Int32) throws -> [AuditFlag.Kind] {
      try flags([row("E1")], unobserved: period.from + .days(3)..<period.from + .days(4)) {
        _, index, totals in
        totals.states[.idle] = 10 * hour
        totals.readings = 100
        if index == 4 { totals.late = late }
      }.map(\.kind)
    }
    #expect(try found(150) == [])
    #expect(try found(151) == [.backFilled])
  }

  @Test("A district counts, without keeping equipment, what the lists of its factories hold") func district()
    throws
  {
    func change(_ key: EquipmentKey, _ totals: inout DayTotals) {
      totals.states[.running] = hour
      if key.equipment == "E2" { totals.manualRunning = hour }
    }
    let rows = [("F1", "E1"), ("F1", "E2"), ("F2", "E1"), ("F2", "E3")].map { factory, id in
      RegisteredEquipment(key: EquipmentKey(factory: factory, equipment: id), automation: .automatic)
    }
    let whole = try assessment(rows, keepsEquipment: false, change)
    let listed = try assessment(rows, keepsEquipment: true, change)
    let lists = try ["F1", "F2"].map { id in
      let factory = try #require(listed.factory(id))
      return listed.flags(of: factory, among: factory.equipment, calendar: nil)
    }
    #expect(lists.map { $0.map(\.equipment) } == [["E2", "E1"], ["E1", "E3"]])
    #expect(whole.flagCounts.map(\.kind) == [.manualOperation, .modeNeverStated])
    #expect(whole.flagCounts.map(\.flags) == [1, 3])
    #expect(whole.flagCounts.map(\.factories) == [1, 2])
    #expect(whole.flagCounts == FlagCount.counts(lists.flatMap { $0 }))
  }

  /// A district with these rows; each machine did the same on every day of the period.
  private func assessment(
    _ rows: [RegisteredEquipment], keepsEquipment: Bool, _ change: (EquipmentKey, inout DayTotals) -> Void
  ) throws -> DistrictAssessment {
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: rows), effectiveOn: today - 300, importedAt: .init(milliseconds: 0))
    let period = period
    let register = RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) }
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: [(period.from, period.until)]), register: register,
      calendars: ProductionCalendars(), rules: PresenceRules(), keepsEquipment: keepsEquipment)
    for row in rows {
      var totals = DayTotals()
      change(row.key, &totals)
      try ledger.add(
        PeriodEvidence(
          key: row.key, firstReading: period.from - .days(50), days: (0..<10).map { (today - 9 + $0, totals) }
        )
      ) { _ in [] }
    }
    let asOf = period.until - .milliseconds(1)
    let heard = rows.map { EquipmentEvidence(key: $0.key, readings: .init(last: asOf, state: .running)) }
    return DistrictAssessment(
      register: register.segments[0].snapshot,
      evidence: StoreEvidence(asOf: asOf, equipment: heard, observed: [(period.from, period.until)]),
      knownAt: asOf, period: period, sums: try ledger.finish())
  }

  @Test("Times in other units are named, and a day's difference is no time zone") func units() throws {
    let received = Timestamp(milliseconds: 1_795_305_600_000)
    func unit(_ time: Int64) -> TimestampUnit? {
      TimestampUnit.looking(like: Timestamp(milliseconds: time), receivedAt: received)
    }
    #expect(unit(1_795_305_600) == .seconds)
    #expect(unit(1_795_305_600_000) == nil)
    #expect(unit(1_795_305_600_000_000) == .microseconds)
    #expect(unit(1_795_305_600_000_000_000) == .nanoseconds)
    // A burst of old messages is no evidence of the clock; times ahead of receipt are.
    func clock(_ skews: [Int64]) -> Span? {
      RefusedClock.judged(
        skews.enumerated().map {
          RefusedClock(skew: .milliseconds($1), received: received + .milliseconds(Int64($0)))
        })?.skew
    }
    #expect(clock([9_000_000_000, 8_999_000_000, 8_998_000_000]) == nil)
    #expect(clock([-86_400_000]) == .days(-1))
  }
}
