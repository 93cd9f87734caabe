import Foundation
import GRDB
import Telemetry
import Testing
import TestSupport

/// Extreme numbers in a store's files, as another program could leave them: in every integer column, found without a
/// list of names. They are looked up and written by SQL, as that program would do it.
@Suite("Extreme numbers in a store", .serialized) struct ExtremeNumbersTests {
  /// Number of columns to try; EXTREME_NUMBERS raises it.
  private static let count =
    ProcessInfo.processInfo.environment["EXTREME_NUMBERS"].flatMap(Int.init) ?? 40

  private struct Change {
    var file: String
    var table: String
    var column: String
    var value: Int64
  }

  @Test("None ends a command by a signal") func signals() throws {
    let whole = try WholeStore()
    let files =
      ["views.sqlite", "register.sqlite", "roots.sqlite"]
      + [whole.first, whole.first + 4].map { "journal/\($0).sqlite" }
    var changes = try files.flatMap { try self.changes($0, whole) }
    #expect(changes.count > 300)
    var random = SeededGenerator(seed: 4)
    changes.shuffle(using: &random)
    for change in changes.prefix(Self.count) {
      try whole.restore()
      try apply(change, whole)
      for arguments in [
        ["report", "district", "--format", "json"],
        [
          "report", "factory", "F001", "--format", "json", "--from", "\(whole.first)", "--to",
          "\(whole.first + 3)",
        ],
        ["report", "equipment", "F001/E1"], ["register", "history"], ["quarantine", "list"],
        ["journal", "verify"],
        ["rebuild", "--verify"],
        [
          "evidence", "create", "factory", "F001", "--from", "\(whole.first + 1)", "--to",
          "\(whole.first + 2)",
          "--output", whole.folder.path + "/pack.zip",
        ],
      ] {
        let result = try whole.millwright(arguments)
        #expect(
          !result.isSignal,
          "\(change.file): \(change.table).\(change.column) = \(change.value) ends '\(arguments.prefix(2))' by signal \(result.status): \(result.errors.prefix(300))"
        )
      }
    }
  }

  private func open(_ file: String, _ whole: WholeStore) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    return try DatabaseQueue(path: whole.store + "/" + file, configuration: configuration)
  }

  private func changes(_ file: String, _ whole: WholeStore) throws -> [Change] {
    try open(file, whole).read { database in
      let tables = try String.fetchAll(
        database,
        sql:
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'grdb%'"
      )
      return try tables.flatMap { table in
        try database.columns(in: table).filter { $0.type.uppercased() == "INTEGER" }.flatMap { column in
          [Int64.max, .min, Int64(Int32.max) + 1, -1].map {
            Change(file: file, table: table, column: column.name, value: $0)
          }
        }
      }
    }
  }

  private func apply(_ change: Change, _ whole: WholeStore) throws {
    try open(change.file, whole).write { database in
      for trigger in try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
      {
        try database.execute(sql: "DROP TRIGGER \(trigger)")
      }
      try database.execute(sql: "PRAGMA ignore_check_constraints = 1")
      try database.execute(
        sql: "UPDATE OR IGNORE \(change.table) SET \"\(change.column)\" = ?", arguments: [change.value])
    }
  }
}
