import Aggregation
import Alerts
import Configuration
import Telemetry
import Testing

@Suite("Months at risk of missing a policy") struct PolicyRiskTests {
  private static func policy(_ metric: Metric, _ share: Int64) -> Policy {
    Policy(
      name: "p", titleChinese: "政策", titleEnglish: "Policy", issuingBodyChinese: "部",
      issuingBodyEnglish: "Body",
      date: CalendarDay(number: 0), origin: Policy.Origin(source: "s"), noteChinese: "注", noteEnglish: "Note",
      rules: [Policy.Rule(metric: metric, atLeast: share)], bands: [])
  }

  /// Facts of 11 November 00:00: ten days are over, twenty are left; the last five days are known.
  private func facts(_ soFar: Figures, _ recent: Figures, day: Int32 = 11) -> AlertFacts {
    let first = CalendarDay(year: 2026, month: 11, day: 1) ?? CalendarDay(number: 0)
    let until = Sample.calendar.start(of: first + 10)
    return AlertFacts(
      at: until,
      month: AlertFacts.Month(
        firstDay: first, today: CalendarDay(number: first.number + day - 1),
        end: Sample.calendar.start(of: first + 30), until: until, soFar: .init(district: soFar),
        recent: .init(district: recent), recentFrom: Sample.calendar.start(of: first + 5)))
  }

  @Test("What the last days added is added in proportion to the time that is left") func projection() throws {
    // 10 days: 950 of 1000. Last 5 days: 400 of 500, so 20 days bring 1600 of 2000: 2550 of 3000, 85 %.
    let facts = facts(Sample.uploads(950, of: 1000), Sample.uploads(400, of: 500))
    let month = try #require(facts.month)
    let projected = try #require(MonthProjection(.uploadRatio, of: .district, in: month))
    #expect(projected.now == Count(950, of: 1000))
    #expect(projected.atEnd == Count(2550, of: 3000))
    var story = Story(
      AlertRule(
        name: "risk",
        kind: .policyAtRisk(Self.policy(.uploadRatio, 90_000), level: .district, fromDay: 3, margin: 1000)))
    // Now it is above 90 %, and the month ends below.
    #expect(story.events(facts) == ["risk district raised"])
    #expect(story.last.first?.figures?.numerator == 2550)
    #expect(story.last.first?.figures?.presentNumerator == 950)
    #expect(story.last.first?.figures?.threshold == 90_000)
    // 20 days of 452 of 500: 950 + 1808 = 2758 of 3000, 91.9 %: above 91 %.
    #expect(
      story.events(self.facts(Sample.uploads(950, of: 1000), Sample.uploads(452, of: 500))) == [
        "risk district resolved"
      ])
    // 440: 950 + 1760 = 2710 of 3000, 90.3 %: between the thresholds.
    #expect(story.events(self.facts(Sample.uploads(950, of: 1000), Sample.uploads(440, of: 500))) == [])
    #expect(story.states.isEmpty)
  }

  @Test("A ratio that counts equipment stays as it is") func instant() throws {
    let facts = facts(Sample.networked(64, of: 100), Sample.networked(90, of: 100))
    let month = try #require(facts.month)
    let projected = try #require(MonthProjection(.networkedRatio, of: .district, in: month))
    #expect(projected.atEnd == Count(64, of: 100))
    var story = Story(
      AlertRule(
        name: "risk",
        kind: .policyAtRisk(Self.policy(.networkedRatio, 65_000), level: .district, fromDay: 3, margin: 0)))
    #expect(story.events(facts) == ["risk district raised"])
    #expect(
      story.events(self.facts(Sample.networked(65, of: 100), Sample.networked(0, of: 100))) == [
        "risk district resolved"
      ])
  }

  @Test("Before the day of the month nothing is judged") func early() {
    var story = Story(
      AlertRule(
        name: "risk",
        kind: .policyAtRisk(Self.policy(.networkedRatio, 65_000), level: .district, fromDay: 12, margin: 0)))
    let low = Sample.networked(1, of: 100)
    #expect(story.events(facts(low, low, day: 11)) == [])
    #expect(story.states.isEmpty)
    #expect(story.events(facts(low, low, day: 12)) == ["risk district raised"])
    // The next month begins: the alert is neither resolved nor raised anew.
    #expect(story.events(facts(low, low, day: 1)) == [])
    #expect(story.raised != nil)
  }

  @Test("Sums at the end of their type do not overflow") func saturated() throws {
    let most = Sample.uploads(.max, of: .max)
    let facts = facts(most, most)
    let month = try #require(facts.month)
    let projected = try #require(MonthProjection(.uploadRatio, of: .district, in: month))
    #expect(projected.atEnd == Count(.max, of: .max))
  }
}
