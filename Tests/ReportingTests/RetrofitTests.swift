import Aggregation
import Register
import Reporting
import Telemetry
import Testing

@Suite("Before and after the retrofit") struct RetrofitTests {
  private func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

  private func entry(_ id: String, _ retrofitted: String?, category: String = "machine")
    -> RegisterSnapshot.Entry
  {
    RegisterSnapshot.Entry(
      equipment: RegisteredEquipment(
        key: EquipmentKey(factory: "F1", equipment: id), category: category,
        retrofittedOn: retrofitted.flatMap { CalendarDay($0) }), service: .inService)
  }

  @Test("It began with the first machine, and what is not production or still to come is no part of it")
  func dates() throws {
    let factory = RegisteredFactory(id: "F1", retrofitCompletedOn: try day("2026-09-10"))
    let entries = [
      entry("A", "2026-08-20"), entry("B", "2026-08-01"), entry("C", nil), entry("D", "2026-12-01"),
      entry("G", "2026-01-01", category: "gateway"),
    ]
    let dates = try #require(RetrofitDates(factory, entries, by: try day("2026-11-01")))
    #expect(dates.begunOn == (try day("2026-08-01")))
    #expect(dates.completedOn == (try day("2026-09-10")))
    #expect(dates.equipment == 2)
    let ends = dates.ends(by: try day("2026-11-01"))
    #expect(ends.before == (try day("2026-07-02"))...(try day("2026-07-31")))
    #expect(ends.after == (try day("2026-09-10"))...(try day("2026-10-09")))
    // As known on a day before its completion it is under way, and the last thirty days stand for after.
    let earlier = try #require(RetrofitDates(factory, entries, by: try day("2026-09-09")))
    #expect(earlier.completedOn == nil)
    #expect(
      earlier.ends(by: try day("2026-09-09")).after == (try day("2026-08-11"))...(try day("2026-09-09")))
    // Fewer where it began less than thirty days ago.
    #expect(
      earlier.ends(by: try day("2026-08-10")).after == (try day("2026-08-01"))...(try day("2026-08-10")))
    #expect(RetrofitDates(nil, [entry("C", nil)], by: try day("2026-11-01")) == nil)
  }

  private func side(
    energy: Int64, good: Int64, automated: Int, covered: Int = 100, assumed: Bool = false
  ) -> RetrofitComparison.Side {
    let period = Period(days: 30, endingAt: SampleDistrict.asOf, calendar: SampleDistrict.calendar)
    let length = (period.until - period.from).milliseconds
    var figures = Figures()
    figures.equipment = 10
    figures.automated = automated
    figures.time.energy = energy
    figures.time.hasEnergy = true
    figures.time.good = good
    return RetrofitComparison.Side(
      observation: Observation(
        period: period,
        stretches: [(period.from, period.from + .milliseconds((length * Int64(covered) + 99) / 100))]),
      figures: figures, isAssumed: assumed)
  }

  private func comparison(
    _ before: RetrofitComparison.Side, _ after: RetrofitComparison.Side, completed: String? = "2026-09-10"
  ) throws -> RetrofitComparison {
    let factory = RegisteredFactory(id: "F1", retrofitCompletedOn: completed.flatMap { CalendarDay($0) })
    let dates = try #require(
      RetrofitDates(factory, [entry("A", "2026-08-01")], by: try day("2026-11-22")))
    return RetrofitComparison(dates: dates, before: before, after: after)
  }

  @Test(
    "Energy per good piece changes by tenths of a percent, floored, and not at all where a side has none",
    arguments: [
      (1_000, 500, 1_000, 1_000, -500), (1_000, 3_000, 1_000, 2_999, 0), (3_000, 1_000, 1_000, 333, 1),
    ])
  func intensity(energy: Int64, good: Int64, laterEnergy: Int64, laterGood: Int64, change: Int) throws {
    let found = try comparison(
      side(energy: energy, good: good, automated: 0), side(energy: laterEnergy, good: laterGood, automated: 0)
    )
    #expect(found.intensityChange == change)
    let nothing = try comparison(
      side(energy: energy, good: 0, automated: 0), side(energy: laterEnergy, good: laterGood, automated: 0))
    #expect(nothing.intensityChange == nil)
  }

  @Test("A side that was not listened to, or whose rows are carried back, is marked") func sufficiency()
    throws
  {
    let report = try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(), district: SampleDistrict.identity,
      version: "0.1.0",
      retrofits: [
        try comparison(
          side(energy: 2_000_000, good: 1_000_000, automated: 3, covered: 50, assumed: true),
          side(energy: 1_500_000, good: 1_000_000, automated: 8))
      ])
    let text = TextRenderer(width: 120).render(report, sections: [.beforeAfter])
    #expect(text.contains("observed 50.0 %: INSUFFICIENT DATA; the register's rows are carried back"))
    let words = text.replacing(/[ ]+/, with: " ")
    #expect(words.contains("Automation ratio 3 / 10 30.0 % 8 / 10 80.0 % +50.0"))
    #expect(text.contains("Energy per good piece, kWh      2     1.5  −25.0 %") || text.contains("−25.0 %"))
  }

  @Test("A district adds up its factories by the month of completion, those under way last") func batches()
    throws
  {
    let comparisons = [
      try comparison(
        side(energy: 1, good: 1, automated: 1), side(energy: 1, good: 1, automated: 5), completed: nil),
      try comparison(
        side(energy: 1, good: 1, automated: 2), side(energy: 1, good: 1, automated: 6),
        completed: "2026-10-31"),
      try comparison(
        side(energy: 1, good: 1, automated: 3, covered: 90), side(energy: 1, good: 1, automated: 7),
        completed: "2026-10-01"),
      try comparison(
        side(energy: 1, good: 1, automated: 4), side(energy: 1, good: 1, automated: 8),
        completed: "2026-09-30"),
    ]
    let batches = RetrofitBatch.batches(of: comparisons)
    #expect(batches.map { $0.month?.description ?? "" } == ["2026-09-01", "2026-10-01", ""])
    #expect(batches.map(\.factories) == [1, 2, 1])
    #expect(batches.map(\.sufficient) == [1, 1, 1])
    #expect(
      batches.map { $0.before.count(of: .automationRatio) } == [
        Count(4, of: 10), Count(5, of: 20), Count(1, of: 10),
      ])
    #expect(
      batches.map { $0.after.count(of: .automationRatio) } == [
        Count(8, of: 10), Count(13, of: 20), Count(5, of: 10),
      ])
  }
}
