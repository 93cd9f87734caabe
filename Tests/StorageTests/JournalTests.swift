import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Journal") struct JournalTests {
  @Test("Records come back as written, in the order received, across days") func roundTrip() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    #expect(try StoreFixture.append([("a/b", "x"), ("c/d", "")], at: morning, to: store, &builder) == 1)
    #expect(try StoreFixture.append([("e/f", "y")], at: morning + .days(1), to: store, &builder) == 2)
    var read: [String] = []
    try store.forEachBlock(after: 0) { block in
      try block.forEachRecord { record in
        read.append(
          "\(block.number).\(record.index) \(String(decoding: record.topic, as: UTF8.self))="
            + "\(String(decoding: record.payload, as: UTF8.self)) \(record.received.milliseconds)")
      }
    }
    #expect(
      read == [
        "1.0 a/b=x 1795305600000", "1.1 c/d= 1795305600000", "2.0 e/f=y 1795392000000",
      ])
    let files = try FileManager.default.contentsOfDirectory(atPath: fixture.directory.journal)
    #expect(files.filter { $0.hasSuffix(".sqlite") }.sorted() == ["2026-11-22.sqlite", "2026-11-23.sqlite"])
  }

  @Test("A clock that goes back or leaps ahead never reorders or loses a block") func clockJumps() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for jump in [Span.zero, .days(730), .days(-730), .days(1)] {
      try StoreFixture.append([("t", "p")], at: morning + jump, to: store, &builder)
    }
    store.release()
    let again = fixture.store()
    #expect(try again.claim().head == 4)
    var numbers: [Int64] = []
    try again.forEachBlock(after: 0) { numbers.append($0.number) }
    #expect(numbers == [1, 2, 3, 4])
    let files = try FileManager.default.contentsOfDirectory(atPath: fixture.directory.journal)
    #expect(files.filter { $0.hasSuffix(".sqlite") }.sorted() == ["2026-11-22.sqlite", "2028-11-21.sqlite"])
  }

  @Test(
    "The newest records are found by their number, across days",
    arguments: [(0, 5), (1, 4), (2, 4), (3, 3), (5, 2), (6, 1), (100, 0)])
  func newestRecords(records: Int, after: Int64) throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    // Blocks of 1, 1, 2, 1 and 2 records, the last three on the second day.
    for (count, day) in [(1, 0), (1, 0), (2, 1), (1, 1), (2, 1)] as [(Int, Int64)] {
      let messages = Array(repeating: (topic: "t", payload: "p"), count: count)
      try StoreFixture.append(messages, at: morning + .days(day), to: store, &builder)
    }
    try store.update(ViewUpdate(changes: ViewChanges(), senders: [], timelines: [], cursor: 5))
    store.release()
    #expect(try fixture.store().claim(remembering: records).remembered == after)
  }

  @Test("A flipped byte anywhere in a block is found") func flippedByte() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for index in 0..<5 {
      try StoreFixture.append(
        [("factory/F001/W01/E1/status", "payload \(index)")], at: morning, to: store, &builder)
    }
    store.release()
    var blocks = 0
    try JournalReader(fixture.directory).forEachVerifiedBlock { _ in blocks += 1 }
    #expect(blocks == 5)
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
    try queue.write { database in
      var content = try Data.fetchOne(database, sql: "SELECT content FROM block WHERE number = 3") ?? Data()
      content[content.count / 2] ^= 1
      try database.execute(sql: "UPDATE block SET content = ? WHERE number = 3", arguments: [content])
    }
    let error = storeError { try JournalReader(fixture.directory).forEachVerifiedBlock { _ in } }
    #expect(error?.kind == .corrupt)
    #expect(error?.description.contains("block 3") == true)
  }

  @Test("A block taken out, or a receipt time changed, breaks the chain") func brokenChain() throws {
    for statement in [
      "DELETE FROM block WHERE number = 2",
      "UPDATE block SET last_received = last_received + 1 WHERE number = 2",
    ] {
      let fixture = try StoreFixture()
      let store = fixture.store()
      _ = try store.claim()
      var builder = try BlockBuilder()
      for _ in 0..<3 { try StoreFixture.append([("t", "p")], at: morning, to: store, &builder) }
      store.release()
      let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
      try queue.write { try $0.execute(sql: statement) }
      #expect(
        storeError { try JournalReader(fixture.directory).forEachVerifiedBlock { _ in } }?.kind == .corrupt)
    }
  }

  @Test("A sender's factory decides which hash covers its record, not its place in the window")
  func hashedByFactory() throws {
    func hash(_ factories: [Int32]) throws -> SHA256Digest {
      var builder = try BlockBuilder()
      for factory in factories {
        var topic = "f\(factory)"
        topic.withUTF8 {
          builder.append(
            .message, flags: [], received: morning, factory: factory, topic: UnsafeRawBufferPointer($0))
        }
      }
      return try builder.seal(number: 1, previous: .zero, factoryID: { "F\($0)" }) { block, _ in block.hash }
    }
    #expect(try hash([0, 1, 0]) == hash([1, 0, 0]))
    #expect(try hash([0, 1, 0]) != hash([0, 1, 1]))
  }
}
