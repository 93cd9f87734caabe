import Telemetry

/// Distinguishes messages that the broker retained before a subscription from live messages flagged retained. Some
/// brokers and bridges keep the flag when they forward a live message.
struct RetainedMessages {
  /// Maximum time between a new subscription and the arrival of the messages retained before it.
  private static let arrival = Span.minutes(1)

  /// End of that time; nothing is live before the first connection.
  private var until = Timestamp.distantFuture
  private var hasSeenLive = false

  /// Begins a connection. `isDelivered`: whether the broker delivers its retained messages on it.
  mutating func connected(at instant: Timestamp, isDelivered: Bool) {
    until = isDelivered ? instant + Self.arrival : .distantPast
    hasSeenLive = false
  }

  /// Whether a message flagged retained must not be counted: it is older than the subscription, or it is empty and
  /// clears a retained message.
  func isUncounted(received: Timestamp, isEmpty: Bool) -> Bool { received < until || isEmpty }

  /// Notes a live message flagged retained; returns whether it is the connection's first.
  mutating func noteLive() -> Bool {
    defer { hasSeenLive = true }
    return !hasSeenLive
  }
}
