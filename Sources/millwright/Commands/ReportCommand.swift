import Aggregation
import ArgumentParser
import Foundation
import Register
import Reporting
import Storage
import Telemetry

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "One factory's, workshop's, line's, equipment's or the whole district's automation report.",
    usage: """
      millwright report district [options]
      millwright report factory F001 [options]
      millwright report workshop F001/W01 [options]
      millwright report line F001/W01/L1 [options]
      millwright report equipment F001/E1 [options]
      """,
    discussion: """
      Reads the store only, so it works with the collector running or stopped, also for another user of \
      the store's group.

      Examples:
        millwright report factory F001
        millwright report district --period last-month --lang zh
        millwright report workshop F001/W01 --from 2026-11-01 --to 2026-11-07
        millwright report factory F001 --as-of 2026-11-22T08:00:00+08:00 --format json --pretty
        millwright report factory F001 --lang zh --output F001.csv --bom
      """)

  /// What a report is about.
  enum Scope: String, ExpressibleByArgument, CaseIterable {
    case district, factory, workshop, line, equipment
  }

  @Argument(help: "district, factory, workshop, line or equipment.")
  var scope: Scope

  @Argument(help: "Which one: F001, F001/W01, F001/W01/L1 or F001/E1; nothing for the district.")
  var path: String = ""

  @Option(
    name: .long, help: "The instant the figures hold for (RFC 3339, or a day for its end); default: now.")
  var asOf: String?

  @OptionGroup var periodOptions: PeriodOptions

  @Option(name: .long, help: "Read the register as it was known then; default: now.")
  var knownAt: String?

  @Option(
    name: .long,
    help:
      "\(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")); default: by --output's ending, else text."
  )
  var format: ReportFormat?

  @Option(
    name: .long,
    help:
      "A section to print, instead of all; may be repeated: \(ReportSection.allCases.map(\.rawValue).joined(separator: ", ")). JSON always has all."
  )
  var section: [ReportSection] = []

  @Option(name: .shortAndLong, help: "File to write instead of standard output.")
  var output: String?

  @Option(name: .long, help: "What a district's factories are ranked by: a metric's key.")
  var rankedBy: String = Metric.networkedRatio.key

  @Option(
    name: .long,
    help:
      "Hold the figures against a policy: its name, or a file; may be repeated. none for none; default: the configuration's policies, but for one equipment none."
  )
  var policy: [String] = []

  @Flag(name: .long, help: "Indent JSON.")
  var pretty = false

  @Flag(name: .long, help: "Begin CSV with a byte order mark, by which Excel knows UTF-8.")
  var bom = false

  @OptionGroup var storeOptions: StoreOptions
  @OptionGroup var languageOptions: LanguageOptions

  func run() throws {
    guard let scope = ReportScope(kind: scope.rawValue, path: path) else {
      throw CommandFailure(
        .usage, "'\(path)' does not name a \(scope.rawValue): see 'millwright report --help'")
    }
    guard let metric = Metric.ranked.first(where: { $0.key == rankedBy }) else {
      throw CommandFailure(
        .usage,
        "--ranked-by: '\(rankedBy)' is not one of \(Metric.ranked.map(\.key).joined(separator: ", "))")
    }
    let format = try chosenFormat()
    let settings = try storeOptions.settings()
    let policies = try policies(settings)
    let assessment = try assess(settings, scope)
    let report: Report
    do throws(ReportError) {
      report = try Report(
        on: scope, of: assessment, district: settings.district.identity, version: Version.current,
        rankedBy: metric, policies: policies)
    } catch {
      throw CommandFailure(error.exitStatus, "\(error)")
    }
    try write(render(report, as: format))
  }

  /// Those asked for; without any those of the configuration, which say nothing of a single machine.
  private func policies(_ settings: Settings) throws -> [Policy] {
    if policy.isEmpty { return scope == .equipment ? [] : try settings.defaultPolicies() }
    guard policy.contains(Settings.noPolicy) else {
      return try policy.map { try settings.policy($0, asked: "--policy") }
    }
    guard policy.count == 1 else {
      throw CommandFailure(.usage, "--policy none excludes any other --policy")
    }
    return []
  }

  /// Judges what the register and the views hold, of one factory or of all.
  private func assess(_ settings: Settings, _ scope: ReportScope) throws -> DistrictAssessment {
    let calendar = settings.district.calendar
    let now = InstantArgument.now
    let period = try periodOptions.period(calendar: calendar, now: now)
    if let asOf {
      guard period == nil else {
        throw CommandFailure(.usage, "--as-of and a period exclude one another: a period has its own end")
      }
      let instant = try InstantArgument.parse(asOf, option: "--as-of", calendar: calendar)
      return try assess(
        settings, scope, asOf: instant, over: Period(endingAt: instant, calendar: calendar, now: now))
    }
    return try assess(
      settings, scope, asOf: period?.asOf ?? now, over: period ?? Period(endingAt: now, calendar: calendar))
  }

  private func assess(
    _ settings: Settings, _ scope: ReportScope, asOf instant: Timestamp, over period: Period
  ) throws -> DistrictAssessment {
    let calendar = settings.district.calendar
    let known = try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: calendar) }
    let rules = PresenceRules(
      networkedWindow: settings.presence.networkedWindow, horizonFactor: settings.presence.horizonFactor,
      horizonMinimum: settings.presence.horizonMinimum)
    let reading = AssessmentReading(
      directory: settings.storeDirectory, calendar: calendar, rules: rules, knownAt: known,
      now: InstantArgument.now)
    do {
      return try reading.assessment(of: scope.factory, asOf: instant, over: period)
    } catch let error as AssessmentReading.OtherTimeZone {
      throw CommandFailure(.configuration, "\(error)")
    }
  }

  /// The format asked for, with options that fit it.
  private func chosenFormat() throws -> ReportFormat {
    let format = format ?? output.flatMap { ReportFormat(output: $0) } ?? .text
    guard !bom || format == .csv else {
      throw CommandFailure(.usage, "--bom is for --format csv only, not for \(format.rawValue)")
    }
    guard !format.isBinary || output != nil || isatty(STDOUT_FILENO) != 1 else {
      throw CommandFailure(
        .usage, "\(format.rawValue) is nothing a terminal can show: name a file with --output, or pipe it")
    }
    return format
  }

  private func render(_ report: Report, as format: ReportFormat) throws -> Data {
    try format.render(
      report,
      RenderingOptions(
        language: languageOptions.language, sections: section.isEmpty ? nil : Set(section), isPretty: pretty,
        hasByteOrderMark: bom, terminal: output == nil ? .standardOutput : .none))
  }

  private func write(_ data: Data) throws {
    guard let output else {
      do { try FileHandle.standardOutput.write(contentsOf: data) } catch {
        throw CommandFailure(
          .cannotWrite, "standard output: cannot be written: \(error.localizedDescription)")
      }
      return
    }
    // Written beside and renamed, so that nobody ever reads half a report.
    do { try data.write(to: URL(fileURLWithPath: output), options: .atomic) } catch {
      throw CommandFailure(.cannotWrite, "\(output): cannot be written: \(error.localizedDescription)")
    }
  }
}

extension ReportSection: ExpressibleByArgument {}

extension Settings.District {
  fileprivate var identity: DistrictIdentity {
    DistrictIdentity(id: id, nameChinese: nameChinese, nameEnglish: nameEnglish)
  }
}

extension ReportError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    case .unknown: .noInput
    case .notRankable: .usage
    }
  }
}
