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
  private var items: ContiguousArray<BatchItem> = []
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
  /// redelivered.
  ///
  /// - Throws: ``ShardStopped`` between two blocks when the process is to stop.
  mutating func run(
    into views: inout LiveViews, from cursor: Int64, remembering remembered: Int64
  ) throws {
    var isAhead = false
    try store.forEachBlock(after: remembered) { block in
      if isStopping() { throw ShardStopped() }
      let isNew = block.number > cursor
      views.trimTopics()
      items.removeAll(keepingCapacity: true)
      let packetIDs = block.packetIDs?.all ?? []
      try block.forEachRecord { record in
        endedCleanly = record.kind == .disconnected && record.flags.contains(.clean)
        guard isNew else {
          follow(record, &views.hearing)
          if record.kind == .message, !record.flags.contains(.redelivered) {
            let item = Self.decoded(record, packetIDs, &views)
            let counted = views.remember(item)
            views.hearing.heard(item, isNew: counted == nil)
          }
          return
        }
        replay(record, packetIDs, block: block.number, &views)
        // Item views end with the block, so the fold happens inside this call.
        if record.kind.isReceived, record.index == block.records - 1 {
          views.fold(items, block: block.number)
          views.observed(through: block.lastReceived)
          messages += items.count
        }
      }
      if isNew { isAhead = true }
      if views.pending > Self.pendingLimit { try views.write(store.update) }
    }
    if isAhead { try views.write(store.update) }
  }

  /// What a record tells of whether the shard heard anything.
  private func follow(_ record: JournalRecord, _ hearing: inout HearingWatch) {
    switch record.kind {
    case .connected: hearing.connected(at: record.received)
    case .disconnected, .observedThrough:
      hearing.noted(
        at: record.received, ended: record.kind == .disconnected, deafSince: Silence.since(of: record))
      if HearingProof.isNoted(in: record) { hearing.proved(at: record.received) }
    case .message: hearing.heard(at: record.received)
    case .brokerStatus: break
    }
  }

  /// A message as it was decoded when it came.
  private static func decoded(
    _ record: JournalRecord, _ packetIDs: [UInt16], _ views: inout LiveViews
  ) -> BatchItem {
    let hash = ContentHash.of(record.topic, record.payload)
    var item =
      record.flags.isDisjoint(with: .uncounted)
      ? views.decoder.decode(
        topic: record.topic, payload: record.payload, received: record.received, hash: hash,
        recorded: record.flags)
      : views.decoder.uncounted(
        topic: record.topic, payload: record.payload, received: record.received, hash: hash,
        flags: record.flags)
    if record.index < packetIDs.count { item.packetID = packetIDs[record.index] }
    return item
  }

  private mutating func replay(
    _ record: JournalRecord, _ packetIDs: [UInt16], block: Int64, _ views: inout LiveViews
  ) {
    follow(record, &views.hearing)
    switch record.kind {
    case .message:
      var item = Self.decoded(record, packetIDs, &views)
      if item.isCounted, item.time < frozenUntil { item.kind = .uncounted }
      items.append(item)
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
}
