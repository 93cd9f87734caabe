import Ingestion
import MQTT

/// Passes the events of a broker session on to the shard, and updates the status.
struct CollectorHandler: BrokerSessionHandler {
  let run: CollectorRun
  let writer: StatusWriter

  private var shard: Shard { run.shard }
  private var board: StatusBoard { run.board }

  mutating func connected(sessionPresent: Bool, at: Int64) throws {
    let sessionPresent = try run.hasSession(sessionPresent)
    try shard.connected(sessionPresent: sessionPresent, at: at)
    board.connected(sessionPresent: sessionPresent, at: at, subscriptions: run.subscriptions.current)
  }

  mutating func subscribed(_ filters: [String], at: Int64) throws -> Bool {
    let isUsed = try run.subscribed(filters, at: at)
    if isUsed { board.subscribed(filters) }
    return isUsed
  }

  mutating func refused(_ refusals: [RefusedFilter], of filters: [String]) {
    run.refused(refusals, of: filters)
  }

  mutating func reload(now: Int64) throws { try run.reload(at: now) }

  mutating func unsubscribed(_ filters: [String]) { run.forget(filters) }

  mutating func published(_ number: Int, _ outcome: PublishOutcome) { shard.published(number, outcome) }

  mutating func awaitsMore(_ window: borrowing Window) -> Bool {
    run.awaitsGrant(for: window) || shard.awaitsMore(window)
  }

  /// A grant does not come any more, so the window is not kept for it: a broker may lose its messages.
  mutating func drops(_ window: borrowing Window) -> Bool { shard.drops(window) }

  mutating func commit(_ window: inout Window) throws {
    let begun = ContinuousClock.now
    try shard.commit(&window)
    board.committed(shard, in: .now - begun)
  }

  mutating func tick(now: Int64) throws {
    try shard.tick(now: now)
    run.lookAfterRebuild()
    board.tick(shard)
    writer.wake()
  }

  mutating func disconnected(reason: DisconnectReason, at: Int64) {
    shard.disconnected(reason: reason, at: at)
    board.disconnected(reason, at: at)
  }
}
