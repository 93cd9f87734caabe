import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import TestSupport
import Testing

@Suite("Backup of an embedded store") struct StoreBackupTests {
  /// A store with one message.
  private func site() throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    try StoreFixture.append([("t", "p")], at: morning, to: store, &builder)
    store.release()
    return fixture
  }

  @Test(
    "A small file that cannot be read is refused by name, and nothing is left",
    arguments: ["id", "subscriptions"])
  func unreadable(name: String) throws {
    let fixture = try site()
    let path = "\(fixture.directory.path)/\(name)"
    try Data([0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    let folder = try TemporaryDirectory("backup")
    let refusal = storeError { _ = try fixture.directory.backup(to: folder.path + "/copy") }
    #expect(refusal?.kind == .io)
    #expect(refusal?.description.hasPrefix("\(path): cannot be read: ") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test("What an interrupted copy to the same place left is removed and named, and nothing else")
  func leftovers()
    throws
  {
    let fixture = try site()
    let folder = try TemporaryDirectory("backup")
    for name in [
      "copy.making-abc", "copy.making-abd", "copy.making-abe", "copy.making-a b", "other.making-abc",
    ] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)/journal", withIntermediateDirectories: true)
      try folder.write("\(name)/views.sqlite-wal", "half")
    }
    // One that is being made, and one with a file that no copy has.
    let held = open(folder.path + "/copy.making-abd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(held) }
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    try folder.write("copy.making-abe/notes.txt", "mine")
    let report = try fixture.directory.backup(to: folder.path + "/copy")
    #expect(report.removedLeftovers == [folder.path + "/copy.making-abc"])
    #expect(report.block == 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "copy", "copy.making-a b", "copy.making-abd", "copy.making-abe", "other.making-abc",
      ])
  }

  @Test("Alerts are in the copy as they are at that moment, while the web server has them open") func alerts()
    throws
  {
    let fixture = try site()
    let server = try DatabaseQueue(path: fixture.directory.path + "/alerts.sqlite")
    try server.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA journal_mode = WAL; CREATE TABLE alert (id TEXT); INSERT INTO alert VALUES ('a1')
          """)
    }
    let folder = try TemporaryDirectory("backup")
    let report = try fixture.directory.backup(to: folder.path + "/copy")
    try server.write { try $0.execute(sql: "DELETE FROM alert") }
    let copy = try DatabaseQueue(path: folder.path + "/copy/alerts.sqlite")
    #expect(try copy.read { try String.fetchAll($0, sql: "SELECT id FROM alert") } == ["a1"])
    #expect(report.bytes > 4096)
    // Pages that do not fit together are damage.
    try server.close()
    let damaged = try FileHandle(
      forWritingTo: URL(fileURLWithPath: fixture.directory.path + "/alerts.sqlite"))
    try damaged.write(contentsOf: Data("no database at all".utf8))
    try damaged.close()
    let refusal = storeError { _ = try fixture.directory.backup(to: folder.path + "/second") }
    #expect(refusal?.kind == .corrupt)
    #expect(refusal?.description.hasPrefix("\(fixture.directory.path)/alerts.sqlite: ") == true)
  }

  @Test("An error of the verification names the store's file, not the copy that is removed") func damaged()
    throws
  {
    let fixture = try site()
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE block SET hash = zeroblob(32)") }
    let folder = try TemporaryDirectory("backup")
    let refusal = storeError { _ = try fixture.directory.backup(to: folder.path + "/copy") }
    #expect(refusal?.kind == .corrupt)
    #expect(
      refusal?.description.hasPrefix("\(path): block 1 does not match its hash (found in the copy") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
