import ArgumentParser
import Foundation
import Register
import Reporting
import SQLiteStore
import Spreadsheets
import Telemetry

/// The answers about the ledgers of an import, one for each ledger: `--report`.
struct RegisterAnswers {
  private enum Format: String {
    case xlsx, html, txt
  }

  /// A file for the answer to one ledger, or a folder for workbooks.
  let path: String
  /// The format of the file; nil for a folder.
  private let format: Format?

  /// Answers at a path: a folder that is there or ends in a slash, or a file whose ending decides the format.
  init(_ path: String, _ say: CommandWording) throws {
    var status = stat()
    self.path = path
    if path.hasSuffix("/") || stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
      format = nil
      return
    }
    let ending = path.split(separator: "/").last?.split(separator: ".").last?.lowercased() ?? ""
    format = Format(rawValue: ending == "htm" ? "html" : ending)
    guard format != nil else {
      throw ValidationError(
        say(
          "--report: '\(path.inert)' must end in .xlsx, .html or .txt, or in / for a folder",
          "--report：“\(path.inert)”须以 .xlsx、.html 或 .txt 结尾；文件夹须以 / 结尾"))
    }
  }

  /// Whether the answers are files of a folder.
  var isFolder: Bool { format == nil }

  /// Paths of the answers, one for each ledger. In a folder `F001.xlsx` has the answer `F001-answer.xlsx`; ledgers whose
  /// names differ only in their endings keep them: `F001.csv-answer.xlsx`.
  func paths(_ ledgers: LedgerFiles) -> [String] {
    guard isFolder else { return [path] }
    let names = ledgers.paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    func stem(_ name: String) -> String {
      name.lastIndex(of: ".").map { $0 == name.startIndex ? name : String(name[..<$0]) } ?? name
    }
    var counts: [String: Int] = [:]
    for name in names { counts[stem(name).lowercased(), default: 0] += 1 }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return names.map { name in
      folder + (counts[stem(name).lowercased()] == 1 ? stem(name) : name) + "-answer.xlsx"
    }
  }

  /// Refuses one file for several ledgers, the folder of the ledgers, and files that are read.
  ///
  /// - Parameter others: paths of files that are read besides the ledgers.
  func check(_ ledgers: LedgerFiles, _ others: [String], _ say: CommandWording) throws {
    if ledgers.isFolder, !isFolder {
      throw CommandFailure(
        .usage,
        say(
          "--report: every ledger of the folder \(ledgers.name.inert) gets an answer of its own; name a folder, such as "
            + "answers/",
          "--report：文件夹 \(ledgers.name.inert) 中每份台账各有一份答复；请指明文件夹，例如 answers/"))
    }
    if ledgers.isFolder, Self.isSame(path, ledgers.name) {
      throw CommandFailure(
        .usage,
        say(
          "--report: \(path.inert) is the folder of the ledgers; name another folder",
          "--report：\(path.inert) 是台账所在文件夹；请指定其他文件夹"))
    }
    for answer in paths(ledgers) {
      guard (ledgers.paths + others).contains(where: { Self.isSame(answer, $0) }) else { continue }
      throw CommandFailure(
        .usage,
        say(
          "--report: \(answer.inert) is one of the files to check; name another file",
          "--report：\(answer.inert) 是待校验的文件；请指定其他文件名"))
    }
  }

  private static func isSame(_ a: String, _ b: String) -> Bool {
    var (own, other) = (stat(), stat())
    return stat(a, &own) == 0 && stat(b, &other) == 0 && own.st_dev == other.st_dev
      && own.st_ino == other.st_ino
  }

  /// Writes the answer about one ledger.
  ///
  /// - Parameters:
  ///   - sheets: how each sheet of the ledger was read.
  ///   - problems: those of the ledger; nil if it is valid.
  ///   - context: what the store says about the ledger.
  func write(
    _ ledger: LedgerSource, _ sheets: [LedgerSheet], _ problems: RegisterProblems?, _ context: AnswerContext,
    to path: String, language: Language, calendar: LocalCalendar
  ) throws {
    let answer = RegisterAnswer(
      language: language, checked: InstantArgument.now, calendar: calendar,
      files: Self.files(of: ledger, sheets), problems: problems, context: context)
    switch format ?? .xlsx {
    case .xlsx:
      try OutputFile.write(to: path) {
        try Self.writeWorkbook(answer, to: $0, temporaryFolder: $1, named: path)
      }
    case .html: try OutputFile.write(Data(AnswerHTMLRenderer().render(answer).utf8), to: path)
    case .txt: try OutputFile.write(Data(AnswerTextRenderer().render(answer).utf8), to: path)
    }
  }

  private static func writeWorkbook(
    _ answer: RegisterAnswer, to file: String, temporaryFolder: String, named path: String
  ) throws {
    let renderer = AnswerWorkbookRenderer(temporaryFolder: URL(fileURLWithPath: temporaryFolder))
    do throws(WorkbookError) { try renderer.write(answer, to: file) } catch {
      throw CommandFailure(.cannotWrite, "\(path.inert): \(error)")
    }
  }

  /// The sheets of a ledger that were read; the file alone if none could be.
  private static func files(of source: LedgerSource, _ sheets: [LedgerSheet]) -> [RegisterAnswer.File] {
    let ledger: Ledger
    do throws(RegisterProblem) { ledger = try source.open() } catch {
      return [.init(name: error.file) { () throws(RegisterProblem) in throw error }]
    }
    let own = sheets.filter { $0.file == ledger.name }
    guard !own.isEmpty else {
      let unread = RegisterProblem(.form, file: ledger.name, message: "not read", chinese: "未读取")
      return [.init(name: ledger.name) { () throws(RegisterProblem) in throw unread }]
    }
    return own.map { sheet in
      .init(
        name: ledger.name, sheet: sheet.sheet, headingRow: sheet.headingRow, equipment: sheet.equipment,
        rules: sheet.rules.map(\.forSender)
      ) { () throws(RegisterProblem) in try ledger.open(sheet.sheet) }
    }
  }
}
