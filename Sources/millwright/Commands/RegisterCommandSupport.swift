import ArgumentParser
import Foundation
import Register
import Reporting
import SQLiteStore
import Telemetry

/// Options for reading the files of an import.
struct TextFileOptions: ParsableArguments {
  @Option(
    help:
      "The files' character encoding, utf-8, gb18030 (also gbk, gb2312), utf-16le or utf-16be; default: detected.",
    transform: { name in
      guard let encoding = TextEncoding(name: name) else {
        throw ValidationError(
          CommandWording.ofCommandLine(
            "'\(name)' is not an encoding of register files: use utf-8, gb18030, utf-16le or utf-16be",
            "“\(name)”不是台账文件的编码：请用 utf-8、gb18030、utf-16le 或 utf-16be"))
      }
      return encoding
    })
  var encoding: TextEncoding?

  /// Loads a file.
  func load(_ path: String) throws -> RegisterFile { try Self.load(path, encoding: encoding) }

  /// Loads a file.
  static func load(_ path: String, encoding: TextEncoding?) throws -> RegisterFile {
    try check(path)
    guard let content = FileManager.default.contents(atPath: path) else { throw unreadable(path) }
    return RegisterFile(name: path, bytes: [UInt8](content), encoding: encoding)
  }

  /// Fails if a path is not that of a file that can be read.
  static func check(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = systemError(errno)
      throw CommandFailure(.noInput, "\(path.inert): \(reason)", "\(path.inert)：\(reason)")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw CommandFailure(
        .noInput, "\(path.inert): is a folder, not a file", "\(path.inert)：这是文件夹，不是文件")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFailure(
        .noInput,
        "\(path.inert): is a pipe or a device, not a file; save its content to a file and name that one")
    }
    guard access(path, R_OK) == 0 else { throw unreadable(path) }
  }

  private static func unreadable(_ path: String) -> CommandFailure {
    CommandFailure(
      .noInput, "\(path.inert): cannot be read; check its permissions", "\(path.inert)：无法读取；请检查访问权限")
  }
}

extension RegisterProblems {
  /// Each of the first 1000 problems as a line, in the chosen language; the others are counted.
  func lines(_ say: CommandWording) -> [String] {
    lines(limit: Self.kept, inChinese: say.language == .chinese).map(\.inert)
  }
}

/// Functions shared by the register commands.
enum RegisterSupport {
  /// Opens the register for writing. A folder or file that cannot be written exits with 73 instead of 74.
  static func openForWriting(_ directory: String) throws -> RegisterStore {
    do {
      return try RegisterStore.open(directory: directory, readOnly: false)
    } catch {
      guard error.kind == .io || error.kind == .missing else { throw error }
      throw CommandFailure(.cannotWrite, error.description)
    }
  }

  /// The factories of a store's register on a day; none without a register. Names are those of the day.
  static func factories(in directory: String, on day: CalendarDay) throws -> [RegisteredFactory] {
    let register = try RegisterStore.open(directory: directory, readOnly: true)
    let named = try register.snapshot(day: day).factories
    let ids = try register.factoryIDs().subtracting(named.map(\.id))
    return named + ids.sorted().map { RegisteredFactory(id: $0) }
  }

  /// The day in an option.
  @Sendable static func day(_ text: String) throws -> CalendarDay {
    guard let day = CalendarDay(text) else {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "'\(text)' is not a date such as 2026-11-01", "“\(text)”不是日期，应形如 2026-11-01"))
    }
    guard (1900...2199).contains(day.civil.year) else {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "\(day) is not a date from 1900 to 2199", "\(day) 不在 1900 年至 2199 年之间"))
    }
    return day
  }

  /// The equipment in an argument: FACTORY/EQUIPMENT.
  @Sendable static func key(_ text: String) throws -> EquipmentKey {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ EquipmentKey.isID($0.utf8) }) else {
      throw ValidationError(
        CommandWording.ofCommandLine(
          "'\(text.inert)' is not FACTORY/EQUIPMENT, such as F001/E1",
          "“\(text.inert)”应为“企业编号/资产编号”，例如 F001/E1"))
    }
    return EquipmentKey(factory: String(parts[0]), equipment: String(parts[1]))
  }

  /// Rows as lines with aligned columns, two spaces apart; the last column is not padded.
  static func table(_ rows: [[String]]) -> [String] {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.displayWidth)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column == row.count - 1 ? cell : cell.padded(to: widths[column]) + "  "
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}

/// Words of the register.
extension CommandWording {
  /// A column's heading.
  func heading(_ column: some RegisterColumn) -> String { self(column.rawValue, column.chinese) }

  func automation(_ automation: Automation) -> String { self(automation.rawValue, automation.chinese) }

  func flag(_ flag: Bool) -> String { flag ? self("yes", "是") : self("no", "否") }

  /// `name: old → new`, in the chosen language.
  func change(_ attribute: RegisterDiff.Attribute) -> String {
    func word(_ text: String) -> String {
      if text.isEmpty { return self("(none)", "（无）") }
      let column = EquipmentColumn(rawValue: attribute.name)
      return self(text, column?.chinese(text) ?? text).inert
    }
    let values = "\(word(attribute.old)) → \(word(attribute.new))"
    return self("\(attribute.name): ", "\(attribute.chinese)：") + values
  }

  func service(_ entry: RegisterSnapshot.Entry) -> String {
    let word =
      switch entry.service {
      case .inService: self("in service", "在役")
      case .notYet: self("not yet", "未投用")
      case .retired: self("retired", "已退役")
      }
    return entry.assumed ? word + self(" (assumed)", "（推定）") : word
  }

  /// An attribute's value in the chosen language.
  func value(_ column: EquipmentColumn, of equipment: RegisteredEquipment) -> String {
    let text = column.text(of: equipment)
    return self(text, column.chinese(text)).inert
  }
}
