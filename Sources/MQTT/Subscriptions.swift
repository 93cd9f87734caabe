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
  func validate() throws(BrokerSessionError) {
    guard !current.isEmpty else { throw .settings("there is no topic filter to subscribe to") }
    for filter in current + former { try Self.validate(filter) }
  }

  static func validate(_ filter: String) throws(BrokerSessionError) {
    guard !filter.utf8.contains(0), mosquitto_sub_topic_check(filter) == 0 else {
      throw .settings("'\(filter)' is not a topic filter")
    }
  }
}
