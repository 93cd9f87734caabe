import Ingestion
import MQTT

/// Passes the events of a broker session on to the shard, and updates the status.
struct CollectorHandler: BrokerSessionHandler {
  let shard: Shard
  let board: StatusBoard
  /// Called when filters of earlier configurations are unsubscribed.
  let forget: ([String]) -> Void

  mutating func connected(sessionPresent: Bool, at: Int64) throws {
    try shard.connected(sessionPresent: sessionPresent, at: at)
    board.connected(sessionPresent: sessionPresent, at: at)
  }

  mutating func unsubscribed(_ filters: [String]) { forget(filters) }

  mutating func published(_ number: Int, _ outcome: PublishOutcome) { shard.published(number, outcome) }

  mutating func awaitsMore(_ window: borrowing Window) -> Bool { shard.awaitsMore(window) }

  mutating func commit(_ window: inout Window) throws {
    let begun = ContinuousClock.now
    try shard.commit(&window)
    board.committed(in: .now - begun)
  }

  mutating func tick(now: Int64) throws {
    try shard.tick(now: now)
    board.tick(shard)
  }

  mutating func disconnected(reason: DisconnectReason, at: Int64) {
    shard.disconnected(reason: reason, at: at)
    board.disconnected(reason, at: at)
  }
}
