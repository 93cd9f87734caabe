import ArgumentParser
import Foundation
import Journal
import Ledgers
import Register
import Reporting

/// The files of an import, as arguments of a command.
struct RegisterFileOptions: ParsableArguments {
  @Argument(
    help: """
      The equipment file, or a folder of such files: .xlsx, .xls, or text with commas, semicolons or tabs; English \
      or Chinese headings.
      """)
  var equipment: String

  @Option(
    name: .customLong("factories"),
    help: "The factories file, .xlsx, .xls or CSV; required for factories that are not in the register yet.")
  var factoriesPath: String?

  @OptionGroup var form: TextFileOptions

  @Option(
    help: "The separator of text files: comma, semicolon or tab; default: detected.",
    transform: { name in
      guard let separator = Separator(rawValue: name) else {
        throw ValidationError(
          CommandWording.ofCommandLine(
            "'\(name.inert)' is not a separator: use comma, semicolon or tab",
            "“\(name.inert)”不是分隔符：请用 comma、semicolon 或 tab"))
      }
      return separator
    })
  var separator: Separator?

  /// The ledgers and the factories file.
  ///
  /// - Parameters:
  ///   - synonyms: path of the table of synonyms, which is no ledger if it is in the folder.
  ///   - records: whether the register is to record the files, so that their content is kept.
  func load(
    besides synonyms: String?, records: Bool, _ say: CommandWording
  ) throws -> (ledgers: LedgerFiles, factories: FactoriesFile?) {
    let form = LedgerForm(encoding: form.encoding, separator: separator)
    let ledgers = try LedgerFiles(
      equipment, besides: [factoriesPath, synonyms].compactMap(\.self), form, records: records, say)
    return (ledgers, try factoriesPath.map { FactoriesFile(try self.form.load($0)) })
  }

  /// A file's content.
  static func file(_ path: String) throws -> RegisterFile { try TextFileOptions.load(path, encoding: nil) }
}

/// The factories file of an import.
struct FactoriesFile {
  /// The file as the register records it.
  let file: RegisterFile
  /// The file as it is read: a workbook as a ledger, other content as comma-separated values.
  let source: LedgerSource

  init(_ file: RegisterFile) {
    self.file = file
    source =
      file.isWorkbook ? LedgerForm(encoding: nil, separator: nil).source(file) : LedgerSource(file)
  }
}

/// The ledgers of an import: one file, or all of a folder.
struct LedgerFiles {
  /// A file of a folder that is not read.
  struct Skipped {
    var name: String
    var english: String
    var chinese: String
  }

  /// The path as the user gave it.
  let name: String
  /// Whether the path is that of a folder.
  let isFolder: Bool
  /// The ledgers in the order of their names.
  private(set) var sources: [LedgerSource] = []
  /// Their paths, in the same order.
  private(set) var paths: [String] = []
  /// Files of the folder that are not read.
  private(set) var skipped: [Skipped] = []
  /// The file as the register records it: of a folder, the list of its ledgers, each with its SHA-256.
  private(set) var file: RegisterFile

  /// Endings of the files of a folder that are read.
  static let endings = ["xlsx", "xlsm", "xls", "et", "csv", "tsv", "txt"]

