import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// The conclusion of a report: sentences that state no more than is known.
@Suite("Conclusions of reports") struct ConclusionTests {
  private static let calendar = SampleDistrict.calendar

  private func sentences(
    _ scope: ReportScope, of assessment: DistrictAssessment = SampleDistrict.assessment(),
    policies: [Policy] = [], _ language: Language
  ) throws -> [String] {
    let report = try Report(
      on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0", policies: policies)
    return try #require(ReportDocument(report, language: language).headline).sentences
  }

  /// Checks the sentences in both languages.
  private func expect(
    _ scope: ReportScope, of assessment: DistrictAssessment = SampleDistrict.assessment(),
    policies: [Policy] = [], english: [String], chinese: [String],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try Language.allCases.map { language in
      (language, try sentences(scope, of: assessment, policies: policies, language))
    }
    for (language, sentences) in found {
      #expect(sentences == (language == .english ? english : chinese), sourceLocation: location)
    }
  }

  /// The days of August, or the thirty days of the sample, of any register.
  private func assessment(
    version: Int = 1, factories: [RegisteredFactory], entries: [RegisterSnapshot.Entry] = [],
    heard: [EquipmentEvidence] = [], observed: Bool = true, isOver: Bool = false
  ) -> DistrictAssessment {
    let first = CalendarDay(year: 2026, month: 8, day: 1) ?? CalendarDay(number: 0)
    let period =
      isOver
      ? Period(from: first, to: first + 30, calendar: Self.calendar, now: SampleDistrict.asOf)
      : Period(endingAt: SampleDistrict.asOf, calendar: Self.calendar)
    return DistrictAssessment(
      register: RegisterSnapshot(
        version: version, day: period.lastDay, factories: factories, entries: entries),
      evidence: StoreEvidence(
        asOf: period.asOf, equipment: heard, observed: observed ? [(period.from, period.until)] : []),
      knownAt: SampleDistrict.asOf, period: period)
  }

  private func entries(_ factory: String) -> [RegisterSnapshot.Entry] {
    SampleDistrict.entries.filter { $0.equipment.key.factory == factory }
  }

  private func heard(_ factory: String) -> [EquipmentEvidence] {
    SampleDistrict.evidence.filter { $0.key.factory == factory }
  }

  private static let now = (english: "As of 22 November 2026, 22:10, ", chinese: "截至 2026 年 11 月 22 日 22:10，")
  private static let sufficient = (
    english: "The data are sufficient, with 100.0 % of the period observed", chinese: "数据充分，观测覆盖率 100.0 %"
  )

  @Test func `a factory has its networked machines, the shortfall, and how far the data can be trusted`()
    throws
  {
    try expect(
      .factory("F001"),
      english: [
        Self.now.english + "4 of the 9 machines in service were networked (44.4 %); "
          + "3 machines declared connectable were not networked.",
        Self.sufficient.english + "; 5 findings are to be explained.",
      ],
      chinese: [
        Self.now.chinese + "在役生产设备 9 台，其中联网 4 台，设备联网率 44.4 %；申报可联网而未联网 3 台。",
        Self.sufficient.chinese + "；需企业说明的事项 5 项。",
      ])
  }

  @Test func `a district says in how many factories its machines are, without those that have none`() throws {
    try expect(
      .district,
      english: [
        Self.now.english + "6 of the 12 machines in service in 3 factories were networked (50.0 %); "
          + "4 machines declared connectable were not networked.",
        Self.sufficient.english + "; 6 findings are to be explained.",
      ],
      chinese: [
        Self.now.chinese + "园区 3 家企业在役生产设备 12 台，其中联网 6 台，设备联网率 50.0 %；申报可联网而未联网 4 台。",
        Self.sufficient.chinese + "；需企业说明的事项 6 项。",
      ])
  }

  @Test func `a district of one factory, all of whose machines are networked`() throws {
    try expect(
      .district,
      of: assessment(
        factories: [RegisteredFactory(id: "F002")], entries: entries("F002"), heard: heard("F002")),
      english: [
        Self.now.english + "all 2 machines in service in 1 factory were networked.",
        Self.sufficient.english + ".",
      ],
      chinese: [
        Self.now.chinese + "园区 1 家企业在役生产设备 2 台，其中联网 2 台，设备联网率 100.0 %。",
        Self.sufficient.chinese + "。",
      ])
  }

  @Test func `a period that is over ends with its last day, and the only machine that was not networked`()
    throws
  {
    let one = entries("F004")
    try expect(
      .factory("F004"),
      of: assessment(factories: [RegisteredFactory(id: "F004")], entries: one, isOver: true),
      english: [
        "As of 31 August 2026, the only machine in service was not networked.",
        Self.sufficient.english + "; 1 finding is to be explained.",
      ],
      chinese: [
        "截至 2026 年 8 月 31 日，在役生产设备 1 台，其中联网 0 台，设备联网率 0.0 %。", Self.sufficient.chinese + "；需企业说明的事项 1 项。",
      ])
  }

  @Test func `insufficient data come first, and a count of them is a least count`() throws {
    let late = SampleDistrict.assessment(
      observedFrom: SampleDistrict.asOf - .minutes(30), brokerDrops: 1312)
    try expect(
      .factory("F001"), of: late,
      english: [
        "The data are insufficient, with <0.1 % of the period observed and 95 % needed: measured figures are of the "
          + "observed time only; the broker dropped 1,312 messages; 5 findings are to be explained.",
        Self.now.english + "at least 4 of the 9 machines in service were networked (44.4 %).",
      ],
      chinese: [
        "数据不足，观测覆盖率 <0.1 %，要求不低于 95 %，实测指标仅反映已观测时段；消息代理丢弃消息 1,312 条；需企业说明的事项 5 项。",
        Self.now.chinese + "在役生产设备 9 台，其中已知联网 4 台，设备联网率不低于 44.4 %。",
      ])
  }

  @Test func `of what was not observed only the register is stated`() throws {
    try expect(
      .factory("F001"),
      of: assessment(
        factories: SampleDistrict.factories, entries: entries("F001"), observed: false, isOver: true),
      english: [
        "Nothing was observed in the period, so nothing is known about networking; the register lists 9 machines in "
          + "service, 7 of them declared connectable."
      ],
      chinese: ["本期无观测，联网情况不作判断；台账登记在役生产设备 9 台，其中申报可联网 7 台。"])
  }

  @Test func `without a register, a factory or equipment there is no ratio, and the reason is stated`() throws
  {
    try expect(
      .district, of: assessment(version: 0, factories: [], heard: heard("F900")),
      english: [
        Self.now.english
          + "no register had been imported, so no ratio can be given; 1 unregistered device sent data.",
        Self.sufficient.english + ".",
      ],
      chinese: [
        Self.now.chinese + "台账尚未导入，无法计算各项占比；收到 1 台未登记设备的数据。", Self.sufficient.chinese + "。",
      ])
    try expect(
      .district, of: assessment(factories: []),
      english: [
        Self.now.english + "the register lists no factory, so no ratio can be given.",
        Self.sufficient.english + ".",
      ],
      chinese: [Self.now.chinese + "台账中无企业，无法计算各项占比。", Self.sufficient.chinese + "。"])
    try expect(
      .factory("F003"),
      english: [
        Self.now.english + "the register lists no production equipment in service, so no ratio can be given.",
        Self.sufficient.english + ".",
      ],
      chinese: [Self.now.chinese + "台账中无在役生产设备，无法计算各项占比。", Self.sufficient.chinese + "。"])
    try expect(
      .factory("F900"),
      english: [
        Self.now.english
          + "the register does not know this factory, so no ratio can be given; 1 unregistered device sent data.",
        Self.sufficient.english + ".",
      ],
      chinese: [
        Self.now.chinese + "台账中无此企业，无法计算各项占比；收到 1 台未登记设备的数据。", Self.sufficient.chinese + "。",
      ])
  }

  private func policy(_ name: String, _ rules: [(Metric, Int64)]) -> Policy {
    Policy(
      name: name, titleChinese: "政策" + name, titleEnglish: "Policy " + name, issuingBodyChinese: "",
      issuingBodyEnglish: "", date: CalendarDay(number: 20_779), origin: .init(source: ""), noteChinese: "",
      noteEnglish: "", rules: rules.map { .init(metric: $0.0, atLeast: $0.1) }, bands: [])
  }

  @Test func `thresholds are counted, and three of those that are missed are named`() throws {
    let policies = [
      policy("A", [(.digitalizationRatio, 50_000), (.uploadRatio, 90_000), (.qualityRatio, 1_000)]),
      policy("B", [(.networkedRatio, 44_445), (.automationRatio, 60_000), (.connectableRatio, 80_000)]),
    ]
    #expect(
      try sentences(.factory("F001"), policies: policies, .english)[1]
        == "Policy thresholds: 1 met, 4 not met (Upload rate 26.4 %, Policy A asks for 90 %; "
        + "Networked coverage 44.4 %, Policy B asks for 44.445 %; Automation ratio 55.5 %, Policy B asks for 60 %; "
        + "and 1 more), 1 without a figure.")
    #expect(
      try sentences(.factory("F001"), policies: policies, .chinese)[1]
        == "政策阈值：达标 1 项，未达标 4 项（数据上传率 26.4 %，“政策A”要求 90 %；设备联网率 44.4 %，“政策B”要求 44.445 %；"
        + "自动化、智能化设备占比 55.5 %，“政策B”要求 60 %；另有 1 项），无指标值 1 项。")
    // All are met, or there is none in force.
    let met = [policy("A", [(.digitalizationRatio, 50_000)])]
    #expect(try sentences(.factory("F001"), policies: met, .english)[1] == "Policy thresholds: 1 met.")
    #expect(try sentences(.factory("F001"), policies: met, .chinese)[1] == "政策阈值：达标 1 项。")
    #expect(try sentences(.factory("F001"), policies: SampleDistrict.formPolicies, .english).count == 2)
  }

  @Test func `the same figures give the same sentences, at most four`() throws {
    for subject in GoldenTests.subjects where subject.scope.kind != "equipment" && !subject.isFilledIn {
      let report = try GoldenTests.report(subject)
      for language in Language.allCases {
        let found = ReportDocument(report, language: language).headline?.sentences ?? []
        #expect((1...4).contains(found.count), "\(subject.name)")
        #expect(found == ReportDocument(report, language: language).headline?.sentences)
        #expect(found.allSatisfy { $0.hasSuffix(language == .english ? "." : "。") })
      }
    }
  }
}
