/// An attempt to connect, in steps that do not block: look up the host, find an address that accepts connections,
/// send CONNECT, wait for the broker's answer.
///
/// libmosquitto connects in a blocking call without a deadline, so the address is tried first (``Reachability``);
/// from then on the socket does not block.
struct ConnectionAttempt {
  private enum Stage {
    case lookingUp(Lookup)
    case reaching(Reachability)
    case answering
  }

  private let endpoint: BrokerEndpoint
  /// Seconds that the broker keeps the session; for MQTT 5 only.
  private let sessionExpiry: UInt32
  private let deadline: Int64
  private var stage: Stage

  /// Begins an attempt with a client that has no connection.
  init(
    _ client: borrowing ClientHandle, _ endpoint: BrokerEndpoint, sessionExpiry: UInt32
  ) throws(DisconnectReason) {
    self.endpoint = endpoint
    self.sessionExpiry = sessionExpiry
    deadline = monotonicClock() + endpoint.connectDeadline
    client.prepareToConnect()
    stage = .lookingUp(try Lookup.begin(endpoint.host, port: endpoint.port))
  }

  /// Continues as far as possible without blocking. Returns the broker's answer if it is an acceptance; nil while it
  /// waits.
  mutating func step(
    _ client: borrowing ClientHandle, _ ready: Readiness
  ) throws(DisconnectReason) -> Inbox.Answer? {
    var hasChanged = ready.readable || ready.writable || ready.hungUp
    while true {
      let isOver = monotonicClock() >= deadline
      switch stage {
      case .lookingUp(let lookup):
        guard lookup.hasEnded else {
          if isOver { throw .unreachable("\(endpoint.host): no name server has answered") }
          return nil
        }
        stage = .reaching(try Reachability(of: endpoint, lookup))
        hasChanged = false
      case .reaching(let reachability):
        guard let address = try reachability.find(hasChanged: hasChanged, isOver: isOver) else { return nil }
        try client.connect(to: address, sessionExpiry: sessionExpiry)
        stage = .answering
        return nil
      case .answering:
        if let answer = try client.receiveAnswer(ready) { return answer }
        guard !isOver else {
          throw .noAnswer(
            host: endpoint.host, port: endpoint.port, milliseconds: endpoint.connectDeadline)
        }
        return nil
      }
    }
  }

  /// Returns the descriptors and the time to wait for.
  func wait(_ client: borrowing ClientHandle) -> Wait {
    switch stage {
    case .lookingUp(let lookup): Wait(socket: lookup.readEnd, until: deadline)
    case .reaching(let reachability):
      Wait(socket: reachability.socket, read: false, write: true, until: deadline)
    case .answering:
      Wait(
        socket: client.socket, write: client.wantsWrite, until: client.hasUndeliveredBytes ? 0 : deadline)
    }
  }

  /// Connects `client` before it returns the broker's acceptance.
  static func make(
    _ client: borrowing ClientHandle, _ endpoint: BrokerEndpoint, sessionExpiry: UInt32
  ) throws(DisconnectReason) -> Inbox.Answer {
    var attempt = try ConnectionAttempt(client, endpoint, sessionExpiry: sessionExpiry)
    var ready = Readiness()
    while true {
      if let answer = try attempt.step(client, ready) { return answer }
      ready = waitFor(attempt.wait(client))
    }
  }
}
