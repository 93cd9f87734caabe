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
  /// `hash` is of topic and payload. A refused message comes back as such; nothing is thrown. With flags
  /// the message is not counted, so that only its factory is looked up and it makes nobody a sender.
  mutating func decode(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, received: Timestamp, hash: UInt64,
    flags: JournalRecord.Flags
  ) -> BatchItem {
    var item = BatchItem(
      kind: flags.isEmpty ? .rejected : .uncounted, flags: flags, received: received, hash: hash, time: received,
      reading: Reading(time: received, received: received, state: .off), topic: topic, payload: payload)
    do throws(Rejection) {
      let place = try place(of: topic)
      item.topicPlace = Int32(place)
      guard flags.isEmpty else { return item }
      let entry = topics[place]
      switch entry.route.format {
      case .status:
        item.reading = try status.decode(
          payload: payload, padded: true, topic: topic, route: entry.route, receivedAt: received)
        item.time = item.reading.time
        item.sender = try sender(at: place, topic: topic)
        item.kind = .reading
      case .presence:
        let presence = try presence.decode(payload: payload)
        item.sender = try sender(at: place, topic: topic)
        item.kind = presence == .online ? .online : .offline
      }
    } catch {
      item.rejection = error
    }
    return item
  }

  /// The receipt a connection message is given: as received, but after the sender's last one, so that
  /// which came last is never lost in a shared millisecond.
  mutating func presenceReceipt(of sender: EquipmentNumber, received: Timestamp) -> Timestamp {
    while presenceReceipts.count <= Int(sender) { presenceReceipts.append(.min) }
    let milliseconds = max(received.milliseconds, presenceReceipts[Int(sender)] &+ 1)
    presenceReceipts[Int(sender)] = milliseconds
    return Timestamp(milliseconds: milliseconds)
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
    return true
  }

  private mutating func sender(at place: Int, topic: UnsafeRawBufferPointer) throws(Rejection) -> EquipmentNumber {
    let entry = topics[place]
    if entry.sender >= 0 { return entry.sender }
    let number = try senders.number(
      of: entry.route.levels.key(in: topic), workshop: entry.route.levels.workshop.text(in: topic))
    topics[place].sender = number
    return number
  }
}
