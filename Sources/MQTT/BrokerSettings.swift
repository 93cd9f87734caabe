import Glibc

/// Versions of MQTT that a session supports.
public enum ProtocolVersion: Int32, Sendable {
  case v311 = 4
  case v5 = 5
}

/// Certificates for a session over TLS 1.2 or later. The broker's certificate must be signed by an authority in
/// `caFile` and name the host; this check cannot be turned off.
public struct TLSSettings: Sendable, Equatable {
  /// PEM file of the authorities trusted to sign the broker's certificate.
  public var caFile: String
  /// PEM file of the client's certificate; nil if the broker does not require one.
  public var certificateFile: String?
  /// PEM file of the key of the client's certificate, without a pass phrase.
  public var keyFile: String?

  /// Certificates by their files.
  public init(caFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }
}

/// Address of a broker, and identity and credentials for it.
public struct BrokerEndpoint: Sendable {
  /// Host name or address.
  public var host: String
  public var port: Int
  public var protocolVersion: ProtocolVersion
  /// Fixed client id.
  public var clientID: String
  /// Keepalive in seconds, 5 ... 65,535.
  public var keepalive: Int
  public var username: String?
  public var password: String?
  /// Required unless ``isLoopback``.
  public var tls: TLSSettings?
  /// Maximum milliseconds from the first attempt to reach the broker to its CONNACK.
  public var connectDeadline: Int64

  /// A broker on this host, by default without TLS.
  public init(
    host: String = "127.0.0.1", port: Int = 1883, protocolVersion: ProtocolVersion = .v5, clientID: String,
    keepalive: Int = 30, username: String? = nil, password: String? = nil, tls: TLSSettings? = nil,
    connectDeadline: Int64 = 10_000
  ) {
    self.host = host
    self.port = port
    self.protocolVersion = protocolVersion
    self.clientID = clientID
    self.keepalive = keepalive
    self.username = username
    self.password = password
    self.tls = tls
    self.connectDeadline = connectDeadline
  }

  /// Whether the host's text names this machine: `localhost`, 127.0.0.0/8 or ::1.
  public var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    var address = in_addr()
    return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
  }

  /// Checks everything that needs no network.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the setting to change.
  public func validate() throws(BrokerSessionError) {
    try require(!host.isEmpty && !host.utf8.contains(0), "host is empty or holds a NUL")
    try require((1...65_535).contains(port), "port \(port) is not within 1 ... 65535")
    try require((5...65_535).contains(keepalive), "keepalive \(keepalive) s is not within 5 ... 65535 s")
    try require(connectDeadline > 0, "the connect deadline must be above zero")
    try require(
      (1...65_535).contains(clientID.utf8.count) && !clientID.utf8.contains(0),
      "the client id is empty, longer than 65,535 bytes or holds a NUL")
    try require(password == nil || username != nil, "a password needs a username")
    try require(
      tls != nil || isLoopback,
      "\(host) is not this machine, so TLS is required: give the CA file that vouches for the broker")
    if let tls {
      try require(
        (tls.certificateFile == nil) == (tls.keyFile == nil),
        "a client certificate and its key must be given together")
      for file in [tls.caFile, tls.certificateFile, tls.keyFile].compactMap({ $0 }) {
        try require(access(file, R_OK) == 0, "cannot read \(file): \(errorText(errno))")
      }
    }
  }
}

/// Settings of a broker session.
public struct BrokerSettings: Sendable {
  public var endpoint: BrokerEndpoint
  /// Seconds for which the broker keeps the session in our absence; MQTT 5 only.
  public var sessionExpiry: UInt32
  /// Whether the broker forgets the session with every connection. Messages sent in our absence are then lost.
  public var cleanStart: Bool
  /// Quality at which to subscribe. At QoS 0, messages are delivered at most once and never acknowledged.
  public var subscriptionQuality: OutgoingMessage.Quality
  /// Topic filters to subscribe to on every connection.
  public var subscriptions: [String]
  /// Topic filters to subscribe to at QoS 0 after the others, for what the broker publishes about itself. It may
  /// refuse any of them. At QoS 0 they use no room in our queue in our absence; retained messages arrive on every
  /// connection.
  public var optionalSubscriptions: [String]
  /// Topic filters of earlier configurations, which the broker remembers with the session. They are unsubscribed
  /// after the current ones are subscribed; the handler is called when the broker has confirmed it.
  public var formerSubscriptions: [String]
  public var window: WindowLimits
  /// Waits between attempts to connect.
  public var backoff: Backoff
  /// Makes the message that the broker publishes if the session disappears without a DISCONNECT. Called at each
  /// attempt to connect, with its time in milliseconds UTC. nil for no message.
  public var will: (@Sendable (_ connecting: Int64) -> Will)?

  /// Settings for a session that the broker keeps for seven days by default.
  public init(
    endpoint: BrokerEndpoint, subscriptions: [String], optionalSubscriptions: [String] = [],
    formerSubscriptions: [String] = [], cleanStart: Bool = false,
    subscriptionQuality: OutgoingMessage.Quality = .atLeastOnce, sessionExpiry: UInt32 = 7 * 86_400,
    window: WindowLimits = WindowLimits(), backoff: Backoff = Backoff(),
    will: (@Sendable (_ connecting: Int64) -> Will)? = nil
  ) {
    self.endpoint = endpoint
    self.subscriptions = subscriptions
    self.optionalSubscriptions = optionalSubscriptions
    self.formerSubscriptions = formerSubscriptions
    self.cleanStart = cleanStart
    self.subscriptionQuality = subscriptionQuality
    self.sessionExpiry = cleanStart ? 0 : sessionExpiry
    self.window = window
    self.backoff = backoff
    self.will = will
  }

  /// Maximum number of messages that the broker may send before the first is acknowledged, with MQTT 5. Two windows
  /// if the limit allows it, so that the next window is in transit while one is committed (twice the rate of one).
  public var receiveMaximum: Int { min(max(2 * window.messages, 20), 65_535) }

  /// Checks everything that needs no network.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the setting to change.
  public func validate() throws(BrokerSessionError) {
    try endpoint.validate()
    try Subscriptions(current: subscriptions, former: formerSubscriptions).validate()
    for filter in optionalSubscriptions { try Subscriptions.validate(filter) }
    try require(
      window.messages > 0 && window.bytes > 0 && window.linger >= 0,
      "a window holds at least one message and one byte, and lingers zero milliseconds or more")
    try require(
      endpoint.protocolVersion != .v5 || sessionExpiry > 0 || cleanStart,
      "a session expiry of zero would lose every message sent while the collector is away")
  }
}

private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(BrokerSessionError) {
  if !condition { throw .settings(message()) }
}
