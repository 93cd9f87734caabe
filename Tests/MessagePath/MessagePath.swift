import Decoding
import Foundation
import Ingestion
import Journal
import MQTT
import Storage
import Telemetry

/// Takes windows of messages the way a broker session does, through decoding, folding, hashing and compressing,
/// into a store that keeps nothing: what Scripts/lib/instructions counts the instructions of.
///
///     message-path WINDOWS
@main struct MessagePath {
  private static let senders = 1000
  private static let messagesInAWindow = 5000
  /// 2026-11-22T08:00:00+08:00.
  private static let start: Int64 = 1_795_305_600_000

  static func main() throws {
    guard CommandLine.arguments.count == 2, let windows = Int(CommandLine.arguments[1]) else {
      FileHandle.standardError.write(Data("usage: message-path WINDOWS\n".utf8))
      exit(2)
    }
    let store = ForgetfulStore()
    let shard = try Shard(
      store: store,
      settings: ShardSettings(
        sources: [
          Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status"))
        ],
        limits: DecodingLimits(oldestAge: DecodingLimits.oldestAge(retention: .days(90))),
        unregisteredSenders: senders, calendar: .utc),
      register: { [] }, emit: { _ in })
    try shard.connected(sessionPresent: false, at: start)
    var window = Window()
    var message = 0
    for _ in 0..<windows {
      for _ in 0..<messagesInAWindow {
        append(message, to: &window)
        message += 1
      }
      try shard.commit(&window)
      window.clear()
    }
    print("\(shard.counters.messages) messages, \(store.records) records, \(store.rows) rows")
    guard shard.counters.messages == message, shard.counters.rejected == 0, store.records == message + 2
    else {
      exit(1)
    }
  }

  /// A heartbeat of one machine after another, each once a second; now and then one changes its state.
  private static func append(_ number: Int, to window: inout Window) {
    let (machine, step) = (number % senders, number / senders)
    let at = start + Int64(step) * 1000 + Int64(machine)
    let state = ["running", "idle", "fault", "setup"][(step / 7 + machine) % 4]
    var topic = "factory/F\(machine / 50)/W\(machine % 5)/E\(machine)/status"
    var payload =
      "{\"ts\":\(at),\"state\":\"\(state)\",\"mode\":\"automatic\",\"seq\":\(step),\"boot\":\"a1b2\",\"energy_kwh\":\(1000 + step).25,\"good\":\(step),\"total\":\(step)}"
    topic.withUTF8 { topic in
      payload.withUTF8 { payload in
        window.append(
          topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
          receivedAt: at + 3, retained: false, packetID: UInt16(truncatingIfNeeded: number % 65_535 + 1))
      }
    }
  }
}

/// Seals blocks as a journal does and keeps nothing but their number and hash.
private final class ForgetfulStore: ShardStore {
  private var number: Int64 = 0
  private var hash = SHA256Digest.zero
  private(set) var records = 0
  private(set) var rows = 0

  func claim(remembering: Int) throws -> ShardState { .unused }

  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    number += 1
    records += builder.count
    hash = try builder.seal(number: number, previous: hash, factoryID: factoryID) { block, _ in block.hash }
    return number
  }

  func update(_ update: ViewUpdate) throws { rows += update.changes.changedEquipment.count }

  func release() {}

  func pendingRepairs(limit: Int) throws -> [PendingRepair] { [] }

  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {}

  func beginsDay(at received: Timestamp) -> Bool { false }

  func outline(reaching number: Int64) throws -> JournalOutline { JournalOutline() }

  func block(_ number: Int64) throws -> JournalBlock? { nil }
}
