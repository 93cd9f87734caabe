import Aggregation
import Register
import SQLiteStore
import StoreGenerator
import Telemetry
import TestSupport
import Testing

@Suite("The period before that of a report") struct PreviousReadingTests {
  /// From 2024-07-01 to 2024-09-08, of which hardly two hours were not observed.
  private let plan = GeneratorPlan(factories: 3, equipment: 40, days: 70, seed: 5)
  private let folder: TemporaryDirectory
  private let reading: AssessmentReading

  init() throws {
    folder = try TemporaryDirectory("previous")
    let directory = StoreDirectory(folder.path)
    try StoreGenerator(plan).write(to: directory)
    reading = AssessmentReading(
      store: directory, calendar: plan.calendar, rules: PresenceRules(), knownAt: plan.end, now: plan.end,
      fold: nil)
  }

  private func days(_ first: Int, _ last: Int) -> Period {
    Period(from: plan.firstDay + first, to: plan.firstDay + last, calendar: plan.calendar, now: plan.end)
  }

  /// Why the period before some days cannot be compared.
  private func absence(before first: Int, to last: Int) throws -> PreviousPeriod.Absence? {
    let period = days(first, last)
    let outcome = try reading.previous(before: reading.assessment(asOf: period.asOf, over: period)).outcome
    guard case .failure(let unknown) = outcome else { return nil }
    return unknown.absence
  }

  @Test("Figures of July, read for a report on August, are those of a report on July") func likeAssessments()
    throws
  {
    let (july, august) = (days(0, 30), days(31, 61))
    let district = try reading.previous(before: reading.assessment(asOf: august.asOf, over: august))
    #expect(district.period.days == july.days)
    let found = try district.outcome.get()
    #expect(found.figures == (try reading.assessment(asOf: july.asOf, over: july)).figures)
    #expect(found.factories.map(\.factory.id) == plan.factoryIDs)
    for summary in found.factories {
      let id = summary.factory.id
      let own = try reading.assessment(of: id, asOf: july.asOf, over: july, keeping: .details(.factory))
      #expect(summary.figures == own.figures)
      let now = try reading.assessment(of: id, asOf: august.asOf, over: august)
      let alone = try reading.previous(of: id, before: now).outcome.get()
      #expect(alone.figures == own.figures)
      #expect(alone.figures.networked > 0 && alone.figures.time.readings > 1000)
      #expect(
        alone.factory(id)?.workshops.map(\.figures.networked)
          == own.factory(id)?.workshops.map(\.figures.networked))
    }
  }

  @Test("A period before the journal, or observed in part, is not compared") func absences() throws {
    #expect(try absence(before: 0, to: 30) == .notObserved)
    // Ten of the thirty days before were observed.
    #expect(try absence(before: 10, to: 39) == .insufficientData)
    // Of the report's own days the last six are observed.
    #expect(try absence(before: -20, to: 5) == .insufficientNow)
    #expect(try absence(before: 40, to: 68) == nil)
  }
}