  /// The ledger at a path, or those of the folder there.
  ///
  /// - Parameter others: paths of files that are no ledgers.
  init(
    _ path: String, besides others: [String], _ form: LedgerForm, records: Bool, _ say: CommandWording
  ) throws {
    name = path
    file = RegisterFile(name: path, bytes: [])
    var isFolder: ObjCBool = false
    self.isFolder =
      FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    guard self.isFolder else {
      if records {
        file = try TextFileOptions.load(path, encoding: nil)
      } else {
        try TextFileOptions.check(path)
      }
      // A single ledger is read again for an answer: its table of texts is kept.
      sources = [(records ? form.source(file) : form.source(path)).keepingOpen]
      paths = [path]
      return
    }
    let excluded = Set(others.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
    var list = ""
    for name in try Self.names(in: path) {
      let entry = (path.hasSuffix("/") ? path : path + "/") + name
      if excluded.contains(URL(fileURLWithPath: entry).standardizedFileURL.path) { continue }
      if let reason = Self.reason(toSkip: name, at: entry) {
        skipped.append(Skipped(name: entry, english: reason.0, chinese: reason.1))
        continue
      }
      paths.append(entry)
      guard records else {
        sources.append(form.source(entry))
        continue
      }
      let ledger = try TextFileOptions.load(entry, encoding: nil)
      let digest = ledger.bytes.withUnsafeBytes { SHA256Digest(hashing: $0).description }
      list += "\(digest)  \(name)\n"
      sources.append(form.source(ledger))
    }
    file.bytes = Array(list.utf8)
    guard !sources.isEmpty else {
      throw CommandFailure(
        .noInput,
        say(
          "\(path): the folder has no ledger (.xlsx, .xls, .et, .csv, .tsv or .txt)",
          "\(path)：文件夹中没有台账（.xlsx、.xls、.et、.csv、.tsv 或 .txt）"
        ).inert)
    }
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw CommandFailure(
        .noInput, "\(folder.inert): cannot be read; check its permissions", "\(folder.inert)：无法读取；请检查访问权限")
    }
  }

  /// Why an entry of a folder is not read; nil for a ledger.
  private static func reason(toSkip name: String, at path: String) -> (String, String)? {
    if name.hasPrefix("~$") || name.hasPrefix(".~") {
      return ("a lock file of a spreadsheet program that has the ledger open", "表格软件打开台账时生成的临时文件")
    }
    if name.hasPrefix(".") { return ("a hidden file", "隐藏文件") }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return ("a folder within the folder", "下级文件夹")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      return ("a pipe or a device, not a file", "管道或设备，不是文件")
    }
    let ending = name.split(separator: ".").last?.lowercased() ?? ""
    if name.contains("."), endings.contains(ending) { return nil }
    return ("not .xlsx, .xls, .et, .csv, .tsv or .txt", "不是 .xlsx、.xls、.et、.csv、.tsv 或 .txt 文件")
  }
}

/// What the user says about ledgers that are text.
struct LedgerForm {
  let encoding: TextEncoding?
  let separator: Separator?

  /// The ledger at a path, recognised when its turn comes.
  func source(_ path: String) -> LedgerSource {
    let (encoding, separator) = (encoding, separator)
    return LedgerSource { () throws(RegisterProblem) in
      Self.ledger(try LedgerFile.open(path: path, encoding: encoding, separator: separator))
    }
  }

  /// The ledger with a content, recognised when its turn comes.
  func source(_ file: RegisterFile) -> LedgerSource {
    let (encoding, separator) = (encoding, separator)
    return LedgerSource { () throws(RegisterProblem) in
      Self.ledger(
        try LedgerFile.open(bytes: file.bytes, name: file.name, encoding: encoding, separator: separator))
    }
  }

  /// Hidden sheets are read only if no other is there, or if the user names one.
  private static func ledger(_ file: LedgerFile) -> Ledger {
    let shown = file.sheets.filter { !$0.isHidden }
    let sheets = shown.isEmpty ? file.sheets : shown
    let hidden = shown.isEmpty ? [] : file.sheets.filter(\.isHidden)
    let (english, chinese) = format(of: file)
    return Ledger(
      name: file.name, english: english, chinese: chinese, sheets: sheets.map(\.name),
      hidden: hidden.map(\.name)
    ) { (name) throws(RegisterProblem) in
      let sheet = (sheets + hidden).first { $0.name == name }
      return try file.rows(of: sheet ?? sheets[0])
    }
  }

  /// The format in words of both languages.
  private static func format(of file: LedgerFile) -> (String, String) {
    guard let text = file.text else {
      let name = file.format.rawValue.uppercased()
      return (name, name)
    }
    let encoding = text.encoding.title
    guard text.separatorSource != .oneColumn else {
      return ("text, \(encoding), one column", "文本，\(encoding)，单列")
    }
    let separator = text.separator
    return (
      "text, \(encoding), separated by \(separator.rawValue)s", "文本，\(encoding)，以\(separator.chinese)分隔"
    )
  }
}
