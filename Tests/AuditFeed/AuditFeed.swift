import Decoding
import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Telemetry
import TestSupport

/// Plays a story into a store: the audit in Tests/Audit writes it as lines of JSON, and the real shard with a real
/// store receives it as from a broker session, by the clock of the story.
///
///     audit-feed STORE <story.jsonl
@main struct AuditFeed {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: audit-feed STORE <story.jsonl\n".utf8))
      exit(64)
    }
    var feed = try Feed(StoreDirectory(CommandLine.arguments[1]))
    let decoder = JSONDecoder()
    while let line = readLine() {
      try feed.proceed(try decoder.decode(Happening.self, from: Data(line.utf8)))
    }
    try feed.end()
  }
}

/// One line of a story. Times are milliseconds UTC.
struct Happening: Decodable {
  enum Kind: String, Decodable {
    /// The collector is connected: in a new session, or in the one kept by the broker.
    case connected
    /// Messages that arrived together.
    case window
    /// The collector notes that it still listens.
    case observed
    /// The connection is lost, or ended in good order.
    case lost, stopped
    /// The collector is killed without writing anything more, and is started again.
    case killed
    /// Late messages are taken into account; past days are packed.
    case repair, pack
  }
  struct Message: Decodable {
    var at: Int64
    var topic: String
    /// Base64: payloads need not be text.
    var payload: Data
    var retained: Bool
  }
  var kind: Kind
  var at: Int64?
  var resumed: Bool?
  var messages: [Message]?
}

/// The collector of a story.
struct Feed {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private var store: SQLiteShardStore
  private var shard: Shard

  init(_ directory: StoreDirectory) throws {
    self.directory = directory
    calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
    (store, shard) = try Self.claim(directory, calendar)
  }

  private static func claim(
    _ directory: StoreDirectory, _ calendar: LocalCalendar
  ) throws -> (SQLiteShardStore, Shard) {
    let store = SQLiteShardStore(directory: directory, calendar: calendar, horizonMinimum: .minutes(15))
    store.keepsDaysWhenIdle = false
    let settings = ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ], limits: DecodingLimits(oldestAge: DecodingLimits.oldestAge(retention: .days(90))), calendar: calendar
    )
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: directory, register: { [] }, emit: { _ in })
    return (store, shard)
  }

  mutating func proceed(_ happening: Happening) throws {
    let at = happening.at ?? 0
    switch happening.kind {
    case .connected: try shard.connected(sessionPresent: happening.resumed ?? false, at: at)
    case .window: try commit(happening.messages ?? [])
    case .observed: try shard.tick(now: at)
    case .lost: shard.disconnected(reason: .closed("the network"), at: at)
    case .stopped:
      shard.disconnected(reason: .stopped, at: at)
      try shard.finish()
      try claimAgain()
    case .killed: try claimAgain()
    case .repair: try shard.repairAll()
    case .pack: try store.packGroups()
    }
  }

  /// Takes all late messages into account, and leaves the store as a stopped collector does.
  func end() throws {
    try shard.repairAll()
    guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are still being packed") }
    store.release()
  }

  private mutating func claimAgain() throws {
    store.release()
    (store, shard) = try Self.claim(directory, calendar)
  }

  private func commit(_ messages: [Happening.Message]) throws {
    var window = Window()
    for message in messages {
      var topic = message.topic
      topic.withUTF8 { topic in
        message.payload.withUnsafeBytes { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: payload, receivedAt: message.at,
            retained: message.retained)
        }
      }
    }
    try shard.commit(&window)
  }
}
