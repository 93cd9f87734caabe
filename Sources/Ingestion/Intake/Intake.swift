import Journal
import Decoding
import Storage
import Telemetry

/// Takes in messages: decodes those of every source, and has numbers for senders and topics and hashes of the newest
/// messages.
struct Intake: ~Copyable {
  var decoders: Decoders
  var topics = TopicIndex()
  /// Workshops named in payloads, and their places.
  private var workshops: [String] = []
  private var workshopPlaces: [String: Int32] = [:]
  var recent = RecentMessages()
  var redelivery = RedeliveryMatch()
  var senders: Senders
  /// Number that changes when topics and workshops, to which events refer by place, are forgotten.
  private(set) var generation = 0
  /// Number of messages remembered since the rules changed, or more than the capacity.
  var messagesByRules = RecentMessages.capacity
  /// Decisions by which refused messages are read again; empty for live messages.
  var retries: [RetryReader] = []

  init(_ rules: DecodingRules, _ catalog: FormatCatalog, senders: Senders) throws {
    decoders = try Decoders(rules, catalog)
    self.senders = senders
  }

  // MARK: Rules

  /// The current sources and limits.
  var rules: DecodingRules { decoders.rules }
  /// Whether a decoder has state from earlier messages.
  var isStateful: Bool { decoders.areStateful || retries.contains { $0.decoders.areStateful } }

  /// Changes the rules. Decoders of unchanged sources keep their state; see ``Decoders/use(_:continuingSessions:)``.
  mutating func use(_ rules: DecodingRules, continuingSessions: Bool = false) throws {
    guard rules != decoders.rules else { return }
    try decoders.use(rules, continuingSessions: continuingSessions)
    forgetTopics()
    rulesDiffered()
  }

  /// Notes that the newest messages were read by other rules than later ones.
  mutating func rulesDiffered() {
    if recent.count > 0 { messagesByRules = 0 }
  }

  // MARK: Decoding

  /// Decodes a message whose payload is followed by the padding for ``StatusDecoder``, and adds it to `batch` with
  /// its events. A refused message is added too; nothing is thrown.
  ///
  /// - Parameter recorded: the flags of a replayed message in the journal; nil for a live message.
  mutating func decode(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, received: Timestamp,
    packetID: UInt16 = 0, recorded: JournalRecord.Flags? = nil, into batch: inout Batch
  ) {
    var message = BatchMessage(
      topic: topic, payload: payload, received: received, digest: ContentHash.of(topic, payload),
      packetID: packetID, flags: recorded ?? [])
    // An empty message only clears a retained message.
    if payload.isEmpty { return addUncounted(&message, to: &batch) }
    let place = batch.messages.count
    let first = batch.buffer.begin(message: place)
    message.firstEvent = Int32(truncatingIfNeeded: first)
    do throws(Rejection) {
      try decode(&message, isReplay: recorded != nil, into: &batch)
      if batch.buffer.hasBadRecords || !retries.isEmpty { noteRecords(of: &message, from: first, in: &batch) }
      message.eventCount = Int32(truncatingIfNeeded: batch.buffer.events.count - first)
      message.fate = .accepted
      batch.messages.append(message)
    } catch {
      batch.buffer.takeBack(from: first)
      if !retries.isEmpty, retry(&message, refused: error, from: first, into: &batch) {
        message.eventCount = Int32(truncatingIfNeeded: batch.buffer.events.count - first)
        message.fate = .accepted
        return batch.messages.append(message)
      }
      if error == Senders.refusal { message.flags.insert(.senderRefused) }
      attribute(&message)
      batch.messages.append(message)
      batch.refuse(place, error)
    }
  }

  /// Adds a message that is stored and not counted, because it was retained or redelivered. Only its factory is
  /// looked up, and no sender is created.
  mutating func addUncounted(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, received: Timestamp,
    packetID: UInt16 = 0, flags: JournalRecord.Flags, to batch: inout Batch
  ) {
    var message = BatchMessage(
      topic: topic, payload: payload, received: received, digest: ContentHash.of(topic, payload),
      packetID: packetID, flags: flags)
    addUncounted(&message, to: &batch)
  }

