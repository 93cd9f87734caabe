import Glibc

/// One persistent session with a broker: receives, hands windows over to be committed, and only then lets
/// their acknowledgements leave.
///
/// It owns its thread while it runs: everything happens in calls on that thread, and a slow handler holds back the
/// broker. At QoS 1 libmosquitto queues a message's PUBACK before it delivers the message and writes the queue only
/// when asked, so the order kept here is: read until the window is full, the socket is empty or the linger is over;
/// commit; write everything; keep alive; read again. **While a window holds an uncommitted message nothing is
/// written**, not even a PINGREQ or SUBSCRIBE; this includes messages that arrived together with the broker's
/// CONNACK.
public struct BrokerSession: ~Copyable {
  private let settings: BrokerSettings
  private let waker: Waker
  private let window: UnsafeMutablePointer<Window>
  private var backoff: Backoff
  private var random = SystemRandomNumberGenerator()
  private var nextTick = monotonicClock()
  /// Whether the next connection asks for optional filters: not after one that ended with their being asked
  /// for, so that a broker that closes over them is still served.
  private var asksOptional = true
  /// Whether filters of earlier configurations must still be unsubscribed.
  private var unsubscribes = true

  private var takeovers = TakeoverWatch()

  /// A session that has not started.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming what to change.
  public static func open(settings: BrokerSettings, waker: Waker) throws(BrokerSessionError) -> BrokerSession
  {
    try settings.validate()
    return BrokerSession(validated: settings, waker: waker)
  }

  private init(validated settings: BrokerSettings, waker: Waker) {
    self.settings = settings
    self.waker = waker
    backoff = settings.backoff
    window = .allocate(capacity: 1)
    window.initialize(to: Window(limits: settings.window))
  }

  deinit {
    window.deinitialize(count: 1)
    window.deallocate()
  }

  /// Connects, receives and connects again until the waker asks it to stop; then it finishes the batch,
  /// releases its acknowledgements and disconnects, and the broker keeps the session.
  ///
  /// Blocks the calling thread, which should have nothing else to do.
  ///
  /// - Throws: ``BrokerSessionError/takenOver(clientID:)`` when the broker says that another client took
  ///   the session; it never fights for it. Where a broker does not say so (MQTT 3.1.1 cannot, mosquitto
  ///   2.0.11 does not) a takeover looks like a lost connection, and the waits between two clients that
  ///   take turns grow to their longest.
  public mutating func run(handler: inout some BrokerSessionHandler) throws(BrokerSessionError) {
    while !waker.stopRequested {
      let reason = serveOneConnection(&handler)
      handler.disconnected(reason: reason, at: wallClock())
      if case .takenOver(let clientID) = reason { throw .takenOver(clientID: clientID) }
      if case .contested(let clientID, let closings) = reason {
        throw .contested(clientID: clientID, closings: closings)
      }
      if case .stopped = reason { return }
      rest(&handler)
    }
  }

  /// Waits until the next attempt is due.
  private mutating func rest(_ handler: inout some BrokerSessionHandler) {
    let until = monotonicClock() + backoff.next(jitter: Double.random(in: 0..<1, using: &random))
    while !waker.stopRequested {
      let now = monotonicClock()
      if now >= until { return }
      if now >= nextTick {
        nextTick = now + tickInterval
        try? handler.tick(now: wallClock())
      }
      _ = waitFor(socket: nil, waker: waker, milliseconds: min(until, nextTick) - now)
    }
  }

  /// Lives through one connection, from the handle's creation to its destruction.
  private mutating func serveOneConnection(_ handler: inout some BrokerSessionHandler) -> DisconnectReason {
    window.pointee.clear()
    do throws(DisconnectReason) {
      let client = try ClientHandle.create(
        endpoint: settings.endpoint, cleanStart: false, inbox: Inbox(window: window))
      if settings.endpoint.protocolVersion == .v5 { try client.setReceiveMaximum(settings.receiveMaximum) }
      let answer = try client.connect(sessionExpiry: settings.sessionExpiry, waker: waker)
      let accepted = monotonicClock()
      var connection = Connection(
        client: client, settings: settings, window: window, waker: waker, nextTick: nextTick,
        sessionPresent: answer.sessionPresent, asksOptional: asksOptional,
        unsubscribes: unsubscribes)
      let reason = connection.serve(&handler)
      unsubscribes = !connection.isRidOfFormer
      asksOptional = !connection.endedOverOptional
      nextTick = connection.nextTick
      let standing = monotonicClock() - accepted
      backoff.connectionEnded(afterStanding: standing)
      let isContested = takeovers.ended(
        reason, afterStanding: standing, resumed: answer.sessionPresent, subscribed: connection.subscribed)
      let clientID = settings.endpoint.clientID
      return isContested ? .contested(clientID: clientID, closings: takeovers.closings) : reason
    } catch {
      takeovers.failed()
      return error
    }
  }
}

/// Milliseconds between two calls of a handler's tick.
let tickInterval: Int64 = 1000
/// Milliseconds that a window a handler would rather have more of is kept open for it.
let longestPatience: Int64 = 1000
/// Milliseconds that a stop waits for the broker to read the acknowledgements before it. A broker of 200,000 messages
/// on a busy machine took over a second; without the wait it would send messages again to a session that comes back.
let longestFarewell: Int64 = 5000
