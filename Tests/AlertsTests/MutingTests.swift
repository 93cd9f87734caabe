import Alerts
import Configuration
import Telemetry
import Testing

@Suite("Maintenance windows and silences") struct MutingTests {
  private static let day = CalendarDay(year: 2026, month: 11, day: 27) ?? CalendarDay(number: 0)

  /// Friday, 27 November 2026, and a time of day in Shanghai.
  private func friday(_ hour: Int, _ minute: Int = 0, plus days: Int32 = 0) -> Timestamp {
    Sample.calendar.instant(on: CalendarDay(number: Self.day.number + days), minute: hour * 60 + minute)
  }

  @Test("A window over midnight belongs to the day on which it begins, in the district's time zone")
  func midnight() {
    let window = MaintenanceWindow(name: "n", weekdays: [5], start: 22 * 60, end: 6 * 60)
    #expect(Self.day.weekday == 5)
    #expect(window.range(on: Self.day, Sample.calendar) == friday(22)..<friday(6, plus: 1))
    // 22:00 in Shanghai is 14:00 UTC.
    #expect(window.range(on: Self.day, Sample.calendar)?.lowerBound.rfc3339 == "2026-11-27T14:00:00.000Z")
    #expect(window.range(on: Self.day + 1, Sample.calendar) == nil)
  }

  @Test("A window of a whole day ends at midnight, also on the day when clocks change") func wholeDay() throws
  {
    let window = MaintenanceWindow(name: "w")
    #expect(window.range(on: Self.day, Sample.calendar) == friday(0)..<friday(0, plus: 1))
    let berlin = try #require(LocalCalendar(identifier: "Europe/Berlin"))
    let spring = try #require(CalendarDay(year: 2026, month: 3, day: 29))
    let range = try #require(window.range(on: spring, berlin))
    #expect(range.upperBound - range.lowerBound == .hours(23))
    // From 02:00 to 03:00 there is no time on this day.
    let lost = MaintenanceWindow(name: "l", start: 120, end: 180)
    #expect(lost.range(on: spring, berlin) == nil)
  }

  private func quiet(_ now: Timestamp, heard: Timestamp) -> AlertFacts {
    AlertFacts(
      at: now, collector: .init(observedSince: friday(0)), factories: ["F1": .init(lastHeard: heard)])
  }

  @Test("Within a window nothing is raised, and its time does not count") func window() {
    let rule = AlertRule(name: "quiet", kind: .factorySilent, windows: ["n"], hold: .minutes(30))
    var story = Story(
      rule, windows: [MaintenanceWindow(name: "n", weekdays: [5], start: 22 * 60, end: 6 * 60)])
    let heard = friday(21, 50)
    #expect(story.events(quiet(friday(22, 30), heard: heard)) == [])
    #expect(story.events(quiet(friday(3, plus: 1), heard: heard)) == [])
    #expect(story.events(quiet(friday(6, 29, plus: 1), heard: heard)) == [])
    #expect(story.events(quiet(friday(6, 30, plus: 1), heard: heard)) == ["quiet factory:F1 raised"])
    #expect(story.raised?.since == heard)
    // The next night is Saturday's, which the window does not have.
    #expect(story.events(quiet(friday(6, 30, plus: 2), heard: heard)) == ["quiet factory:F1 repeated"])
  }

  @Test("An alert raised before a window is resolved within it, and not repeated") func resolvedWithin() {
    let rule = AlertRule(name: "quiet", kind: .factorySilent, windows: ["n"], hold: .minutes(30))
    var story = Story(rule, windows: [MaintenanceWindow(name: "n", start: 22 * 60, end: 6 * 60)])
    let heard = friday(20)
    #expect(story.events(quiet(friday(22 - 1, 59), heard: heard)) == ["quiet factory:F1 raised"])
    #expect(story.events(quiet(friday(22, 30, plus: 1), heard: heard)) == [])
    // After the window it is still the same alert.
    #expect(story.events(quiet(friday(6, 1, plus: 2), heard: heard)) == ["quiet factory:F1 repeated"])
    let back = friday(23, plus: 2)
    #expect(story.events(quiet(back, heard: back)) == ["quiet factory:F1 resolved"])
  }

  @Test("A wait begins anew after a window") func waiting() {
    let key = EquipmentKey(factory: "F1", equipment: "E1")
    func fault(_ now: Timestamp) -> AlertFacts { AlertFacts(at: now, machines: [key: .fault]) }
    let rule = AlertRule(name: "fault", kind: .equipmentFault, windows: ["n"], hold: .hours(4))
    var story = Story(rule, windows: [MaintenanceWindow(name: "n", start: 22 * 60, end: 6 * 60)])
    #expect(story.events(fault(friday(20))) == [])
    #expect(story.events(fault(friday(22))) == [])
    #expect(story.states.isEmpty)
    #expect(story.events(fault(friday(6, plus: 1))) == [])
    #expect(story.events(fault(friday(9, 59, plus: 1))) == [])
    #expect(story.events(fault(friday(10, plus: 1))) == ["fault equipment:F1/E1 raised"])
  }

  @Test("A silence mutes a rule, or the repetitions of one alert, until its end") func silences() throws {
    let rule = AlertRule(name: "quiet", kind: .factorySilent, hold: .minutes(30))
    var story = Story(rule)
    let heard = friday(8)
    story.silences = [
      AlertSilence(number: 1, target: "quiet", from: friday(8), until: friday(10), reason: "works")
    ]
    #expect(story.events(quiet(friday(9), heard: heard)) == [])
    #expect(story.events(quiet(friday(10, 29), heard: heard)) == [])
    #expect(story.events(quiet(friday(10, 30), heard: heard)) == ["quiet factory:F1 raised"])
    let id = try #require(story.raised?.id)
    story.silences = [
      AlertSilence(number: 2, target: id, from: friday(11), until: friday(12, plus: 1), reason: "known")
    ]
    #expect(story.events(quiet(friday(10, 30, plus: 1), heard: heard)) == [])
    #expect(story.events(quiet(friday(12, plus: 1), heard: heard)) == ["quiet factory:F1 repeated"])
  }
}
