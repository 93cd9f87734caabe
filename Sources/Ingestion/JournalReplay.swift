import Decoding
import Journal
import Storage
import Telemetry

/// A claim ended because the process is to stop.
public struct ShardStopped: Error {
  public init() {}
}

/// Replays a journal into views that are behind it, by the rules its messages were taken with when they came.
struct JournalReplay {
  private let store: any ShardStore
  /// What is for days before is in the views, which began from days that are final.
  private let frozenUntil: Timestamp
  private let isStopping: () -> Bool
  private var batch = Batch()
  /// Messages replayed.
  private(set) var messages = 0
  /// Whether the last connection ended with everything acknowledged.
  private(set) var endedCleanly: Bool

  /// Rows that may wait for the views before they are written.
  private static let pendingLimit = 20_000

  /// - Parameter endedCleanly: what holds where the journal says nothing of it.
  init(
    store: any ShardStore, frozenUntil: Timestamp, endedCleanly: Bool, isStopping: @escaping () -> Bool
  ) {
    self.store = store
    self.isStopping = isStopping
    self.frozenUntil = frozenUntil
    self.endedCleanly = endedCleanly
  }

  /// Replays the journal after `cursor`, and remembers earlier messages, after block `remembered`, that may be
  /// redelivered. `follower` keeps to the journal's sources, from block `begin` on.
  ///
  /// - Throws: ``ShardStopped`` between two blocks when the process is to stop.
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
          // Only what decoders remember of it is of use.
          if record.kind == .message, intake.isStateful { decode(record, packetIDs, &intake) }
          return
        }
        follow(record, &views.hearing)
        if record.kind == .message { decode(record, packetIDs, &intake) }
        if isNew { replay(record, block: block.number, &views) }
        // The messages' bytes end with the block, so they are folded inside this call.
        if record.kind.isReceived, record.index == block.records - 1 {
          finish(block, isNew: isNew, &views, &intake)
        }
      }
      if isNew { isAhead = true }
      if views.pending > Self.pendingLimit { try views.write(&intake.senders, store.update) }
    }
    if isAhead { try views.write(&intake.senders, store.update) }
  }

  /// What a record tells of whether the shard heard anything, messages apart.
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
    // Written before whatever comes next, they say nothing of the connection.
    case .sources, .decoderState, .rereading: break
    }
  }

  /// Decodes a message as it was when it came.
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
    batch.leaveOut(before: frozenUntil)
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

  /// Takes the messages of a block into account: folds them, or, when the views have them, only remembers them.
  private mutating func finish(
    _ block: JournalBlock, isNew: Bool, _ views: inout LiveViews, _ intake: inout Intake
  ) {
    intake.remember(&batch)
    guard isNew else {
      for message in batch.messages { views.hearing.heard(message, in: batch) }
      return
    }
    views.fold(batch, &intake, block: block.number)
    views.observed(through: block.lastReceived)
    messages += batch.messages.count
  }
}
