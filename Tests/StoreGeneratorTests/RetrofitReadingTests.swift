import Aggregation
import Register
import SQLiteStore
import StoreGenerator
import Telemetry
import Testing
import TestSupport

@Suite("Both ends of a district's retrofits") struct RetrofitReadingTests {
  /// Enough senders to be read in two halves.
  private let plan = GeneratorPlan(factories: 8, equipment: 275, days: 70, seed: 5)
  private let folder: TemporaryDirectory
  private let reading: AssessmentReading

  init() throws {
    folder = try TemporaryDirectory("retrofits")
    let directory = StoreDirectory(folder.path)
    try StoreGenerator(plan).write(to: directory)
    try Self.retrofit(plan, directory)
    reading = AssessmentReading(
      store: directory, calendar: plan.calendar, rules: PresenceRules(), knownAt: plan.end, now: plan.end,
      fold: nil)
  }

  /// Corrects the register: F001 to F005 are retrofitted while the store collects, F006 and F007 are being, F008
  /// was before it began, as all are that the plan makes.
  private static func retrofit(_ plan: GeneratorPlan, _ directory: StoreDirectory) throws {
    let register = try RegisterStore.open(directory: directory.path, readOnly: false)
    let day = plan.firstDay + 68
    let snapshot = try register.snapshot(day: day)
    var rows = RegisterRows(factories: snapshot.factories, equipment: snapshot.entries.map(\.equipment))
    for index in rows.factories.indices where index < 7 {
      rows.factories[index].retrofitCompletedOn = index < 5 ? plan.firstDay + (35 + index) : nil
    }
    for index in rows.equipment.indices {
      guard let number = plan.factoryIDs.firstIndex(of: rows.equipment[index].key.factory), number < 7 else {
        continue
      }
      rows.equipment[index].retrofittedOn = plan.firstDay + (28 + number + index % 3)
    }
    try register.importSnapshot(
      rows, effectiveOn: day, importedAt: plan.calendar.start(of: day),
      equipmentFile: RegisterFile(name: "equipment.csv", bytes: []),
      factoriesFile: RegisterFile(name: "factories.csv", bytes: []))
  }

  @Test("The ends of many factories, read at once, are the factories' own assessments of those days")
  func likeAssessments() throws {
    let period = Period(
      from: plan.firstDay + 40, to: plan.firstDay + 68, calendar: plan.calendar, now: plan.end)
    let district = try reading.assessment(asOf: period.asOf, over: period)
    let retrofits = try reading.retrofits(in: district)
    #expect(retrofits.keys.sorted() == plan.factoryIDs)

    func days(_ side: RetrofitComparison.Side) -> ClosedRange<Int32> {
      let days = side.observation.period.days
      return days.lowerBound.number - plan.firstDay.number...days.upperBound.number - plan.firstDay.number
    }
    for (index, id) in plan.factoryIDs.prefix(7).enumerated() {
      let comparison = try #require(retrofits[id])
      let number = Int32(index)
      #expect(days(comparison.before) == number - 2...number + 27)
      #expect(days(comparison.after) == (index < 5 ? 35 + number...min(64 + number, 68) : 39...68))
      #expect(comparison.before.figures.time.readings > 100_000)
      #expect(comparison.after.figures.time.readings > 100_000)
    }
    #expect(try #require(retrofits["F008"]).before.figures.time.machinesHeard == 0)

    for (id, comparison) in retrofits {
      for side in [comparison.before, comparison.after] {
        let days = side.observation.period
        let end = try reading.assessment(of: id, asOf: days.asOf, over: days, keeping: .details(.factory))
        #expect(side.figures == end.figures)
        #expect(side.observation.coverage == end.observation.coverage)
        #expect(
          side.isAssumed
            == end.register.entries.contains {
              $0.assumed && $0.equipment.isProduction && $0.service == .inService
            })
      }
    }
  }

  @Test("One factory's, and a part's of it, are the same as in the district's") func ofOne() throws {
    let period = Period(
      from: plan.firstDay + 40, to: plan.firstDay + 68, calendar: plan.calendar, now: plan.end)
    let district = try reading.retrofits(in: reading.assessment(asOf: period.asOf, over: period))
    let assessment = try reading.assessment(of: "F004", asOf: period.asOf, over: period)
    let one = try reading.retrofits(of: "F004", in: assessment)
    #expect(one.keys.sorted() == ["F004"])
    let (whole, alone) = (try #require(district["F004"]), try #require(one["F004"]))
    #expect(alone.dates == whole.dates)
    #expect(alone.before.figures == whole.before.figures)
    #expect(alone.after.figures == whole.after.figures)

    let ids = try #require(assessment.factory("F004")).workshops.map(\.id)
    #expect(ids.count > 1)
    var sum = Figures()
    for id in ids {
      let part = try reading.retrofits(of: "F004", in: assessment) {
        $0.workshop(factory: "F004", id)?.figures
      }
      sum += try #require(part["F004"]).after.figures
    }
    // Alarms are by line only where equipment's own figures are kept.
    var figures = whole.after.figures
    figures.time.alarms = [:]
    #expect(sum == figures)
  }
}
