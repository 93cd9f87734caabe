import Decoding
import Journal
import Storage
import Telemetry

/// A claim ended because the process must stop.
public struct ShardStopped: Error {
  public init() {}
}

/// Replays a journal into views that are behind it, with the rules that applied at the receipt of each message.
struct JournalReplay {
  private let store: any ShardStore
  /// Start of the days that are not final. Messages for earlier days are already in the views.
  private let finalUntil: Timestamp
  private let isStopping: () -> Bool
  private var batch = Batch()
  /// Number of messages replayed.
  private(set) var messages = 0
  /// Whether the last connection ended with everything acknowledged.
  private(set) var endedCleanly: Bool

  /// Number of rows that may wait for the views before they are written.
  private static let pendingLimit = 20_000

  /// - Parameter endedCleanly: value to use if the journal does not state it.
  init(
    store: any ShardStore, finalUntil: Timestamp, endedCleanly: Bool, isStopping: @escaping () -> Bool
  ) {
    self.store = store
    self.isStopping = isStopping
    self.finalUntil = finalUntil
    self.endedCleanly = endedCleanly
  }

  /// Replays the journal after `cursor`, and remembers earlier messages, after block `remembered`, that may be
  /// redelivered. `follower` applies the journal's sources, from block `begin` on.
  ///
  /// - Throws: ``ShardStopped`` between two blocks if the process must stop.
  mutating func run(
    into views: inout LiveViews, _ intake: inout Intake, from cursor: Int64, remembering remembered: Int64,
    _ follower: inout RulesFollower, after begin: Int64
  ) throws {
    var isAhead = false
    try store.forEachBlock(after: begin) { block in
      if isStopping() { throw ShardStopped() }
      let isNew = block.number > cursor
      intake.trimTopics()
      batch.removeAll()
      let packetIDs = block.packetIDs?.all ?? []
      try block.forEachRecord { record in
        try follower.follow(record, of: block.number, &intake)
        guard block.number > remembered else {
          // Only the decoders' state after it is needed.
          if record.kind == .message, intake.isStateful { decode(record, packetIDs, &intake) }
          return
        }
        follow(record, &views.hearing)
        if record.kind == .message { decode(record, packetIDs, &intake) }
        if isNew { replay(record, block: block.number, &views) }
        if isNew, record.received >= finalUntil, let ended = EndedSessions(record) {
          var batch = Batch()
          intake.add(ended, at: record.received, to: &batch)
          views.fold(batch, &intake, block: block.number)
        }
        // The messages' bytes are valid within the block, so they are folded inside this call.
        if record.kind.isReceived, record.index == block.records - 1 {
          finish(block, isNew: isNew, &views, &intake)
        }
      }
      if isNew { isAhead = true }
      if views.pending > Self.pendingLimit { try views.write(&intake.senders, store.update) }
    }
    if isAhead { try views.write(&intake.senders, store.update) }
  }

  /// Takes a record that shows whether the shard heard anything; without messages.
  private mutating func follow(_ record: JournalRecord, _ hearing: inout HearingWatch) {
    switch record.kind {
    case .connected:
      hearing.connected(at: record.received)
      endedCleanly = false
    case .disconnected, .observedThrough:
      let hasEnded = record.kind == .disconnected
      hearing.noted(at: record.received, ended: hasEnded, deafSince: Silence.since(of: record))
      if HearingProof.isNoted(in: record) { hearing.proved(at: record.received) }
      endedCleanly = hasEnded && record.flags.contains(.clean)
    case .message, .brokerStatus: endedCleanly = false
    // Records written before other events say nothing about the connection.
    case .sources, .decoderState, .rereading: break
    }
  }

  /// Decodes a message as at its receipt.
  private mutating func decode(_ record: JournalRecord, _ packetIDs: [UInt16], _ intake: inout Intake) {
    let packetID = record.index < packetIDs.count ? packetIDs[record.index] : 0
    guard record.flags.isDisjoint(with: .uncounted) else {
      return intake.addUncounted(
        topic: record.topic, payload: record.payload, received: record.received, packetID: packetID,
        flags: record.flags, to: &batch)
    }
    intake.decode(
      topic: record.topic, payload: record.payload, received: record.received, packetID: packetID,
      recorded: record.flags, into: &batch)
    batch.leaveOut(before: finalUntil)
  }

  private mutating func replay(_ record: JournalRecord, block: Int64, _ views: inout LiveViews) {
    switch record.kind {
    case .message: break
    case .sources, .decoderState, .rereading: views.passed(block)
    case .connected:
      views.connected(
        at: record.received, sessionPresent: record.flags.contains(.sessionPresent), block: block)
    case .disconnected, .observedThrough:
      views.observed(through: record.received, ended: record.kind == .disconnected, block: block)
      if let since = Silence.since(of: record) { views.unheard(since: since, until: record.received) }
    case .brokerStatus:
      guard BrokerDrops.isTopic(record.topic), let total = BrokerDrops.total(record.payload) else { return }
      views.dropped(BrokerDropCount(at: record.received, total: total))
    }
  }

  /// Takes the messages of a block into account: folds them, or only remembers them if the views have them.
  private mutating func finish(
    _ block: JournalBlock, isNew: Bool, _ views: inout LiveViews, _ intake: inout Intake
  ) {
    intake.remember(&batch)
    guard isNew else {
      for message in batch.messages { views.hearing.heard(message, in: batch) }
      return
    }
    // Days of receipt are kept aside whole, and blocks of the newest of them are still in the journal.
    views.fold(batch, &intake, block: block.number, flagsSince: finalUntil)
    views.observed(through: block.lastReceived)
    messages += batch.messages.count
  }
}
