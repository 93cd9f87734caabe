import ArgumentParser
import Register
import Reporting
import SQLiteStore
import Telemetry

/// `millwright register diff`: the differences of the register between two days, or two states of knowledge.
struct RegisterDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare the register of two days, or one day as known at two times.",
    discussion: """
      --from compares two days as known now. --known-from compares one day as known at two instants: it shows the \
      corrections in between. A day given as an instant means its end.

      Equipment that left one factory and came into service in another is listed as moved if its serial \
      number is the same.

      Example:
        millwright register diff --from 2026-10-31 --factory F001
        millwright register diff --known-from 2026-11-05 --day 2026-10-31
      """)

  @Option(help: "The earlier day, YYYY-MM-DD.", transform: RegisterSupport.day)
  var from: CalendarDay?
  @Option(help: "The later day, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var to: CalendarDay?
  @Option(help: "The earlier state of knowledge: an instant (RFC 3339) or a day.")
  var knownFrom: String?
  @Option(help: "The later state of knowledge; default: everything known.")
  var knownTo: String?
  @Option(
    help: "With --known-from: the day compared, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var day: CalendarDay?
  @Option(help: "Only differences of this factory.")
  var factory: String?
  @Flag(help: "Exit with 1 if there is a difference.")
  var exitCode = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func validate() throws {
    guard (from == nil) != (knownFrom == nil) else {
      throw ValidationError("give either --from DAY or --known-from INSTANT")
    }
    if from != nil, knownTo != nil || day != nil {
      throw ValidationError("--known-to and --day go with --known-from; with --from, use --to")
    }
    if knownFrom != nil, to != nil {
      throw ValidationError("--to goes with --from; with --known-from, use --known-to and --day")
    }
  }

  func run() throws {
    let settings = try store.settings()
    let say = CommandWording(language: output.language)
    let calendar = settings.district.calendar
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let (before, after) = try snapshots(register, calendar)
    if let factory, try !register.factoryIDs().contains(factory) {
      throw CommandFailure(
        .noInput, say("the register has no factory \(factory)", "台账中没有企业 \(factory)").inert)
    }
    let comparison = RegisterComparison(before: before, after: after, factory: factory)
    let text = RegisterComparisonText(comparison: comparison, say: say)
    print((text.heading(before, after) + text.lines).joined(separator: "\n"))
    if exitCode, !comparison.isEmpty { throw ExitCode(ExitStatus.doesNotHold.rawValue) }
  }

  private func snapshots(
    _ register: RegisterStore, _ calendar: LocalCalendar
  ) throws -> (before: RegisterSnapshot, after: RegisterSnapshot) {
    let today = calendar.day(at: InstantArgument.now)
    if let from {
      let to = to ?? today
      guard from <= to else { throw CommandFailure(.usage, "--from: \(from) is after \(to)") }
      // Both days use one version, even if an import is made in between.
      let version = try register.version()
      return (
        try register.snapshot(day: from, knownVersion: version),
        try register.snapshot(day: to, knownVersion: version)
      )
    }
    let earlier = try knownFrom.map {
      try InstantArgument.parse($0, option: "--known-from", calendar: calendar)
    }
    let later = try knownTo.map { try InstantArgument.parse($0, option: "--known-to", calendar: calendar) }
    if let earlier, let later, earlier > later {
      throw CommandFailure(.usage, "--known-from is after --known-to")
    }
    let day = day ?? today
    return (
      try register.snapshot(day: day, knownAt: earlier), try register.snapshot(day: day, knownAt: later)
    )
  }
}
