import Decoding
import Journal
import Storage
import Telemetry

/// Reads refused messages by the rules of a decision in the journal.
final class RetryReader {
  /// The number of the block with the decision.
  let decision: Int64
  private let selection: RefusedSelection
  private let filter: TopicFilter?
  fileprivate(set) var decoders: Decoders
  /// Topics by the decision's sources. Nothing outside refers to them by place.
  fileprivate var topics = TopicIndex()
  /// Receives the events of messages that only change the decoders' state.
  fileprivate var unused = EventBuffer()

  fileprivate init(_ retry: RulesHistory.Retry, _ catalog: FormatCatalog) throws {
    decision = retry.decision
    selection = retry.selection
    filter = retry.selection.topic.map { TopicFilter($0) }
    decoders = try Decoders(retry.rules, catalog)
  }

  /// Whether a message with a reason and a likely sender is selected.
  fileprivate func selects(
    _ message: borrowing BatchMessage, _ rejection: Rejection, of sender: () -> EquipmentKey
  ) -> Bool {
    guard selection.received.contains(message.received),
      selection.reason.map({ $0 == rejection.reason }) ?? true,
      filter?.matches(message.topic) ?? true
    else { return false }
    guard selection.factory != nil || selection.equipment != nil else { return true }
    let sender = sender()
    return selection.factory.map { $0 == sender.factory } ?? true
      && selection.equipment.map { $0 == sender.equipment } ?? true
  }

  /// Whether an event may count: its day was not final when the decision was made.
  fileprivate func takes(_ event: Event) -> Bool { selection.eventsFrom.map { $0 <= event.time } ?? true }

  /// The value of a field that was left out of a message that the decision accepted, as ``Intake/excerpt(of:_:in:)``.
  func excerpt(of field: OptionalField, _ fault: Fault, in message: borrowing BatchMessage) -> String {
    decoders.status.excerpt(
      of: decoders.path(of: field, in: Int32(message.retrySource)), fault, in: message.payload)
  }

  /// The sender of a message that the decision accepted, as its topic names it; without equipment if only the payload
  /// does.
  func sender(of message: borrowing BatchMessage) -> EquipmentKey {
    guard let route = try? decoders.router.route(message.topic) else {
      return EquipmentKey(factory: "", equipment: "")
    }
    return decoders.router.key(of: route, in: message.topic)
  }

  /// The alarms of a status message that the decision accepted.
  func alarms(in payload: UnsafeRawBufferPointer) -> [String] { decoders.status.alarms(in: payload) }

  fileprivate func forgetTopics(beyond limit: Int) {
    if topics.count > limit { topics.removeAll() }
  }
}

/// Reads refused messages of the journal by the rules of later decisions.
///
/// A message that the rules in effect refuse is read by each decision that selects it, in the order of the decisions,
/// until one accepts it. If none does, it stays refused as it was. Decoders with state receive every message of the
/// decision's blocks, so that they know the names and values that accepted messages stated.
extension Intake {
  /// Uses these decisions for the messages that follow. Decoders of a decision that stays keep their state.
  mutating func beginRetries(_ decisions: [RulesHistory.Retry]) throws {
    guard decisions.map(\.decision) != retries.map(\.decision) else { return }
    let before = retries
    let catalog = decoders.catalog
    retries = try decisions.map { decision in
      try before.first { $0.decision == decision.decision } ?? RetryReader(decision, catalog)
    }
  }

  /// Uses no decision from now on: live messages are read by the rules in effect only.
  mutating func endRetries() { retries = [] }

  /// Restores the state of a source's decoder from the journal, in the decoders of a decision.
  func restore(_ state: DecoderState, of source: SHA256Digest, forRetry decision: Int64) {
    retries.first { $0.decision == decision }?.decoders.restore(state, of: source)
  }

  /// Reads a refused message by the decisions that select it; returns whether one accepted it. Then its events are in
  /// `batch` from `first` on, and the message refers to no topic by place.
  mutating func retry(
    _ message: inout BatchMessage, refused rejection: Rejection, from first: Int, into batch: inout Batch
  ) -> Bool {
    let refused = message
    let isOfHost = isOfHost(message)
    for (place, reader) in retries.enumerated() {
      guard reader.selects(refused, rejection, of: { likelySender(of: refused) }) else {
        show(refused, to: reader)
        continue
      }
      guard attempt(&message, by: reader, from: first, into: &batch) else {
        message = refused
        continue
      }
      message.retry = Int16(clamping: place)
      message.isOfHost = isOfHost
      // The same content may have been counted before, or later, by other rules.
      message.mayDiffer = true
      rulesDiffered()
      noteRecords(of: &message, from: first, behind: place, in: &batch)
      return true
    }
    return false
  }

  /// Notes the records of an accepted message that make no event, after the decisions behind one have read them again.
  /// A function of its own, because few messages have such records.
  ///
  /// - Parameter decision: place of the decision that accepted the message; -1 if the rules in effect did.
  @inline(never)
  mutating func noteRecords(
    of message: inout BatchMessage, from first: Int, behind decision: Int = -1, in batch: inout Batch
  ) {
    var bad = batch.buffer.badRecords
    if decision + 1 < retries.count {
      bad = retryRecords(of: &message, bad, from: first, behind: decision, into: &batch)
    }
    if let bad { batch.note(bad, of: batch.messages.count) }
  }

