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
  /// Newest receipt of a connection message, by sender: those of one sender must differ.
  private var presenceReceipts: ContiguousArray<Int64> = []

  init(
    router: Router, limits: DecodingLimits, senders: Senders, timelines: ContiguousArray<Timeline>
  ) throws {
    self.router = router
    status = try StatusDecoder(limits: limits)
    presence = PresenceDecoder(limits: limits)
    self.senders = senders
    presenceReceipts = ContiguousArray(
      timelines.map { max($0.lastOnline, $0.lastOfflineReceived, $0.lastOffline).milliseconds })
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

  /// The receipt a connection message is given: as received, but after the sender's last one, so that
  /// which came last is never lost in a shared millisecond. A clock that was set back is believed.
  mutating func presenceReceipt(of sender: EquipmentNumber, received: Timestamp) -> Timestamp {
    while presenceReceipts.count <= Int(sender) { presenceReceipts.append(.min) }
    let last = Timestamp(milliseconds: presenceReceipts[Int(sender)])
    let isShared = received <= last && last - received < .minutes(1)
    let receipt = isShared ? last + .milliseconds(1) : received
    presenceReceipts[Int(sender)] = receipt.milliseconds
    return receipt
  }

  /// The number, for the journal, of the factory a message names.
  func factory(of item: BatchItem) -> Int32 {
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
    topics[place].sender = number
    return number
  }
}
