import Foundation
import GRDB
import SQLiteStore
import Storage
import Testing
import TestSupport

/// A new and empty store that the contract is tested with, and ways to break it.
protocol StoreUnderTest: AnyObject {
  var store: any Store { get }
  /// Has a part of the store say that a newer version of the program wrote it.
  func writeNewerSchema(into part: StorePart) throws
  /// Alters what the store keeps, beneath the program.
  func damage(_ part: StorePart) throws
}

/// Parts of a store that can be broken apart from each other.
enum StorePart: CaseIterable {
  case journal, views, register
}

/// A kind of store. To test another kind against the contract, add it to ``all``.
struct StoreKind: Sendable, CustomTestStringConvertible {
  var testDescription: String
  /// Makes a store of its own, which goes when it is released.
  var make: @Sendable () throws -> any StoreUnderTest
  /// Opens the copy of a store in a folder.
  var open: @Sendable (_ folder: String) -> any Store

  static let all = [
    StoreKind(testDescription: "SQLite", make: { try EmbeddedStore() }, open: { StoreDirectory($0) })
  ]
}

/// The embedded store, in a temporary folder.
private final class EmbeddedStore: StoreUnderTest {
  private let folder: TemporaryDirectory
  private let directory: StoreDirectory
  var store: any Store { directory }

  init() throws {
    folder = try TemporaryDirectory("contract")
    directory = StoreDirectory(folder.path + "/store")
  }

  private func files(of part: StorePart) throws -> [String] {
    switch part {
    case .views: [directory.views]
    case .register: [directory.register]
    case .journal:
      try FileManager.default.contentsOfDirectory(atPath: directory.journal)
        .filter { $0.hasSuffix(".sqlite") }.sorted().map { directory.journal + "/" + $0 }
    }
  }

  func writeNewerSchema(into part: StorePart) throws {
    for file in try files(of: part) {
      try DatabaseQueue(path: file).write {
        try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9 from the future')")
      }
    }
  }

  /// Flips a bit in each of 64 bytes spread over every page but the first, which only the program's own checks find.
  func damage(_ part: StorePart) throws {
    for path in try files(of: part) {
      _ = try run("sqlite3", [path, "PRAGMA wal_checkpoint(TRUNCATE)"])
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let size = try file.seekToEnd()
      let page: UInt64 = 4096
      for start in stride(from: page, to: size, by: Int(page)) {
        for offset in stride(from: start + 7, to: min(start + page, size), by: 64) {
          try file.seek(toOffset: offset)
          guard let byte = try file.read(upToCount: 1)?.first else { continue }
          try file.seek(toOffset: offset)
          try file.write(contentsOf: Data([byte ^ 0x10]))
        }
      }
    }
  }
}
