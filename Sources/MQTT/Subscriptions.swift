import CMosquitto

/// Topic filters of a session, subscribed at QoS 1.
public struct Subscriptions: Equatable, Sendable {
  /// Those that are subscribed; never empty.
  public var current: [String]
  /// Those of earlier configurations, which the broker may remember for the session.
  public var former: [String]

  /// Filters to subscribe, and filters to unsubscribe once that is granted.
  public init(current: [String], former: [String] = []) {
    self.current = current
    self.former = former
  }

  /// Checks that the filters are filters.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the one that is none.
  public func validate() throws(BrokerSessionError) {
    guard !current.isEmpty else { throw .settings("there is no topic filter to subscribe to") }
    for filter in current + former { try Self.validate(filter) }
  }

  static func validate(_ filter: String) throws(BrokerSessionError) {
    guard !filter.utf8.contains(0), mosquitto_sub_topic_check(filter) == 0 else {
      throw .settings("'\(filter)' is not a topic filter")
    }
  }
}

/// A topic filter that the broker did not grant at QoS 1.
public struct RefusedFilter: Equatable, Sendable {
  public var filter: String
  /// The code in its SUBACK: QoS 0, or a reason from 0x80 on (MQTT 5, 3.9.3; in MQTT 3.1.1 only 0x80). nil if the
  /// broker closed the connection instead of answering.
  public var code: UInt8?

  /// A filter refused with a code.
  public init(filter: String, code: UInt8?) {
    self.filter = filter
    self.code = code
  }

  /// The reason, for a log.
  public var reason: String {
    guard let code else { return "the broker closes the connection when it is asked for it" }
    return Connection.refusal(Int32(code)) ?? "it grants QoS \(code)"
  }
}
