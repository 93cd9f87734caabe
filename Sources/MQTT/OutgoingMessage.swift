import CMosquitto

/// A message for a session to publish.
public struct OutgoingMessage: Sendable, Equatable {
  /// The broker's answer to the message.
  public enum Quality: Int32, Sendable {
    /// QoS 0: no answer.
    case atMostOnce = 0
    /// QoS 1: the broker acknowledges it.
    case atLeastOnce = 1
  }

  /// Maximum length of the payload, bytes.
  public static let longestPayload = 1 << 20

  public let topic: String
  public let payload: [UInt8]
  public let quality: Quality
  /// Whether the broker keeps it for later subscribers.
  public let retained: Bool

  /// A message; nil if no broker could accept it: the topic is empty, has a wildcard, a NUL or more than 65,535
  /// bytes, or the payload is longer than ``longestPayload``.
  public init?(topic: String, payload: [UInt8], quality: Quality = .atLeastOnce, retained: Bool = false) {
    guard (1...65_535).contains(topic.utf8.count), !topic.utf8.contains(0),
      mosquitto_pub_topic_check(topic) == 0,
      payload.count <= Self.longestPayload
    else { return nil }
    self.topic = topic
    self.payload = payload
    self.quality = quality
    self.retained = retained
  }

  /// Bytes of topic and payload.
  var size: Int { topic.utf8.count + payload.count }
}

/// Outcome of a message that a session was given to publish.
public enum PublishOutcome: Sendable, Equatable {
  /// At QoS 1 the broker acknowledged it, at QoS 0 it was written. An MQTT 3.1.1 broker also acknowledges what it
  /// refuses.
  case accepted
  /// The broker refused it, or cannot accept it, with an MQTT 5 reason code of 0x80 or more.
  case refused(code: UInt8)
  /// The connection ended before the broker answered. It is not sent again.
  case unanswered

  /// MQTT 5 reason 0x87: the broker's access rules do not allow it.
  public static let notAuthorized = PublishOutcome.refused(code: 0x87)

  init(code: Int32) { self = code >= 0x80 ? .refused(code: UInt8(truncatingIfNeeded: code)) : .accepted }
}
