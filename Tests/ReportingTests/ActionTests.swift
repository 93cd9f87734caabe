import Aggregation
import Register
import Reporting
import Telemetry
import Testing

/// What to do next in F001 of the sample district: nine machines, four of them networked.
@Suite("What to do next") struct ActionTests {
  private func rule(
    _ name: String, _ metric: Metric, _ change: (inout ActionRule.Condition) -> Void
  ) -> ActionRule {
    var condition = ActionRule.Condition()
    change(&condition)
    return ActionRule(
      name: name, metric: metric, equipment: condition, textChinese: "{place}：{count} 台（{equipment}）",
      textEnglish: "Do {count} in {place}: {equipment}")
  }

  private func report(_ rules: [ActionRule], policies: [Policy] = []) throws -> Report {
    try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0", policies: policies, actionRules: rules)
  }

  private func policy(_ rules: [Policy.Rule], bands: [Policy.Band] = []) -> Policy {
    Policy(
      name: "p", titleChinese: "政策", titleEnglish: "Policy", issuingBodyChinese: "", issuingBodyEnglish: "",
      date: CalendarDay(number: 0), origin: .init(source: ""), noteChinese: "", noteEnglish: "", rules: rules,
      bands: bands)
  }

  @Test("Equipment is named by workshop, with the ratio as it is and as it would be, the largest gain first")
  func byWorkshop() throws {
    let rules = [
      rule("connect", .networkedRatio) { $0.buckets = [.neverSeen, .refused] },
      rule("automate", .automationRatio) { $0.automation = [.manual, .semiAutomatic] },
    ]
    let actions = try report(rules).actions
    #expect(
      actions.map { "\($0.rule.name) \($0.workshop): \($0.equipment.joined(separator: " "))" } == [
        // Two of nine, then one of nine each, in the order of rules and workshops.
        "automate W02: E05 E08", "connect W02: E08", "connect : E09", "automate W01: E04",
      ])
    #expect(actions[0].before == Count(5, of: 9))
    #expect(actions[0].after == Count(7, of: 9))
    #expect(actions[1].before == Count(4, of: 9))
    #expect(actions[1].after == Count(5, of: 9))
  }

  @Test("Equipment that the ratio counts already, or never could, is not named") func notCounted() throws {
    // Everything is asked for: what is networked or not digital would not raise the ratio.
    let actions = try report([rule("all", .networkedOfDigitalRatio) { _ in }]).actions
    #expect(actions.map(\.equipment) == [["E06", "E07", "E08"], ["E09"]])
    #expect(actions.map(\.after) == [Count(7, of: 8), Count(5, of: 8)])
  }

  @Test("Conditions are held together") func conditions() throws {
    let rules = [
      rule("a", .networkedRatio) {
        $0.digital = true
        $0.connectable = false
      },
      rule("b", .networkedRatio) {
        $0.buckets = [.offline, .neverSeen]
        $0.networked = false
        $0.automation = [.unclassified]
      },
      rule("c", .networkedRatio) { $0.intelligent = true },
    ]
    #expect(try report(rules).actions.map { $0.rule.name + " " + $0.equipment[0] } == ["a E06", "b E07"])
  }

  @Test("It says which thresholds are reached by an action alone, and what is lacking to the next")
  func thresholds() throws {
    // 5 of 9 is 55.55 %: of the rules the first is met already, the second by one more, the third by two; the
    // step above 40 % is reached already, the one above 55.55 % by one more.
    let policies = [
      policy([
        .init(metric: .networkedRatio, atLeast: 40_000), .init(metric: .networkedRatio, atLeast: 55_555),
        .init(metric: .networkedRatio, atLeast: 55_556),
      ]),
      policy(
        [],
        bands: [
          .init(metric: .networkedRatio, name: "4", above: 40_000, upTo: 55_555),
          .init(metric: .networkedRatio, name: "5", above: 55_555, upTo: 100_000),
        ]),
    ]
    let report = try report(
      [rule("connect", .networkedRatio) { $0.buckets = [.neverSeen, .refused] }], policies: policies)
    let action = try #require(report.actions.first)
    #expect(action.reaches.map(\.share) == [55_555, 55_555])
    #expect(action.reaches.map(\.band) == ["", "5"])
    #expect(action.next?.threshold.share == 55_556)
    #expect(action.next?.missing == 1)
    let text = TextRenderer(width: 120).render(report, sections: [.actions])
    #expect(text.contains("Do 1 in W02: E08"))
    #expect(text.contains("reaches ≥ 55.555 %"))
  }

  @Test("A machine, a district and no rules have no actions") func none() throws {
    let rules = [rule("connect", .networkedRatio) { _ in }]
    for scope in [ReportScope.district] {
      let report = try Report(
        on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0",
        actionRules: rules)
      #expect(report.actions.isEmpty)
    }
    #expect(try report([]).actions.isEmpty)
  }
}
