import Aggregation
import Telemetry
import Testing

@Suite("Policies") struct PolicyTests {
  /// A policy with these rules and steps and nothing else to say.
  private func policy(_ rules: [Policy.Rule], bands: [Policy.Band] = []) throws -> Policy {
    Policy(
      name: "p", titleChinese: "", titleEnglish: "", issuingBodyChinese: "", issuingBodyEnglish: "",
      date: try #require(CalendarDay("2026-11-22")), origin: .init(source: ""), noteChinese: "",
      noteEnglish: "",
      rules: rules, bands: bands)
  }

  /// Figures of `equipment` machines of which so many are digital and networked.
  private func figures(_ equipment: Int, digital: Int = 0, networked: Int = 0) -> Figures {
    var figures = Figures()
    figures.equipment = equipment
    figures.digital = digital
    figures.networked = networked
    return figures
  }

  private func digital(_ numerator: Int, _ denominator: Int, atLeast: Int64) throws
    -> PolicyVerdict.RuleVerdict
  {
    let policy = try policy([.init(metric: .digitalizationRatio, atLeast: atLeast)])
    let verdict = PolicyVerdict(policy, of: figures(denominator, digital: numerator))
    return try #require(verdict.rules.first)
  }

  @Test(
    "A rule is met from its threshold on, and says what is missing below it",
    arguments: [
      // Numerator, denominator, thousandths of a percent, met, missing.
      (30, 60, 50_000, true, 0), (29, 60, 50_000, false, 1), (0, 60, 50_000, false, 30),
      // The least that reaches half of 61 is 31.
      (30, 61, 50_000, false, 1), (31, 61, 50_000, true, 0),
      (60, 60, 100_000, true, 0), (59, 60, 100_000, false, 1), (0, 60, 0, true, 0),
      // 2/3 is 66.666… %.
      (2, 3, 66_666, true, 0), (2, 3, 66_667, false, 1), (1, 3, 33_333, true, 0), (1, 3, 33_334, false, 1),
      (1, 100_000, 1, true, 0), (0, 100_000, 1, false, 1),
    ])
  func threshold(_ numerator: Int, _ denominator: Int, _ atLeast: Int64, _ met: Bool, _ missing: Int) throws {
    let verdict = try digital(numerator, denominator, atLeast: atLeast)
    #expect(verdict.isMet == met)
    #expect(verdict.missing == missing)
  }

  @Test("The counts decide, not the percent: 49,999 of 100,000 and 99,999 of 100,000 are one short")
  func misleadingPercent() throws {
    let half = try digital(49_999, 100_000, atLeast: 50_000)
    #expect(half.isMet == false && half.missing == 1 && half.count.percent == "49.9")
    #expect(try digital(50_000, 100_000, atLeast: 50_000).isMet == true)
    // Both print as 99.9 %, and a threshold of 99.95 % lies between them.
    let below = try digital(99_949, 100_000, atLeast: 99_950)
    let above = try digital(99_950, 100_000, atLeast: 99_950)
    #expect(below.count.percent == above.count.percent)
    #expect(below.isMet == false && below.missing == 1 && above.isMet == true)
    #expect(try digital(99_999, 100_000, atLeast: 100_000).isMet == false)
  }

  @Test("Counts as large as a year's milliseconds of a district do not overflow") func large() throws {
    let year = 53_700 * 365 * 86_400_000
    let verdict = try digital(year / 2 - 1, year, atLeast: 50_000)
    #expect(verdict.isMet == false && verdict.missing == 1)
    #expect(try digital(year / 2, year, atLeast: 50_000).isMet == true)
    #expect(try digital(.max, .max, atLeast: 100_000).isMet == true)
  }

  @Test("Without a figure a rule is neither met nor unmet, and nothing is missing") func noFigure() throws {
    let verdict = try digital(0, 0, atLeast: 50_000)
    #expect(verdict.isMet == nil && verdict.missing == 0 && verdict.count == Count(0, of: 0))
  }

  @Test(
    "A policy is met when every rule is; a rule that is not met decides, else a missing figure leaves it open"
  )
  func together() throws {
    let both = try policy([
      .init(metric: .digitalizationRatio, atLeast: 50_000), .init(metric: .uploadRatio, atLeast: 90_000),
    ])
    func verdict(digital: Int, slots: Int, received: Int) -> PolicyVerdict {
      var figures = figures(10, digital: digital)
      figures.time.slotsExpected = slots
      figures.time.slotsReceived = received
      return PolicyVerdict(both, of: figures)
    }
    #expect(verdict(digital: 5, slots: 100, received: 90).isMet == true)
    let late = verdict(digital: 5, slots: 100, received: 89)
    #expect(late.isMet == false && late.rules.map(\.isMet) == [true, false] && late.rules[1].missing == 1)
    let unheard = verdict(digital: 5, slots: 0, received: 0)
    #expect(unheard.isMet == nil && unheard.rules.map(\.isMet) == [true, nil])
    #expect(unheard.missingFigures == [.uploadRatio])
    #expect(verdict(digital: 4, slots: 0, received: 0).isMet == false)
  }

  @Test(
    "A step excludes what it is above and includes what it is up to",
    arguments: [
      (0, 1000, nil), (1, 1000, "1"), (100, 1000, "1"), (101, 1000, "2"), (200, 1000, "2"), (201, 1000, "3"),
      (600, 1000, "4"), (601, 1000, "5"), (1000, 1000, "5"),
      // One above exactly 10 % where the percent printed is the same.
      (10_000, 100_000, "1"), (10_001, 100_000, "2"), (0, 0, nil),
    ] as [(Int, Int, String?)])
  func step(_ numerator: Int, _ denominator: Int, _ level: String?) throws {
    let ends: [Int64] = [0, 10_000, 20_000, 40_000, 60_000, 100_000]
    let bands = (0..<5).map { index in
      Policy.Band(
        metric: .networkedRatio, name: "\(index + 1)", above: ends[index], upTo: ends[index + 1])
    }
    let verdict = PolicyVerdict(try policy([], bands: bands), of: figures(denominator, networked: numerator))
    #expect(verdict.bands.map(\.band?.name) == [level])
    #expect(verdict.isMet == nil)
    #expect(verdict.missingFigures == (denominator == 0 ? [.networkedRatio] : []))
  }

