import ArgumentParser
import Register
import Reporting
import SQLiteStore

/// `millwright register validate`: performs all checks of an import and stores nothing.
struct RegisterValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check register files without storing anything.",
    discussion: """
      Prints every problem with its file, line and column, and exits with 1 if there is one.

      Example:
        millwright register validate equipment.csv --factories factories.csv
      """)

  @OptionGroup var files: RegisterFileOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let (equipment, factories) = try files.load()
    // Without a store, only the factories in the files are known.
    let stored =
      try store.storeDirectoryIfNamed().map { directory in
        try RegisterStore.open(directory: directory, readOnly: true).factoryIDs()
      } ?? []
    let say = RegisterWording(language: output.language)
    do throws(RegisterProblems) {
      let rows = try RegisterRows.read(equipment: equipment, factories: factories, stored: stored)
      let machines = rows.equipment.count
      for line in say.notes(rows.notes) { print(line) }
      print(equipment.name.inert + say(": \(machines) equipment, valid", "：设备 \(machines) 台，有效"))
      guard let factories else { return }
      let count = rows.factories.count
      print(
        factories.name.inert + say(": \(count.counted("factory", "factories")), valid", "：企业 \(count) 家，有效"))
    } catch {
      throw CommandFailure(.doesNotHold, error.lines(say).joined(separator: "\n"))
    }
  }
}
