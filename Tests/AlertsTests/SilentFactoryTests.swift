import Alerts
import Configuration
import Telemetry
import Testing

@Suite("Factories without messages") struct SilentFactoryTests {
  private static let rule = AlertRule(
    name: "quiet", kind: .factorySilent, hold: .minutes(30), clearHold: .minutes(5))

  /// Facts some minutes after the morning; minutes of the last message by factory.
  private func facts(
    _ minutes: Int64, _ heard: [String: Int64?], observedSince: Int64 = -600, isObserved: Bool = true
  ) -> AlertFacts {
    AlertFacts(
      at: Sample.at(minutes),
      collector: AlertFacts.Collector(
        unobservedSince: isObserved ? nil : Sample.at(minutes - 1),
        observedSince: isObserved ? Sample.at(observedSince) : nil),
      factories: heard.mapValues { AlertFacts.Factory(lastHeard: $0.map(Sample.at)) })
  }

  @Test("A factory is silent from exactly the time on, and over after it was heard for the time to clear")
  func once() {
    var story = Story(Self.rule)
    #expect(story.events(facts(29, ["F1": 0, "F2": 28, "F3": nil])) == [])
    #expect(story.events(facts(30, ["F1": 0, "F2": 30, "F3": nil])) == ["quiet factory:F1 raised"])
    // Since its last message, not since it was noticed.
    #expect(story.raised?.since == Sample.at(0))
    #expect(story.raised?.raisedAt == Sample.at(30))
    #expect(story.events(facts(31, ["F1": 0])) == [])
    #expect(story.events(facts(40, ["F1": 39])) == [])
    #expect(story.raised?.clearSince == Sample.at(40))
    #expect(story.events(facts(44, ["F1": 43])) == [])
    #expect(story.events(facts(45, ["F1": 44])) == ["quiet factory:F1 resolved"])
    #expect(story.states.isEmpty)
    #expect(story.events(facts(46, ["F1": 44])) == [])
  }

  @Test("One that falls silent again before it was over keeps its alert") func again() {
    var story = Story(Self.rule)
    #expect(story.events(facts(30, ["F1": 0])) == ["quiet factory:F1 raised"])
    let id = story.raised?.id
    #expect(story.events(facts(31, ["F1": 31])) == [])
    #expect(story.raised?.clearSince == Sample.at(31))
    #expect(story.events(facts(61, ["F1": 31])) == [])
    #expect(story.raised?.clearSince == nil)
    #expect(story.raised?.id == id)
  }

  @Test("Time without observation does not count, and nothing is decided in it") func unobserved() {
    var story = Story(Self.rule)
    #expect(story.events(facts(40, ["F1": 0], isObserved: false)) == [])
    // The connection stands again since minute 41.
    #expect(story.events(facts(70, ["F1": 0], observedSince: 41)) == [])
    #expect(story.events(facts(71, ["F1": 0], observedSince: 41)) == ["quiet factory:F1 raised"])
    // An alert that is raised is neither resolved nor repeated meanwhile.
    #expect(story.events(facts(80, ["F1": 0], isObserved: false)) == [])
    #expect(story.events(facts(90, ["F1": 0], observedSince: 85)) == [])
    #expect(story.raised?.clearSince == nil)
  }

  @Test("A store that cannot be read decides nothing; a factory that is gone ends its alert") func gone() {
    var story = Story(Self.rule)
    #expect(story.events(facts(30, ["F1": 0])) == ["quiet factory:F1 raised"])
    var unread = facts(31, [:])
    unread.factories = nil
    #expect(story.events(unread) == [])
    #expect(story.events(facts(32, ["F2": 32])) == ["quiet factory:F1 withdrawn"])
    #expect(story.states.isEmpty)
  }

  @Test("Only the rule's factories are judged") func factories() {
    var rule = Self.rule
    rule.factories = ["F2"]
    var story = Story(rule)
    #expect(story.events(facts(30, ["F1": 0, "F2": 0])) == ["quiet factory:F2 raised"])
  }

  @Test("It is repeated once a day, and never if it is not to be") func repetition() {
    var story = Story(Self.rule)
    #expect(story.events(facts(30, ["F1": 0])) == ["quiet factory:F1 raised"])
    #expect(story.events(facts(30 + 1439, ["F1": 0])) == [])
    #expect(story.events(facts(30 + 1440, ["F1": 0])) == ["quiet factory:F1 repeated"])
    #expect(story.events(facts(30 + 1441, ["F1": 0])) == [])
    #expect(story.events(facts(30 + 2880, ["F1": 0])) == ["quiet factory:F1 repeated"])
    #expect(story.raised?.repeats == 2)
    var rule = Self.rule
    rule.repeats = nil
    var other = Story(rule)
    #expect(other.events(facts(30, ["F1": 0])) == ["quiet factory:F1 raised"])
    #expect(other.events(facts(30 + 9999, ["F1": 0])) == [])
  }

  @Test("A rule that is removed ends its alerts") func removedRule() {
    var story = Story(Self.rule)
    #expect(story.events(facts(30, ["F1": 0])) == ["quiet factory:F1 raised"])
    let others = AlertEvaluation(
      AlertRules(rules: [AlertRule(name: "gap", kind: .observationGap, hold: .hours(1))], receivers: []),
      calendar: Sample.calendar)
    let changes = others.changes(facts(31, ["F1": 0]), story.states)
    #expect(changes.map(\.event) == [.withdrawn])
    #expect(changes.first?.after == .quiet)
  }

  @Test("A clock that is set back neither repeats nor resolves early") func clockSetBack() {
    var story = Story(Self.rule)
    #expect(story.events(facts(3000, ["F1": 0])) == ["quiet factory:F1 raised"])
    #expect(story.events(facts(60, ["F1": 0])) == [])
    #expect(story.events(facts(61, ["F1": 61])) == [])
    #expect(story.events(facts(50, ["F1": 61])) == [])
    #expect(story.raised?.clearSince == Sample.at(50))
    #expect(story.events(facts(55, ["F1": 61])) == ["quiet factory:F1 resolved"])
  }
}
