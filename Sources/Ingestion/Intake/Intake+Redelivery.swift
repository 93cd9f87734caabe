import Journal

/// Recognises messages that the broker delivers again.
extension Intake {
  /// Begins to expect redeliveries, after a connection that continues a session without a clean end.
  mutating func expectRedelivery(_ isExpected: Bool) {
    if isExpected { redelivery.begin() } else { redelivery.end() }
  }

  /// Whether no message has arrived yet on a connection for which redeliveries are expected.
  var awaitsRedelivery: Bool { redelivery.isBeginning }

  /// Whether later messages will show if a batch's messages are redeliveries.
  func isUndecided(_ batch: Batch) -> Bool {
    redelivery.isUndecided(batch.messages.lazy.map(\.identity), in: recent) { batch.messages[$0].isTimed }
  }

  /// Marks the redelivered messages of a batch as uncounted; returns their number.
  mutating func setAsideRedelivered(in batch: inout Batch) -> Int {
    let again = redelivery.redelivered(batch.messages.lazy.map(\.identity), in: recent) {
      batch.messages[$0].isTimed
    }
    // A message with a time that was first refused is not remembered as counted. All others are recognised by
    // content, and stay retained if they were.
    var marked = 0
    for place in 0..<again {
      let message = batch.messages[place]
      guard
        !message.isTimed || recent.receipt(of: message.digest) != nil || recent.wasRetained(message.digest)
      else { continue }
      batch.setAside(place, as: .redelivered)
      marked += 1
    }
    redelivery.noteRemembered(again - marked)
    return marked
  }

  /// Whether a message came in the session of a Sparkplug host application. It is never redelivered, and must not come
  /// between messages that are.
  func isOfHost(_ message: borrowing BatchMessage) -> Bool {
    if message.retry >= 0 { return message.isOfHost }
    guard decoders.areStateful, message.topicPlace >= 0 else { return false }
    return decoders.isOfHost(topics[Int(message.topicPlace)].route.source)
  }

  /// Remembers the messages of a batch that the journal has, so that redeliveries are recognised, and notes the
  /// receipt under which each was counted before.
  mutating func remember(_ batch: inout Batch) {
    for place in batch.messages.indices {
      // A redelivery is already remembered.
      guard !batch.messages[place].flags.contains(.redelivered), !isOfHost(batch.messages[place]) else {
        continue
      }
      let counted = recent.insert(
        batch.messages[place].digest, packetID: batch.messages[place].packetID,
        received: batch.messages[place].fate == .accepted ? batch.messages[place].received : nil,
        isRetained: batch.messages[place].flags.contains(.retained))
      guard let counted else { continue }
      batch.messages[place].counted = counted
      if messagesByRules < RecentMessages.capacity { batch.messages[place].mayDiffer = true }
    }
    if messagesByRules < RecentMessages.capacity { messagesByRules += batch.messages.count }
  }
}
