/// The reason why a connection ended or could not be made.
///
/// After ``stopped`` and ``takenOver(clientID:)`` the session ends. After all others it waits and tries again: also
/// after refused credentials, so that a daemon survives a change of password, and after a refused subscription, so
/// that it starts to collect once the broker's access list is corrected.
public enum DisconnectReason: Error, CustomStringConvertible {
  /// The host has no address, or none of its addresses accepted the connection in time.
  case unreachable(String)
  /// The broker's certificate, name or protocol version was not accepted, or the broker did not accept ours.
  case tls(String)
  /// The connection was made, but no CONNACK arrived in time.
  case noAnswer(host: String, port: Int, milliseconds: Int64)
  /// The connection was made, but the other side ended it, or sent something else, before it answered CONNECT: its
  /// port probably speaks another transport or protocol. `overTLS`: whether this side speaks TLS.
  case foreign(host: String, port: Int, overTLS: Bool)
  /// The other side ended the connection after the TLS handshake and before it answered CONNECT: it probably refused
  /// the client's certificate, or its absence. `hasCertificate`: whether this side has one to show.
  case notAdmitted(host: String, port: Int, hasCertificate: Bool)
  /// The broker refused the connection in its CONNACK.
  case refused(code: UInt8, String)
  /// The broker does not allow receiving `filter` at QoS 1. `code` is the one in its SUBACK: QoS 0, or a reason from
  /// 0x80 on (MQTT 5, 3.9.3; in MQTT 3.1.1 only 0x80).
  case subscriptionRefused(filter: String, code: UInt8, String)
  /// The broker closed the connection, with a reason (MQTT 5) or without.
  case closed(String)
  /// The broker closed the connection of `clientID` without a reason.
  case dropped(clientID: String)
  /// The broker closed this many connections of `clientID` in succession, in the pattern of another client that takes
  /// over the session alternately with this one (``TakeoverWatch``).
  case contested(clientID: String, closings: Int)
  /// The broker sent data that libmosquitto cannot read; the text describes it.
  case unreadable(String)
  /// The broker no longer answers.
  case silent(String)
  /// Another client connected with our client id, and the broker closed our connection (MQTT 5 reason 0x8E).
  case takenOver(clientID: String)
  /// The handler threw an error in this call: nothing uncommitted was acknowledged.
  case handlerFailed(HandlerCall, any Error)
  /// A stop was requested: the window was finished and its acknowledgements were sent.
  case stopped

  /// Whether a person must change a password, an access list or a certificate before a retry can succeed.
  public var needsOperator: Bool {
    switch self {
    case .tls, .refused, .subscriptionRefused, .unreadable, .takenOver, .contested: true
    case .unreachable, .noAnswer, .foreign, .notAdmitted, .closed, .dropped, .silent, .handlerFailed,
      .stopped:
      false
    }
  }

  /// A sentence for the log.
  public var description: String {
    switch self {
    case .unreachable(let detail): "the broker cannot be reached: \(detail)"
    case .tls(let detail): "the TLS connection to the broker failed: \(detail)"
    case .noAnswer(let host, let port, let milliseconds):
      "\(host):\(port) accepted the connection but did not answer as a broker within \(milliseconds) ms"
    case .foreign(let host, let port, overTLS: false):
      """
      \(host):\(port) ended the connection before it answered as a broker: this port may expect TLS (mqtt.tls), or \
      belong to another program (mqtt.port); or the broker, or a load balancer before it, takes no more connections
      """
    case .foreign(let host, let port, overTLS: true):
      """
      \(host):\(port) ended the connection before it answered over TLS: this port may expect connections without TLS; \
      set mqtt.port to the broker's port for TLS
      """
    case .notAdmitted(let host, let port, hasCertificate: false):
      """
      \(host):\(port) ended the connection after the TLS handshake, before it answered: the broker may require a \
      certificate: set mqtt.tls.certificate_file and key_file
      """
    case .notAdmitted(let host, let port, hasCertificate: true):
      """
      \(host):\(port) ended the connection after the TLS handshake, before it answered: the broker may not accept the \
      client's certificate (mqtt.tls.certificate_file), or takes no more connections
      """
    case .refused(let code, let detail) where [4, 5, 134, 135].contains(code):
      """
      the broker refused the connection: \(detail) (code \(code)); check the user name and the password \
      (mqtt.username and mqtt.password_file)
      """
    case .refused(let code, let detail): "the broker refused the connection: \(detail) (code \(code))"
    case .subscriptionRefused(let filter, _, let detail):
      "the broker refused the subscription to '\(filter)' at QoS 1: \(detail)"
    case .closed(let detail): "the broker closed the connection: \(detail)"
    case .dropped(let clientID):
      "the broker closed the connection without a reason; if that repeats, look for another client named '\(clientID)'"
    case .contested(let clientID, let closings):
      """
      the broker closed \(closings) connections in succession, each soon after it was made and without a reason: \
      another client alternately connects as '\(clientID)'. Give each collector its own client id
      """
    case .unreadable(let detail):
      "the broker sent something that libmosquitto \(MQTTLibrary.version) cannot read: \(detail); "
        + "if that repeats, update libmosquitto, or connect with MQTT 3.1.1"
    case .silent(let detail): "the broker no longer answers: \(detail)"
    case .takenOver(let clientID):
      "another client connected as '\(clientID)'; give each collector its own client id"
    case .handlerFailed(let call, let error): "\(call.failure): \(error)"
    case .stopped: "stopped on request"
    }
  }
}

/// Calls of a session's handler that may fail.
public enum HandlerCall: Equatable, Sendable {
  /// ``BrokerSessionHandler/connected(sessionPresent:at:)``
  case connected
  /// ``BrokerSessionHandler/subscribed(_:at:)``
  case subscribed
  /// ``BrokerSessionHandler/commit(_:)``
  case commit
  /// ``BrokerSessionHandler/tick(now:)``
  case tick
  /// ``BrokerSessionHandler/reload(now:)``
  case reload
  /// ``BrokerSessionHandler/stopping(now:)``
  case stopping

  /// The effect of a failure, for the log.
  fileprivate var failure: String {
    switch self {
    case .connected: "the beginning of the connection could not be stored"
    case .subscribed: "the change of topic filters could not be stored"
    case .commit: "received messages could not be stored"
    case .tick: "the periodic work of the collector failed"
    case .reload: "the changed configuration could not be applied"
    case .stopping: "the last work before the end of the session failed"
    }
  }
}

/// An error that ends a session, or prevents its start. Retrying does not help.
public enum BrokerSessionError: Error, CustomStringConvertible {
  /// A setting must be changed; the text names it.
  case settings(String)
  /// The system has no memory or file descriptors for a session.
  case system(String)
  /// Another client connected with our client id.
  case takenOver(clientID: String)
  /// Another client probably connects with our client id alternately with this one.
  case contested(clientID: String, closings: Int)

  public var description: String {
    switch self {
    case .settings(let detail), .system(let detail): detail
    case .takenOver(let clientID): DisconnectReason.takenOver(clientID: clientID).description
    case .contested(let clientID, let closings):
      DisconnectReason.contested(clientID: clientID, closings: closings).description
    }
  }
}
