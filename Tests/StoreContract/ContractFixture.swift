import Decoding
import Ingestion
import Journal
import MQTT
import Storage
import StoreReading
import Telemetry
import Testing
import TestSupport

/// 2026-11-22T08:00:00+08:00.
let morning = Timestamp(milliseconds: 1_795_305_600_000)
let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
let firstDay = shanghai.day(at: morning)

/// A message as a test sends it.
struct Sent {
  var topic: String
  var payload: String
  /// Receipt, seconds after `morning`.
  var at: Int64

  /// A status message with event time `seconds` after `morning`; received then, unless said otherwise.
  static func status(
    _ equipment: String, _ seconds: Int64, _ state: String = "running", factory: String = "F001",
    received: Int64? = nil, extra: String = ""
  ) -> Sent {
    Sent(
      topic: "factory/\(factory)/W01/\(equipment)/status",
      payload: "{\"ts\":\((morning + .seconds(seconds)).milliseconds),\"state\":\"\(state)\"\(extra)}",
      at: received ?? seconds)
  }
}

/// A shard over a store of its own, driven as a broker session drives it.
final class ContractFixture {
  let made: any StoreUnderTest
  var store: any Store { made.store }
  private(set) var views: any ShardStore
  private(set) var shard: Shard
  private let journal: JournalSettings

  init(_ kind: StoreKind, journal: JournalSettings = JournalSettings(pause: .zero)) throws {
    made = try kind.make()
    self.journal = journal
    views = try made.store.shard(.embedded, Self.options(journal))
    shard = try Self.shard(views, made.store)
    try shard.connected(sessionPresent: false, at: morning.milliseconds)
  }

  static func options(
    _ journal: JournalSettings = JournalSettings(pause: .zero), calendar: LocalCalendar = shanghai,
    horizonMinimum: Span = .minutes(15)
  ) -> ShardOptions {
    ShardOptions(calendar: calendar, horizonMinimum: horizonMinimum, journal: journal)
  }

  /// A shard that claims `views`; its repairs read `store`.
  static func shard(_ views: any ShardStore, _ store: any Store) throws -> Shard {
    try Shard(
      store: views, settings: settings(), repairsFrom: store, register: { [] },
      emit: { if case .untidy(let error) = $0 { Issue.record("maintenance failed: \(error)") } })
  }

  /// How the fixture's shards read messages.
  static func settings(limits: DecodingLimits = DecodingLimits()) throws -> ShardSettings {
    ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ], limits: limits, calendar: shanghai)
  }

  /// Commits messages as one window.
  func commit(_ messages: [Sent]) throws {
    var window = Window()
    for message in messages {
      var (topic, payload) = (message.topic, message.payload)
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: (morning + .seconds(message.at)).milliseconds, retained: false, packetID: 0)
        }
      }
    }
    try shard.commit(&window)
  }

  /// Loses everything in memory, as a kill does, and claims the same store again.
  func restart() throws {
    views.release()
    views = try store.shard(.embedded, Self.options(journal))
    shard = try Self.shard(views, store)
  }

  /// Lets the store look after its days at `seconds` after `morning`, until nothing is left to do.
  func keepDays(at seconds: Int64) throws {
    try shard.repairAll()
    for _ in 0..<4 {
      try shard.tick(now: (morning + .seconds(seconds)).milliseconds)
      guard waitUntil(600, { !views.isTidying }) else { throw SupportError("maintenance goes on for ever") }
    }
  }

  /// Everything that reports read of some days, as text.
  func listing(days count: Int = 1) throws -> [String] {
    try shard.finish()
    return try Self.listing(of: store, days: count)
  }

  /// Everything that reports read of some days, as text: what is known at their end, and what every sender did.
  static func listing(of store: any Store, days count: Int = 1) throws -> [String] {
    try StoreReading(store, calendar: shanghai).reported(firstDay...firstDay + (count - 1))
  }

  /// Totals of one sender on a day, `later` days after the first; nil if there are none.
  func totals(_ equipment: String, factory: String = "F001", later: Int = 0) throws -> DaySums? {
    try shard.finish()
    return try StoreReading(store, calendar: shanghai)
      .totals(of: EquipmentKey(factory: factory, equipment: equipment), on: firstDay + later)
  }

  /// What the journal holds, checked against its chain: block, position, receipt in seconds, topic and payload.
  func journaled() throws -> [String] {
    var found: [String] = []
    try store.verifyJournal { block in
      try block.forEachRecord { record in
        guard record.kind == .message else { return }
        let seconds = (record.received - morning).milliseconds / 1000
        found.append(
          "\(block.number).\(record.index) \(seconds) \(String(decoding: record.topic, as: UTF8.self)) "
            + String(decoding: record.payload, as: UTF8.self))
      }
    }
    return found
  }
}

/// The store's error, or nil if nothing or something else was thrown.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreError
  }
}
