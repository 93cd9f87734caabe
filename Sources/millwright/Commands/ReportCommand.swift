import Aggregation
import ArgumentParser
import Configuration
import Daemon
import Foundation
import Register
import Reporting
import Telemetry

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the automation report of a factory, workshop, line, equipment or the whole district.",
    usage: """
      millwright report district [options]
      millwright report factory F001 [options]
      millwright report workshop F001/W01 [options]
      millwright report line F001/W01/L1 [options]
      millwright report equipment F001/E1 [options]
      """,
    discussion: """
      Only reads the store, so it works whether the collector is running or stopped, also for other users of \
      the store's group.

      Examples:
        millwright report factory F001
        millwright report district --period last-month --lang zh
        millwright report district --ranked-by declared_gap --all
        millwright report district --period last-month --format html --format json --output-dir reports
        millwright report workshop F001/W01 --from 2026-11-01 --to 2026-11-07
        millwright report factory F001 --as-of 2026-11-22T08:00:00+08:00 --format json --pretty
        millwright report factory F001 --open
        millwright report factory F001 --lang zh --output equipment.csv --bom
        millwright report district --section factories --output factories.csv
        millwright report factory F001 --form sme-2024 --lang zh --output F001.xlsx
      """)

  /// The subject of a report.
  enum Scope: String, ExpressibleByArgument, CaseIterable {
    case district, factory, workshop, line, equipment
  }

  @Argument(help: "district, factory, workshop, line or equipment.")
  var scope: Scope

  @Argument(
    help: "Its id: F001, F001/W01, F001/W01/L1 or F001/E1; none for the district.",
    completion: Completions.scopePaths)
  var path: String = ""

  @Option(
    name: .long, help: "The instant of the figures (RFC 3339, or a day for its end); default: now.")
  var asOf: String?

  @OptionGroup var periodOptions: PeriodOptions

  @Option(
    name: .long,
    help: "Use the register as known at an instant (RFC 3339, or a day for its end); default: now.")
  var knownAt: String?

  @Option(
    name: .long,
    help:
      "\(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")); default: from the ending of --output, else text; may be repeated with --output-dir. csv is one table: all equipment, or the section named with --section; csv-long has every cell of a report."
  )
  var format: [ReportFormat] = []

  @Option(
    name: .long,
    help:
      "A section to print, instead of all; may be repeated: \(ReportSection.allCases.map(\.rawValue).joined(separator: ", ")). JSON always has all sections, except before_after, trend and the changes since the period before if other sections are chosen. factories, equipment and exceptions are lists, which only csv and xlsx have unasked."
  )
  var section: [ReportSection] = []

  @Option(
    name: .shortAndLong, help: "File to write instead of standard output.", completion: .file())
  var output: String?

  @Option(
    name: .long,
    help:
      "Folder for the full set of a period: the reports of the district and each factory, in every requested format, in a subfolder named after the period, with index.html for html, pdf and xlsx.",
    completion: .directory)
  var outputDir: String?

  @Flag(
    name: .long,
    help:
      "Open the report in the browser: HTML, in a temporary file unless --output or --output-dir names a place."
  )
  var open = false

  @Option(
    name: .long,
    help:
      "Key of the metric by which a district's factories are ranked, or declared_gap: by how far the networked share falls short of the share declared as connectable.",
    completion: .list(RankingOrder.keys))
  var rankedBy: String = Metric.networkedTimeRatio.key

  @Option(
    name: .long,
    help:
      "Policy to check the figures against: a name or a file; may be repeated; 'none' for no policy. Default: the configuration's policies; no policy for one equipment.",
    completion: Completions.policies)
  var policy: [String] = []

  @Option(
    name: .long,
    help:
      "Form to fill in instead of the report: a name of 'millwright form list' or a file; may be repeated; 'none' for none of the configuration's forms. Sections named with --section are added.",
    completion: Completions.forms)
  var form: [String] = []

  @Flag(
    name: .long,
    help:
      "Print every row of long lists in text and PDF, instead of a part; the other formats have every row.")
  var all = false

  @Flag(
    name: .long,
    help:
      "Read the course of the headline figures over 12 months or 30 days also for a district of thousands of machines, for which that takes longer than all the rest of its report. Otherwise it has only the periods that it reads anyway."
  )
  var trend = false

  @Flag(name: .long, help: "Indent JSON.")
  var pretty = false

  @Flag(name: .long, help: "Begin CSV with a byte order mark, by which Excel recognises UTF-8.")
  var bom = false

  @OptionGroup var storeOptions: StoreOptions
  @OptionGroup var languageOptions: LanguageOptions

  func run() throws {
    guard let scope = ReportScope(kind: scope.rawValue, path: path) else {
      let message = Self.complaint(self.scope, path)
      throw CommandFailure(.usage, message.english, message.chinese)
    }
    if let outputDir { return try writeSet(scope, outputDir) }
    guard format.count <= 1 else {
      throw CommandFailure(
        .usage, "--format: only one is allowed without --output-dir", "--format：未用 --output-dir 时只能指定一种格式")
    }
    let format =
      try format.first ?? output.map { try ReportFormat.of(output: $0) } ?? (open ? .html : .text)
    try check([format])
    let browser = open ? try UserBrowser.find() : nil
    let (service, request) = try service(on: scope, [format])
    let report = try working {
      try Self.explaining { try service.report(for: request) }
    }
    var options = options(terminal: output == nil ? .standardOutput : .none)
    options.note = { printError($0) }
    if let browser { return try show(report, format, options, in: browser) }
    let content = try working { try format.render(report, options) }
    guard let output else { return try OutputFile.writeAll(content, to: STDOUT_FILENO, "standard output") }
    try OutputFile.write(content, to: output)
  }

  /// The message for an argument that does not fit the scope, with the expected form.
  static func complaint(_ scope: Scope, _ path: String) -> (english: String, chinese: String) {
    let (form, chinese, example) =
      switch scope {
      case .district: ("", "", "")
      case .factory: ("FACTORY", "企业编号", "F001")
      case .workshop: ("FACTORY/WORKSHOP", "企业编号/车间编号", "F001/W01")
      case .line: ("FACTORY/WORKSHOP/LINE", "企业编号/车间编号/产线编号", "F001/W01/L1")
      case .equipment: ("FACTORY/EQUIPMENT", "企业编号/资产编号", "F001/E1")
      }
    if scope == .district {
      return (
        "'\(path.inert)': the district takes no id: millwright report district",
        "“\(path.inert)”：园区报告不带编号：millwright report district"
      )
    }
    if path.isEmpty {
      let command = "millwright report \(scope.rawValue) \(example)"
      return ("which \(scope.rawValue)? \(command)", "缺少\(chinese)：\(command)")
    }
    return (
      "'\(path.inert)' is not \(form), such as \(example)", "“\(path.inert)”应为“\(chinese)”，例如 \(example)"
    )
  }

  /// Returns what `body` returns; its errors become the command's.
  static func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AssessmentReading.OtherTimeZone {
      throw CommandFailure(
        .configuration, "\(error)",
        "district.timezone 为 \(error.asked)，而存储目录按 \(error.stored) 划分日期：请改回原值")
    } catch let error as ReportError {
      throw CommandFailure(error.exitStatus, "\(error)", error.chinese)
    }
  }

  /// Returns the service that makes the requested report, and the request.
  func service(
    on scope: ReportScope, _ formats: [ReportFormat]
  ) throws -> (ReportService, ReportRequest) {
    guard let order = RankingOrder(key: rankedBy) else {
      throw CommandFailure(
        .usage,
        "--ranked-by: '\(rankedBy.inert)' is not one of \(RankingOrder.keys.joined(separator: ", "))",
        "--ranked-by：“\(rankedBy.inert)”应为 \(RankingOrder.keys.joined(separator: "、")) 之一")
    }
    let settings = try storeOptions.settings()
    let calendar = settings.district.calendar
    let now = InstantArgument.now
    let named = try periodOptions.period(calendar: calendar, now: now)
    var asOf = named?.asOf ?? now
    var period = named ?? Period(endingAt: now, calendar: calendar)
    if let text = self.asOf {
      guard named == nil else {
        throw CommandFailure(
          .usage, "--as-of cannot be used with a period: a period has its own end",
          "--as-of 不能与统计周期同时使用：统计周期自有截止时刻")
      }
      let asked = try InstantArgument.parse(text, option: "--as-of", calendar: calendar)
      period = Period(endingAt: asked, calendar: calendar, now: now)
      asOf = period.asOf
    }
    let (asked, filled) = (try policies(settings), try forms(settings))
    try checkSections(asked, filled)
    var request = ReportRequest(
      on: scope, over: period, asOf: asOf,
      knownAt: try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: calendar) },
      now: now, order: order, policies: asked,
      forms: filled, actionRules: try ActionRuleFile.load(besides: settings.file),
      readsRetrofits: shown(in: formats)?.contains(.beforeAfter) ?? true,
      readsPrevious: formats.contains(where: \.showsChanges) && (sections?.contains(.overview) ?? true))
    request.listsEquipment = needsEquipment(formats)
    if shown(in: formats)?.contains(.trend) ?? true { request.trend = trend ? .complete : .limited }
    return (
      ReportService(settings, store: settings.storeDirectory, version: Version.current), request
    )
  }

  /// The requested policies; by default those of the configuration, which do not apply to a single machine.
  private func policies(_ settings: Settings) throws -> [Policy] {
    if policy.isEmpty { return scope == .equipment ? [] : try settings.defaultPolicies() }
    guard policy.contains(Settings.noPolicy) else {
      return try policy.map { try settings.policy($0, asked: "--policy") }
    }
    guard policy.count == 1 else {
      throw CommandFailure(
        .usage, "--policy none cannot be used with another --policy", "--policy none 不能与其他 --policy 同时使用")
    }
    return []
  }
}

extension ReportSection: ExpressibleByArgument {}

extension ReportError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    case .unknown: .noInput
    case .notRankable, .ofInstant: .usage
    }
  }
}
