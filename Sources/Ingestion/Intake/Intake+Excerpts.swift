import Decoding
import Storage
import Telemetry

extension Intake {
  /// Returns the likely sender of a refused message; its names are empty if it has none. A message that a decision
  /// accepted has the sender of its topic by that decision.
  func likelySender(of message: borrowing BatchMessage) -> EquipmentKey {
    if message.retry >= 0, Int(message.retry) < retries.count {
      return retries[Int(message.retry)].sender(of: message)
    }
    guard message.topicPlace >= 0 else {
      let attribution = decoders.router.attribution(of: message.topic)
      return EquipmentKey(
        factory: attribution?.factory ?? "", equipment: attribution?.equipment ?? "")
    }
    return decoders.router.key(of: topics[Int(message.topicPlace)].route, in: message.topic)
  }

  /// Returns the likely sender of a refused message, and an excerpt for reports. An accepted message with records that
  /// make no event has the sender of its topic, by the decision that accepted it if there is one.
  mutating func subject(of message: borrowing BatchMessage, _ rejection: Rejection) -> (
    key: EquipmentKey, excerpt: String
  ) {
    if message.retry >= 0, Int(message.retry) < retries.count {
      return (retries[Int(message.retry)].sender(of: message), "")
    }
    guard message.topicPlace >= 0 else {
      let attribution = decoders.router.attribution(of: message.topic)
      return (
        EquipmentKey(factory: attribution?.factory ?? "", equipment: attribution?.equipment ?? ""),
        excerpt(of: message, rejection, attribution?.suggestion ?? "")
      )
    }
    let key = decoders.router.key(of: topics[Int(message.topicPlace)].route, in: message.topic)
    guard message.payload.count <= decoders.rules.limits.payload else { return (key, "") }
    let format = decoders.rules.sources[Int(topics[Int(message.topicPlace)].route.source)].format
    let excerpt = decoders.status.excerpt(of: rejection, by: format, in: message.payload)
    guard rejection.reason == .malformed, rejection.fault == .notAnID,
      let line = decoders.router.namingLine(forPayloadName: excerpt, in: message.topic)
    else { return (key, excerpt) }
    return (key, "\(excerpt)\n\(line)")
  }

  /// The topic to publish on, and in another line that to add to the naming file, where it can mend the refusal.
  private func excerpt(
    of message: borrowing BatchMessage, _ rejection: Rejection, _ suggestion: String
  ) -> String {
    guard rejection.fault == .notAnID, let line = decoders.router.namingLine(for: message.topic) else {
      return suggestion
    }
    return "\(suggestion)\n\(line)"
  }

  /// Returns the value of a field that was left out of a message, as written; at most 64 bytes.
  mutating func excerpt(of field: OptionalField, _ fault: Fault, in message: borrowing BatchMessage) -> String
  {
    if message.retry >= 0, Int(message.retry) < retries.count {
      return retries[Int(message.retry)].excerpt(of: field, fault, in: message)
    }
    guard message.topicPlace >= 0 else { return "" }
    let source = topics[Int(message.topicPlace)].route.source
    return decoders.status.excerpt(of: decoders.path(of: field, in: source), fault, in: message.payload)
  }

  /// Returns the alarms of a status message that was decoded before.
  mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] {
    let codes = decoders.status.alarms(in: payload)
    guard codes.isEmpty, !retries.isEmpty else { return codes }
    // A decision may have larger limits.
    return retries.lazy.map { $0.alarms(in: payload) }.first { !$0.isEmpty } ?? []
  }
}
