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
    abstract: "Store what factories and equipment are from a day on.",
    discussion: """
      What the import changes is shown first. On a terminal it asks before it stores (--yes does not). \
      One bad row, and nothing is stored. Equipment that the register has and the file has not is kept \
      and listed; --retire-missing retires it, within the factories the file names.

      A factory's first import reaches back to each row's commissioning date, marked assumed.

      Example:
        millwright register import equipment.csv --factories factories.csv --effective 2026-11-01
      """)

  @OptionGroup var files: RegisterFileOptions
  @Option(
    help: "The day from which the rows hold, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var effective: CalendarDay?
  @Flag(help: "Retire equipment that is absent from the file, within the factories it names.")
  var retireMissing = false
  @Flag(help: "Store without asking.")
  var yes = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let (equipment, factories) = try files.load()
    let settings = try store.settings()
    let directory = settings.storeDirectory.path
    let say = RegisterWording(language: output.language)
    let effectiveOn = effective ?? settings.district.calendar.day(at: InstantArgument.now)
    // Read before the writer is opened: bad files leave no trace, not even an empty store.
    var rows = try Self.read(equipment, factories, for: directory, say)
    let register = try RegisterSupport.openForWriting(directory)
    let before = try register.snapshot(day: effectiveOn)
    var diff = RegisterDiff(before: before, rows: rows)
    if retireMissing {
      rows = rows.retiring(diff.absent, on: effectiveOn)
      diff = RegisterDiff(before: before, rows: rows)
    }
    let text = RegisterDiffText(diff: diff, say: say)
    for line in say.notes(rows.notes) { print(line) }
    if let origin = store.storeOrigin(say) { print(origin) }
    let later = try register.imports().map(\.version).filter { $0.effectiveOn > effectiveOn }
    print((text.lines + text.lines(later: later)).joined(separator: "\n"))
    guard isConfirmed(text, storing: directory) else { return }
    let version = try register.importSnapshot(
      rows, effectiveOn: effectiveOn, importedAt: InstantArgument.now, equipmentFile: equipment,
      factoriesFile: factories)
    print(text.stored(version: version, effectiveOn: effectiveOn))
  }

  private static func read(
    _ equipment: RegisterFile, _ factories: RegisterFile?, for directory: String, _ say: RegisterWording
  ) throws -> RegisterRows {
    let stored = try RegisterStore.open(directory: directory, readOnly: true).factoryIDs()
    do throws(RegisterProblems) {
      return try RegisterRows.read(equipment: equipment, factories: factories, stored: stored)
    } catch {
      let lines = error.lines(say) + [say("nothing was stored", "未保存任何内容")]
      throw CommandFailure(.badData, lines.joined(separator: "\n"))
    }
  }

  /// Whether to go on: asked only where somebody can answer.
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
