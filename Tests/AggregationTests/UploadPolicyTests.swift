import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// A policy that asks for 90 % of the intervals, held against a machine that is declared to send every 10 s.
@Suite("Upload rate against a policy") struct UploadPolicyTests {
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let day = CalendarDay(number: 20_780)
  private let key = EquipmentKey(factory: "F1", equipment: "E1")

  /// The verdict on a day with so many readings in each of its minutes; `less` are missing in the last one.
  private func verdict(perMinute: Int, less: Int = 0) throws -> PolicyVerdict.RuleVerdict {
    let period = Period(from: day, to: day, calendar: calendar, now: calendar.start(of: day + 9))
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: [RegisteredEquipment(key: key, reportInterval: .seconds(10))]),
      effectiveOn: day - 300, importedAt: .init(milliseconds: 0))
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: [(period.from, period.until)]),
      register: RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(version: 1, factories: [:]), rules: PresenceRules(), keepsEquipment: true
    )
    var totals = DayTotals()
    totals.states[.idle] = 86_400_000
    totals.readings = Int32(perMinute * 1440 - less)
    for minute in 0..<1440 { totals.minutes.insert(minute) }
    try ledger.add(
      PeriodEvidence(key: key, firstReading: period.from - .days(9), days: [(day: day, totals: totals)])
    ) { _ in [] }
    var figures = Figures()
    figures.equipment = 1
    figures.time = try #require(try ledger.finish().factories["F1"]).total
    let policy = Policy(
      name: "p", titleChinese: "", titleEnglish: "", issuingBodyChinese: "", issuingBodyEnglish: "",
      date: day,
      origin: .init(source: ""), noteChinese: "", noteEnglish: "",
      rules: [.init(metric: .uploadRatio, atLeast: 90_000)],
      bands: [])
    return try #require(PolicyVerdict(policy, of: figures).rules.first)
  }

  @Test("A reading a minute is a sixth of what is due, and not 90 %") func minutely() throws {
    let verdict = try verdict(perMinute: 1)
    #expect(verdict.count == Count(1440, of: 8640))
    #expect(verdict.count.percent == "16.6")
    #expect(verdict.isMet == false)
    // 7776 of 8640 are 90 %.
    #expect(verdict.missing == 6336)
  }

  @Test("Ninety percent is reached with 90 % of the readings, and not with one less")
  func threshold() throws {
    #expect(try verdict(perMinute: 6).count == Count(8640, of: 8640))
    let met = try verdict(perMinute: 6, less: 864)
    #expect(met.count == Count(7776, of: 8640) && met.isMet == true && met.missing == 0)
    let below = try verdict(perMinute: 6, less: 865)
    #expect(below.count == Count(7775, of: 8640) && below.isMet == false && below.missing == 1)
  }
}
