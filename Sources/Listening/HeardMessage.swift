import Telemetry

/// A message as it was heard at a broker or read from a file of captured messages.
public struct HeardMessage: Equatable, Sendable {
  /// UTF-8, as received.
  public var topic: [UInt8]
  public var payload: [UInt8]
  public var received: Timestamp
  /// Whether the broker had retained the message before the subscription.
  public var isRetained: Bool

  /// A message received at `received`.
  public init(topic: [UInt8], payload: [UInt8], received: Timestamp, isRetained: Bool = false) {
    self.topic = topic
    self.payload = payload
    self.received = received
    self.isRetained = isRetained
  }

  /// A message with text as its topic and payload.
  public init(_ topic: String, _ payload: String, received: Timestamp, isRetained: Bool = false) {
    self.init(
      topic: Array(topic.utf8), payload: Array(payload.utf8), received: received, isRetained: isRetained)
  }
}

/// An event of a message, with the names as text: for display.
public struct HeardEvent: Equatable, Sendable {
  /// The kinds of event.
  public enum Kind: Equatable, Sendable {
    case reading, online, offline
  }

  public var factory: String
  /// Empty if neither topic nor payload name one.
  public var workshop: String
  public var equipment: String
  public var kind: Kind
  /// nil if the message states no time: then it is that of its receipt.
  public var time: Timestamp?
  /// nil unless the event is a reading.
  public var state: EquipmentState?
  public var mode: OperatingMode
  /// Thousandths of kWh; nil if the reading has none.
  public var energy: Int64?
  /// Thousandths of pieces; nil if the reading has none.
  public var good: Int64?
  /// Thousandths of pieces; nil if the reading has none.
  public var total: Int64?
  public var hasAlarms: Bool
  /// Optional fields that could not be read and were left out.
  public var faults: FieldFaults

  /// `factory/workshop/equipment`, without empty names.
  public var name: String {
    [factory, workshop, equipment].filter { !$0.isEmpty }.joined(separator: "/")
  }
}

/// A refusal with everything that describes it. Unlike ``Telemetry/Rejection``, two are equal only if all parts are.
public struct HeardRefusal: Hashable, Sendable {
  public var reason: RejectionReason
  /// The field or rule; empty if the reason is sufficient.
  public var detail: String
  public var fault: Fault

  /// The refusal by a decoder or router.
  public init(_ rejection: Rejection) {
    reason = rejection.reason
    detail = rejection.detail.description
    fault = rejection.fault
  }
}
