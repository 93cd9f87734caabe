import ArgumentParser
import Foundation
import Register
import Reporting
import Storage
import Telemetry

/// The files of an import, as its commands take them.
struct RegisterFileOptions: ParsableArguments {
  @Argument(help: "The equipment file: CSV in UTF-8 or GB18030, English or Chinese headings.")
  var equipment: String

  @Option(
    name: .customLong("factories"),
    help: "The factories file; needed for factories the register does not have yet.")
  var factoriesPath: String?

  /// Both files' content.
  func load() throws -> (equipment: RegisterFile, factories: RegisterFile?) {
    (try Self.load(equipment), try factoriesPath.map(Self.load))
  }

  static func load(_ path: String) throws -> RegisterFile {
    do {
      let content = try Data(contentsOf: URL(fileURLWithPath: path))
      return RegisterFile(name: path, bytes: [UInt8](content))
    } catch {
      let isMissing = !FileManager.default.fileExists(atPath: path)
      throw CommandFailure(.noInput, "\(path): \(isMissing ? "there is no such file" : "cannot be read")")
    }
  }
}

/// What the register commands share.
enum RegisterSupport {
  /// Problems of one import that are shown; more of them have the same few causes.
  static let shownProblems = 200

  /// Opens the register for writing; a folder or file that cannot be written is 73, not 74.
  static func openForWriting(_ directory: String) throws -> RegisterStore {
    do {
      return try RegisterStore.open(directory: directory, readOnly: false)
    } catch {
      guard error.kind == .io || error.kind == .missing else { throw error }
      throw CommandFailure(.cannotWrite, error.description)
    }
  }

  /// A day as an option gives it.
  @Sendable static func day(_ text: String) throws -> CalendarDay {
    guard let day = CalendarDay(text) else {
      throw ValidationError("'\(text)' is not a date such as 2026-11-01")
    }
    return day
  }

  /// An equipment as an argument names it: FACTORY/EQUIPMENT.
  @Sendable static func key(_ text: String) throws -> EquipmentKey {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ EquipmentKey.isID($0.utf8) }) else {
      throw ValidationError("'\(text)' does not name an equipment as FACTORY/EQUIPMENT, such as F001/E1")
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

/// The words of the register commands in one language.
struct RegisterWording {
  let language: Language

  func callAsFunction(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  /// A column's heading.
  func heading(_ column: some RegisterColumn) -> String { self(column.rawValue, column.chinese) }

  func automation(_ automation: Automation) -> String { self(automation.rawValue, automation.chinese) }

  func flag(_ flag: Bool) -> String { flag ? self("yes", "是") : self("no", "否") }

  /// `name: old → new`, as the language writes values.
  func change(_ attribute: RegisterDiff.Attribute) -> String {
    func word(_ text: String) -> String {
      if text.isEmpty { return self("(none)", "（无）") }
      let column = EquipmentColumn(rawValue: attribute.name)
      return self(text, column?.chinese(text) ?? text).inert
    }
    return "\(self(attribute.name, attribute.chinese)): \(word(attribute.old)) → \(word(attribute.new))"
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

  /// An attribute's value as the language writes it.
  func value(_ column: EquipmentColumn, of equipment: RegisteredEquipment) -> String {
    switch column {
    case .automation: automation(equipment.automation)
    case .intelligent: flag(equipment.intelligent)
    case .digital: flag(equipment.digital)
    case .connectable: flag(equipment.connectable)
    default: column.text(of: equipment).inert
    }
  }
}