  @Test("Every metric of a policy's steps has a level, in the order the policy names them") func scales()
    throws
  {
    let bands = [
      Policy.Band(metric: .networkedRatio, name: "low", above: 0, upTo: 50_000),
      Policy.Band(metric: .digitalizationRatio, name: "all", above: 0, upTo: 100_000),
      Policy.Band(metric: .networkedRatio, name: "high", above: 50_000, upTo: 100_000),
    ]
    let verdict = PolicyVerdict(try policy([], bands: bands), of: figures(4, digital: 1, networked: 3))
    #expect(verdict.bands.map(\.metric) == [.networkedRatio, .digitalizationRatio])
    #expect(verdict.bands.map(\.band?.name) == ["high", "all"])
    #expect(verdict.bands.map(\.count) == [Count(3, of: 4), Count(1, of: 4)])
  }

  @Test(
    "Each end of a step belongs to it or not, to the last of 100,000 machines",
    arguments: [
      // The scale of 2024: [0, 10] 0 points, (10, 20] 1.5, (20, 40] 3, (40, 60] 4.5, (60, 100] 6.
      (0, "1", 0), (1, "1", 0), (9999, "1", 0), (10_000, "1", 0), (10_001, "2", 1500), (20_000, "2", 1500),
      (20_001, "3", 3000), (40_000, "3", 3000), (40_001, "4", 4500), (60_000, "4", 4500), (60_001, "5", 6000),
      (100_000, "5", 6000),
    ] as [(Int, String, Int64)])
  func points(_ networked: Int, _ level: String, _ points: Int64) throws {
    let ends: [Int64] = [0, 10_000, 20_000, 40_000, 60_000, 100_000]
    let bands = (0..<5).map { index in
      Policy.Band(
        metric: .networkedRatio, name: "\(index + 1)", lower: ends[index], includesLower: index == 0,
        upper: ends[index + 1], includesUpper: true, points: Int64(index) * 1500)
    }
    let verdict = PolicyVerdict(try policy([], bands: bands), of: figures(100_000, networked: networked))
    #expect(verdict.bands.map(\.band?.name) == [level])
    let reached = try #require(verdict.points)
    #expect(reached.reached == points && reached.most == 6000 && reached.open == [])
    let none = PolicyVerdict(try policy([], bands: bands), of: figures(0))
    let open = try #require(none.points)
    #expect(open.reached == 0 && open.most == 6000 && open.open == [.networkedRatio])
    #expect(none.bands.map(\.absence) == [.noEquipment])
  }

  @Test(
    "A step may include its lower end and exclude its upper one, or be one share alone",
    arguments: [
      (333, "low"), (334, "low"), (499, "low"), (500, "half"), (501, "high"), (999, "high"), (1000, nil),
      (332, nil),
    ] as [(Int, String?)])
  func ends(_ digital: Int, _ level: String?) throws {
    let bands = [
      Policy.Band(
        metric: .digitalizationRatio, name: "low", lower: 33_300, includesLower: true, upper: 50_000,
        includesUpper: false),
      Policy.Band(
        metric: .digitalizationRatio, name: "half", lower: 50_000, includesLower: true, upper: 50_000,
        includesUpper: true),
      Policy.Band(
        metric: .digitalizationRatio, name: "high", lower: 50_000, includesLower: false, upper: 100_000,
        includesUpper: false),
    ]
    let verdict = PolicyVerdict(try policy([], bands: bands), of: figures(1000, digital: digital))
    #expect(verdict.bands.map(\.band?.name) == [level])
    #expect(verdict.points == nil)
    #expect(bands.map(\.interval) == ["[33.3, 50)", "[50, 50]", "(50, 100)"])
  }

  @Test("Days outside those on which a policy is in force are told from days that are partly so") func force()
    throws
  {
    var policy = try policy([])
    let first = CalendarDay(number: 20_000)
    #expect(policy.force(over: first...first + 9) == .throughout)
    policy.validFrom = first + 5
    #expect(policy.force(over: first...first + 4) == .never)
    #expect(policy.force(over: first...first + 5) == .partly)
    #expect(policy.force(over: first + 5...first + 5) == .throughout)
    policy.validUntil = first + 7
    #expect(policy.force(over: first + 5...first + 7) == .throughout)
    #expect(policy.force(over: first + 7...first + 8) == .partly)
    #expect(policy.force(over: first + 8...first + 9) == .never)
    #expect(policy.force(over: first...first + 9) == .partly)
  }

  @Test("A figure that the register states nothing for is neither met nor unmet, and the reason is given")
  func notStated() throws {
    let rules = [Policy.Rule(metric: .cncRatio, atLeast: 60_000)]
    let verdict = PolicyVerdict(try policy(rules), of: figures(10, digital: 10))
    #expect(verdict.isMet == nil && verdict.missingFigures == [.cncRatio])
    #expect(verdict.rules.map(\.absence) == [.notStated])
    var stated = figures(10)
    (stated.forms.cncStated, stated.forms.cnc) = (10, 5)
    let held = PolicyVerdict(try policy(rules), of: stated)
    #expect(held.isMet == false && held.rules.map(\.missing) == [1] && held.rules.map(\.absence) == [nil])
  }
}
