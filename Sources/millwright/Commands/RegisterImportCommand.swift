import ArgumentParser
import Foundation
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

/// `millwright register import`: a dated snapshot of factories and equipment.
struct RegisterImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import factories and equipment, valid from a day on.",
    discussion: """
      The command first shows the changes. On a terminal it then asks for confirmation, unless --yes is given. \
      If one row is invalid, nothing is stored. Equipment in the register that is missing from the file is kept \
      and listed; --retire-missing retires it, within the factories that the file names.

      The rows of a factory's first import also apply from their commissioning dates on, marked as assumed.

      The files may be ledgers as offices keep them: with titles above the headings, rows of totals, merged cells, \
      other headings and dates. The command lists every rule by which it read something other than as it stands. \
      Files without a column for the factory need --factory-from.

      Examples:
        millwright register import equipment.csv --factories factories.csv --effective 2026-11-01
        millwright register import ledgers --factory-from file --fill-down
      """)

  @OptionGroup var files: RegisterFileOptions
  @OptionGroup var ledger: LedgerArguments
  @Option(
    help: "The day from which the rows are valid, YYYY-MM-DD; default: today.", transform: RegisterSupport.day
  )
  var effective: CalendarDay?
  @Flag(help: "Retire equipment that is missing from the file, within the factories that the file names.")
  var retireMissing = false
  @Flag(help: "Store without asking.")
  var yes = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let say = CommandWording(language: output.language)
    let interpretation = try ledger.options(store, say)
    let (ledgers, factories) = try files.load(besides: ledger.synonyms, records: true, say)
    let settings = try store.settings()
    let directory = settings.storeDirectory.path
    let today = settings.district.calendar.day(at: InstantArgument.now)
    let effectiveOn = effective ?? today
    // The files are read before the register is opened for writing: invalid files leave nothing behind, not even an
    // empty store.
    var rows = try Self.read(ledgers, factories, interpretation, for: directory, on: effectiveOn, say)
    let register = try RegisterSupport.openForWriting(directory)
    let before = try register.snapshot(day: effectiveOn)
    var diff = RegisterDiff(before: before, rows: rows)
    let (sheets, factorySheet) = (rows.sheets, rows.factorySheet)
    if retireMissing {
      rows = rows.retiring(diff.absent, on: effectiveOn)
      diff = RegisterDiff(before: before, rows: rows)
    }
    let text = RegisterDiffText(diff: diff, say: say)
    let preview = LedgerPreviewText(
      sheets: sheets, factories: factorySheet, skipped: ledgers.skipped, say: say)
    for line in preview.lines { print(line) }
    if let origin = store.storeOrigin(say) { print(origin) }
    let later = try register.imports().map(\.version).filter { $0.effectiveOn > effectiveOn }
    print((text.lines + text.lines(later: later)).joined(separator: "\n"))
    let past = PastImprovements(before: before, rows: rows, effectiveOn: effectiveOn, today: today)
    for line in PastImprovementWords(past, in: output.language).lines { print(line) }
    guard isConfirmed(text, storing: directory) else { return }
    let version = try register.importSnapshot(
      rows, effectiveOn: effectiveOn, importedAt: InstantArgument.now, equipmentFile: ledgers.file,
      factoriesFile: factories?.file)
    print(text.stored(version: version, effectiveOn: effectiveOn))
  }

  private static func read(
    _ ledgers: LedgerFiles, _ factories: FactoriesFile?, _ options: LedgerOptions, for directory: String,
    on day: CalendarDay, _ say: CommandWording
  ) throws -> RegisterRows {
    let registered = try RegisterSupport.factories(in: directory, on: day)
    do throws(RegisterProblems) {
      return try RegisterRows.read(
        ledgers: ledgers.sources, factories: factories?.source, registered: registered, options: options)
    } catch {
      let lines = error.lines(say) + [say("nothing was stored", "未保存任何内容")]
      throw CommandFailure(.badData, lines.joined(separator: "\n"))
    }
  }

  /// Whether to store the import. Asks only on a terminal.
  private func isConfirmed(_ text: RegisterDiffText, storing directory: String) -> Bool {
    guard !yes, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return true }
    print(text.question(directory), terminator: " ")
    fflush(nil)
    let answer = readLine(strippingNewline: true)?.lowercased() ?? ""
    if ["y", "yes", "是"].contains(answer) { return true }
    print(text.declined)
    return false
  }
}
