import ArgumentParser
import Foundation
import Register
import Reporting
import SQLiteStore
import Telemetry

/// `millwright register export`: the register of a day as files for an import.
struct RegisterExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the register of a day as files that can be imported again.",
    discussion: """
      Writes factories.csv and equipment.csv. Imported into an empty store with --effective set to the \
      same day, they give the same register for that day. Existing files of these names are replaced.

      Cells are written unchanged. A cell that begins with =, +, -, @ or a tab is only enclosed in quotes, so \
      that ids and names are the same after an import; import such a column into a spreadsheet as text.

      --format xlsx writes the form of `register template` filled in, factories.xlsx and equipment.xlsx: dates and \
      numbers are such cells, and ids are texts. Without --output-dir use --equipment-only and a pipe.

      Example:
        millwright register export --day 2026-10-31 --output-dir register-2026-10
        millwright register export --equipment-only --factory F001 --headings zh --bom > F001.csv
        millwright register export --format xlsx --output-dir forms --lang zh
      """)

  @Option(
    help: "The day of the register, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var day: CalendarDay?
  @Option(help: "The register as known at an instant (RFC 3339) or at the end of a day; default: now.")
  var knownAt: String?
  @Option(help: "Only this factory and its equipment.")
  var factory: String?
  @Option(help: "The folder to write to; created if missing.")
  var outputDir: String?
  @Option(help: "Format of the files: csv or xlsx.")
  var format: RegisterExportFiles.Format = .csv
  @Flag(help: "Only equipment; written to standard output without --output-dir.")
  var equipmentOnly = false
  @Option(
    help:
      "Language of headings and words in the files: en or zh; default: en in CSV, the output's language in xlsx."
  )
  var headings: RegisterExport.Headings?
  @Flag(help: "Begin the files with a byte order mark, which some spreadsheets need to read UTF-8.")
  var bom = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  private var say: CommandWording { CommandWording(language: output.language) }

  func validate() throws {
    guard outputDir != nil || equipmentOnly else {
      throw ValidationError(
        say(
          "name a folder with --output-dir, or use --equipment-only for standard output",
          "请用 --output-dir 指定文件夹，或用 --equipment-only 写到标准输出"))
    }
    guard !bom || format == .csv else {
      throw ValidationError(
        say("--bom can only be used with --format csv", "--bom 只能与 --format csv 一并使用"))
    }
    guard format == .csv || outputDir != nil || isatty(STDOUT_FILENO) != 1 else {
      throw ValidationError(
        say(
          "xlsx cannot be shown on a terminal: name a folder with --output-dir, or use a pipe",
          "终端无法显示 xlsx：请用 --output-dir 指定文件夹，或使用管道"))
    }
  }

  func run() throws {
    let settings = try store.settings()
    let calendar = settings.district.calendar
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let known = try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: calendar) }
    let snapshot = try register.snapshot(
      day: day ?? calendar.day(at: InstantArgument.now), knownAt: known, factory: factory)
    try Self.refuseEmpty(snapshot, factory: factory, say)

    let export = RegisterExport(snapshot)
    // A form is for a person to read. CSV keeps its headings in every environment, for programs.
    let forms: RegisterExport.Headings = output.language == .chinese ? .chinese : .english
    let writer = RegisterExportFiles(
      export: export, headings: headings ?? (format == .xlsx ? forms : .english), byteOrderMark: bom,
      format: format)
    let equipment = try writer.equipment()
    if let outputDir {
      var files = [equipment]
      if !equipmentOnly { files.append(try writer.factories()) }
      try RegisterExportFiles.write(files, to: outputDir)
    } else {
      try OutputFile.writeAll(equipment.content, to: STDOUT_FILENO, "standard output")
    }
    for note in Self.notes(export, say) { printError(note) }
    try Self.refuseUnreadable(export, format)
  }

  private static func refuseEmpty(
    _ snapshot: RegisterSnapshot, factory: String?, _ say: CommandWording
  ) throws {
    guard snapshot.version > 0 else {
      throw CommandFailure(.noInput, say("nothing had been imported by then", "当时尚未导入任何台账"))
    }
    guard let factory, snapshot.factories.isEmpty else { return }
    throw CommandFailure(
      .noInput, say("the register has no factory \(factory)", "台账中没有企业 \(factory)").inert)
  }

  /// Prints the contents of the files, and what they leave out, on standard error.
  private static func notes(_ export: RegisterExport, _ say: CommandWording) -> [String] {
    var notes = [
      say(
        "\(export.equipment.count) equipment of \(export.factories.count.counted("factory", "factories")); "
          + "import with --effective \(export.day)",
        "企业 \(export.factories.count) 家，设备 \(export.equipment.count) 台；"
          + "导入时请用 --effective \(export.day)")
    ]
    if export.registeredLater > 0 {
      notes.append(
        say(
          "left out: \(export.registeredLater) equipment registered only from a later day on",
          "未导出：自更晚日期起登记的设备 \(export.registeredLater) 台"))
    }
    if export.assumed > 0 {
      notes.append(
        say(
          "\(export.assumed) equipment with values assumed from a later import; the files do not mark them",
          "其中 \(export.assumed) 台的属性由更晚的导入推定，文件中不再注明"))
    }
    return notes
  }

  /// Rows that an import would refuse are written, because the register has them, but they are reported.
  private static func refuseUnreadable(
    _ export: RegisterExport, _ format: RegisterExportFiles.Format
  ) throws {
    let ending = format.rawValue
    let problems = export.problems(
      equipmentName: "equipment.\(ending)", factoriesName: "factories.\(ending)")
    guard !problems.isEmpty else { return }
    let lines = RegisterProblems(Array(problems.prefix(RegisterProblems.kept))).lines()
    throw CommandFailure(
      .badData,
      (lines + ["the files are written, but an import will refuse these rows"]).joined(separator: "\n"))
  }
}

extension RegisterExport.Headings: ExpressibleByArgument {}