  private mutating func addUncounted(_ message: inout BatchMessage, to batch: inout Batch) {
    message.fate = .uncounted
    if let place = try? place(of: message.topic) {
      message.topicPlace = Int32(place)
    } else {
      attribute(&message)
    }
    batch.messages.append(message)
  }

  @inline(__always)
  mutating func decode(
    _ message: inout BatchMessage, isReplay: Bool, into batch: inout Batch
  ) throws(Rejection) {
    let place = try place(of: message.topic)
    message.topicPlace = Int32(place)
    if !message.flags.isDisjoint(with: [.senderRefused, .dayDropped]) {
      showRefused(message, to: &batch)
      throw message.flags.contains(.senderRefused) ? Senders.refusal : Self.dayDropped
    }
    let first = batch.buffer.events.count
    let route = topics[place].route
    let received = ReceivedMessage(
      topic: message.topic, levels: route.levels, payload: message.payload, isPadded: true,
      received: message.received)
    if decoders.haveNames {
      try decodeNamed(received, by: route, into: &batch.buffer)
    } else {
      try decoders.decode(received, of: route.source, into: &batch.buffer)
    }
    message.mayDiffer = decoders.areStateful && decoders.isStateful(route.source)
    if batch.events.count == first + 1, batch.events[first].sender == EventBuffer.Sender.ofTopic.place {
      batch.events[first].sender = try sender(at: place, topic: message.topic, isReplay: isReplay)
      batch.events[first].origin = Int32(truncatingIfNeeded: place)
      message.isTimed = batch.events[first].isTimed
    } else {
      try number(&message, isReplay: isReplay, from: first, in: &batch)
    }
  }

  /// Gives a decoder with state a message that was refused for another reason than its content.
  private mutating func showRefused(_ message: borrowing BatchMessage, to batch: inout Batch) {
    let route = topics[Int(message.topicPlace)].route
    guard decoders.isStateful(route.source) else { return }
    let received = ReceivedMessage(
      topic: message.topic, levels: route.levels, payload: message.payload, isPadded: true,
      received: message.received)
    _ = try? decodeNamed(received, by: route, into: &batch.buffer)
  }

  /// Decodes a message whose names may have ids of the naming.
  @inline(never)
  mutating func decodeNamed(
    _ message: borrowing ReceivedMessage, by route: Route, into events: inout EventBuffer
  ) throws(Rejection) {
    let router = decoders.router
    try router.withNames(message, of: route, into: &events) { message, events throws(Rejection) in
      try decoders.decode(message, of: route.source, into: &events)
    }
  }

  /// Finds the equipment of a message's events, of which each may name its own. All events are accepted, or none.
  @inline(never)
  private mutating func number(
    _ message: inout BatchMessage, isReplay: Bool, from first: Int, in batch: inout Batch
  ) throws(Rejection) {
    let place = Int(message.topicPlace)
    let route = topics[place].route
    let levels = route.levels
    let topicKey = decoders.router.key(of: route, in: message.topic)
    let names = batch.buffer.names
    let used = Set(batch.events[first...].map(\.sender))
    var keys: [Int32: EquipmentKey] = [:]
    for sender in used {
      guard Int(sender) < names.count else { throw Rejection(.malformed, "equipment") }
      keys[sender] =
        sender < 0
        ? topicKey : EquipmentKey(factory: topicKey.factory, equipment: names[Int(sender)].equipment)
    }
    guard isReplay || senders.canTake(keys.values) else { throw Senders.refusal }
    for index in first..<batch.events.count {
      let sender = batch.events[index].sender
      if batch.events[index].isTimed { message.isTimed = true }
      if sender < 0 {
        batch.events[index].sender = try self.sender(at: place, topic: message.topic, isReplay: isReplay)
        batch.events[index].origin = Int32(truncatingIfNeeded: place)
        continue
      }
      let name = names[Int(sender)]
      let workshop = name.workshop.isEmpty ? levels.workshop.text(in: message.topic) : name.workshop
      batch.events[index].sender = try senders.number(
        of: keys[sender] ?? topicKey, workshop: workshop, isReplay: isReplay)
      batch.events[index].origin = origin(of: workshop)
    }
  }

