import Aggregation
import Alerts
import Configuration
import Telemetry
import Testing

@Suite("Conditions of rules") struct ConditionTests {
  private func facts(_ minutes: Int64, _ fill: (inout AlertFacts) -> Void) -> AlertFacts {
    var facts = AlertFacts(at: Sample.at(minutes), factories: ["F1": .init(), "F2": .init()])
    fill(&facts)
    return facts
  }

  // MARK: Ratios

  private func district(_ minutes: Int64, _ numerator: Int, of denominator: Int) -> AlertFacts {
    facts(minutes) {
      $0.periods[7] = .init(district: Sample.networked(numerator, of: denominator))
    }
  }

  @Test("A ratio is low below the threshold alone, lasts between the two, and is over from the other on")
  func hysteresis() {
    var story = Story(
      AlertRule(
        name: "low",
        kind: .ratioBelow(.networkedRatio, days: 7, level: .district, share: 90_000, clearAt: 92_000)))
    // 90 % of 1000 is 900.
    #expect(story.events(district(0, 900, of: 1000)) == [])
    #expect(story.events(district(1, 899, of: 1000)) == ["low district raised"])
    #expect(story.last.first?.figures?.numerator == 899)
    #expect(story.last.first?.figures?.denominator == 1000)
    #expect(story.last.first?.figures?.threshold == 90_000)
    #expect(story.events(district(2, 919, of: 1000)) == [])
    #expect(story.events(district(3, 920, of: 1000)) == ["low district resolved"])
    // Between the thresholds nothing is raised anew.
    #expect(story.events(district(4, 910, of: 1000)) == [])
    #expect(story.states.isEmpty)
  }

  @Test("Shares with decimals are compared exactly") func exact() {
    var story = Story(
      AlertRule(
        name: "low",
        kind: .ratioBelow(.networkedRatio, days: 7, level: .district, share: 66_667, clearAt: 66_667)))
    // 2 / 3 is 66.6666… %.
    #expect(story.events(district(0, 2, of: 3)) == ["low district raised"])
    #expect(story.events(district(1, 66_667, of: 100_000)) == ["low district resolved"])
  }

  @Test("A ratio must stay low for the time; between the thresholds the wait begins again") func hold() {
    var story = Story(
      AlertRule(
        name: "low",
        kind: .ratioBelow(.networkedRatio, days: 7, level: .district, share: 90_000, clearAt: 92_000),
        hold: .minutes(60)))
    #expect(story.events(district(0, 8, of: 10)) == [])
    #expect(story.states.values.first == .pending(since: Sample.at(0)))
    #expect(story.events(district(30, 91, of: 100)) == [])
    #expect(story.states.isEmpty)
    #expect(story.events(district(31, 8, of: 10)) == [])
    // Figures that are missing do not end the wait.
    #expect(story.events(facts(60) { _ in }) == [])
    #expect(story.events(district(90, 8, of: 10)) == [])
    #expect(story.events(district(91, 8, of: 10)) == ["low district raised"])
    #expect(story.raised?.since == Sample.at(31))
  }

