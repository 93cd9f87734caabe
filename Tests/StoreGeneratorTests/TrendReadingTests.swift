import Aggregation
import Register
import SQLiteStore
import Storage
import StoreGenerator
import Telemetry
import TestSupport
import Testing

@Suite("The course of a report's figures") struct TrendReadingTests {
  /// From 2024-07-01 to 2024-09-08.
  private let plan = GeneratorPlan(factories: 3, equipment: 40, days: 70, seed: 5)
  private let folder: TemporaryDirectory
  private let views: CountingReader

  init() throws {
    folder = try TemporaryDirectory("trend")
    let directory = StoreDirectory(folder.path)
    try StoreGenerator(plan).write(to: directory)
    views = CountingReader(try directory.reader())
  }

  private var reading: AssessmentReading {
    AssessmentReading(
      store: StoreDirectory(folder.path), views: views, calendar: plan.calendar, rules: PresenceRules(),
      knownAt: plan.end, now: plan.end, fold: nil)
  }

  private func days(_ first: Int, _ last: Int) -> Period {
    Period(from: plan.firstDay + first, to: plan.firstDay + last, calendar: plan.calendar, now: plan.end)
  }

  /// The periods of a trend, and the figures of those that have them.
  private func trend(
    of factory: String? = nil, over period: Period, readsPrevious: Bool = false,
    _ reach: TrendReach = .limited
  ) throws -> (steps: [(days: ClosedRange<CalendarDay>, figures: Figures?)], leftOut: Int, read: [Int]) {
    let assessment = try reading.assessment(of: factory, asOf: period.asOf, over: period)
    let previous = readsPrevious ? try reading.previous(of: factory, before: assessment) : nil
    views.forget()
    let found = try #require(
      try reading.trend(of: factory, upTo: assessment, previous: previous, reach: reach) { found in
        (days: found.period.days, figures: try? found.outcome.get().figures)
      })
    return (found.steps, found.leftOut, views.days)
  }

  @Test func `a month has twelve, and each has the figures of a report on it alone`() throws {
    let (july, august) = (days(0, 30), days(31, 61))
    for factory in [nil] + plan.factoryIDs {
      let trend = try trend(of: factory, over: august)
      #expect(trend.steps.count == 12)
      #expect(trend.steps.prefix(10).allSatisfy { $0.figures == nil })
      #expect(trend.steps[0].days.lowerBound == CalendarDay("2023-09-01"))
      #expect(trend.steps[10].days == july.days && trend.steps[11].days == august.days)
      for (step, period) in zip(trend.steps.suffix(2), [july, august]) {
        let alone = try reading.assessment(of: factory, asOf: period.asOf, over: period)
        #expect(step.figures == alone.figures)
        #expect(alone.figures.networked > 0 && alone.figures.time.slotsReceived > 1000)
      }
    }
  }

  /// The figures of a report on one day; nil if too little of the day was observed.
  private func figures(on day: Int, of factory: String) throws -> Figures? {
    let period = days(day, day)
    let alone = try reading.assessment(of: factory, asOf: period.asOf, over: period)
    return alone.observation.isSufficient ? alone.figures : nil
  }

  @Test func `another period has thirty days, and each has the figures of a report on it alone`() throws {
    let factory = plan.factoryIDs[1]
    let trend = try trend(of: factory, over: days(40, 49))
    #expect(trend.steps.map(\.days) == (20...49).map { days($0, $0).days })
    let alone = try (20...49).map { try figures(on: $0, of: factory) }
    #expect(trend.steps.map(\.figures) == alone)
    #expect(alone.count { $0 != nil } > 20)
    #expect(trend.read == alone.filter { $0 != nil }.map { _ in 1 })
  }

  @Test func `days that the report reads anyway are not read again, nor days without observation`() throws {
    let august = days(31, 61)
    let factory = plan.factoryIDs[0]
    #expect(try trend(of: factory, over: august).read == [31])
    #expect(try trend(of: factory, over: august, readsPrevious: true).read == [])
    // The day of the report is one of the thirty.
    let earlier = try (11...39).compactMap { try figures(on: $0, of: factory) }
    #expect(try trend(of: factory, over: days(40, 40)).read == earlier.map { _ in 1 })
  }

  @Test func `of too many machines only the periods are in the trend that were read anyway`() throws {
    let august = days(31, 61)
    let without = try trend(over: august, .upTo(equipmentDays: 100))
    #expect(without.steps.map(\.days) == [august.days] && without.leftOut == 1 && without.read == [])
    let previous = try trend(over: august, readsPrevious: true, .upTo(equipmentDays: 100))
    // No other month was observed, so that reading all of them costs nothing.
    #expect(previous.steps.count == 12 && previous.leftOut == 0 && previous.read == [])
    #expect(previous.steps.suffix(2).map(\.days) == [days(0, 30).days, august.days])
    #expect(try trend(over: days(40, 49), .upTo(equipmentDays: 100)).leftOut == 30)
    #expect(try trend(over: august, .complete).leftOut == 0)
  }

  @Test func `a district of 179 × 300 machines reads no further month, one of 4,504 reads eleven`() {
    func reads(_ equipment: Int) -> Bool {
      TrendReach.limited.reads(periods: 11, days: 334, equipment: equipment)
    }
    // 4,504 × (11 × 10 + 334) = 1,999,776.
    #expect(reads(4504) && !reads(4505) && !reads(179 * 300) && !reads(.max))
    #expect(!TrendReach.none.reads(periods: 0, days: 0, equipment: 0))
    #expect(TrendReach.complete.reads(periods: 11, days: 334, equipment: .max))
  }

  @Test func `the steps are months of a month, a quarter or a year that is over, else days that are over`()
    throws
  {
    func period(_ first: String, _ last: String) throws -> Period {
      Period(
        from: try #require(CalendarDay(first)), to: try #require(CalendarDay(last)), calendar: plan.calendar,
        now: plan.end)
    }
    func check(
      _ period: Period, _ unit: TrendSteps.Unit, _ count: Int, _ first: Period, _ last: Period
    ) {
      let steps = TrendSteps(upTo: period, now: plan.end)
      #expect(steps.unit == unit && steps.periods.count == count)
      #expect(steps.periods.first?.days == first.days && steps.periods.last?.days == last.days)
    }
    let july = try period("2024-07-01", "2024-07-31")
    check(july, .month, 12, try period("2023-08-01", "2023-08-31"), july)
    check(
      try period("2024-01-01", "2024-03-31"), .month, 12, try period("2023-04-01", "2023-04-30"),
      try period("2024-03-01", "2024-03-31"))
    check(days(3, 40), .day, 30, days(11, 11), days(40, 40))
    // The day of an as-of is not over.
    let asOf = plan.calendar.instant(on: plan.firstDay + 50, minute: 600)
    check(
      Period(endingAt: asOf, calendar: plan.calendar, now: plan.end), .day, 30, days(20, 20), days(49, 49))
  }
}
