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

  /// Topics with refused messages first; else the newest first.
  var topics: [Topic] = []
  /// Messages that were read.
  var messages = 0
  /// Receipt of the oldest message that was read; nil without messages.
  var since: Timestamp?
  /// The blocks that were read: those after the lower bound, up to the upper one.
  private(set) var blocks: ClosedRange<Int64> = 0...0

  static let previewBytes = 160
  /// Topics that are listed, and those that are told apart while messages are read.
  private static let mostTopics = 500
  private static let mostKept = 20_000
  /// Records of the journal that are read, the newest first: more if few of them are wanted.
  private static let parts = [5000, 20_000, 80_000]
  private static let enough = 50

  /// The newest messages in the blocks up to `last`.
  ///
  /// - Parameters:
  ///   - factory: limits them to one factory's; nil for all.
  ///   - isWanted: limits them by topic.
  static func read(
    _ store: any Store, through last: Int64, factory: String?, isWanted: (String) -> Bool = { _ in true }
  ) throws -> Arrivals {
    let records = store.records()
    var topics: [String: Topic] = [:]
    var found = Arrivals()
    var end = last
    for part in parts where end > 0 && found.messages < enough {
      let begin = try records.block(before: end, holding: part)
      found.blocks = begin...last
      try found.read(records, after: begin, through: end, factory, isWanted, into: &topics)
      end = begin
    }
    if !topics.isEmpty { try mark(&topics, store, since: found.since, factory) }
    let sorted = topics.values.sorted { a, b in
      if (a.refused == nil) != (b.refused == nil) { return b.refused == nil }
      return a.newest != b.newest ? a.newest > b.newest : a.topic < b.topic
    }
    found.topics = Array(sorted.prefix(mostTopics))
    return found
  }

  /// Reads messages that are older than those read before.
  private mutating func read(
    _ records: any RecordSource, after first: Int64, through last: Int64, _ factory: String?,
    _ isWanted: (String) -> Bool, into topics: inout [String: Topic]
  ) throws {
    let known = Set(topics.keys)
    var oldest: Timestamp?
    try records.forEachRecord(
      ofFactories: factory.map { [$0] }, after: first, through: last
    ) { record, _ in
      guard record.kind == .message else { return true }
      let topic = String(decoding: record.topic, as: UTF8.self)
      guard isWanted(topic), topics[topic] != nil || topics.count < Self.mostKept else { return true }
      messages += 1
      oldest = oldest ?? record.received
      var entry =
        topics[topic] ?? Topic(topic: topic, newest: record.received, preview: [], payloadBytes: 0)
      entry.messages += 1
      if !known.contains(topic) {
        entry.newest = max(entry.newest, record.received)
        entry.preview = Array(record.payload.prefix(Self.previewBytes))
        entry.payloadBytes = record.payload.count
      }
      topics[topic] = entry
      return true
    }
    since = oldest ?? since
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
