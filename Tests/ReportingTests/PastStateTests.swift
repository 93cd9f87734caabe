import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// States at one instant in policies, forms and rankings: a report on days that are over has none.
@Suite("States at one instant") struct PastStateTests {
  private static let policy = Policy(
    name: "online", titleChinese: "在线要求", titleEnglish: "Online", issuingBodyChinese: "",
    issuingBodyEnglish: "",
    date: CalendarDay(number: 20_779), origin: .init(source: ""), noteChinese: "", noteEnglish: "",
    rules: [.init(metric: .onlineRatio, atLeast: 1000)], bands: [])

  private static var form: Form {
    var form = SampleForm.form
    let cells = [Form.Kind.count(.onlineRatio, .numerator), .ratio(.ratio(.onlineRatio))]
    form.sections = [
      .init(
        title: SampleForm.words("一", "One"),
        items: [
          .init(
            number: "1", title: SampleForm.words("项", "Item"), certainty: .read,
            cells: cells.map { .init(label: nil, kind: $0, certainty: .read) })
        ])
    ]
    return form
  }

  /// The sample district's August, in which the same equipment was heard at its end as in the sample.
  private func august() throws -> DistrictAssessment {
    let first = try #require(CalendarDay("2026-08-01"))
    let period = Period(
      from: first, to: first + 30, calendar: SampleDistrict.calendar, now: SampleDistrict.asOf)
    let heard = [("F001", "E01"), ("F001", "E02"), ("F002", "B1")].map { factory, machine in
      EquipmentEvidence(
        key: EquipmentKey(factory: factory, equipment: machine),
        readings: .init(last: period.asOf - .minutes(1), state: .running))
    }
    return DistrictAssessment(
      register: RegisterSnapshot(
        version: 3, day: period.lastDay, factories: SampleDistrict.factories, entries: SampleDistrict.entries),
      evidence: StoreEvidence(asOf: period.asOf, equipment: heard, observed: [(period.from, period.until)]),
      knownAt: SampleDistrict.asOf, period: period)
  }

  private func report(
    _ scope: ReportScope, of assessment: DistrictAssessment, rankedBy order: RankingOrder = .gap
  ) throws -> Report {
    try Report(
      on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0", rankedBy: order,
      policies: [Self.policy], forms: [Self.form])
  }

  @Test func `a policy about a state has a figure now, and none over days that are over`() throws {
    let now = try report(.factory("F001"), of: SampleDistrict.assessment()).policies[0].rules[0]
    #expect(now.isMet == true && now.absence == nil && now.count.denominator == 4)
    let past = try report(.factory("F001"), of: august())
    #expect(past.policies[0].rules[0].isMet == nil)
    #expect(past.policies[0].rules[0].absence == .ofInstant)
    #expect(past.policies[0].rules[0].count == Count(0, of: 0))
    for (language, sentence) in [
      (
        Language.english,
        "There is no figure for Online now (a state at one instant, not a figure of a period): it is neither met nor unmet."
      ),
      (.chinese, "在线率（时点状态，不是时段指标）无指标值：既不判达标，也不判未达标。"),
    ] {
      let document = ReportDocument(past, language: language, sections: [.policies])
      let texts = document.sections.flatMap(\.blocks).compactMap { block -> String? in
        if case .prose(let text, _) = block { text } else { nil }
      }
      #expect(texts.contains(sentence))
    }
  }

  @Test func `of factories, none meets or misses a policy about a state`() throws {
    func rule(_ assessment: DistrictAssessment) throws -> PolicyAttainment.Rule? {
      guard case .district(let ranking) = try report(.district, of: assessment).contents else { return nil }
      return ranking.attainments.first?.rules.first
    }
    let now = try #require(try rule(SampleDistrict.assessment()))
    #expect(now.met == 2 && now.unmet == 0 && now.open == 2)
    let past = try #require(try rule(august()))
    #expect(past.met == 0 && past.unmet == 0 && past.open == 4)
  }

  @Test func `a form about days that are over has no state, and no equipment behind it`() throws {
    func values(_ assessment: DistrictAssessment) throws -> (count: Int?, hasRatio: Bool, lists: Int) {
      let form = try #require(try report(.factory("F001"), of: assessment).forms.first)
      guard case .count(let count) = form.cells[0].value, case .ratio(let ratio) = form.cells[1].value else {
        return (nil, false, -1)
      }
      return (count, ratio != nil, form.lists.count)
    }
    #expect(try values(SampleDistrict.assessment()) == (3, true, 1))
    #expect(try values(august()) == (nil, false, 0))
  }

  @Test func `factories are not ranked by a state of days that are over`() throws {
    for metric in [Metric.onlineRatio, .reportingRatio] {
      _ = try report(.district, of: SampleDistrict.assessment(), rankedBy: .metric(metric))
      let assessment = try august()
      #expect(throws: ReportError.ofInstant(metric.key)) {
        try report(.district, of: assessment, rankedBy: .metric(metric))
      }
    }
    let error = ReportError.ofInstant("online_ratio")
    #expect(
      error.description
        == "factories cannot be ranked by online_ratio here: it is a state at one instant, and the period is over, or "
        + "its end was not observed; rank by time_weighted_connectivity")
    #expect(
      error.chinese
        == "此处不能按 online_ratio 对企业排名：该指标为时点状态，而统计周期已结束或期末无观测；请改用 time_weighted_connectivity")
  }

  @Test func `JSON has the counts of the last instant, beside the note that they are`() throws {
    let json = JSONRenderer().render(try report(.factory("F001"), of: august()))
    #expect(json.contains(#""states_at_as_of":false"#))
    #expect(json.contains(#""online_ratio":{"numerator":2,"denominator":2,"percent":"100.0"}"#))
  }
}
