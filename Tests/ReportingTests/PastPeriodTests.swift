import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// What a report on days that are over says, and what it says of days on which nobody listened.
@Suite("Periods that are over, or were not observed") struct PastPeriodTests {
  private let calendar = SampleDistrict.calendar

  /// August of the sample district, which ended with E04 and E07 offline and E03 silent.
  private func august(observed: Bool = true) throws -> DistrictAssessment {
    let first = try #require(CalendarDay("2026-08-01"))
    let period = Period(from: first, to: first + 30, calendar: calendar, now: SampleDistrict.asOf)
    let back = SampleDistrict.asOf - period.asOf
    var evidence = observed ? SampleDistrict.evidence : []
    for index in evidence.indices {
      if let readings = evidence[index].readings {
        evidence[index].readings?.last = readings.last - back
        evidence[index].readings?.cut = readings.cut.map { $0 - back }
      }
      evidence[index].lastOnline = evidence[index].lastOnline.map { $0 - back }
    }
    return DistrictAssessment(
      register: RegisterSnapshot(
        version: 3, day: period.lastDay, factories: SampleDistrict.factories, entries: SampleDistrict.entries),
      evidence: StoreEvidence(
        asOf: period.asOf, equipment: evidence, observed: observed ? [(period.from, period.until)] : []),
      knownAt: SampleDistrict.asOf, period: period,
      sums: observed ? SampleDistrict.month(isObserved: true) : PeriodFigures())
  }

