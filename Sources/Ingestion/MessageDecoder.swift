import Decoding
import Storage
import Telemetry

/// Decodes messages of every source and knows their senders by number.
struct MessageDecoder: ~Copyable {
  private let router: Router
  private var status: StatusDecoder
  private let presence: PresenceDecoder
  private(set) var topics = TopicIndex()
  var senders: Senders
  /// The connection message received last, by sender: those of one sender must differ in time. Empty while there
  /// is none since the start.
  private var presenceReceipts: ContiguousArray<PresenceReceipt> = []

  init(router: Router, limits: DecodingLimits, senders: Senders) throws {
    self.router = router
    status = try StatusDecoder(limits: limits)
    presence = PresenceDecoder(limits: limits)
    self.senders = senders
  }

  /// Receipt, kind and event time of a connection message.
  private struct PresenceReceipt {
    var received = Timestamp.distantPast
    var time = Timestamp.distantPast
    var kind = BatchItem.Kind.uncounted

    init() {}

    init(_ timeline: Timeline) {
      received = max(timeline.lastOnline, timeline.lastOfflineReceived)
      time = received
      kind = timeline.lastOnline > timeline.lastOfflineReceived ? .online : .offline
    }
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
    }
    return item
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
    var item = BatchItem(
      kind: .uncounted, flags: flags, received: received, hash: hash, time: received,
      reading: Reading(time: received, received: received, state: .off), topic: topic, payload: payload)
    if let place = try? place(of: topic) { item.topicPlace = Int32(place) }
    return item
  }

  /// The alarms of a status message that was decoded before.
  mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] { status.alarms(in: payload) }

  /// Gives a connection message its event time: its receipt, but after another of its sender in the same
  /// millisecond, so that which came last is not lost. The same message in the same millisecond is the same.
  ///
  /// - Parameter timelines: of the senders known so far, for those of whom nothing came since the start.
  mutating func timePresence(_ item: inout BatchItem, _ timelines: ContiguousArray<Timeline>) {
    let sender = Int(item.sender)
    if presenceReceipts.isEmpty { presenceReceipts = ContiguousArray(timelines.map(PresenceReceipt.init)) }
    while presenceReceipts.count <= sender { presenceReceipts.append(PresenceReceipt()) }
    var last = presenceReceipts[sender]
    if item.received == last.received, item.kind == last.kind {
      item.kind = .uncounted
      return
    }
    if item.received >= last.received, item.received <= last.time {
      last.time = last.time + .milliseconds(1)
    } else {
      last.received = item.received
      last.time = item.received
    }
    last.kind = item.kind
    presenceReceipts[sender] = last
    item.time = last.time
    item.received = last.time
  }

  /// The number, for the journal, of the factory a message names.
  func factory(of item: borrowing BatchItem) -> Int32 {
    item.topicPlace < 0 ? BlockBuilder.noFactory : topics[Int(item.topicPlace)].factory
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
