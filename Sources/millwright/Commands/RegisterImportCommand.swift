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

      Example:
        millwright register import equipment.csv --factories factories.csv --effective 2026-11-01
      """)

  @OptionGroup var files: RegisterFileOptions
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
    let (equipment, factories) = try files.load()
    let settings = try store.settings()
    let directory = settings.storeDirectory.path
    let say = RegisterWording(language: output.language)
    let effectiveOn = effective ?? settings.district.calendar.day(at: InstantArgument.now)
    // The files are read before the register is opened for writing: invalid files leave nothing behind, not even an
    // empty store.
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