  private func report(_ scope: ReportScope, of assessment: DistrictAssessment) throws -> Report {
    try Report(on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
  }

  @Test func `a period that is over is told by its averages, not by its last second`() throws {
    let report = try report(.factory("F001"), of: august())
    let english = TextRenderer(language: .english).render(report, sections: [.figures, .gaps])
    for state in ["Online now", "Reporting now", "Offline", "Silent", "Reporting  "] {
      #expect(!english.contains(state), "\(state)")
    }
    let words = english.replacing(/[ ]+/, with: " ")
    #expect(words.contains("Networked time 2,400.0 / 6,480.0 h 37.0 %"))
    #expect(words.contains("Time-weighted connectivity 2,400.0 / 3,600.0 h 66.6 %"))
    // Without planned shutdowns the figure round the clock is the same, and is printed once.
    #expect(!words.contains("The same, round the clock"))
    #expect(words.contains("Heard 5 55.5 % heard by the end of the period"))
    let chinese = TextRenderer(language: .chinese).render(report, sections: [.figures, .gaps])
    for state in ["\n   在线率", "\n   上报率", "离线", "在线无数据"] {
      #expect(!chinese.contains(state), "\(state)")
    }
    #expect(report.gaps.allSatisfy { $0.kind != .offline && $0.kind != .silent })
  }

  @Test(arguments: Language.allCases)
  func `a district's report of a period that is over has averages, and no state of its last second`(
    language: Language
  ) throws {
    let report = try report(.district, of: august())
    let terms = Terms(language)
    let sections = ReportDocument(report, language: language).sections.filter { $0.name != .definitions }
    let tables = sections.flatMap(\.blocks).compactMap { block -> DocumentTable? in
      if case .table(let table) = block { table } else { nil }
    }
    let labels = Set(
      tables.flatMap { table in
        table.columns.map(\.title)
          + table.rows.compactMap(\.cells?.first).compactMap {
            switch $0 {
            case .text(let text), .status(_, let text): text
            default: nil
            }
          }
      })
    for metric in [Metric.onlineRatio, .reportingRatio] { #expect(!labels.contains(terms.name(metric))) }
    for bucket in [Bucket.reporting, .silent, .offline] { #expect(!labels.contains(terms.name(bucket))) }
    // Of 12 machines seven were ever heard, for 20 days each, and one of these not within the period's 31 days.
    let heard = Count(12_096_000_000, of: 18_144_000_000)
    let averages: [(Metric, Count)] = [
      (.networkedRatio, Count(6, of: 12)), (.networkedTimeRatio, Count(12_096_000_000, of: 31_104_000_000)),
      (.networkedOfDigitalRatio, Count(6, of: 11)), (.timeWeightedConnectivity, heard),
      (.timeWeightedReporting, Count(10_886_400_000, of: 18_144_000_000)),
    ]
    let headline = try #require(tables.first).rows.compactMap(\.cells).suffix(averages.count)
    #expect(headline.map { [$0[0], $0[2]] } == averages.map { [.text(terms.brief($0)), .ratio($1)] })
  }

  @Test func `a machine of a period that is over was heard, and is not called offline`() throws {
    let report = try report(.equipment(EquipmentKey(factory: "F001", equipment: "E04")), of: august())
    let text = TextRenderer(language: .english).render(report)
    #expect(text.contains("Heard"))
    #expect(!text.contains("Offline") && !text.contains("Online  "))
  }

  @Test func `what nobody observed is not observed, and no zero`() throws {
    let report = try report(.factory("F001"), of: august(observed: false))
    #expect(report.figures.count(of: .networkedRatio) == Count(0, of: 0))
    #expect(report.figures.absence(of: .networkedRatio) == .notObserved)
    #expect(report.figures.absence(of: .automationRatio) == nil)
    let english = TextRenderer(language: .english).render(report, sections: [.figures])
    #expect(english.replacing(/[ ]+/, with: " ").contains("Networked coverage not observed N/A"))
    #expect(english.contains("N/A (not observed): "))
    #expect(TextRenderer(language: .chinese).render(report, sections: [.figures]).contains("无观测"))
    // One heard within the window before is a figure again.
    var heard = Figures(isUnobserved: true)
    (heard.equipment, heard.networked) = (26, 1)
    #expect(heard.count(of: .networkedRatio) == Count(1, of: 26))
    // Those observed decide for all.
    var all = Figures(isUnobserved: true)
    all.equipment = 26
    #expect(all.absence(of: .networkedRatio) == .notObserved)
    var observed = Figures()
    observed.equipment = 4
    all += observed
    #expect(all.count(of: .networkedRatio) == Count(0, of: 30))
  }

  @Test func `before and after the retrofit, what was not observed is said to be`() throws {
    let day = try #require(CalendarDay("2026-06-30"))
    func side(_ last: CalendarDay, observed: Bool) -> RetrofitComparison.Side {
      let period = Period(from: last - 29, to: last, calendar: calendar, now: SampleDistrict.asOf)
      var figures = Figures(isUnobserved: !observed)
      (figures.equipment, figures.automated) = (26, 4)
      if observed {
        figures.networked = 20
        (figures.time.hasEnergy, figures.time.energy, figures.time.good) = (true, 5_000_000, 2_000_000)
      }
      return RetrofitComparison.Side(
        observation: Observation(period: period, stretches: observed ? [(period.from, period.until)] : []),
        figures: figures, isAssumed: false)
    }
    let dates = try #require(SampleDistrict.retrofits().first?.dates)
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0",
      retrofits: [
        RetrofitComparison(
          dates: dates, before: side(day, observed: false), after: side(day + 90, observed: true))
      ])
    let english = TextRenderer(language: .english, width: 100).render(report, sections: [.beforeAfter])
      .replacing(/[ ]+/, with: " ")
    #expect(english.contains("Automation ratio 4 / 26 15.3 % 4 / 26 15.3 % ±0.0"))
    #expect(english.contains("Networked coverage not observed 20 / 26 76.9 %\n"))
    #expect(english.contains("Energy, kWh not observed 5,000\n"))
    #expect(english.contains("Energy per good piece, kWh not observed 2.500000\n"))
    #expect(!english.contains("Networked coverage 0"))
  }

  @Test func `in a silence nobody knows how things stand`() throws {
    let end = SampleDistrict.asOf + .milliseconds(1)
    func report(until: Timestamp) throws -> Report {
      try Report(
        on: .factory("F001"),
        of: SampleDistrict.assessment(
          until: until, silences: [Silence(since: end - .hours(2), until: end - .hours(1), stretch: 1)]),
        district: SampleDistrict.identity, version: "0.1.0", actionRules: SampleDistrict.actionRules)
    }
    let ended = try report(until: end - .seconds(30))
    #expect(ended.gaps.contains { $0.kind == .offline })
    let lasting = try report(until: end - .hours(2))
    #expect(!lasting.gaps.contains { $0.kind == .offline || $0.kind == .silent })
    #expect(!lasting.actions.contains { $0.rule.isOfStates })
    let text = TextRenderer(language: .english).render(lasting, sections: [.figures, .gaps])
    #expect(!text.contains("Offline") && !text.contains("Online"))
    #expect(!JSONRenderer().render(lasting).contains("\"states_at_as_of\": true"))
  }

  @Test func `an as-of or a last day that is still to come is clipped, and that is said`() throws {
    let now = SampleDistrict.asOf
    let asked = Period(endingAt: now + .hours(1), calendar: calendar, now: now)
    #expect(asked.asOf == now)
    #expect(asked.askedAsOf == now + .hours(1))
    #expect(Period(endingAt: now, calendar: calendar, now: now).askedAsOf == nil)
    let today = calendar.day(at: now)
    let month = Period(from: today - 5, to: today + 8, calendar: calendar, now: now)
    #expect(month.lastDay == today)
    #expect(month.askedLastDay == today + 8)
    func overview(_ period: Period, _ language: Language) throws -> String {
      TextRenderer(language: language, width: 120).render(
        try report(
          .factory("F001"),
          of: DistrictAssessment(
            register: RegisterSnapshot(
              version: 3, day: period.lastDay, factories: SampleDistrict.factories,
              entries: SampleDistrict.entries),
            evidence: StoreEvidence(asOf: period.asOf), knownAt: now, period: period)), sections: [.overview])
    }
    #expect(
      try overview(asked, .english).contains(
        "Asked for as of 2026-11-22 23:10:30, which is still to come: this is as of now."))
    #expect(try overview(asked, .chinese).contains("原定统计时点 2026-11-22 23:10:30 尚未到来，现以当前时刻为统计时点。"))
    #expect(
      try overview(month, .english).contains("Asked for up to 2026-11-30: the days to come are left out."))
    #expect(try overview(month, .chinese).contains("原定至 2026-11-30：未到日期不计入。"))
  }
}
