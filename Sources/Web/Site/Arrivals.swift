import Journal
import Storage
import Telemetry

/// Topics of the newest messages, read from the journal.
struct Arrivals {
  /// Messages of one topic.
  struct Topic: Sendable {
    var topic: String
    var messages = 0
    var newest: Timestamp
    /// Beginning of the newest payload, at most ``Arrivals/previewBytes``.
    var preview: [UInt8]
    var payloadBytes: Int
    /// The newest of its messages that was refused; nil if none was.
    var refused: Quarantined?
  }

  /// The newest first.
  var topics: [Topic] = []
  /// Messages that were read.
  var messages = 0
  /// Receipt of the oldest message that was read; nil without messages.
  var since: Timestamp?

  static let previewBytes = 160
  /// Messages that are read, and topics that are listed.
  private static let mostMessages = 5000
  private static let mostTopics = 500
  /// Blocks that are read: few at first, more if they have few messages.
  private static let reaches: [Int64] = [4, 64, 1024]
  private static let enough = 200

  /// The newest messages in the blocks up to `last`.
  ///
  /// - Parameters:
  ///   - factory: limits them to one factory's; nil for all.
  ///   - isWanted: limits them by topic.
  static func read(
    _ store: any Store, through last: Int64, factory: String?, isWanted: (String) -> Bool = { _ in true }
  ) throws -> Arrivals {
    guard last > 0 else { return Arrivals() }
    var found = Arrivals()
    for reach in reaches {
      found = try collect(store, after: max(0, last - reach), through: last, factory, isWanted)
      if found.messages >= enough || reach >= last { break }
    }
    return found
  }

  private static func collect(
    _ store: any Store, after first: Int64, through last: Int64, _ factory: String?,
    _ isWanted: (String) -> Bool
  ) throws -> Arrivals {
    var topics: [String: Topic] = [:]
    var found = Arrivals()
    var read = 0
    try store.records().forEachRecord(
      ofFactories: factory.map { [$0] }, after: first, through: last
    ) { record, _ in
      guard record.kind == .message else { return true }
      read += 1
      guard read <= mostMessages else { return false }
      let topic = String(decoding: record.topic, as: UTF8.self)
      guard isWanted(topic), topics[topic] != nil || topics.count < mostTopics else { return true }
      found.messages += 1
      found.since = found.since ?? record.received
      var entry =
        topics[topic] ?? Topic(topic: topic, newest: record.received, preview: [], payloadBytes: 0)
      entry.messages += 1
      entry.newest = max(entry.newest, record.received)
      entry.preview = Array(record.payload.prefix(previewBytes))
      entry.payloadBytes = record.payload.count
      topics[topic] = entry
      return true
    }
    if !topics.isEmpty { try mark(&topics, store, since: found.since, factory) }
    found.topics = topics.values.sorted { a, b in
      a.newest != b.newest ? a.newest > b.newest : a.topic < b.topic
    }
    return found
  }

  /// Notes which topics had refused messages.
  private static func mark(
    _ topics: inout [String: Topic], _ store: any Store, since: Timestamp?, _ factory: String?
  ) throws {
    let refused = try store.quarantine().newest(mostTopics, factory: factory, equipment: nil, reason: nil)
    for one in refused.reversed() where since.map({ one.received >= $0 }) ?? false {
      topics[String(decoding: one.topic, as: UTF8.self)]?.refused = one
    }
  }
}
