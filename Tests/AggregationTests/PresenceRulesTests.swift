import Aggregation
import Storage
import Telemetry
import Testing

struct PresenceRulesTests {
  let rules = PresenceRules()
  let t = Timestamp(milliseconds: 1_795_356_630_000)
  let key = EquipmentKey(factory: "F001", equipment: "E1")

  private func reading(ago: Span, cut: Timestamp? = nil) -> EquipmentEvidence {
    EquipmentEvidence(key: key, readings: .init(last: t - ago, cut: cut, state: .running))
  }

  @Test func `the horizon is three intervals, at least a quarter of an hour and at most a day`() {
    #expect(rules.horizon(declaredInterval: nil) == .minutes(15))
    #expect(rules.horizon(declaredInterval: .minutes(5)) == .minutes(15))
    #expect(rules.horizon(declaredInterval: .seconds(301)) == .seconds(903))
    #expect(rules.horizon(declaredInterval: .hours(24)) == .hours(24))
    #expect(rules.horizon(declaredInterval: .days(31)) == .hours(24))
    #expect(rules.horizon(declaredInterval: Span(milliseconds: .max)) == .hours(24))
  }

  @Test func `a reading vouches up to its horizon, and not at the end of it`() {
    let horizon = Span.minutes(15)
    let lastMoment = rules.presence(of: reading(ago: .milliseconds(899_999)), at: t, horizon: horizon)
    #expect(lastMoment.vouchedByReading && lastMoment.online)
    let over = rules.presence(of: reading(ago: .minutes(15)), at: t, horizon: horizon)
    #expect(!over.vouchedByReading && !over.online && over.networked)
    let now = rules.presence(of: reading(ago: .zero), at: t, horizon: horizon)
    #expect(now.vouchedByReading)
  }

  @Test func `the networked window includes t and excludes its other end`() {
    func networked(_ ago: Span) -> [Bool] {
      let online = EquipmentEvidence(key: key, lastOnline: t - ago)
      return [reading(ago: ago), online].map {
        rules.presence(of: $0, at: t, horizon: rules.horizonMinimum).networked
      }
    }
    #expect(networked(.zero) == [true, true])
    #expect(networked(Span(milliseconds: 30 * 86_400_000 - 1)) == [true, true])
    #expect(networked(.days(30)) == [false, false])
  }

  @Test func `what a fast clock dates after t counts for nothing yet`() {
    let ahead = EquipmentEvidence(
      key: key, readings: .init(last: t + .milliseconds(1), state: .running), lastOnline: t + .minutes(4))
    #expect(rules.presence(of: ahead, at: t, horizon: .minutes(15)) == PresenceRules.Presence())
  }

  @Test func `a reading that an offline cut does not vouch, and still makes it networked`() {
    let presence = rules.presence(
      of: reading(ago: .minutes(2), cut: t - .minutes(1)), at: t, horizon: .minutes(15))
    #expect(!presence.vouchedByReading && !presence.online && presence.networked && presence.heard)
  }

  @Test func `an open session is online without any reading`() {
    let evidence = EquipmentEvidence(key: key, lastOnline: t - .days(2), sessionOpen: true)
    let presence = rules.presence(of: evidence, at: t, horizon: .minutes(15))
    #expect(presence.online && presence.networked && !presence.vouchedByReading)
  }

  @Test func `a sender whose messages were all rejected was not heard`() {
    let evidence = EquipmentEvidence(key: key, rejections: 12)
    #expect(rules.presence(of: evidence, at: t, horizon: .minutes(15)) == PresenceRules.Presence())
  }
}
