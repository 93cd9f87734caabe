import Aggregation
import ArgumentParser
import Foundation
import Processes
import Register
import Reporting
import SQLiteStore
import StoreGenerator
import Telemetry

/// A report to be measured, and how long it may take.
struct Subject {
  var name: String
  var factory: String?
  var days: ClosedRange<CalendarDay>
  /// Milliseconds; nil where there is only a comparison.
  var target: Double?

  var scope: ReportScope { factory.map { .factory($0) } ?? .district }
}

extension GeneratorPlan {
  /// The month is the plan's ninth, or its last days where there is none: over, with later days after it.
  var subjects: [Subject] {
    let year = period
    let march = CalendarDay(year: 2025, month: 3, day: 1) ?? year.lowerBound
    let month =
      year.contains(march + 31)
      ? march...march + 30 : max(year.lowerBound, year.upperBound - 31)...year.upperBound - 1
    let ids = factoryIDs
    var subjects = [Subject(name: "district, a month", factory: nil, days: month, target: 1000)]
    for (place, name) in [(0, ""), (3, ", with a calendar")] where place < ids.count {
      subjects += [
        Subject(name: "factory, a month\(name)", factory: ids[place], days: month, target: 50),
        Subject(name: "factory, a year\(name)", factory: ids[place], days: year, target: 200),
      ]
    }
    subjects.append(Subject(name: "district, a year", factory: nil, days: year, target: nil))
    return subjects
  }
}

struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times reports, checks their figures, and prints both beside what SQLite needs for the rows.")
  @Argument(help: "Folder of the store.") var directory: String
  @OptionGroup var options: PlanOptions
  @Option(help: "The millwright executable; its whole commands are timed.") var millwright: String
  @Option(help: "How often each is timed, after once that is not.") var rounds = 5
  @Option(help: "File to write the results to, as JSON.") var json: String?
  @Option(help: "Only what has a name that begins so: district, factory, set.") var only = ""

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds: at least 1") }
  }

  func run() throws {
    let store = try MeasuredStore(directory: directory, plan: options.plan, millwright: millwright)
    print(Results.heading)
    var results = Results(plan: options.plan, rounds: rounds)
    let subjects = options.plan.subjects
    for subject in subjects where subject.name.hasPrefix(only) {
      let result = try measure(subject, store)
      print(result.line)
      results.all.append(result)
    }
    if let set = SetMeasurement(store, subjects), set.subject.name.hasPrefix(only) {
      let result = try set.run(rounds: rounds, timed: timed)
      print(result.line)
      results.set = result
    }
    var checks = Checks(store: store, subjects: subjects)
    try checks.run()
    results.checks = checks.done
    for check in checks.done { print("checked: \(check)") }
    if let json { try results.json.write(toFile: json, atomically: true, encoding: .utf8) }
  }

  /// A JSON report without the figures of other periods, which only the command reads.
  private static func ofOwnPeriod(_ report: String) -> String {
    report.replacing(/"previous_period":\{[^}]*\}/, with: "\"previous_period\":null")
      .replacing(/"previous":\{[^}]*\},"change_tenths_of_points":(?:-?[0-9]+|null)/) { _ in
        "\"previous\":null,\"change_tenths_of_points\":null"
      }
      .replacing(/"trend":\{[^\]]*\]\}/, with: "\"trend\":null")
  }

  /// Both texts around the first place where they differ.
  private static func difference(_ a: String, _ b: String) -> String {
    let same = zip(a.utf8, b.utf8).prefix { $0 == $1 }.count
    let parts = [a, b].map {
      String(decoding: $0.utf8.dropFirst(max(0, same - 80)).prefix(160), as: UTF8.self)
    }
    return "'\(parts[0])' instead of '\(parts[1])'"
  }

  private func measure(_ subject: Subject, _ store: MeasuredStore) throws -> Result {
    var report = ""
    let before = Self.processorTime
    let inProcess = try timed { report = try store.report(subject) }
    let processor = (Self.processorTime - before) / Double(rounds + 1)
    let bytes = report.utf8.count
    report = try store.report(subject, withRetrofits: true)
    var printed = ""
    let command = try timed { printed = try store.command(subject) }
    (report, printed) = (Self.ofOwnPeriod(report), Self.ofOwnPeriod(printed))
    guard printed == report else {
      throw Disagreement(
        "\(subject.name): the command prints another report: \(Self.difference(printed, report))")
    }
    let scan = try timed { _ = try RowScan(store).totals(subject) }
    return Result(
      subject: subject, inProcess: inProcess, processor: processor, command: command, scan: scan,
      bytes: bytes)
  }

  /// Milliseconds of processor time this process has used, on all processors.
  static var processorTime: Double {
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    return Double(used.tv_sec) * 1000 + Double(used.tv_nsec) / 1e6
  }

  /// Milliseconds of each round, ascending; the first call is not counted.
  private func timed(_ body: () throws -> Void) rethrows -> [Double] {
    try body()
    let clock = ContinuousClock()
    return try (0..<rounds).map { _ in try clock.measure(body).milliseconds }.sorted()
  }
}