  @Test("Factories are judged one by one; a ratio without denominator decides nothing") func factories() {
    var story = Story(
      AlertRule(
        name: "upload",
        kind: .ratioBelow(.uploadRatio, days: 1, level: .factory, share: 50_000, clearAt: 50_000)))
    func facts(_ minutes: Int64, _ factories: [String: Figures]) -> AlertFacts {
      self.facts(minutes) { $0.periods[1] = .init(district: Figures(), factories: factories) }
    }
    #expect(
      story.events(facts(0, ["F1": Sample.uploads(49, of: 100), "F2": Sample.uploads(50, of: 100)])) == [
        "upload factory:F1 raised"
      ])
    #expect(story.events(facts(1, ["F1": Sample.uploads(0, of: 0)])) == [])
    #expect(story.raised != nil)
    #expect(story.events(facts(2, ["F1": Sample.uploads(1, of: 2)])) == ["upload factory:F1 resolved"])
  }

  // MARK: Equipment

  @Test(
    "Equipment in fault is an alert after the time, each by itself; a message that is too old says nothing")
  func fault() {
    var story = Story(
      AlertRule(name: "fault", kind: .equipmentFault, hold: .hours(4)))
    let key = EquipmentKey(factory: "F1", equipment: "E1")
    func facts(_ minutes: Int64, _ state: AlertFacts.Machine?) -> AlertFacts {
      self.facts(minutes) { $0.machines = state.map { [key: $0] } ?? [:] }
    }
    #expect(story.events(facts(0, .fault)) == [])
    #expect(story.events(facts(100, .unknown)) == [])
    #expect(story.events(facts(239, .fault)) == [])
    #expect(story.events(facts(240, .fault)) == ["fault equipment:F1/E1 raised"])
    #expect(story.raised?.since == Sample.at(0))
    #expect(story.events(facts(250, .unknown)) == [])
    #expect(story.events(facts(251, .other)) == ["fault equipment:F1/E1 resolved"])
    // A short recovery begins the wait anew.
    #expect(story.events(facts(300, .fault)) == [])
    #expect(story.events(facts(301, .other)) == [])
    #expect(story.events(facts(302, .fault)) == [])
    #expect(story.events(facts(541, .fault)) == [])
    #expect(story.events(facts(542, .fault)) == ["fault equipment:F1/E1 raised"])
    #expect(story.events(facts(543, nil)) == ["fault equipment:F1/E1 withdrawn"])
  }

  // MARK: Collector

  private func collector(_ minutes: Int64, _ collector: AlertFacts.Collector?) -> AlertFacts {
    facts(minutes) { $0.collector = collector }
  }

  @Test("Refused messages are too many from the number on, and few enough below the other") func refused() {
    var story = Story(
      AlertRule(name: "refused", kind: .refusedMessages(perMinute: 60, clearBelow: 10)))
    func facts(_ minutes: Int64, _ refused: Int) -> AlertFacts {
      collector(minutes, .init(refused: Count(refused, of: 600)))
    }
    #expect(story.events(facts(0, 59)) == [])
    #expect(story.events(facts(1, 60)) == ["refused collector raised"])
    #expect(story.events(facts(2, 10)) == [])
    #expect(story.events(collector(3, nil)) == [])
    #expect(story.events(facts(4, 9)) == ["refused collector resolved"])
  }

  @Test("A gap of observation counts from its beginning") func gap() {
    var story = Story(AlertRule(name: "gap", kind: .observationGap, hold: .minutes(5)))
    #expect(story.events(collector(4, .init(unobservedSince: Sample.at(0)))) == [])
    #expect(story.events(collector(5, .init(unobservedSince: Sample.at(0)))) == ["gap collector raised"])
    #expect(story.raised?.since == Sample.at(0))
    // A second gap right after the first is not its end.
    #expect(story.events(collector(6, .init(unobservedSince: Sample.at(6)))) == [])
    #expect(story.raised?.clearSince == nil)
    #expect(story.events(collector(7, .init())) == ["gap collector resolved"])
  }

  @Test("A disk is nearly full below its share") func disk() {
    var story = Story(AlertRule(name: "disk", kind: .diskLow(share: 10_000, clearAt: 12_000)))
    func facts(_ minutes: Int64, _ free: Int) -> AlertFacts {
      collector(minutes, .init(disk: Count(free, of: 1_000_000_000)))
    }
    #expect(story.events(facts(0, 100_000_000)) == [])
    #expect(story.events(facts(1, 99_999_999)) == ["disk collector raised"])
    #expect(story.events(facts(2, 119_999_999)) == [])
    #expect(story.events(facts(3, 120_000_000)) == ["disk collector resolved"])
  }

  @Test("A certificate ends soon when less than the time is left") func certificate() {
    var story = Story(AlertRule(name: "cert", kind: .certificateExpiring(within: .days(21), files: [])))
    func facts(_ minutes: Int64, _ end: Timestamp?) -> AlertFacts {
      self.facts(minutes) { $0.certificates["/ca.pem"] = end }
    }
    let end = Sample.morning + .days(21)
    #expect(story.events(facts(0, end)) == [])
    #expect(story.events(facts(1, end)) == ["cert certificate:/ca.pem raised"])
    // A file that cannot be read is no new certificate.
    #expect(story.events(facts(2, nil)) == [])
    #expect(story.events(facts(3, end + .days(365))) == ["cert certificate:/ca.pem resolved"])
  }
}
