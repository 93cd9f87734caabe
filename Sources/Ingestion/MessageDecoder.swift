import Decoding
import Journal
import Telemetry

/// Decodes messages of every source and knows their senders by number.
struct MessageDecoder: ~Copyable {
  private let router: Router
  private var status: StatusDecoder
  private let presence: PresenceDecoder
  private(set) var topics = TopicIndex()
  var senders: Senders
  init(router: Router, limits: DecodingLimits, senders: Senders) throws {
    self.router = router
    status = try StatusDecoder(limits: limits)
    presence = PresenceDecoder(limits: limits)
    self.senders = senders
  }

  /// Decodes a message whose payload is followed by the padding the status decoder asks for.
  ///
  /// `hash` is of topic and payload. A refused message comes back as such; nothing is thrown.
  ///
  /// - Parameter recorded: the flags the journal has for a message that is replayed; nil for a live one.
  mutating func decode(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, received: Timestamp, hash: UInt64,
    recorded: JournalRecord.Flags? = nil
  ) -> BatchItem {
    var item = BatchItem(
      kind: .rejected, flags: recorded ?? [], received: received, hash: hash, time: received,
      reading: Reading(time: received, received: received, state: .off), topic: topic, payload: payload)
    // An empty message only clears a retained one.
    if payload.isEmpty { return uncounted(item) }
    do throws(Rejection) {
      let place = try place(of: topic)
      item.topicPlace = Int32(place)
      if item.flags.contains(.senderRefused) { throw Senders.refusal }
      if item.flags.contains(.dayDropped) { throw Self.dayDropped }
      let isReplay = recorded != nil
      switch topics[place].route.format {
      case .status:
        item.reading = try status.decode(
          payload: payload, padded: true, topic: topic, route: topics[place].route, receivedAt: received)
        item.time = item.reading.time
        item.faults = status.faults
        item.sender = try sender(at: place, topic: topic, isReplay: isReplay)
        item.kind = .reading
      case .presence:
        let presence = try presence.decode(payload: payload)
        item.sender = try sender(at: place, topic: topic, isReplay: isReplay)
        item.kind = presence == .online ? .online : .offline
      }
    } catch {
      item.rejection = error
      if error == Senders.refusal { item.flags.insert(.senderRefused) }
      attribute(&item)
    }
    return item
  }

  /// The sender of a topic whose messages were decoded before; nil if none were.
  func knownSender(of topic: UnsafeRawBufferPointer) -> EquipmentNumber? {
    guard let place = topics.find(topic, hash: ContentHash.of(topic)) else { return nil }
    return topics[place].sender < 0 ? nil : topics[place].sender
  }

  /// Notes the likely factory of a topic that fits no source, so that the message is stored in that factory's part of
  /// the journal.
  private mutating func attribute(_ item: inout BatchItem) {
    guard item.topicPlace < 0, let factory = router.attribution(of: item.topic)?.factory,
      EquipmentKey.isID(factory.utf8)
    else { return }
    item.attributedFactory = senders.factoryNumber(of: factory)
  }

  /// The likely sender of a refused message, and the excerpt to show.
  mutating func subject(of item: borrowing BatchItem) -> (key: EquipmentKey, excerpt: String) {
    guard item.topicPlace >= 0 else {
      guard let attribution = router.attribution(of: item.topic) else {
        return (EquipmentKey(factory: "", equipment: ""), "")
      }
      return (
        EquipmentKey(factory: attribution.factory, equipment: attribution.equipment), attribution.suggestion
      )
    }
    let key = topics[Int(item.topicPlace)].route.levels.key(in: item.topic)
    let detail = item.rejection.detail.description
    guard item.payload.count <= status.limits.payload else { return (key, "") }
    return (key, status.excerpt(of: detail, item.rejection.fault, in: item.payload))
  }

  /// The value of a field that was left out, as written; at most 64 bytes.
  mutating func excerpt(of field: OptionalField, _ fault: Fault, in payload: UnsafeRawBufferPointer) -> String
  {
    status.excerpt(of: field.name, fault, in: payload)
  }

  private static let dayDropped = Rejection(.tooLate, "journal.retention")

  /// Refuses a message for a day that the journal no longer has.
  func refuseDropped(_ item: inout BatchItem) {
    item.kind = .rejected
    item.rejection = Self.dayDropped
    item.flags.insert(.dayDropped)
  }

  /// A message that is journaled and not counted, because it was retained or comes again: only its factory
  /// is looked up, and it makes nobody a sender.
  mutating func uncounted(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, received: Timestamp, hash: UInt64,
    flags: JournalRecord.Flags
  ) -> BatchItem {
    uncounted(
      BatchItem(
        kind: .uncounted, flags: flags, received: received, hash: hash, time: received,
        reading: Reading(time: received, received: received, state: .off), topic: topic, payload: payload))
  }

  private mutating func uncounted(_ item: BatchItem) -> BatchItem {
    var item = item
    item.kind = .uncounted
    if let place = try? place(of: item.topic) { item.topicPlace = Int32(place) } else { attribute(&item) }
    return item
  }

  /// The alarms of a status message that was decoded before.
  mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] { status.alarms(in: payload) }

  /// The number, for the journal, of the factory a message names.
  func factory(of item: borrowing BatchItem) -> Int32 {
    item.topicPlace < 0 ? item.attributedFactory : topics[Int(item.topicPlace)].factory
  }

  /// The id of the factory that a message names; empty if it names none.
  func factoryID(of item: borrowing BatchItem) -> String {
    let number = factory(of: item)
    return number == BlockBuilder.noFactory ? "" : senders.factoryID(number)
  }

  private mutating func place(of topic: UnsafeRawBufferPointer) throws(Rejection) -> Int {
    let hash = ContentHash.of(topic)
    if let place = topics.find(topic, hash: hash) { return place }
    let route = try router.route(topic)
    let factory = senders.factoryNumber(of: route.levels.factory.text(in: topic))
    return topics.insert(topic, hash: hash, TopicEntry(route: route, factory: factory, sender: -1))
  }

  /// Forgets topics when there are far more of them than senders, and says whether it did. Not while a
  /// batch is in flight, which refers to them by place.
  mutating func trimTopics() -> Bool {
    guard topics.count > senders.all.count * 4 + 65_536 else { return false }
    topics.removeAll()
    senders.forgetFactories()
    return true
  }

  private mutating func sender(
    at place: Int, topic: UnsafeRawBufferPointer, isReplay: Bool
  ) throws(Rejection) -> EquipmentNumber {
    let entry = topics[place]
    if entry.sender >= 0 { return entry.sender }
    let number = try senders.number(
      of: entry.route.levels.key(in: topic), workshop: entry.route.levels.workshop.text(in: topic),
      isReplay: isReplay)
    topics.setSender(number, at: place)
    return number
  }
}
