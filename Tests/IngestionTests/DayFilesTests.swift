import Foundation
import GRDB
import Ingestion
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// Files of the journal's days, which are SQLite's own: how blocks lie in them, and labels and bytes altered beneath the
/// program. A collector fills them, since only it closes days.
@Suite("Files of the journal's days") struct DayFilesTests {
  private static let day: Int64 = 86_400
  private static let settings = JournalSettings(compactAfterDays: 0, pause: .zero)

  private func rows(_ fixture: ShardFixture, _ day: String, _ table: String) throws -> Int {
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/\(day).sqlite")
    return try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") ?? -1 }
  }

  @Test("Small blocks of the open day are packed together, and read as they were") func packed() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<2100 as Range<Int64> {
      try fixture.commit([.status("E\(index % 7)", index), .status("E\(index % 5)", index, factory: "F002")])
    }
    let before = try fixture.records()
    try fixture.shard.tick(now: (morning + .seconds(2101)).milliseconds)
    let after = try fixture.records()
    let isSame = after == before
    #expect(isSame)
    #expect(try rows(fixture, "2026-11-22", "span") == 1)
    #expect(try rows(fixture, "2026-11-22", "block") < 40)
    // The head of a block inside the span is still found, and a restart goes on where it was.
    let block = try #require(try JournalReader(fixture.directory).block(1000))
    let hash = try #require(try JournalReader(fixture.directory).head(at: 1000)?.hash)
    #expect(block.number == 1000)
    let earlier = try #require(try JournalReader(fixture.directory).head(at: 999)?.hash)
    #expect(try block.computedHash(following: earlier) == hash)
    try fixture.restart()
    try fixture.commit([.status("E1", 3000)])
    #expect(try fixture.records().count == before.count + 1)
  }

  @Test("A closed day gets a root, and is compacted without a byte of it changing") func compacted() throws {
    let fixture = try ShardFixture(journal: Self.settings)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<300 as Range<Int64> {
      try fixture.commit([.status("E\(index % 7)", index * 10), .status("E1", index * 10, factory: "F002")])
    }
    try fixture.commit([.status("E1", Self.day)])
    let before = try fixture.records()
    try fixture.keepDays(at: Self.day + 1)
    let isSame = try fixture.records().prefix(before.count) == before[...]
    #expect(isSame)
    #expect(try rows(fixture, "2026-11-22", "block") == 0)
    // F001, F002 and the connection.
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
    #expect(
      try queue.read { try String?.fetchAll($0, sql: "SELECT factory FROM part ORDER BY 1") } == [
        "", "F001", "F002",
      ])
    #expect(try fixture.dayFiles().filter { $0.hasPrefix("2026-11-22") } == ["2026-11-22.sqlite"])
    let root = try #require(try DayRootStore(fixture.directory).newest()?.root)
    #expect(root.day == CalendarDay("2026-11-22"))
    #expect(root.firstBlock == 1)
    #expect(root.lastBlock == 302)
    #expect(root.previous == .zero)
    // A late message of the closed day is repaired from the compacted file.
    try fixture.commit([.status("E1", 5, "idle", received: Self.day + 2)])
    try fixture.shard.repairAll()
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay)?.states[.idle] == 5000)
  }

  @Test(
    "A label by which packed records are chosen cannot be altered unseen",
    arguments: [
      "UPDATE part SET factory = 'F003' WHERE factory = 'F001'",
      "UPDATE part SET factory = 'F002' WHERE factory = 'F001'", "DELETE FROM part WHERE factory = 'F001'",
      "UPDATE span SET last_received = last_received + 1", "UPDATE span SET records = records - 1",
    ])
  func alteredLabel(_ change: String) throws {
    let fixture = try ShardFixture(journal: Self.settings)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<18 as Range<Int64> {
      try fixture.commit([.status("E1", index * 60), .status("E1", index * 60, factory: "F002")])
    }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay)?.readings == 18)
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    func alter(_ sql: String) throws { try DatabaseQueue(path: path).write { try $0.execute(sql: sql) } }
    try alter(change)
    // The repair of a late message refuses to choose by it: what was counted stays.
    try fixture.commit([.status("E1", 5, "idle", received: Self.day + 2)])
    #expect(throws: StoreError.self) { try fixture.shard.repairAll() }
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay)?.readings == 18)
    #expect(throws: StoreError.self) { try fixture.records() }
  }

  @Test("A label altered together with its seal is found by reading every block") func forgedSeal() throws {
    let fixture = try ShardFixture(journal: Self.settings)
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([.status("E1", 0), .status("E1", 0, factory: "F002")])
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    // Without a seal every part is read, as of a day that an earlier version packed.
    try DatabaseQueue(path: path).write {
      try $0.execute(sql: "UPDATE span SET seal = NULL")
      try $0.execute(sql: "UPDATE part SET factory = 'F003' WHERE factory = 'F001'")
    }
    var found = 0
    try JournalReader(fixture.directory).forEachRecord(ofFactories: ["F001"], fromDay: nil) { _, _ in
      found += 1
      return true
    }
    #expect(found == 2)
    #expect(throws: StoreError.self) { try fixture.records() }
  }

  @Test("A byte flipped in a compacted day is found, also when the file is rewritten to match") func flipped()
    throws
  {
    let fixture = try ShardFixture(journal: Self.settings)
    for index in 0..<50 as Range<Int64> { try fixture.commit([.status("E1", index)]) }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    fixture.store.release()
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
    try queue.write { database in
      var content =
        try Data.fetchOne(database, sql: "SELECT content FROM part WHERE factory = 'F001'") ?? Data()
      content[content.count / 2] ^= 1
      try database.execute(sql: "UPDATE part SET content = ? WHERE factory = 'F001'", arguments: [content])
    }
    do {
      _ = try fixture.records()
      Issue.record("the flipped byte was not found")
    } catch let error as StoreError {
      #expect(error.kind == .corrupt)
      #expect(error.description.contains("2026-11-22.sqlite: blocks 1–51"))
    }
  }
}

extension ShardFixture {
  /// Everything the journal holds, as it is read.
  func records() throws -> [String] {
    var found: [String] = []
    try directory.verifyJournal { block in
      try block.forEachRecord { record in
        found.append(
          "\(block.number).\(record.index) \(record.kind) \(record.flags.rawValue) \(record.received.milliseconds) "
            + String(decoding: record.topic, as: UTF8.self) + " "
            + String(decoding: record.payload, as: UTF8.self))
      }
    }
    return found
  }

  /// Names of the files in the journal's folder, ascending.
  func dayFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.journal).sorted()
  }
}
