import Decoding
import Ingestion
import MQTT
import SQLiteStore
import Telemetry

/// A message that a store is filled with as if it had been collected.
struct StoredMessage {
  /// What stands in the topic between `factory/` and `/status`: factory, workshop and equipment.
  var place: String
  var payload: String
  /// When the collector received it.
  var received: Timestamp

  /// Collects messages into a store: those received at one instant in one window.
  ///
  /// - Parameter connected: when the collector connected; nil if nothing is known of it.
  static func collect(
    _ messages: [StoredMessage], into directory: StoreDirectory, connected: Timestamp? = nil
  ) throws {
    let store = SQLiteShardStore(
      directory: directory, calendar: StoredDays.calendar, horizonMinimum: .minutes(15))
    store.keepsDaysWhenIdle = false
    defer { store.release() }
    let template = try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")
    let shard = try Shard(
      store: store,
      settings: ShardSettings(sources: [Source(.status, template: template)], calendar: StoredDays.calendar),
      repairsFrom: directory, register: { [] }, emit: { _ in })
    if let connected { try shard.connected(sessionPresent: false, at: connected.milliseconds) }
    var rest = messages[...]
    while let first = rest.first {
      let together = rest.prefix { $0.received == first.received }
      rest = rest.dropFirst(together.count)
      var window = Window()
      for message in together { append(message, to: &window) }
      try shard.commit(&window)
    }
    try shard.finish()
  }

  private static func append(_ message: StoredMessage, to window: inout Window) {
    var (topic, payload) = ("factory/\(message.place)/status", message.payload)
    topic.withUTF8 { topic in
      payload.withUTF8 { payload in
        window.append(
          topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
          receivedAt: message.received.milliseconds, retained: false)
      }
    }
  }
}
