/// A client that publishes at QoS 1 and counts the messages that the broker has accepted.
///
/// It belongs to the thread that uses it and works only in its methods. Nothing is read or written between two calls,
/// so call ``serve(milliseconds:)`` at least every half keepalive. After a method threw an error, ``connect()``
/// reconnects, and unacknowledged messages are sent again.
public struct Publisher: ~Copyable {
  private let endpoint: BrokerEndpoint
  private let client: ClientHandle
  private let receipts: UnsafeMutablePointer<Receipts>
  private let maximumInFlight: Int
  private var published = 0

  /// A publisher that is not yet connected.
  ///
  /// - Parameters:
  ///   - will: the message that the broker publishes if this client disappears.
  ///   - maximumInFlight: maximum number of unacknowledged messages, 1 ... 65,535; publishing waits beyond it.
  ///   - keepsNumbers: whether ``takeAcceptedNumbers()`` will be called.
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the setting to change.
  public static func open(
    endpoint: BrokerEndpoint, will: Will? = nil, maximumInFlight: Int = 100, keepsNumbers: Bool = false
  ) throws(BrokerSessionError) -> Publisher {
    try endpoint.validate()
    guard (1...65_535).contains(maximumInFlight) else {
      throw .settings("\(maximumInFlight) messages in flight are not within 1 ... 65535")
    }
    let receipts = UnsafeMutablePointer<Receipts>.allocate(capacity: 1)
    receipts.initialize(to: Receipts(keepsOutcomes: keepsNumbers))
    do throws(DisconnectReason) {
      let client = try ClientHandle.create(
        endpoint: endpoint, cleanStart: true, inbox: Inbox(receipts: receipts))
      try client.setSendMaximum(maximumInFlight)
      if let will { try client.setWill(will) }
      return Publisher(
        endpoint: endpoint, client: client, receipts: receipts, maximumInFlight: maximumInFlight)
    } catch {
      receipts.deinitialize(count: 1)
      receipts.deallocate()
      throw .settings("cannot prepare a publisher: \(error)")
    }
  }

  private init(
    endpoint: BrokerEndpoint, client: consuming ClientHandle, receipts: UnsafeMutablePointer<Receipts>,
    maximumInFlight: Int
  ) {
    self.endpoint = endpoint
    self.client = client
    self.receipts = receipts
    self.maximumInFlight = maximumInFlight
  }

  deinit {
    receipts.deinitialize(count: 1)
    receipts.deallocate()
  }

  /// Number of messages that the broker accepted.
  public var accepted: Int { receipts.pointee.accepted }
  /// Number of messages that the broker acknowledged but refused, such as by its access list (MQTT 5 only).
  public var refused: Int { receipts.pointee.refused }
  /// Number of messages that wait for their PUBACK.
  public var outstanding: Int { receipts.pointee.outstanding }

  /// Numbers, as returned by ``publish(topic:payload:retained:)``, of the messages that the broker accepted since the
  /// last call; empty unless they are kept.
  public mutating func takeAcceptedNumbers() -> [Int] {
    // See `BrokerSession.begin` for the copy of the pointer.
    let receipts = receipts
    return receipts.pointee.takeOutcomes().filter { $0.code < 0x80 }.map(\.number)
  }

  /// Connects or reconnects, within the endpoint's connect deadline. The session starts clean.
  public mutating func connect() throws(DisconnectReason) {
    _ = try ConnectionAttempt.make(client, endpoint, sessionExpiry: 0)
    // Publishes the messages that an earlier connection left unacknowledged.
    try writeAll()
  }

  /// Publishes at QoS 1 and returns the message's number, counting from 0. Waits while `maximumInFlight` messages
  /// wait for their PUBACK, at most for 1.5 × keepalive.
  @discardableResult
  public mutating func publish(
    topic: String, payload: UnsafeRawBufferPointer, retained: Bool = false
  ) throws(DisconnectReason) -> Int {
    try waitUntilOutstanding(below: maximumInFlight, milliseconds: Int64(endpoint.keepalive) * 1500)
    let id = try client.publish(topic: topic, payload: payload, quality: .atLeastOnce, retained: retained)
    let number = published
    published += 1
    let receipts = receipts
    receipts.pointee.expect(messageID: id, number: number)
    try client.write()
    return number
  }

  /// Publishes at QoS 1; see ``publish(topic:payload:retained:)``.
  @discardableResult
  public mutating func publish(
    topic: String, payload: [UInt8], retained: Bool = false
  ) throws(DisconnectReason) -> Int {
    var result: Result<Int, DisconnectReason> = .success(0)
    payload.withUnsafeBytes { bytes in
      do throws(DisconnectReason) {
        result = .success(try publish(topic: topic, payload: bytes, retained: retained))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// Waits until the broker has acknowledged everything.
  ///
  /// - Throws: ``DisconnectReason/silent(_:)`` if it takes longer than `milliseconds`.
  public mutating func drain(milliseconds: Int64) throws(DisconnectReason) {
    try waitUntilOutstanding(below: 1, milliseconds: milliseconds)
  }

  /// Reads acknowledgements and keeps the connection alive for `milliseconds`.
  public mutating func serve(milliseconds: Int64) throws(DisconnectReason) {
    let until = monotonicClock() + milliseconds
    repeat { try turn(until: until) } while monotonicClock() < until
  }

  /// Disconnects regularly: the broker discards the will.
  public mutating func disconnect() {
    try? writeAll()
    if !client.wantsWrite { client.sendDisconnect() }
    client.abandon()
  }

  /// Ends the connection without a DISCONNECT, so that the broker publishes the will.
  public mutating func drop() { client.abandon() }

  private func waitUntilOutstanding(below bound: Int, milliseconds: Int64) throws(DisconnectReason) {
    let deadline = monotonicClock() + milliseconds
    while outstanding >= bound {
      if monotonicClock() >= deadline {
        throw .silent("\(outstanding) messages were not acknowledged within \(milliseconds) ms")
      }
      try turn(until: deadline)
    }
  }

  /// Waits for the socket, at most a second at a time so that PINGREQs leave, and serves it.
  private func turn(until deadline: Int64) throws(DisconnectReason) {
    let left = min(deadline - monotonicClock(), 1000)
    let ready = waitFor(
      socket: client.socket, write: client.wantsWrite,
      milliseconds: client.hasUndeliveredBytes ? min(left, 1) : left)
    if ready.writable { try client.write() }
    if ready.readable || client.hasUndeliveredBytes {
      var before: Int
      repeat {
        before = client.inbox.pointee.callbacks
        try client.read()
      } while client.inbox.pointee.callbacks != before
    }
    try client.keepAlive()
    if client.wantsWrite { try client.write() }
  }

  private func writeAll() throws(DisconnectReason) {
    let deadline = monotonicClock() + endpoint.connectDeadline
    while client.wantsWrite, monotonicClock() < deadline {
      try client.write()
      if client.wantsWrite {
        _ = waitFor(socket: client.socket, write: true, read: false, milliseconds: 1000)
      }
    }
  }
}
