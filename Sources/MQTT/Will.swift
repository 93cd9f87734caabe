/// A message that the broker publishes on behalf of a client that disappears without a DISCONNECT.
public struct Will: Sendable, Equatable {
  public var topic: String
  public var payload: [UInt8]
  public var retained: Bool

  /// A will, published at QoS 1.
  public init(topic: String, payload: [UInt8], retained: Bool = true) {
    self.topic = topic
    self.payload = payload
    self.retained = retained
  }
}
