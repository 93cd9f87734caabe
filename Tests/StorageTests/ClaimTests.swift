import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Claiming a store") struct ClaimTests {
  @Test("A second claim is refused with the holder's process id, until the first lets go") func oneWriter()
    throws
  {
    let fixture = try StoreFixture()
    let first = fixture.store()
    _ = try first.claim()
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .locked)
    #expect(refusal?.description.contains("process \(getpid())") == true)
    first.release()
    #expect(try fixture.store().claim().head == 0)
  }

  @Test(
    "A schema from a newer version is refused, for writing and for reading", arguments: ["views", "journal"])
  func newerSchema(file: String) throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    try StoreFixture.append([("t", "p")], at: morning, to: store, &builder)
    store.release()
    let path = file == "views" ? fixture.directory.views : fixture.directory.journal + "/2026-11-22.sqlite"
    try DatabaseQueue(path: path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9 from the future')")
    }
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("newer Millwright") == true)
    if file == "views" {
      #expect(storeError { _ = try ViewsReader(fixture.directory) }?.kind == .refused)
    } else {
      #expect(
        storeError { try JournalReader(fixture.directory).forEachVerifiedBlock { _ in } }?.kind == .refused)
    }
  }

  @Test("Views ahead of the journal are refused: journal files are missing") func cursorBeyondHead() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    try store.update(ViewUpdate(changes: ViewChanges(), senders: [], timelines: [], cursor: 7))
    store.release()
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("block 7, but the journal holds blocks 1 to 0") == true)
  }

  @Test("Settings that days were cut by cannot change under a store") func fixedSettings() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    store.release()
    let zone = storeError { _ = try fixture.store(calendar: .utc).claim() }
    #expect(zone?.kind == .refused)
    #expect(zone?.description.contains("district.timezone = Asia/Shanghai") == true)
    let horizon = storeError { _ = try fixture.store(horizonMinimum: .minutes(5)).claim() }
    #expect(horizon?.description.contains("presence.horizon_minimum = 900000") == true)
  }

  @Test("The store keeps its id, and an emptied one is refused") func identity() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    let id = try fixture.directory.readIdentity()
    store.release()
    _ = try fixture.store().claim()
    #expect(try fixture.directory.readIdentity() == id)
    try "".write(toFile: fixture.directory.identity, atomically: true, encoding: .utf8)
    #expect(storeError { _ = try fixture.directory.readIdentity() }?.kind == .corrupt)
  }

  @Test("The folder is for the owner and the group only") func permissions() throws {
    let fixture = try StoreFixture()
    _ = try fixture.store().claim()
    let folder = try FileManager.default.attributesOfItem(atPath: fixture.directory.path)
    #expect((folder[.posixPermissions] as? Int).map { $0 & 0o777 } == 0o750)
  }
}
