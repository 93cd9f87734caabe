import Aggregation
import Telemetry

/// What must hold of the figures that were timed.
struct Checks {
  let store: MeasuredStore
  let subjects: [Subject]
  private(set) var done: [String] = []

  init(store: MeasuredStore, subjects: [Subject]) {
    self.store = store
    self.subjects = subjects
  }

  mutating func run() throws {
    for subject in subjects where subject.factory != nil { try againstStatement(subject) }
    for subject in subjects where subject.factory == nil {
      try againstStatement(subject)
      try againstFactories(subject)
    }
  }

  /// The figures that SQLite can say by itself are those it says.
  private mutating func againstStatement(_ subject: Subject) throws {
    let time = try store.assessment(subject.factory, subject.days).figures.time
    let sum = try RowScan(store).counted(subject)
    guard time.readings == sum.readings, time.missing == sum.missing, time.good == sum.good else {
      throw Disagreement(
        "\(subject.name): \(time.readings) readings, \(time.missing) missing, \(time.good) good; SQLite says \(sum)"
      )
    }
    done.append("\(subject.name): \(sum.readings) readings, as a statement of its own counts them")
  }

  /// The district's figures are the sum of its factories' own reports.
  private mutating func againstFactories(_ subject: Subject) throws {
    let district = try store.assessment(nil, subject.days)
    var sum = Figures()
    var flags: [AuditFlag] = []
    for summary in district.factories {
      let factory = try store.assessment(summary.factory.id, subject.days)
      guard factory.figures == summary.figures else {
        throw Disagreement("\(subject.name): \(summary.factory.id) has other figures by itself")
      }
      sum += factory.figures
      guard let listed = factory.factory(summary.factory.id) else { continue }
      flags += factory.flags(
        of: listed, among: listed.equipment, calendar: factory.calendars.factories[summary.factory.id])
    }
    guard district.flagCounts == FlagCount.counts(flags) else {
      throw Disagreement("\(subject.name): the district counts other flags than its factories list")
    }
    guard sum == district.figures else {
      throw Disagreement("\(subject.name): the district is not the sum of its factories")
    }
    done.append("\(subject.name): the sum of \(district.factories.count) factories' own reports")
  }
}
