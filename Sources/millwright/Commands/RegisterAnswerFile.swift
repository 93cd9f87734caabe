import ArgumentParser
import Foundation
import Register
import Reporting
import SQLiteStore
import Spreadsheets
import Telemetry

/// The file of an answer: `--report`.
struct RegisterAnswerFile {
  private enum Form: String {
    case xlsx, html, txt
  }

  let path: String
  private let form: Form

  /// A file for an answer; its ending decides the format.
  init(_ path: String) throws {
    let ending = path.split(separator: "/").last?.split(separator: ".").last?.lowercased() ?? ""
    guard let form = Form(rawValue: ending == "htm" ? "html" : ending) else {
      throw ValidationError("--report: '\(path.inert)' must end in .xlsx, .html or .txt")
    }
    self.path = path
    self.form = form
  }

  /// Refuses a path of one of the files that are read, which the answer would replace.
  ///
  /// - Parameter names: paths of all of them: each ledger, not their folder.
  func refuseReplacing(_ names: [String], _ say: RegisterWording) throws {
    var own = stat()
    guard stat(path, &own) == 0 else { return }
    for name in names {
      var other = stat()
      guard stat(name, &other) == 0, other.st_dev == own.st_dev, other.st_ino == own.st_ino else { continue }
      throw CommandFailure(
        .usage,
        say(
          "--report: \(path.inert) is one of the files to check; name another file",
          "--report：\(path.inert) 是待校验的文件；请指定其他文件名"))
    }
  }

  /// Writes the answer about the files of an import.
  ///
  /// - Parameters:
  ///   - sheets: how each sheet of the ledgers was read.
  ///   - context: what the store says about the files.
  func write(
    _ ledgers: [LedgerSource], _ sheets: [LedgerSheet], _ factories: RegisterFile?,
    _ problems: RegisterProblems?, _ context: AnswerContext, language: Language, calendar: LocalCalendar
  ) throws {
    var files = ledgers.flatMap { Self.files(of: $0, sheets) }
    if let factories {
      files.append(.init(name: factories.name) { () throws(RegisterProblem) in try CSVSheet(factories) })
    }
    let answer = RegisterAnswer(
      language: language, checked: InstantArgument.now, calendar: calendar, files: files, problems: problems,
      context: context)
    switch form {
    case .xlsx: try OutputFile.write(to: path) { try writeWorkbook(answer, to: $0, temporaryFolder: $1) }
    case .html: try OutputFile.write(Data(AnswerHTMLRenderer().render(answer).utf8), to: path)
    case .txt: try OutputFile.write(Data(AnswerTextRenderer().render(answer).utf8), to: path)
    }
  }

  private func writeWorkbook(_ answer: RegisterAnswer, to file: String, temporaryFolder: String) throws {
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
