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
        millwright report district --lang zh
        millwright report factory F001 --as-of 2026-11-22T08:00:00+08:00 --format json --pretty
      """)

  /// How a report is written.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
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

  @Option(name: .long, help: "Read the register as it was known then; default: now.")
  var knownAt: String?

  @Option(name: .long, help: "text or json; default: by --output's ending, else text.")
  var format: Format?

  @Option(name: .shortAndLong, help: "File to write instead of standard output.")
  var output: String?

  @Option(name: .long, help: "What a district's factories are ranked by: a metric's key.")
  var rankedBy: String = Metric.networkedRatio.key

  @Flag(name: .long, help: "Indent JSON.")
  var pretty = false

  @OptionGroup var storeOptions: StoreOptions
  @OptionGroup var languageOptions: LanguageOptions

  func run() throws {
    guard let scope = ReportScope(kind: scope.rawValue, path: path) else {
      throw CommandFailure(
        .usage, "'\(path)' does not name a \(scope.rawValue): see 'millwright report --help'")
    }
    guard let metric = Metric.allCases.first(where: { $0.key == rankedBy }) else {
      throw CommandFailure(
        .usage,
        "--ranked-by: '\(rankedBy)' is not one of \(Metric.allCases.map(\.key).joined(separator: ", "))")
    }
    let settings = try storeOptions.settings()
    let assessment = try assess(settings, factory: scope.factory)
    let report: Report
    do throws(ReportError) {
      report = try Report(
        on: scope, of: assessment, district: settings.district.identity, version: Version.current,
        rankedBy: metric)
    } catch {
      throw CommandFailure(error.exitStatus, "\(error)")
    }
    try write(render(report))
  }

  /// Judges what the register and the views hold, of one factory or of all.
  private func assess(_ settings: Settings, factory: String?) throws -> DistrictAssessment {
    let calendar = settings.district.calendar
    let now = InstantArgument.now
    let instant = try asOf.map { try InstantArgument.parse($0, option: "--as-of", calendar: calendar) } ?? now
    let known = try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: calendar) }
    let period = Period(endingAt: instant, calendar: calendar)
    let directory = settings.storeDirectory
    let register = try RegisterStore.open(directory: directory.path, readOnly: true)
    let snapshot = try register.snapshot(day: calendar.day(at: instant), knownAt: known, factory: factory)
    var evidence = StoreEvidence(asOf: instant)
    // A register without a collector yet is a report too: nothing was seen.
    if directory.exists || snapshot.version == 0 {
      let views = try ViewsReader(directory)
      try views.check(calendar)
      evidence = try views.evidence(asOf: instant, factory: factory, period: period.from..<period.until)
    }
    return DistrictAssessment(
      register: snapshot, evidence: evidence,
      rules: PresenceRules(
        networkedWindow: settings.presence.networkedWindow, horizonFactor: settings.presence.horizonFactor,
        horizonMinimum: settings.presence.horizonMinimum),
      knownAt: known ?? now, period: period)
  }

  private func render(_ report: Report) -> String {
    switch format ?? (output?.hasSuffix(".json") == true ? .json : .text) {
    case .json: return JSONRenderer(pretty: pretty).render(report)
    case .text:
      let terminal = Terminal(toFile: output != nil)
      return TextRenderer(
        language: languageOptions.language, width: terminal.width, color: terminal.color,
        unicode: terminal.unicode
      ).render(report)
    }
  }

  private func write(_ text: String) throws {
    let data = Data(text.utf8)
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

/// What standard output can show.
private struct Terminal {
  var width = 80
  var color = false
  var unicode = true

  init(toFile: Bool) {
    let environment = ProcessInfo.processInfo.environment
    let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
    guard !toFile, isatty(STDOUT_FILENO) == 1 else { return }
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { width = Int(size.ws_col) }
    color = environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    unicode = locale.isEmpty || locale.uppercased().contains("UTF")
  }
}

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

extension ViewsReader {
  /// Refuses to report in another time zone than the one the store's days were cut in.
  fileprivate func check(_ calendar: LocalCalendar) throws {
    let zone = try timeZone()
    guard zone == calendar.identifier else {
      throw CommandFailure(
        .configuration,
        "district.timezone is \(calendar.identifier), but the store's days are those of \(zone): set it back")
    }
  }
}
