import Journal
import Decoding
import Storage
import Telemetry

/// What decoders remember of messages, and how the journal has it.
extension Intake {
  /// Begins to decode messages that are not stored yet: decoders forget those that were not kept.
  mutating func begin() { decoders.begin() }

  /// Keeps what decoders remember of messages since ``begin()``: they are stored.
  mutating func keep() { decoders.keep() }

  /// What decoders remember of stored messages, with the digest of each one's source.
  func states() -> [(source: SHA256Digest, state: DecoderState)] { decoders.states() }

  /// Makes every decoder forget what it remembers.
  mutating func forgetStates() throws { try decoders.forget() }

  /// Gives the decoder of a source state that the journal has.
  mutating func restore(_ state: DecoderState, of source: SHA256Digest) {
    decoders.restore(state, of: source)
  }

  /// The most bytes that are journaled at once of what decoders remember.
  private static let mostStateBytes = 64 << 20

  /// Lays out the records by which the journal names the rules in effect and what decoders remember of stored
  /// messages; returns the states. With `day` they say that messages received from it on are read anew.
  mutating func open(
    _ builder: inout BlockBuilder, at received: Timestamp, rereadingFrom day: CalendarDay?
  ) -> [(source: SHA256Digest, state: DecoderState)] {
    let text = Array(rules.text.utf8)
    if let day { builder.append(.rereading, at: received, topic: Array(day.description.utf8), payload: text) }
    builder.append(.sources, at: received, topic: JournaledRules.digest(of: text), payload: text)
    var kept: [(source: SHA256Digest, state: DecoderState)] = []
    var bytes = 0
    for (source, state) in states()
    where state.bytes.count <= DecoderState.mostBytes && EquipmentKey.isID(state.factory.utf8) {
      let factory = senders.factoryNumber(of: state.factory)
      bytes += state.bytes.count
      guard factory >= 0, bytes <= Self.mostStateBytes else { break }
      let topic = JournaledRules.topic(of: state.factory, source)
      builder.append(
        .decoderState, at: received, of: factory, topic: Array(topic.utf8), payload: state.bytes)
      kept.append((source, state))
    }
    return kept
  }

  /// Makes decoders go on from states that the journal has, as they do when it is read again.
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
