import Foundation
import Testing

/// Tests read a store through its contract, so that they hold for a store of another kind too.
@Suite("Statements of a database in tests") struct TestStatementsTests {
  /// A file with statements of SQLite, their number, and the reason why it cannot read through the contract.
  private struct Exception {
    var file: String
    var statements: Int
    var reason: String
  }

  /// The complete list. The test fails for a file that is not in it or has another number of statements.
  private static let exceptions = [
    Exception(
      file: "StoreContract/StoreUnderTest.swift", statements: 2,
      reason: "the contract's factory breaks the embedded store beneath the program"),
    Exception(
      file: "IngestionTests/DayFilesTests.swift", statements: 11,
      reason: "how blocks lie in a day's file, and labels altered in it; only a collector closes days"),
    Exception(
      file: "IngestionTests/DiskTests.swift", statements: 1,
      reason: "bytes on the disk count packed days too, which no reading through the contract shows"),
    Exception(
      file: "IngestionTests/EarlierLayoutTests.swift", statements: 25,
      reason: "tables of earlier versions, which the next start migrates or computes anew"),
    Exception(
      file: "IngestionTests/FinalDaysTests.swift", statements: 3,
      reason: "what earlier versions left out of the base"),
    Exception(
      file: "IngestionTests/PackedGroupsKeepingTests.swift", statements: 3,
      reason: "when days are packed and no longer packed, which no reading through the contract shows"),
    Exception(
      file: "IntegrationTests/DamagedStoreTests.swift", statements: 7,
      reason: "views emptied and roots forged as another program would, which commands have to find"),
    Exception(
      file: "IntegrationTests/EvidenceTests.swift", statements: 3,
      reason: "rows forged in the store, which verification has to find"),
    Exception(
      file: "IntegrationTests/ExtremeNumbersTests.swift", statements: 5,
      reason: "numbers that another program left in any column"),
    Exception(
      file: "IntegrationTests/RebuildTests.swift", statements: 4,
      reason: "changed rows, which 'rebuild --verify' has to find"),
    Exception(
      file: "ReportBenchmark/RowScan.swift", statements: 7,
      reason: "the peer that reports are measured against: SQLite adding up the same rows"),
  ]

  /// Folders whose subject is SQLite: the embedded store's own tests, and measurements of its files and of SQLite as a
  /// peer. This folder holds patterns of statements.
  private static let folders = ["StorageTests/", "Benchmarks/", "ArchitectureTests/"]

  @Test("Only tests of the embedded store's tables hold any, and a list of files with reasons")
  func listed() throws {
    var found: [String: Int] = [:]
    let top = Imports.top.appendingPathComponent("Tests")
    for file in try FileManager.default.subpathsOfDirectory(atPath: top.path) {
      guard file.hasSuffix(".swift") || file.hasSuffix(".py"),
        !Self.folders.contains(where: { file.hasPrefix($0) })
      else { continue }
      let text = try String(contentsOf: top.appendingPathComponent(file), encoding: .utf8)
      guard Self.verbs.contains(where: { text.hasBytes(of: $0) }) else { continue }
      let statements = text.matches(of: Self.statement).count
      if statements > 0 { found[file] = statements }
    }
    let listed = Dictionary(uniqueKeysWithValues: Self.exceptions.map { ($0.file, $0.statements) })
    for (file, statements) in found {
      #expect(
        statements == listed[file],
        "Tests/\(file): read through StoreReading, or change the list and say why it cannot be")
    }
    #expect(listed.keys.allSatisfy { found[$0] != nil }, "a file of the list has no statements any more")
    #expect(Self.exceptions.allSatisfy { !$0.reason.isEmpty })
  }

  @Test(
    "A statement is found however it is written",
    arguments: [
      "SELECT COUNT(*) FROM live", "SELECT\n  energy FROM \\(table)", "DELETE FROM interval",
      "UPDATE OR IGNORE live SET x = 1", "INSERT OR REPLACE INTO live", "DROP TABLE live",
    ])
  func found(statement: String) {
    #expect(statement.firstMatch(of: Self.statement) != nil)
    #expect("a stretch SELECTED from UPDATED days".firstMatch(of: Self.statement) == nil)
  }

  /// Words of which every statement has one.
  private static let verbs = [
    "SELECT", "INSERT", "DELETE", "UPDATE", "CREATE", "DROP", "ALTER", "PRAGMA", "ATTACH",
  ]

  private static var statement: Regex<Substring> {
    #/\b(?:SELECT\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|DELETE\s+FROM\s|UPDATE\s+(?:OR\s+\w+\s+)?\S+\s+SET\s|(?:CREATE|DROP|ALTER)\s+(?:TABLE|TRIGGER)\s|PRAGMA\s|ATTACH\s)/#
  }
}
