import ArgumentParser
import Foundation
import SQLiteStore
import StoreGenerator
import Telemetry

/// Makes a district's year as a store, and measures what reports of it cost. Run by Scripts/bench-reports.
@main struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report-bench", abstract: "What reports of a year of a district cost.",
    subcommands: [Generate.self, Measure.self, Repeat.self])
}

/// Which district.
struct PlanOptions: ParsableArguments {
  @Option(help: "Factories of the district.") var factories = 179
  @Option(help: "Equipment of each factory.") var equipment = 300
  @Option(help: "Days of collecting.") var days = 365
  @Option(help: "What the district is drawn from: the same gives the same.") var seed: UInt64 = 1
  @Option(help: "The first day, as 2026-11-01, instead of 2024-07-01.", transform: Self.day) var from:
    CalendarDay?

  var plan: GeneratorPlan {
    var plan = GeneratorPlan(factories: factories, equipment: equipment, days: days, seed: seed)
    if let from { plan.firstDay = from }
    return plan
  }

  @Sendable private static func day(_ text: String) throws -> CalendarDay {
    guard let day = CalendarDay(text) else {
      throw ValidationError("'\(text)' is no date, such as 2026-11-01")
    }
    return day
  }

  func validate() throws {
    guard factories > 0, equipment >= 8, days > 2 else {
      throw ValidationError("at least 1 factory, 8 equipment and 3 days")
    }
  }

  /// The plan in one line, kept beside the store that was made of it.
  var line: String {
    let begin = from.map { " from \($0)" } ?? ""
    return "factories \(factories) equipment \(equipment) days \(days) seed \(seed)\(begin)\n"
  }
}

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the store, unless it is there already, made of the same plan.")
  @Argument(help: "Folder of the store.") var directory: String
  @OptionGroup var options: PlanOptions

  func run() throws {
    // Written last: a store that was interrupted has none.
    let note = directory + "/plan"
    if let made = try? String(contentsOfFile: note, encoding: .utf8) {
      guard made == options.line else {
        throw ValidationError("\(directory) holds another district: \(made)")
      }
      // An earlier version left the days open.
      try StoreGenerator(options.plan).closeDays(of: StoreDirectory(directory))
      return try writeLiveRows()
    }
    guard !FileManager.default.fileExists(atPath: directory + "/views.sqlite") else {
      throw ValidationError("\(directory) holds a store that was not finished: remove it")
    }
    let clock = ContinuousClock()
    let start = clock.now
    try StoreGenerator(options.plan).write(to: StoreDirectory(directory)) { days in
      let line = "generated \(days) of \(options.days) days, \((clock.now - start).seconds) s\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
    try writeLiveRows()
    try options.line.write(toFile: note, atomically: true, encoding: .utf8)
  }

  /// Live timelines as rows, for the peers: `live.sqlite` beside the views.
  private func writeLiveRows() throws {
    let store = StoreDirectory(directory)
    // A store of an earlier version is brought up to date by whoever claims it.
    let shard = SQLiteShardStore(
      directory: store, calendar: options.plan.calendar, horizonMinimum: options.plan.horizonMinimum)
    _ = try shard.claim()
    shard.release()
    let rows = directory + "/live.sqlite"
    try? FileManager.default.removeItem(atPath: rows)
    try LiveRows.export(directory + "/views.sqlite", to: rows)
  }
}

extension Duration {
  /// Rounded to whole seconds.
  var seconds: Int64 { components.seconds }
  /// Milliseconds with a fraction.
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
