import Journal
import Decoding
import Storage
import Telemetry

/// The state of decoders, and its records in the journal.
extension Intake {
  /// Begins to decode messages that are not stored yet. State from messages that were not kept is discarded.
  mutating func begin() { decoders.begin() }

  /// Keeps the state of decoders from messages since ``begin()``: they are stored.
  mutating func keep() { decoders.keep() }

  /// The state of decoders after the stored messages, with the digest of each source.
  func states() -> [(source: SHA256Digest, state: DecoderState)] { decoders.states() }

  /// Edge nodes that were born and have not died since.
  var livingEdges: [SparkplugEdgeID] { decoders.livingEdges }

  /// Removes and returns the edge nodes whose births are missing.
  mutating func takeMissingBirths() -> [SparkplugEdgeID] { decoders.takeMissingBirths() }

  /// Returns what decoders with sessions counted since the last call. Call it after ``keep()``.
  mutating func takeCounts() -> SparkplugDecoder.Counters { decoders.takeCounts() }

  /// Clears the state of all decoders.
  mutating func forgetStates() throws { try decoders.forget() }

  /// Restores the state of a source's decoder from the journal.
  mutating func restore(_ state: DecoderState, of source: SHA256Digest) {
    decoders.restore(state, of: source)
  }

  /// The decoders' state as the journal stores it.
  struct StoredStates {
    var kept: [(source: SHA256Digest, state: DecoderState)] = []
    /// State that is not stored, by factory.
    var lost: [String: StateLoss] = [:]
    /// The sessions that end with the sources before.
    var ended: [EndedSessions] = []
  }

  /// Builds the records that store the current rules and the decoders' state in the journal; returns the states. With
  /// `scope` the records state that its messages are read anew.
  mutating func open(
    _ builder: inout BlockBuilder, at received: Timestamp, rereading scope: RereadingScope?
  ) -> StoredStates {
    let text = Array(rules.text.utf8)
    if let scope { builder.append(.rereading, at: received, topic: Array(scope.text.utf8), payload: text) }
    builder.append(.sources, at: received, topic: JournaledRules.digest(of: text), payload: text)
    var stored = StoredStates()
    var bytes = 0
    for (source, state) in states() where EquipmentKey.isID(state.factory.utf8) {
      let factory = senders.factoryNumber(of: state.factory)
      let size = state.bytes.count
      if let cause = StateLoss.cause(size, of: factory, behind: bytes) {
        stored.lost[state.factory, default: StateLoss(cause: cause, bytes: 0)].bytes += size
        continue
      }
      bytes += size
      let topic = JournaledRules.topic(of: state.factory, source)
      builder.append(
        .decoderState, at: received, of: factory, topic: Array(topic.utf8), payload: state.bytes)
      stored.kept.append((source, state))
    }
    for ended in endedSessions {
      let factory = senders.factoryNumber(of: ended.factory)
      guard factory >= 0 else { continue }
      builder.append(.decoderState, at: received, of: factory, topic: ended.topic, payload: ended.payload)
      stored.ended.append(ended)
    }
    return stored
  }

  /// Restores decoders from their state in the journal, as replaying the journal does.
  mutating func goOn(from states: [(source: SHA256Digest, state: DecoderState)]) throws {
    try forgetStates()
    for (source, state) in states { restore(state, of: source) }
  }
}

extension BlockBuilder {
  fileprivate mutating func append(
    _ kind: JournalRecord.Kind, at received: Timestamp, of factory: Int32 = BlockBuilder.noFactory,
    topic: [UInt8], payload: [UInt8]
  ) {
    topic.withUnsafeBytes { topic in
      payload.withUnsafeBytes { payload in
        append(kind, flags: [], received: received, factory: factory, topic: topic, payload: payload)
      }
    }
  }
}
