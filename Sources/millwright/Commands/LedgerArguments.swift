import ArgumentParser
import Foundation
import Register
import Reporting

/// Options for reading ledgers as offices keep them.
struct LedgerArguments: ParsableArguments {
  @Option(
    name: .customLong("factory-from"),
    help: """
      Where the factory is, for files without a column for it: cell:B2 (a cell above the headings, as the \
      spreadsheet program shows it), sheet or file (the name of either). An id, or a factory's exact name.
      """,
    transform: { text in
      guard let source = FactorySource(text) else {
        throw ValidationError(
          CommandWording.ofCommandLine(
            "'\(text.inert)' is not a source of the factory: use cell:B2, sheet or file",
            "“\(text.inert)”不是企业的来源：请用 cell:B2、sheet 或 file"))
      }
      return source
    })
  var factoryFrom: FactorySource?

  @Flag(
    help: """
      Give every cell of merged rows the value of the first one. No effect on text files, which have no merged cells.
      """)
  var fillDown = false

  @Option(
    help: ArgumentHelp(
      "A CSV file with more synonyms of headings: columns 'column' and 'synonym'.", valueName: "file"))
  var synonyms: String?

  @Option(
    help: ArgumentHelp(
      "Headings of columns that are not stored, separated by commas; 'unknown' stands for all unknown headings.",
      valueName: "headings"))
  var ignoreColumns: [String] = []

  @Option(help: "The sheet to read of a workbook; default: the one that has headings.")
  var sheet: String?

  /// The options with the synonyms of the configuration's folder and of the file.
  func options(_ store: StoreOptions, _ say: CommandWording) throws -> LedgerOptions {
    var interpretation = LedgerInterpretation(synonyms: .shipped)
    let configured = URL(fileURLWithPath: try store.configurationFile())
      .deletingLastPathComponent().appendingPathComponent("register/synonyms.csv").path
    if FileManager.default.fileExists(atPath: configured) { try add(configured, to: &interpretation, say) }
    if let synonyms { try add(synonyms, to: &interpretation, say) }
    let headings = ignoreColumns.flatMap { $0.split(whereSeparator: { ",，、".contains($0) }) }.map(String.init)
    interpretation.ignoresUnknown = headings.contains("unknown")
    interpretation.ignored = Set(headings)
    interpretation.fillsDown = fillDown
    return LedgerOptions(interpretation, factorySource: factoryFrom, sheet: sheet)
  }

  private func add(
    _ path: String, to interpretation: inout LedgerInterpretation, _ say: CommandWording
  ) throws {
    let file = try RegisterFileOptions.file(path)
    do throws(RegisterProblems) {
      try interpretation.synonyms.add(file)
    } catch {
      throw CommandFailure(.badData, error.lines(say).joined(separator: "\n"))
    }
  }
}
