import Decoding
import Telemetry

/// Distinguishes messages that the broker retained before a subscription from live messages flagged retained. Some
/// brokers and bridges keep the flag when they forward a live message.
///
/// The broker delivers what it retains for a filter when that filter is new in its session. Only messages that fit
/// such a filter are retained ones, and only for a minute.
struct RetainedMessages {
  /// Maximum time between a new subscription and the arrival of the messages retained before it.
  private static let arrival = Span.minutes(1)

  /// End of that time for all messages; nothing is live before the first connection.
  private var until = Timestamp.distantFuture
  /// New filters, each with the end of that time.
  private var arriving: [(filter: TopicFilter, until: Timestamp)] = []
  private var hasSeenLive = false

  /// Begins a connection.
  ///
  /// - Parameter isNew: whether all its subscriptions are new, or the broker delivers its retained messages again.
  mutating func connected(at instant: Timestamp, isNew: Bool) {
    until = isNew ? instant + Self.arrival : .distantPast
    hasSeenLive = false
  }

  /// Takes filters that are new in the session.
  mutating func subscribed(to filters: [TopicFilter], at instant: Timestamp) {
    arriving.removeAll { $0.until <= instant }
    arriving += filters.map { ($0, instant + Self.arrival) }
  }

  /// Whether a message flagged retained must not be counted: it is older than the subscription, or it is empty and
  /// clears a retained message.
  func isUncounted(_ topic: UnsafeRawBufferPointer, received: Timestamp, isEmpty: Bool) -> Bool {
    received < until || isEmpty
      || arriving.contains { received < $0.until && $0.filter.matches(topic) }
  }

  /// Notes a live message flagged retained; returns whether it is the connection's first.
  mutating func noteLive() -> Bool {
    defer { hasSeenLive = true }
    return !hasSeenLive
  }
}
