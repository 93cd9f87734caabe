import ArgumentParser
import Foundation
import Reporting
import Spreadsheets
import Telemetry

/// `millwright register template`: an empty form of a register file as an Excel workbook.
struct RegisterTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Write an empty form for factories to fill in, as an Excel workbook.",
    discussion: """
      The first sheet is the form: headings with a star where a value is required, drop-down lists, and checks of \
      dates and numbers. Ids are texts, so that leading zeros and long numbers stay. Two more sheets have examples, \
      and explanations of every column in English and Chinese. A file that is there is only replaced with --replace: it \
      may have been filled in.

      Example:
        millwright register template --output ledger.xlsx
        millwright register template --output 台账模板.xlsx --lang zh --factory F001
      """)

  @Option(help: "The workbook to write, which ends in .xlsx; default: standard output.")
  var output: String?
  @Option(help: "The factory that fills in the form: the only one that the form accepts.")
  var factory: String?
  @Flag(help: "The form of the factories file instead of the equipment file.")
  var factories = false
  @Flag(help: "Replace the file of --output if it is there.")
  var replace = false
  @OptionGroup var language: LanguageOptions

  private var say: CommandWording { CommandWording(language: language.language) }

  func validate() throws {
    if let output {
      guard output.lowercased().hasSuffix(".xlsx") else {
        throw ValidationError(
          say("--output: '\(output.inert)' must end in .xlsx", "--output：“\(output.inert)”须以 .xlsx 结尾"))
      }
    } else if isatty(STDOUT_FILENO) == 1 {
      throw ValidationError(
        say(
          "xlsx cannot be shown on a terminal: name a file with --output, or use a pipe",
          "终端无法显示 xlsx：请用 --output 指定文件，或使用管道"))
    }
    guard let factory else { return }
    guard !factories else {
      throw ValidationError(
        say(
          "--factory is for the equipment file: leave out --factories",
          "--factory 仅用于设备台账：请去掉 --factories"))
    }
    guard EquipmentKey.isID(factory.utf8) else {
      throw ValidationError(
        say(
          "--factory: '\(factory.inert)' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
          "--factory：“\(factory.inert)”不是有效编号：应为 1 至 64 个字母、数字或 _ . -"))
    }
  }

  func run() throws {
    if let output, !replace { try refuseReplacing(output) }
    let renderer = RegisterFormRenderer(language: language.language)
    let content: Data
    do throws(WorkbookError) {
      content =
        factories
        ? try renderer.factoriesTemplate(created: Self.created)
        : try renderer.equipmentTemplate(factory: factory, created: Self.created)
    } catch {
      throw CommandFailure(.cannotWrite, "\(output?.inert ?? "standard output"): \(error)")
    }
    if let output {
      try OutputFile.write(content, to: output)
    } else {
      try OutputFile.writeAll(content, to: STDOUT_FILENO, "standard output")
    }
  }

  /// Refuses a regular file that is there. A pipe or a device is written to.
  private func refuseReplacing(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    throw CommandFailure(
      .cannotWrite,
      say(
        "\(path.inert) is there already and may have been filled in; name another file, or give --replace",
        "\(path.inert) 已存在，可能已填写；请指定其他文件名，或用 --replace 替换"))
  }

  /// The date in the workbook's properties: fixed, so that equal templates are equal files.
  private static let created = Timestamp(milliseconds: 1_704_067_200_000)
}
