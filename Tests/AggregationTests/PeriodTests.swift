import Aggregation
import Telemetry
import Testing

struct PeriodTests {
  let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// 2026-11-22 22:10:30 +08:00.
  let now = Timestamp(milliseconds: 1_795_356_630_000)

  private func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

  @Test func `a period runs between local midnights and stands for its last millisecond`() throws {
    let period = Period(from: try day("2026-11-01"), to: try day("2026-11-02"), calendar: calendar, now: now)
    #expect(period.from.rfc3339(offset: .hours(8)) == "2026-11-01T00:00:00.000+08:00")
    #expect(period.until - period.from == .days(2))
    #expect(period.asOf.rfc3339(offset: .hours(8)) == "2026-11-02T23:59:59.999+08:00")
  }

  @Test func `a period that has not ended is clipped to now`() throws {
    let period = Period(from: try day("2026-11-22"), to: try day("2026-11-30"), calendar: calendar, now: now)
    #expect(period.until == now)
    #expect(period.asOf == now - .milliseconds(1))
    let future = Period(from: try day("2026-12-01"), to: try day("2026-12-02"), calendar: calendar, now: now)
    #expect(future.until == future.from)
    #expect(!Observation(period: future, stretches: []).isSufficient)
    #expect(Observation(period: future, stretches: []).coverage == Count(0, of: 0))
  }

  @Test func `periods are equal if they say the same, and not only if they cover the same time`() throws {
    let day = try day("2026-11-02")
    let whole = Period(from: day, to: day, calendar: calendar, now: now)
    let instant = Period(days: 1, endingAt: whole.asOf, calendar: calendar, now: now)
    #expect((instant.from, instant.until) == (whole.from, whole.until))
    // Only one shows how things stood at its end.
    #expect(instant.showsStates != whole.showsStates)
    #expect(instant != whole)
    #expect(Period(from: day, to: day, calendar: calendar, now: now + .hours(1)) == whole)
    #expect(Set([whole, instant, whole]).count == 2)
    #expect(Period(from: day, to: day, calendar: .utc, now: now) != whole)
  }

  @Test func `the last 30 days end with the day of the as-of`() throws {
    let period = Period(endingAt: now, calendar: calendar)
    #expect(period.firstDay == (try day("2026-10-24")))
    #expect(period.lastDay == (try day("2026-11-22")))
    // What comes at the as-of counts.
    #expect(period.until == now + .milliseconds(1))
    #expect(period.asOf == now)
  }

  @Test func `observation is clipped to the period, and what is left is unobserved`() throws {
    let period = Period(from: try day("2026-11-01"), to: try day("2026-11-01"), calendar: calendar, now: now)
    let observation = Observation(
      period: period,
      stretches: [
        (period.from - .days(9), period.from + .hours(6)), (period.from + .hours(7), period.from + .hours(8)),
        (period.until, period.until + .hours(1)),
      ])
    #expect(observation.coverage == Count(7 * 3_600_000, of: 24 * 3_600_000))
    #expect(observation.observed.map(\.length) == [.hours(6), .hours(1)])
    #expect(observation.unobserved.map(\.length) == [.hours(1), .hours(16)])
  }

  @Test func `95 percent of the period is sufficient, a millisecond less is not`() throws {
    let period = Period(from: try day("2026-11-01"), to: try day("2026-11-01"), calendar: calendar, now: now)
    let edge = period.from + .milliseconds(86_400_000 / 100 * 95)
    #expect(Observation(period: period, stretches: [(period.from, edge)]).isSufficient)
    #expect(
      !Observation(period: period, stretches: [(period.from, edge - .milliseconds(1))]).isSufficient)
    #expect(Observation(period: period, stretches: [(period.from, period.until)]).coverage.percent == "100.0")
  }
}
