import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// A district in which F001 was dark for 29 of 30 days and then plugged in both of its machines, while F002 has one
/// machine that sent throughout and one that never did.
@Suite("Machines plugged in on the last day") struct PluggedInTests {
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// 2026-11-23.
  private let lastDay = CalendarDay(number: 20_780)
  private var period: Period {
    Period(from: lastDay - 29, to: lastDay, calendar: calendar, now: calendar.start(of: lastDay + 9))
  }

  private static func key(_ factory: String, _ id: String) -> EquipmentKey {
    EquipmentKey(factory: factory, equipment: id)
  }

  /// The district, and beside it a sender of each factory in `unregistered`.
  private func district(unregistered: [String] = []) throws -> DistrictAssessment {
    let period = period
    var history = RegisterHistory()
    let keys = ["F001", "F002"].flatMap { factory in ["E1", "E2"].map { Self.key(factory, $0) } }
    history.append(
      RegisterRows(
        factories: ["F001", "F002"].map { RegisteredFactory(id: $0) },
        equipment: keys.map { RegisteredEquipment(key: $0) }),
      effectiveOn: lastDay - 300, importedAt: .init(milliseconds: 0))
    let register = RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) }
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: [(period.from, period.until)]), register: register,
      calendars: ProductionCalendars(version: 1, factories: [:]), rules: PresenceRules(), keepsEquipment: true
    )
    /// Idle round the clock from `first` on.
    func sender(_ key: EquipmentKey, from first: CalendarDay) -> PeriodEvidence {
      var totals = DayTotals()
      totals.states[.idle] = 86_400_000
      totals.readings = 288
      let days = Int(lastDay.number - first.number) + 1
      return PeriodEvidence(
        key: key, firstReading: calendar.start(of: first),
        days: (0..<days).map { (day: first + $0, totals: totals) })
    }
    try ledger.add(sender(Self.key("F001", "E1"), from: lastDay)) { _ in [] }
    try ledger.add(sender(Self.key("F001", "E2"), from: lastDay)) { _ in [] }
    try ledger.add(sender(Self.key("F002", "E1"), from: lastDay - 29)) { _ in [] }
    let heard =
      [Self.key("F001", "E1"), Self.key("F001", "E2"), Self.key("F002", "E1")]
      + unregistered.map { Self.key($0, "X1") }
    return DistrictAssessment(
      register: register.segments[0].snapshot,
      evidence: StoreEvidence(
        asOf: period.asOf,
        equipment: heard.sorted().map {
          EquipmentEvidence(key: $0, readings: .init(last: period.asOf - .minutes(1), state: .idle))
        }, observed: [(period.from, period.until)]),
      knownAt: period.asOf, period: period, sums: try ledger.finish())
  }

  private func report(
    _ scope: ReportScope, of district: DistrictAssessment, rankedBy metric: Metric = .networkedTimeRatio
  ) throws -> Report {
    try Report(
      on: scope, of: district, district: DistrictIdentity(id: "park"), version: "0.1.0",
      rankedBy: .metric(metric))
  }

  /// Rows of a section's tables.
  private func rows(_ report: Report, _ section: ReportSection, _ language: Language) -> [[Cell]] {
    let blocks = ReportDocument(report, language: language).sections.filter { $0.name == section }
      .flatMap(\.blocks)
    return blocks.flatMap { block -> [[Cell]] in
      if case .table(let table) = block { table.rows.compactMap(\.cells) } else { [] }
    }
  }

  @Test func `a district ranks by networked time, and the factory that was dark does not lead`() throws {
    let district = try district()
    func counts(_ metric: Metric) -> [Count?] { district.factories.map { $0.figures.count(of: metric) } }
    #expect(counts(.networkedRatio) == [Count(2, of: 2), Count(1, of: 2)])
    // Two machines for one of 30 days, of 60 machine days; one machine for 30 of 60.
    #expect(
      counts(.networkedTimeRatio)
        == [Count(172_800_000, of: 5_184_000_000), Count(2_592_000_000, of: 5_184_000_000)])
    #expect(counts(.timeWeightedConnectivity)[0] == Count(172_800_000, of: 5_184_000_000))
    func order(_ metric: Metric, _ language: Language) throws -> [[Cell]] {
      rows(try report(.district, of: district, rankedBy: metric), .ranking, language)
        .map { [$0[0], $0[1], $0[$0.count - 1]] }
    }
    for language in Language.allCases {
      #expect(
        try order(.networkedTimeRatio, language) == [
          [.number(1), .text("F002"), .ratio(Count(2_592_000_000, of: 5_184_000_000))],
          [.number(2), .text("F001"), .ratio(Count(172_800_000, of: 5_184_000_000))],
        ])
      #expect(
        try order(.networkedRatio, language).map { $0[1] } == [.text("F001"), .text("F002")],
        "the other order")
    }
    // Unless another metric is asked for, networked time ranks.
    let asked = try Report(on: .district, of: district, district: DistrictIdentity(id: "park"), version: "1")
    guard case .district(let ranking) = asked.contents else {
      Issue.record("no district")
      return
    }
    #expect(ranking.order == .metric(.networkedTimeRatio))
    #expect(ranking.factories.map(\.factory.id) == ["F002", "F001"])
  }

  @Test func `each machine that was plugged in is named with its dark time, and counted in the district`()
    throws
  {
    let district = try district()
    for (language, name, sentence) in [
      (
        Language.english, "First connected in the period",
        "in service and observed for 29 days of the period before it was first heard at 2026-11-23 00:00"
      ), (.chinese, "本期内首次接入", "本期内在役且已观测，历时 29 天后于 2026-11-23 00:00 首次接入"),
    ] {
      let factory = rows(try report(.factory("F001"), of: district), .gaps, language)
      for id in ["E1", "E2"] { #expect(factory.contains([.text(id), .text(name), .text(sentence)])) }
      let counts = rows(try report(.district, of: district), .gaps, language)
      #expect(counts.contains([.text(name), .number(2), .number(1)]))
    }
  }

  @Test(arguments: [
    ("f001", "F001"), ("F-001", "F001"), ("Ｆ００１", "F001"), ("F1", "F001"), ("f002", "F002"), ("F003", nil),
  ])
  func `an unregistered factory much like a registered one is shown with it`(id: String, twin: String?) throws
  {
    let report = try report(.district, of: try district(unregistered: [id]))
    #expect(report.gaps.map(\.kind) == [.unregisteredFactory])
    #expect(report.gaps.map(\.factory) == [id])
    #expect(report.gaps.map(\.twin) == [twin])
    let english = twin.map { "; much like registered \($0): is it the same?" } ?? ""
    let chinese = twin.map { "；与已登记的 \($0) 相近：是否为同一对象？" } ?? ""
    for (language, remark) in [
      (Language.english, "1 unregistered device" + english), (.chinese, "1 台未登记设备" + chinese),
    ] {
      let row = rows(report, .gaps, language).first { $0.first == .text(id) }
      #expect(row?.last == .text(remark))
    }
    #expect(JSONRenderer().render(report).contains("\"twin\":" + (twin.map { "\"\($0)\"" } ?? "null")))
  }
}
