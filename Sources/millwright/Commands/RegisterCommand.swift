import ArgumentParser

/// `millwright register …`: commands for the register, which defines the base of all ratios.
struct RegisterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Import, check and look up factories and equipment.",
    discussion: """
      The register lists every machine that a ratio counts, including machines that never send. It consists of \
      dated imports: each is valid from a day on, and none is ever overwritten.

      Example:
        millwright register template --output ledger.xlsx
        millwright register validate equipment.csv --factories factories.csv
        millwright register import equipment.csv --factories factories.csv --effective 2026-11-01
        millwright register list --factory F001
        millwright register diff --from 2026-10-31
      """,
    subcommands: [
      RegisterImportCommand.self, RegisterValidateCommand.self, RegisterListCommand.self,
      RegisterShowCommand.self, RegisterHistoryCommand.self, RegisterDiffCommand.self,
      RegisterExportCommand.self, RegisterTemplateCommand.self, RegisterMapCommand.self,
    ])
}
