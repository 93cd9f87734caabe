import Glibc

/// Connects to a broker once, asks for filters, and disconnects: shows whether the broker would serve a session. The
/// session is clean and of a client id of its own, so that nobody else's is disturbed.
public enum ConnectionTrial {
  /// The broker's answer to a filter.
  public struct Grant: Equatable, Sendable {
    public var filter: String
    /// The code in its SUBACK: the QoS granted, or a reason from 0x80 on (MQTT 5, 3.9.3; in MQTT 3.1.1 only 0x80).
    public var code: UInt8
    /// Why it is not granted at QoS 1; nil if it is.
    public var refusal: String?
  }

  /// Tries `endpoint`; takes at most twice its connect deadline.
  ///
  /// - Parameter filters: what to subscribe to at QoS 1; none are subscribed if it is empty.
  /// - Returns: the broker's answers, in the order of `filters`.
  /// - Throws: what kept it from being answered.
  public static func run(
    _ endpoint: BrokerEndpoint, filters: [String]
  ) throws(DisconnectReason) -> [Grant] {
    let client = try ClientHandle.create(endpoint: endpoint, cleanStart: true, inbox: Inbox())
    _ = try ConnectionAttempt.make(client, endpoint, sessionExpiry: 0)
    defer {
      if !client.wantsWrite { client.sendDisconnect() }
      client.abandon()
    }
    guard !filters.isEmpty else { return [] }
    let deadline = monotonicClock() + endpoint.connectDeadline
    try client.subscribe(filters)
    while client.inbox.pointee.granted == nil {
      let left = deadline - monotonicClock()
      guard left > 0 else { throw .silent("it does not answer a subscription") }
      if client.wantsWrite { try client.write() }
      let ready = waitFor(
        socket: client.socket, write: client.wantsWrite,
        milliseconds: client.hasUndeliveredBytes ? 0 : min(left, 1000))
      if ready.readable || client.hasUndeliveredBytes { try client.read() }
    }
    let granted = client.inbox.pointee.granted ?? []
    return filters.enumerated().map { index, filter in
      let code = index < granted.count ? granted[index] : 0x80
      return Grant(
        filter: filter, code: UInt8(truncatingIfNeeded: code), refusal: Connection.refusal(code))
    }
  }
}
