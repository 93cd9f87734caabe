import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import TestSupport
import Testing

/// Copies of databases whose newest pages are in the log, where they have no checksums, and are too many for SQLite's
/// cache: it writes some of them before the first page.
@Suite("Copies of databases with a long log") struct CopyTests {
  private static let blocks = 20

  /// Text of 200 kB that cannot be packed well, the same in every run.
  private func text(_ seed: UInt64) -> String {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<150_000).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    return Data(bytes).base64EncodedString()
  }

  /// A store that is claimed, with a journal of ``blocks`` blocks; most of it is in the log.
  private func claimed() throws -> (fixture: StoreFixture, store: SQLiteShardStore) {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for block in 0..<Self.blocks {
      try StoreFixture.append([("t", text(UInt64(block)))], at: morning, to: store, &builder)
    }
    #expect(try size(day(of: fixture) + "-wal") > 2_500_000)
    return (fixture, store)
  }

  private func day(of fixture: StoreFixture) -> String { fixture.directory.journal + "/2026-11-22.sqlite" }

  private func size(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  @Test("A backup beside a collector can be read") func backup() throws {
    let (fixture, store) = try claimed()
    defer { store.release() }
    let report = try fixture.directory.backup(to: fixture.folder.path + "/copy")
    #expect(report.block == Int64(Self.blocks))
    #expect(report.messages == Self.blocks)
  }

  @Test("A day that is removed while it is open is saved whole") func rescue() throws {
    let (fixture, store) = try claimed()
    var builder = try BlockBuilder()
    #expect(unlink(day(of: fixture)) == 0)
    let failure = storeError {
      try StoreFixture.append([("t", "p")], at: morning, to: store, &builder)
      try store.check()
    }
    #expect(failure?.kind == .removed)
    #expect(failure?.description.contains("was written to \(day(of: fixture)) again") == true)
    store.release()
    var blocks: [Int64] = []
    try JournalReader(fixture.directory).forEachVerifiedBlock { blocks.append($0.number) }
    #expect(Array(blocks.prefix(Self.blocks)) == Array(1...Int64(Self.blocks)))
  }

  @Test("Views that are copied to be compared can be read") func views() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    store.release()
    let writer = try DatabaseQueue(path: fixture.directory.views)
    try writer.write { database in
      for row in 0..<Self.blocks {
        try database.execute(
          sql: "INSERT INTO setting VALUES (?, ?)", arguments: ["filler \(row)", text(UInt64(row))])
      }
    }
    #expect(try size(fixture.directory.views + "-wal") > 2_500_000)
    let copy = fixture.folder.path + "/copy.sqlite"
    _ = try ViewsReader(fixture.directory).copy(to: copy)
    let filler = try DatabaseQueue(path: copy).read {
      try String.fetchAll($0, sql: "SELECT value FROM setting WHERE name LIKE 'filler %'")
    }
    #expect(Set(filler) == Set((0..<Self.blocks).map { text(UInt64($0)) }))
    try writer.close()
  }
}
