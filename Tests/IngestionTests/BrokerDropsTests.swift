import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// Milliseconds UTC, `seconds` after `morning`.
private func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }

/// The broker's count of dropped messages, as it publishes it.
private func drops(_ payload: String, at seconds: Int64, retained: Bool = false) -> Sent {
  Sent(topic: BrokerDrops.topic, payload: payload, at: seconds * 1000, retained: retained)
}

@Suite("Broker drops") struct BrokerDropsTests {
  /// How many messages a report on the `seconds` after `morning` says were dropped.
  private func dropped(_ fixture: ShardFixture, _ seconds: Range<Int64>) throws -> Int? {
    try fixture.shard.finish()
    let period = morning + .seconds(seconds.lowerBound)..<morning + .seconds(seconds.upperBound)
    return try ViewsReader(fixture.directory).evidence(asOf: morning, period: period).brokerDrops
  }

  private func journaled(_ fixture: ShardFixture) throws -> [String] {
    var found: [String] = []
    try JournalReader(fixture.directory).forEachVerifiedBlock { block in
      try block.forEachRecord { record in
        let topic = String(decoding: record.topic, as: UTF8.self)
        if record.kind.isReceived {
          found.append(record.kind == .message ? topic : String(decoding: record.payload, as: UTF8.self))
        }
      }
    }
    return found
  }

  @Test("The count is journaled when it changes, and belongs to no factory, sender or quarantine")
  func changes() throws {
    let fixture = try ShardFixture()
    try fixture.commit([drops("7", at: 0, retained: true), .status("E1", 1)])
    try fixture.commit([drops("7", at: 2)])
    try fixture.commit([drops("7", at: 3), drops("9", at: 4), drops("9", at: 5)])
    try fixture.commit([drops("lots", at: 6), drops("", at: 6), drops("-1", at: 6)])
    #expect(try journaled(fixture) == ["factory/F001/W01/E1/status", "7", "9"])
    #expect(fixture.shard.counters.messages == 1)
    #expect(fixture.shard.counters.rejected == 0)
    let stored = try fixture.stored
    #expect(try stored.senders() == ["F001/E1"])
    #expect(try stored.quarantined().isEmpty)
    #expect(try stored.refusals().isEmpty)
    // 7 at 0 s, 9 at 4 s.
    #expect(try dropped(fixture, -10..<0) == nil)
    #expect(try dropped(fixture, -10..<4) == 0)
    #expect(try (0..<8).map { try dropped(fixture, $0..<$0 + 1) } == [0, 0, 0, 0, 2, 0, 0, 0])
    #expect(
      try fixture.claimed().brokerDrops == BrokerDropCount(at: morning + .seconds(4), total: 9))
  }

  @Test("A period has the increases heard in it; the first count is where counting begins") func periods()
    throws
  {
    let fixture = try ShardFixture()
    #expect(try dropped(fixture, 0..<100) == nil)
    for (seconds, total) in [(10, "40"), (20, "50"), (30, "53")] as [(Int64, String)] {
      try fixture.commit([drops(total, at: seconds)])
    }
    #expect(try dropped(fixture, 0..<10) == nil)
    #expect(try dropped(fixture, 0..<20) == 0)
    #expect(try dropped(fixture, 0..<21) == 10)
    #expect(try dropped(fixture, 0..<100) == 13)
    #expect(try dropped(fixture, 21..<100) == 3)
    #expect(try dropped(fixture, 40..<100) == 0)
  }

  @Test("A count that fell is of a broker started again, which has dropped all it counts") func restarted()
    throws
  {
    let fixture = try ShardFixture()
    for (seconds, total) in [(10, "40"), (20, "6"), (30, "8")] as [(Int64, String)] {
      try fixture.commit([drops(total, at: seconds)])
    }
    #expect(try dropped(fixture, 0..<100) == 8)
  }

  @Test("It is known again after a kill, and after the views are built anew") func replayed() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([drops("1", at: 1)])
    try fixture.commit([.status("E1", 2), drops("4", at: 2)])
    try fixture.restart()
    // What the broker retains comes again with every connection: it is not news.
    try fixture.commit([drops("4", at: 9, retained: true)])
    #expect(try dropped(fixture, 0..<100) == 3)
    let seconds = try (0..<12).map { try dropped(fixture, $0..<$0 + 1) }
    let newest = try fixture.claimed().brokerDrops
    #expect(newest == BrokerDropCount(at: morning + .seconds(2), total: 4))
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    #expect(try (0..<12).map { try dropped(fixture, $0..<$0 + 1) } == seconds)
    #expect(try dropped(fixture, 0..<100) == 3)
    #expect(try journaled(fixture).count == 3)
    #expect(try fixture.claimed().brokerDrops == newest)
  }

  @Test("Counts in between do not hide that messages come again") func redelivery() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.status("E3", 1), drops("1", at: 1), .connection("E1", "online", at: 1)])
    try fixture.commit([.connection("E1", "offline", at: 2), drops("2", at: 2), .status("E2", 3)])
    fixture.shard.disconnected(reason: .closed("test"), at: at(50))
    try fixture.restart()
    try fixture.shard.connected(sessionPresent: true, at: at(60))
    try fixture.commit([
      drops("5", at: 61, retained: true), .status("E3", 1, received: 61), drops("6", at: 61),
      .connection("E1", "online", at: 61),
    ])
    try fixture.commit([drops("7", at: 61)])
    try fixture.commit([.connection("E1", "offline", at: 61), .status("E2", 3, received: 61)])
    #expect(fixture.shard.counters.redelivered == 4)
    #expect(try fixture.sessionChanges(until: 100) == ["E1 online 1", "E1 offline 2"])
    #expect(try dropped(fixture, 0..<100) == 6)
  }
}