/// Makes one report again and again, and nothing else: for a profiler to look at.
struct Repeat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes one report again and again, for a profiler.")
  @Argument(help: "Folder of the store.") var directory: String
  @OptionGroup var options: PlanOptions
  @Option(help: "The millwright executable.") var millwright: String
  @Option(help: "The report whose name begins so.") var report = "district"
  @Option(help: "How often.") var times = 20

  func run() throws {
    let store = try MeasuredStore(directory: directory, plan: options.plan, millwright: millwright)
    guard let subject = options.plan.subjects.first(where: { $0.name.hasPrefix(report) }) else {
      throw ValidationError("--report: none begins with \(report)")
    }
    for _ in 0..<times {
      let before = Measure.processorTime
      let time = try ContinuousClock().measure { _ = try store.report(subject) }
      print(Results.number(time.milliseconds), Results.number(Measure.processorTime - before))
    }
  }
}

/// A figure that is not what it must be.
struct Disagreement: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The generated store as the product reads it.
struct MeasuredStore {
  let directory: String
  let plan: GeneratorPlan
  let rules = PresenceRules()
  private let millwright: String
  private let configuration: String
  private let version: String
  /// The instant as which the register is known in every report.
  var knownAt: Timestamp { plan.end }
  /// The present, as the command has it: a period that ended before it does not say how things stand.
  private let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))

  /// The store in `directory`, also read by the executable `millwright`, for which a configuration is written
  /// beside it.
  init(directory: String, plan: GeneratorPlan, millwright: String) throws {
    self.directory = directory
    self.plan = plan
    self.millwright = millwright
    configuration = directory + "/bench.yaml"
    let yaml = """
      district: { id: bench, name_zh: 模拟, name_en: Synthetic, timezone: \(plan.calendar.identifier) }
      store: "sqlite:."

      """
    try yaml.write(toFile: configuration, atomically: true, encoding: .utf8)
    // Rules of what to do next would be another thing to measure.
    try "# None.\n".write(toFile: directory + "/actions.yaml", atomically: true, encoding: .utf8)
    version = try Self.output(of: millwright, ["--version"]).trimmingCharacters(in: .newlines)
  }

  func period(_ days: ClosedRange<CalendarDay>) -> Period {
    Period(from: days.lowerBound, to: days.upperBound, calendar: plan.calendar, now: now)
  }

  private var reading: AssessmentReading {
    AssessmentReading(
      store: StoreDirectory(directory), calendar: plan.calendar, rules: rules, knownAt: knownAt, now: now,
      fold: nil)
  }

  func assessment(_ factory: String?, _ days: ClosedRange<CalendarDay>) throws -> DistrictAssessment {
    let period = period(days)
    return try reading.assessment(of: factory, asOf: period.asOf, over: period, keeping: .details(.factory))
  }

  /// What the product does for a report, without starting and without writing it out.
  ///
  /// - Parameter withRetrofits: whether both ends of every factory's retrofit are read as well, as the command
  ///   does.
  func report(_ subject: Subject, withRetrofits: Bool = false) throws -> String {
    let assessment = try assessment(subject.factory, subject.days)
    let retrofits = withRetrofits ? try reading.retrofits(of: subject.factory, in: assessment) : [:]
    let report = try Report(
      on: subject.scope, of: assessment,
      district: DistrictIdentity(id: "bench", nameChinese: "模拟", nameEnglish: "Synthetic"), version: version,
      retrofits: Array(retrofits.values))
    return JSONRenderer().render(report)
  }

  /// The same by the command, as a user has it.
  func command(_ subject: Subject) throws -> String {
    try report(subject, ["--format", "json"])
  }

  /// The district's set of the subject's days as HTML and XLSX, in a folder; what the command says of it.
  func set(_ subject: Subject, into folder: String) throws -> String {
    try report(subject, ["--format", "html", "--format", "xlsx", "--output-dir", folder])
  }

  private func report(_ subject: Subject, _ options: [String]) throws -> String {
    try Self.output(
      of: millwright,
      ["report", subject.scope.kind] + (subject.factory.map { [$0] } ?? []) + [
        "--from", "\(subject.days.lowerBound)", "--to", "\(subject.days.upperBound)",
        "--known-at", knownAt.rfc3339(offset: .hours(8)), "--config", configuration,
      ] + options)
  }

  private static func output(of program: String, _ arguments: [String]) throws -> String {
    let output = Pipe()
    let process = try ChildProcess(
      program, arguments, directory: FileManager.default.temporaryDirectory.path,
      output: .descriptor(output.fileHandleForWriting.fileDescriptor), errors: .descriptor(STDERR_FILENO))
    try output.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    guard process.wait() == .exited(0) else {
      throw Disagreement("\(program) \(arguments.joined(separator: " ")): failed")
    }
    return text
  }
}
