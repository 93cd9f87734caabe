import Telemetry

/// A refused message as an example for its reason.
public struct RefusalExample: Sendable {
  public var reason: RejectionReason
  /// Field or rule that the message breaks; empty if the reason names it.
  public var detail: String
  /// The fault, more precise than the reason.
  public var fault: Fault
  public var topic: String
  public var received: Timestamp
  /// Place in the journal, as used in `quarantine show BLOCK/RECORD`.
  public var block: Int64
  public var record: Int
}

/// Refused messages since the start, by reason, with an example each.
public struct Refusals: Sendable {
  private var counts: [UInt8: Int] = [:]
  private var examples: [UInt8: RefusalExample] = [:]

  /// Number of messages refused for a reason.
  public subscript(reason: RejectionReason) -> Int { counts[reason.rawValue] ?? 0 }

  /// The reasons that occurred, the most frequent first.
  public var byReason: [(reason: RejectionReason, messages: Int)] {
    counts.compactMap { raw, count in RejectionReason(rawValue: raw).map { ($0, count) } }
      .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  /// Counts the refused message at `place` of a batch that the journal has as `block`, and keeps it as the example if
  /// its reason has none yet.
  mutating func note(_ batch: borrowing Batch, _ place: Int, block: Int64) {
    let rejection = batch.rejection(of: batch.messages[place])
    let raw = rejection.reason.rawValue
    counts[raw, default: 0] += 1
    guard examples[raw] == nil else { return }
    let topic = String(decoding: batch.messages[place].topic.prefix(256), as: UTF8.self)
    examples[raw] = RefusalExample(
      reason: rejection.reason, detail: rejection.detail.description, fault: rejection.fault, topic: topic,
      received: batch.messages[place].received, block: block, record: place)
  }

  /// Returns the examples and clears them, so that new ones are collected.
  mutating func takeExamples() -> [RefusalExample] {
    defer { examples.removeAll(keepingCapacity: true) }
    return examples.values.sorted { $0.reason.rawValue < $1.reason.rawValue }
  }
}
