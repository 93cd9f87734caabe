/// Why a connection ended or could not be made.
///
/// After ``stopped`` and ``takenOver(clientID:)`` the session ends. After everything else it backs off and
/// tries again: also after refused credentials, so that a daemon survives a password's rotation, and after
/// a refused subscription, so that it starts to collect when the broker's access list is put right.
public enum DisconnectReason: Error, CustomStringConvertible {
  /// The host has no address, or none of its addresses took the connection in time.
  case unreachable(String)
  /// The broker's certificate, name or protocol version was not accepted, or ours was not.
  case tls(String)
  /// Connected, but no CONNACK came in time.
  case noAnswer(host: String, port: Int, milliseconds: Int64)
  /// The broker refused us in its CONNACK.
  case refused(code: UInt8, String)
  /// The broker does not let us receive `filter` at QoS 1.
  case subscriptionRefused(filter: String, String)
  /// The broker closed the connection with a reason (MQTT 5), or without one.
  case closed(String)
  /// The broker closed the connection of `clientID` without a reason.
  case dropped(clientID: String)
  /// The broker closed this many connections of `clientID` in succession, in the pattern of another client that takes
  /// the session in turns with us (``TakeoverWatch``).
  case contested(clientID: String, closings: Int)
  /// The broker sent something that libmosquitto cannot read; the text describes it.
  case unreadable(String)
  /// The broker no longer answers.
  case silent(String)
  /// Another client connected with our client id; the broker dropped us (MQTT 5 reason 0x8E).
  case takenOver(clientID: String)
  /// The handler threw: nothing uncommitted was acknowledged.
  case handlerFailed(any Error)
  /// A stop was requested: the batch was finished and its acknowledgements released.
  case stopped

  /// Whether someone must change a password, an access list or a certificate before trying again helps.
  public var needsOperator: Bool {
    switch self {
    case .tls, .refused, .subscriptionRefused, .unreadable, .takenOver, .contested: true
    case .unreachable, .noAnswer, .closed, .dropped, .silent, .handlerFailed, .stopped: false
    }
  }

  /// A sentence for the log.
  public var description: String {
    switch self {
    case .unreachable(let detail): "the broker cannot be reached: \(detail)"
    case .tls(let detail): "the broker was not accepted over TLS: \(detail)"
    case .noAnswer(let host, let port, let milliseconds):
      "\(host):\(port) accepted the connection but did not answer as a broker within \(milliseconds) ms"
    case .refused(let code, let detail): "the broker refused the connection: \(detail) (code \(code))"
    case .subscriptionRefused(let filter, let detail):
      "the broker refused the subscription to '\(filter)' at QoS 1: \(detail)"
    case .closed(let detail): "the broker closed the connection: \(detail)"
    case .dropped(let clientID):
      "the broker closed the connection: without a reason; if that repeats, look for another client named '\(clientID)'"
    case .contested(let clientID, let closings):
      """
      the broker closed \(closings) connections in succession, each soon after it was made and without a reason: \
      another client connects as '\(clientID)' in turns with this one. Each collector needs a client id of its own
      """
    case .unreadable(let detail):
      "the broker sent something that libmosquitto \(MQTTLibrary.version) cannot read: \(detail); "
        + "if that repeats, update libmosquitto, or connect with MQTT 3.1.1"
    case .silent(let detail): "the broker fell silent: \(detail)"
    case .takenOver(let clientID):
      "another client connected as '\(clientID)': each collector needs a client id of its own"
    case .handlerFailed(let error): "what was received could not be stored: \(error)"
    case .stopped: "stopped on request"
    }
  }
}

/// What ends a session, or keeps it from starting. Trying again does not help.
public enum BrokerSessionError: Error, CustomStringConvertible {
  /// A setting must be changed; the text says which.
  case settings(String)
  /// The system has no memory or file descriptors for a session.
  case system(String)
  /// Another client connected with our client id.
  case takenOver(clientID: String)
  /// Another client probably connects with our client id in turns with us.
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
