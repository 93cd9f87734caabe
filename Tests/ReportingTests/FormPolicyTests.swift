import Aggregation
import Reporting
import Telemetry
import Testing

/// Cells of forms whose policy is not in force in the period.
@Suite("Policies of forms") struct FormPolicyTests {
  /// A report with a form that has a cell with points and one with a verdict, by one policy.
  private func report(
    by policy: Policy, _ scope: ReportScope, levelIs certainty: Form.Certainty = .read
  ) throws -> Report {
    var form = SampleForm.form
    form.sections = [
      .init(
        title: SampleForm.words("一", "One"),
        items: [
          .init(
            number: "1", title: SampleForm.words("项", "Item"), certainty: .read,
            cells: [
              .init(label: nil, kind: .points(policy, .digitalizationRatio), certainty: .read),
              .init(label: nil, kind: .verdict(policy, .digitalizationRatio), certainty: certainty),
            ])
        ])
    ]
    return try Report(
      on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
      forms: [form])
  }

  /// The remarks beside a cell with points and one with a verdict, by a policy with these dates.
  private func remarks(
    from: CalendarDay?, until: CalendarDay?, _ language: Language, _ scope: ReportScope = .factory("F001")
  ) throws -> [String] {
    var policy = SampleForm.scale
    (policy.validFrom, policy.validUntil) = (from, until)
    let document = ReportDocument(
      try report(by: policy, scope, levelIs: .restated), language: language, sections: [.form])
    let rows = document.sections.flatMap(\.blocks).flatMap { block -> [[String]] in
      guard case .table(let table) = block else { return [] }
      return table.rows.compactMap { $0.cells?.map { document.text($0) } }
    }
    return rows.filter { $0.first?.hasPrefix("1.") == true }.compactMap(\.last)
  }

  /// Cells with points and a level, by a policy that has no band from 80 % on.
  private func outside(
    _ language: Language, _ scope: ReportScope, in section: ReportSection = .form, rows: String = "1."
  ) throws -> [[String]] {
    var policy = SampleForm.scale
    policy.bands = [(0, 40), (40, 80)].enumerated().map { place, limits in
      Policy.Band(
        metric: .digitalizationRatio, name: "\(place + 1)", lower: limits.0 * 1000, includesLower: place == 0,
        upper: limits.1 * 1000, includesUpper: true, points: 1000)
    }
    return try report(by: policy, scope).rows(section, language).filter { $0.first?.hasPrefix(rows) == true }
  }

  /// F001's ratio is 88.8 %.
  @Test("A figure in none of the bands is said to be so, with the limits of the bands") func noBand() throws {
    #expect(
      try outside(.english, .factory("F001")) == [
        [
          "1.1 Points", "in no band",
          "By the scale of Assessment. The figure is in none of its bands: [0, 40] %, (40, 80] %",
        ],
        [
          "1.2 Threshold", "in no band",
          "Assessment. The figure is in none of its bands: [0, 40] %, (40, 80] %",
        ],
      ])
    #expect(
      try outside(.chinese, .factory("F001")) == [
        ["1.1 得分", "不在任何计分区间", "按“评测”的分档计算。指标值不在任何计分区间内；各区间为 [0, 40] %、(40, 80] %"],
        ["1.2 是否达标", "不在任何等级区间", "评测。指标值不在任何等级区间内；各区间为 [0, 40] %、(40, 80] %"],
      ])
    #expect(try outside(.chinese, .district).first?[1] == "按“评测”的分档计算。得分按企业计算，见分企业表")
    let factory = try outside(.chinese, .district, in: .formFactories, rows: "F001").first ?? []
    #expect(factory.dropFirst(2).prefix(2) == ["不在任何计分区间", "不在任何等级区间"])
  }

  @Test("A cell says that its policy is not in force in the period, also if the form is") func outside()
    throws
  {
    let end = CalendarDay(year: 2025, month: 12, day: 31)
    let english =
      "⚠ In force until 2025-12-31: the period lies outside, and the comparison is for information only"
    #expect(
      try remarks(from: nil, until: end, .english) == [
        "By the scale of Assessment. \(english)",
        "Assessment. \(english). The wording of this cell is restated by a third party, not read in the authority's text",
      ])
    let chinese = "⚠ 有效期至 2025-12-31 止：本期不在有效期内，对标结果仅供参考"
    let found = try remarks(from: nil, until: end, .chinese)
    #expect(found.first == "按“评测”的分档计算。\(chinese)")
    #expect(found.last == "评测。\(chinese)。本栏条文据第三方转述，未核对原文")
    #expect(try remarks(from: nil, until: end, .english, .district)[0].hasSuffix(". \(english)"))
  }

  @Test("A policy that is in force on a part of the period says so, and one in force throughout says nothing")
  func partly() throws {
    let middle = CalendarDay(year: 2026, month: 11, day: 1)
    #expect(
      try remarks(from: middle, until: nil, .english)[0]
        == "By the scale of Assessment. ⚠ In force from 2026-11-01: a part of the period lies outside")
    #expect(
      try remarks(from: middle, until: nil, .chinese)[0]
        == "按“评测”的分档计算。⚠ 有效期自 2026-11-01 起：本期部分不在有效期内")
    #expect(try remarks(from: nil, until: nil, .english)[0] == "By the scale of Assessment")
  }
}
