/// A client that listens at QoS 0 for a while, in a clean session of its own: the broker keeps nothing for it, and no
/// other client's session is disturbed.
///
/// It works on the thread that calls it. A message that the broker sends faster than it is read is dropped there.
public enum Listener {
  /// Connects, subscribes to `filters` at QoS 0, also for what the broker retains, and hands over the messages until
  /// the time is over, `mailbox` requests a stop, or `receive` returns false.
  ///
  /// - Parameters:
  ///   - endpoint: the broker; its client id should be nobody else's.
  ///   - milliseconds: time to listen, from the broker's answer to the subscription on.
  ///   - subscribed: called once, when the broker has granted the filters.
  ///   - receive: called with the messages received since the last call, at least one. The window is cleared afterwards.
  /// - Throws: the reason why the broker does not serve us, or ended the connection.
  public static func run(
    _ endpoint: BrokerEndpoint, filters: [String], milliseconds: Int64, mailbox: Mailbox,
    subscribed: () -> Void, receive: (borrowing Window) -> Bool
  ) throws(DisconnectReason) {
    let window = UnsafeMutablePointer<Window>.allocate(capacity: 1)
    window.initialize(to: Window(limits: WindowLimits(messages: 1000, bytes: 1 << 20)))
    defer {
      window.deinitialize(count: 1)
      window.deallocate()
    }
    let client = try ClientHandle.create(endpoint: endpoint, cleanStart: true, inbox: Inbox(window: window))
    _ = try ConnectionAttempt.make(client, endpoint, sessionExpiry: 0)
    defer {
      if !client.wantsWrite { client.sendDisconnect() }
      client.abandon()
    }
    try client.subscribeLightly(filters)
    let deadline = monotonicClock() + endpoint.connectDeadline
    while client.inbox.pointee.granted == nil {
      guard monotonicClock() < deadline else { throw .silent("it does not answer a subscription") }
      try turn(client, until: deadline)
    }
    try check(client.inbox.pointee.granted ?? [], filters)
    subscribed()
    let end = monotonicClock() + max(0, milliseconds)
    while !mailbox.stopRequested {
      if !window.pointee.isEmpty {
        let goesOn = receive(window.pointee)
        window.pointee.clear()
        if !goesOn { return }
      }
      guard monotonicClock() < end else { return }
      try turn(client, until: end)
    }
  }

  private static func check(_ granted: [Int32], _ filters: [String]) throws(DisconnectReason) {
    for (index, filter) in filters.enumerated() {
      let code = index < granted.count ? granted[index] : 0x80
      if code >= 0x80 {
        throw .subscriptionRefused(
          filter: filter, code: UInt8(truncatingIfNeeded: code), Connection.refusal(code) ?? reasonText(code))
      }
    }
  }

  /// Waits for the socket, at most a fifth of a second, so that a request to stop is noticed; reads until nothing is
  /// left or the window is full; and writes what is queued.
  private static func turn(
    _ client: borrowing ClientHandle, until deadline: Int64
  ) throws(DisconnectReason) {
    if client.wantsWrite { try client.write() }
    let left = min(deadline - monotonicClock(), 200)
    let ready = waitFor(
      socket: client.socket, write: client.wantsWrite,
      milliseconds: client.hasUndeliveredBytes ? 0 : left)
    if ready.writable { try client.write() }
    if ready.readable || client.hasUndeliveredBytes {
      var before: Int
      repeat {
        before = client.inbox.pointee.callbacks
        try client.read()
      } while client.inbox.pointee.callbacks != before
        && !(client.inbox.pointee.window?.pointee.isFull ?? true)
    }
    try client.keepAlive()
  }
}
