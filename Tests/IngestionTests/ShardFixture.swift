import Decoding
import Ingestion
import MQTT
import SQLiteStore
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
struct Sent: Equatable {
  var topic: String
  var payload: String
  /// Receipt, milliseconds after `morning`.
  var at: Int64
  var retained = false
  /// MQTT packet identifier; 0 when it is not known.
  var packetID: UInt16 = 0

  /// A status message of F001/`equipment` with event time `seconds` after `morning`.
  static func status(
    _ equipment: String, _ seconds: Int64, _ state: String = "running", factory: String = "F001",
    received: Int64? = nil, extra: String = ""
  ) -> Sent {
    Sent(
      topic: "factory/\(factory)/W01/\(equipment)/status",
      payload: "{\"ts\":\((morning + .seconds(seconds)).milliseconds),\"state\":\"\(state)\"\(extra)}",
      at: (received ?? seconds) * 1000)
  }

  /// A connection message of F001/`equipment`.
  static func connection(_ equipment: String, _ payload: String, at seconds: Int64) -> Sent {
    Sent(topic: "factory/F001/W01/\(equipment)/connection", payload: payload, at: seconds * 1000)
  }
}

/// A shard over a store of its own, driven as a broker session drives it.
final class ShardFixture {
  let folder: TemporaryDirectory
  let directory: StoreDirectory
  private(set) var store: SQLiteShardStore
  private(set) var shard: Shard
  private let limit: Int
  private let journal: JournalSettings
  private let daysPerGroup: Int32
  private let judgesSilence: Bool
  /// From the next restart on, what proves hearing, and who is told of events.
  var probe: HearingProbe?
  var notice: (ShardEvent) -> Void = { _ in }

  /// - Parameters:
  ///   - daysPerGroup: how many days are packed together.
  ///   - judgesSilence: whether the largest horizon, 15 min, is known.
  init(
    unregisteredSenders: Int = 1000, journal: JournalSettings = JournalSettings(), inMemory: Bool = false,
    daysPerGroup: Int32 = 7, judgesSilence: Bool = false
  ) throws {
    folder = try TemporaryDirectory("shard", inMemory: inMemory)
    directory = StoreDirectory(folder.path + "/store")
    limit = unregisteredSenders
    self.journal = journal
    self.daysPerGroup = daysPerGroup
    self.judgesSilence = judgesSilence
    (store, shard) = try Self.open(directory, limit, journal, daysPerGroup, judgesSilence)
  }

  static func settings(limit: Int, keptDays: Int = 90) throws -> ShardSettings {
    ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ], limits: DecodingLimits(oldestAge: DecodingLimits.oldestAge(retention: .days(Int64(keptDays)))),
      unregisteredSenders: limit, calendar: shanghai)
  }

  private static func open(
    _ directory: StoreDirectory, _ limit: Int, _ journal: JournalSettings, _ daysPerGroup: Int32,
    _ judgesSilence: Bool, notice: @escaping (ShardEvent) -> Void = { _ in }
  ) throws -> (SQLiteShardStore, Shard) {
    let store = SQLiteShardStore(
      directory: directory, calendar: shanghai, horizonMinimum: .minutes(15), journal: journal)
    store.daysPerGroup = daysPerGroup
    store.keepsDaysWhenIdle = false
    let shard = try Shard(
      store: store, settings: settings(limit: limit, keptDays: journal.keptDays), repairsFrom: directory,
      horizon: judgesSilence ? { .minutes(15) } : nil, register: { [] },
      emit: {
        if case .untidy(let error) = $0 { Issue.record("days could not be kept: \(error)") }
        notice($0)
      })
    return (store, shard)
  }

  /// Lets the store look after its days at `seconds` after `morning`, until there is nothing left to do.
  func keepDays(at seconds: Int64) throws {
    try shard.repairAll()
    for _ in 0..<4 {
      try shard.tick(now: (morning + .seconds(seconds)).milliseconds)
      // It runs when nothing else does, and beside busy tests that is seldom.
      guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are kept for ever") }
    }
  }

  /// Commits messages as one window.
  func commit(_ messages: [Sent]) throws {
    var window = Self.window(messages)
    try shard.commit(&window)
  }

  func awaitsMore(_ messages: [Sent]) -> Bool { shard.awaitsMore(Self.window(messages)) }

  static func window(_ messages: [Sent]) -> Window {
    var window = Window()
    for message in messages {
      var topic = message.topic
      var payload = message.payload
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: (morning + .milliseconds(message.at)).milliseconds, retained: message.retained,
            packetID: message.packetID)
        }
      }
    }
    return window
  }

  /// Loses everything in memory, as a kill does, and starts again on the same store.
  func restart() throws {
    store.release()
    (store, shard) = try Self.open(
      directory, limit, journal, daysPerGroup, judgesSilence, notice: notice)
    shard.probe = probe
  }

  /// The evidence at `seconds` after `morning`, with everything written.
  func evidence(at seconds: Int64) throws -> StoreEvidence {
    try shard.finish()
    let instant = morning + .seconds(seconds)
    return try ViewsReader(directory).evidence(asOf: instant, period: morning - .days(1)..<instant)
  }

  /// Reads the store after everything is written.
  var stored: StoreReading {
    get throws {
      try shard.finish()
      return written
    }
  }

  /// Reads the store as it is.
  var written: StoreReading { StoreReading(directory, calendar: shanghai) }

  /// Onlines, and offlines that ended a session, before `until`, in seconds after `morning`; see
  /// ``StoreReading/sessionChanges(until:)``.
  func sessionChanges(until seconds: Int64) throws -> [String] {
    try stored.sessionChanges(until: morning + .seconds(seconds)).map {
      "\($0.key.equipment) \($0.presence) \(($0.at - morning).milliseconds / 1000)"
    }
  }

  /// The live state that the next claim returns, with everything written. The store is released; call
  /// ``restart()`` to go on.
  func claimed() throws -> ShardState {
    try shard.finish()
    store.release()
    return try written.claimed(
      ShardOptions(calendar: shanghai, horizonMinimum: .minutes(15), journal: journal))
  }

  /// Number of blocks in the journal.
  func blocks() throws -> Int {
    var count = 0
    try JournalReader(directory).forEachVerifiedBlock { _ in count += 1 }
    return count
  }

  /// Every payload in the journal, in order.
  func journaled() throws -> [String] { try written.payloads() }
}

/// The key of F001/`equipment`.
func key(_ equipment: String) -> EquipmentKey { EquipmentKey(factory: "F001", equipment: equipment) }

/// Builds views anew from the journal of a store, in a file of their own, and reads them.
func rebuiltViews(of directory: StoreDirectory, at views: String, by settings: ShardSettings) throws
  -> StoreReading
{
  let place = StoreDirectory(directory, views: views)
  let store = RebuildStore(
    directory: place, calendar: shanghai, horizonMinimum: .minutes(15),
    through: try JournalReader(directory).head()
  ) { _, _ in }
  let shard = try Shard(
    store: store, settings: settings, repairsFrom: place, register: { [] }, emit: { _ in })
  try shard.repairAll()
  try shard.finish()
  try store.close()
  return StoreReading(place, calendar: shanghai)
}
