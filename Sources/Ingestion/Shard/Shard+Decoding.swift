import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// Decodes windows.
extension Shard {
  /// Decodes a window into `batch` and finds redeliveries and messages that are too late. Only the numbers given to
  /// new senders survive a failed commit.
  ///
  /// - Parameter isOfHost: whether it is a window of the Sparkplug host application's session, whose messages are never
  ///   redelivered.
  func decode(_ window: borrowing Window, isOfHost: Bool) {
    decodeMessages(window, isOfHost: isOfHost)
    if !isOfHost, intake.setAsideRedelivered(in: &batch) > 0, intake.isStateful {
      // Decoders with state receive each message once.
      let isAgain = batch.messages.map { $0.flags.contains(.redelivered) }
      decodeMessages(window, isAgain: isAgain)
    }
    let finalUntil = finalUntil
    for event in batch.events.indices where batch.events[event].time < finalUntil {
      let place = Int(batch.events[event].message)
      if batch.messages[place].fate == .accepted { intake.refuseDropped(place, of: &batch) }
    }
  }

  func latestReceipt(of window: borrowing Window) -> Timestamp? {
    (0..<window.count).map { window.receivedAt($0) }.max().map(Timestamp.init(milliseconds:))
  }

  /// - Parameter isAgain: whether each message was delivered before; without the broker's counts.
  func decodeMessages(_ window: borrowing Window, isOfHost: Bool = false, isAgain: [Bool] = []) {
    intake.begin()
    intake.trimTopics()
    batch.removeAll()
    drops.removeAll(keepingCapacity: true)
    echo = nil
    let (ownTopics, hasFormer) = (self.ownTopics, !settings.formerFilters.isEmpty)
    for index in 0..<window.count {
      let topic = window.topic(index)
      let payload = window.payload(index)
      let received = Timestamp(milliseconds: window.receivedAt(index))
      if BrokerDrops.isTopic(topic) {
        decodeDrops(payload, received, window.retained(index), at: index)
        continue
      }
      if ownTopics.mayContain(topic), ownTopics.contains(topic) {
        if probe?.isTopic(topic) == true, probe?.hears(payload) == true { echo = received }
        continue
      }
      let place = batch.messages.count
      let isRedelivered = place < isAgain.count && isAgain[place]
      // The host's subscriptions are new in each connection.
      if window.retained(index),
        isOfHost || retained.isUncounted(topic, received: received, isEmpty: payload.isEmpty)
      {
        intake.addUncounted(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index),
          flags: .retained, to: &batch)
        if isRedelivered { batch.setAside(batch.messages.count - 1, as: .redelivered) }
      } else if isRedelivered {
        intake.addUncounted(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index),
          flags: .redelivered, to: &batch)
        if window.retained(index) { keepRetainFlag() }
      } else {
        intake.decode(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index), into: &batch)
        if hasFormer { setAsideFormer() }
        if window.retained(index), !batch.messages[place].flags.contains(.former) { keepRetainFlag() }
      }
    }
  }

  /// Sets aside a message that fits no source but a filter that the broker holds all the same: of an earlier
  /// configuration, or of one that is not in effect yet. The message is stored, and neither counted nor refused.
  func setAsideFormer() {
    let last = batch.messages.count - 1
    guard batch.messages[last].fate == .rejected,
      batch.rejection(of: batch.messages[last]).reason == .unmatchedTopic,
      settings.formerFilters.contains(where: { $0.matches(batch.messages[last].topic) })
    else { return }
    batch.setAside(last, as: .former)
  }

  /// Marks a live message that is flagged retained in the journal, and reports it once per connection.
  func keepRetainFlag() {
    batch.messages[batch.messages.count - 1].flags.insert(.retainFlagKept)
    if retained.noteLive() { emit(.keepsRetainFlag) }
  }

  /// Start of the days that are not final. Messages for earlier days are refused, because the journal may lack others
  /// of their days.
  var finalUntil: Timestamp {
    guard let day = store.finalDay else { return .distantPast }
    if finality?.day != day { finality = (day, settings.calendar.start(of: day + 1)) }
    return finality?.until ?? .distantPast
  }

  /// Stores the broker's count of dropped messages if it has changed. Such a message has no sender, is not refused,
  /// and is not among the messages that can be redelivered.
  func decodeDrops(
    _ payload: UnsafeRawBufferPointer, _ received: Timestamp, _ isRetained: Bool, at index: Int
  ) {
    guard let total = BrokerDrops.total(payload),
      total != (drops.last?.count ?? views.brokerDrops)?.total
    else { return }
    drops.append(
      ReceivedDrops(
        count: BrokerDropCount(at: received, total: total), flags: isRetained ? .retained : [], index: index))
  }

  func noteDropped(_ drops: BrokerDropCount) {
    let before = views.brokerDrops?.total ?? drops.total
    let more = drops.total >= before ? drops.total - before : drops.total
    if more > 0 { emit(.brokerDropped(more)) }
    views.dropped(drops)
  }
}