  /// Reads the records of an accepted message that make no event by the decisions that select it; returns those that
  /// still make none. The events of the other records stay as they are.
  ///
  /// - Parameters:
  ///   - bad: the records that make no event so far; nil if there are none.
  ///   - first: place of the message's first event in `batch`. Events that a decision adds are put in the order of
  ///     records.
  ///   - decision: only the decisions behind this place are asked.
  private mutating func retryRecords(
    of message: inout BatchMessage, _ bad: EventBuffer.BadRecords?, from first: Int, behind decision: Int,
    into batch: inout Batch
  ) -> EventBuffer.BadRecords? {
    let accepted = message
    let isOfHost = isOfHost(accepted)
    let records = batch.buffer.records
    var bad = bad
    for (place, reader) in retries.enumerated().dropFirst(decision + 1) {
      guard let left = bad, !left.places.isEmpty,
        reader.selects(accepted, left.rejection, of: { sender(of: accepted, left) })
      else {
        show(accepted, to: reader)
        continue
      }
      let known = Set(batch.events[first...].map(RecordKey.init))
      let wanted = Set(left.places)
      let added = batch.events.count
      var again = accepted
      var unused: Set<Int> = []
      let isRead = attempt(&again, by: reader, from: added, into: &batch) { event in
        guard wanted.contains(Int(event.record)) else { return false }
        if !known.contains(RecordKey(event)), reader.takes(event) { return true }
        unused.insert(Int(event.record))
        return false
      }
      guard isRead, batch.events.count > added, batch.buffer.records == records else {
        batch.buffer.takeBack(from: added)
        continue
      }
      // A record stays listed if none of its events counts.
      unused.subtract(batch.events[added...].lazy.map { Int($0.record) })
      bad = left.leaving(batch.buffer.badRecords, and: unused)
      batch.sortByRecord(from: first)
      message.retry = Int16(clamping: place)
      message.retrySource = again.retrySource
      message.isOfHost = isOfHost
      message.isTimed = message.isTimed || again.isTimed
      message.mayDiffer = true
      rulesDiffered()
    }
    return bad
  }

  /// What makes two events of one message the same.
  private struct RecordKey: Hashable {
    var sender: Int32
    var time: Timestamp
    var kind: Event.Kind

    init(_ event: Event) { (sender, time, kind) = (event.sender, event.time, event.kind) }
  }

  /// The likely sender of records that make no event.
  private func sender(
    of message: borrowing BatchMessage, _ bad: EventBuffer.BadRecords
  ) -> EquipmentKey {
    var key = likelySender(of: message)
    if EquipmentKey.isID(bad.equipment.utf8) { key.equipment = bad.equipment }
    return key
  }

  /// Decodes a message by a decision's rules as if they were in effect; returns whether they accept it. With `only`, other
  /// events are left out; without it, an event that may not count refuses the message.
  private mutating func attempt(
    _ message: inout BatchMessage, by reader: RetryReader, from first: Int, into batch: inout Batch,
    only: ((Event) -> Bool)? = nil
  ) -> Bool {
    exchange(with: reader)
    defer { exchange(with: reader) }
    _ = batch.buffer.begin(message: batch.messages.count)
    message.topicPlace = -1
    message.isTimed = false
    do throws(Rejection) {
      try decode(&message, isReplay: true, into: &batch)
    } catch {
      batch.buffer.takeBack(from: first)
      return false
    }
    if let only {
      let kept = batch.events[first...].filter(only)
      batch.events.replaceSubrange(first..., with: kept)
    }
    guard batch.events[first...].allSatisfy(reader.takes) else {
      batch.buffer.takeBack(from: first)
      return false
    }
    let entry = topics[Int(message.topicPlace)]
    for event in first..<batch.events.count where batch.events[event].origin >= 0 {
      batch.events[event].origin = origin(of: topics.workshop(at: Int(batch.events[event].origin)))
    }
    message.attributedFactory = entry.factory
    message.retrySource = Int16(clamping: entry.route.source)
    message.topicPlace = -1
    return true
  }

  private mutating func exchange(with reader: RetryReader) {
    swap(&decoders, &reader.decoders)
    swap(&topics, &reader.topics)
  }

  /// Gives a decision's decoder with state a message without taking its events.
  private mutating func show(_ message: borrowing BatchMessage, to reader: RetryReader) {
    guard reader.decoders.areStateful, let route = try? reader.decoders.router.route(message.topic),
      reader.decoders.isStateful(route.source)
    else { return }
    let received = ReceivedMessage(
      topic: message.topic, levels: route.levels, payload: message.payload, isPadded: true,
      received: message.received)
    reader.unused.removeAll()
    _ = reader.unused.begin(message: 0)
    exchange(with: reader)
    _ = try? decodeNamed(received, by: route, into: &reader.unused)
    exchange(with: reader)
  }

  /// Forgets the topics of decisions with more topics than a limit. With 0 it forgets all, because factories get other
  /// numbers.
  func forgetTopicsOfRetries(beyond limit: Int) {
    for reader in retries { reader.forgetTopics(beyond: limit) }
  }
}

extension EventBuffer.BadRecords {
  /// The records of these that still make no event; nil if all do.
  ///
  /// - Parameters:
  ///   - later: records that make no event by later rules.
  ///   - unused: places of records of which no event counts.
  fileprivate func leaving(_ later: EventBuffer.BadRecords?, and unused: Set<Int>) -> EventBuffer.BadRecords?
  {
    let still = unused.union(later?.places ?? []).intersection(places)
    guard let first = still.min() else { return nil }
    var left = self
    if let later, first == later.place {
      left = later
    } else if first != place {
      left.equipment = ""
      if let later, !unused.contains(first) { left.rejection = later.rejection }
    }
    (left.place, left.count, left.places) = (first, still.count, still.sorted())
    return left
  }
}
