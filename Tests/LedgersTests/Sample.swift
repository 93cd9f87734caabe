import Foundation
import Ledgers
import Register
import Telemetry

/// Reads whole ledgers.
enum Sample {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static func path(_ fixture: String) -> String { folder.appendingPathComponent(fixture).path }

  static func bytes(_ fixture: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(fixture)))
  }

  static func fixture(_ name: String) throws -> LedgerFile {
    try LedgerFile.open(path: path(name), name: name)
  }

  /// A ledger's sheet, by default the first that is not hidden.
  static func sheet(_ ledger: LedgerFile, _ name: String? = nil) throws -> LedgerFile.Sheet {
    let found = ledger.sheets.first { name == nil ? !$0.isHidden : $0.name == name }
    guard let found else { throw MissingSheet(name: name ?? "") }
    return found
  }

  struct MissingSheet: Error {
    let name: String
  }

  /// The rows of a ledger's sheet, by default of the first that is not hidden.
  static func rows(
    _ ledger: LedgerFile, _ sheet: String? = nil, usesExpat: Bool = false
  ) throws -> [SheetRow] {
    var rows = try ledger.rows(of: Self.sheet(ledger, sheet), usesExpat: usesExpat)
    var all: [SheetRow] = []
    while let row = try rows.next() { all.append(row) }
    return all
  }

  static func merges(_ ledger: LedgerFile, _ sheet: String? = nil) throws -> [SheetMerge] {
    try ledger.rows(of: Self.sheet(ledger, sheet)).merges
  }

  /// The rows of a text table.
  static func rows(
    text: [UInt8], name: String = "台账.csv", _ encoding: TextEncoding? = nil, _ separator: Separator? = nil
  ) throws -> [SheetRow] {
    try rows(LedgerFile.open(bytes: text, name: name, encoding: encoding, separator: separator))
  }

  /// The problem that a body throws, in English and Chinese.
  static func problem(_ body: () throws -> Void) -> [String] {
    do {
      try body()
      return []
    } catch let problem as RegisterProblem {
      return [problem.description, problem.chineseDescription]
    } catch {
      return ["\(error)"]
    }
  }
}

extension SheetCell {
  static func date(_ year: Int, _ month: Int, _ day: Int) -> SheetCell {
    CalendarDay(year: year, month: month, day: day).map { .day($0) } ?? .empty
  }
}