  private static let dayDropped = Rejection(.tooLate, "journal.retention")

  /// Refuses the message at `place` of a batch because its day is no longer in the journal.
  func refuseDropped(_ place: Int, of batch: inout Batch) {
    batch.refuse(place, Self.dayDropped)
    batch.messages[place].flags.insert(.dayDropped)
  }

  // MARK: Topics and senders

  /// The only possible sender of a topic's messages; nil if none was decoded yet, or payloads name their equipment.
  func knownSender(of topic: UnsafeRawBufferPointer) -> EquipmentNumber? {
    guard let place = topics.find(topic, hash: ContentHash.of(topic)) else { return nil }
    let entry = topics[place]
    switch decoders.reader(of: entry.route.source) {
    case .status, .presence: return entry.sender < 0 ? nil : entry.sender
    case .other: return nil
    }
  }

  /// The workshop under which an event's equipment was heard; empty if none was named.
  func workshop(at origin: Int32) -> String {
    origin >= 0 ? topics.workshop(at: Int(origin)) : workshops[-2 - Int(origin)]
  }

  /// The place of a workshop named in a payload: -2 and below, because -1 means none.
  mutating func origin(of workshop: String) -> Int32 {
    if let place = workshopPlaces[workshop] { return place }
    let place = -2 - Int32(truncatingIfNeeded: workshops.count)
    workshops.append(workshop)
    workshopPlaces[workshop] = place
    return place
  }

  /// Notes the likely factory of a topic that fits no source, so that the message is stored in that factory's part of
  /// the journal.
  private mutating func attribute(_ message: inout BatchMessage) {
    guard message.topicPlace < 0, let factory = decoders.router.attribution(of: message.topic)?.factory,
      EquipmentKey.isID(factory.utf8)
    else { return }
    message.attributedFactory = senders.factoryNumber(of: factory)
  }

  /// The factory number, for the journal, of a message.
  func factory(of message: borrowing BatchMessage) -> Int32 {
    message.topicPlace < 0 ? message.attributedFactory : topics[Int(message.topicPlace)].factory
  }

  /// The id of the factory that a message names; empty if there is none.
  func factoryID(of message: borrowing BatchMessage) -> String {
    let number = factory(of: message)
    return number == BlockBuilder.noFactory ? "" : senders.factoryID(number)
  }

  private mutating func place(of topic: UnsafeRawBufferPointer) throws(Rejection) -> Int {
    let hash = ContentHash.of(topic)
    if let place = topics.find(topic, hash: hash) { return place }
    let route = try decoders.router.route(topic)
    let factory = senders.factoryNumber(of: decoders.router.factory(of: route, in: topic))
    return topics.insert(topic, hash: hash, TopicEntry(route: route, factory: factory, sender: -1))
  }

  /// Forgets topics if there are many more of them than senders. Must not be called while a batch is in use, because
  /// it refers to topics by place.
  mutating func trimTopics() {
    let limit = senders.all.count * 4 + 65_536
    forgetTopicsOfRetries(beyond: limit)
    guard topics.count > limit || workshops.count > 65_536 else { return }
    forgetTopics()
  }

  private mutating func forgetTopics() {
    topics.removeAll()
    forgetTopicsOfRetries(beyond: 0)
    workshops.removeAll()
    workshopPlaces.removeAll()
    senders.forgetFactories()
    generation += 1
  }

  private mutating func sender(
    at place: Int, topic: UnsafeRawBufferPointer, isReplay: Bool
  ) throws(Rejection) -> EquipmentNumber {
    let entry = topics[place]
    if entry.sender >= 0 { return entry.sender }
    // Neither the topic nor the payload names the equipment.
    if entry.route.levels.equipment.isEmpty { throw Rejection(.malformed, "equipment") }
    let number = try senders.number(
      of: decoders.router.key(of: entry.route, in: topic),
      workshop: entry.route.levels.workshop.text(in: topic),
      isReplay: isReplay)
    topics.setSender(number, at: place)
    return number
  }
}
