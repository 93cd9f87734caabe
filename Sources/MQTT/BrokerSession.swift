/// One persistent session with a broker. It receives messages, hands windows over to be committed, and only then
/// sends their acknowledgements; it publishes the messages of its mailbox.
///
/// Everything happens on the thread that runs the session or its ``SessionGroup``, so a slow handler slows down the
/// broker. At QoS 1 libmosquitto queues a message's PUBACK before it delivers the message, and writes the queue only
/// when asked. The order is therefore: read until the window is full, the socket is empty or the linger is over;
/// commit; write everything; keep alive; read again. **While a window holds an uncommitted message nothing is
/// written**, not even a PINGREQ or SUBSCRIBE; this includes messages that arrived together with the broker's
/// CONNACK. ``ConnectionState`` has these rules, ``SessionState`` those between connections.
public struct BrokerSession: ~Copyable {
  /// Results of a step.
  enum Step {
    case wait(Wait)
    /// The session has ended, with an error or after a requested stop.
    case ended(BrokerSessionError?)
  }

  /// A client before its connection is accepted.
  private struct Connecting: ~Copyable {
    let client: ClientHandle
    var attempt: ConnectionAttempt

    consuming func takeClient() -> ClientHandle { client }
  }

  private var settings: BrokerSettings
  private let mailbox: Mailbox
  private let window: UnsafeMutablePointer<Window>
  private let receipts: UnsafeMutablePointer<Receipts>
  private var state: SessionState
  /// While the state is `connecting`.
  private var connecting: Connecting?
  /// While the state is `connected`.
  private var connection: Connection?
  private var acceptedAt: Int64 = 0
  /// Filters that are to replace those of the settings once the broker grants them; nil for none.
  private var change: Subscriptions?
  /// Whether the broker has granted the filters of the settings.
  private var hasGranted = false
  /// Whether the broker made the session anew, and has granted it no filters since.
  private var isBare = false
  private var random = SystemRandomNumberGenerator()
  private var nextTick = monotonicClock()

  /// A session that has not started.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming what to change.
  public static func open(
    settings: BrokerSettings, mailbox: Mailbox
  ) throws(BrokerSessionError) -> BrokerSession {
    try settings.validate()
    return BrokerSession(validated: settings, mailbox: mailbox)
  }

  private init(validated settings: BrokerSettings, mailbox: Mailbox) {
    self.settings = settings
    self.mailbox = mailbox
    state = SessionState(clientID: settings.endpoint.clientID, backoff: settings.backoff)
    window = .allocate(capacity: 1)
    window.initialize(to: Window(limits: settings.window))
    receipts = .allocate(capacity: 1)
    receipts.initialize(to: Receipts(keepsOutcomes: true))
  }

  deinit {
    window.deinitialize(count: 1)
    window.deallocate()
    receipts.deinitialize(count: 1)
    receipts.deallocate()
  }

  /// Connects, receives and reconnects until the mailbox requests a stop. Then it finishes the batch, sends its
  /// acknowledgements and disconnects; the broker keeps the session.
  ///
  /// Blocks the calling thread, which should have no other work.
  ///
  /// - Throws: ``BrokerSessionError/takenOver(clientID:)`` if the broker reports that another client took over the
  ///   session; it is not taken back. A broker that does not report it (MQTT 3.1.1 cannot, mosquitto 2.0.11 does not)
  ///   makes a takeover look like a lost connection, and the waits of two competing clients grow to their longest.
  public mutating func run(handler: inout some BrokerSessionHandler) throws(BrokerSessionError) {
    var ready = Readiness()
    while true {
      switch step(&handler, ready) {
      case .wait(let wait): ready = waitFor(wait)
      case .ended(let error):
        if let error { throw error }
        return
      }
    }
  }

  /// Continues until there is something to wait for, a turn is over or the session has ended.
  ///
  /// - Parameter ready: the result of the wait that the previous step returned.
  mutating func step(_ handler: inout some BrokerSessionHandler, _ ready: Readiness) -> Step {
    if ready.signalled { mailbox.settle() }
    if let filters = mailbox.takeSubscriptions() { use(filters) }
    switch state.stage {
    case .connected: return serve(&handler, ready)
    case .connecting: return connect(&handler, ready)
    case .due, .resting: return rest(&handler)
    case .ended: return .ended(nil)
    }
  }

  /// Subscribes to other filters: now, if there is a connection, or at the next one.
  private mutating func use(_ filters: Subscriptions) {
    change = filters
    state.changedFilters()
    guard var connection = connection.take() else { return }
    connection.use(filters)
    self.connection = consume connection
  }

  /// Waits until the next attempt is due, and then begins it.
  private mutating func rest(_ handler: inout some BrokerSessionHandler) -> Step {
    if mailbox.stopRequested {
      state.stopped()
      return .ended(nil)
    }
    let now = monotonicClock()
    if state.isDue(at: now) { return begin(&handler) }
    tickAlone(&handler, now)
    guard case .resting(let until) = state.stage else { return .wait(.immediate) }
    return .wait(Wait(signal: mailbox.wakeEnd, until: min(until, nextTick)))
  }

  private mutating func begin(_ handler: inout some BrokerSessionHandler) -> Step {
    // For the thread sanitizer, Swift 6.3 compiles a change of `self.window.pointee` in a mutating method of a
    // noncopyable type to invalid code: the first stored property of `self` is taken for an address. A local copy of
    // the pointer avoids this.
    let window = window
    window.pointee.clear()
    state.began()
    if !hasGranted, let filters = change.take() {
      // No filters are in effect that could stay so.
      settings.subscriptions = filters.current
      settings.formerSubscriptions = filters.former
      state.changedFilters()
    }
    do throws(DisconnectReason) {
      let client = try ClientHandle.create(
        endpoint: settings.endpoint, cleanStart: settings.cleanStart,
        inbox: Inbox(window: window, receipts: receipts))
      if settings.endpoint.protocolVersion == .v5 { try client.setReceiveMaximum(settings.receiveMaximum) }
      try client.setSendMaximum(Connection.unansweredLimit)
      let now = wallClock()
      if let will = handler.will(connecting: now) ?? settings.will?(now) { try client.setWill(will) }
      let attempt = try ConnectionAttempt(client, settings.endpoint, sessionExpiry: settings.sessionExpiry)
      connecting = Connecting(client: client, attempt: attempt)
      return .wait(.immediate)
    } catch {
      return end(&handler, error, nil)
    }
  }

  private mutating func connect(_ handler: inout some BrokerSessionHandler, _ ready: Readiness) -> Step {
    guard var connecting = connecting.take() else { return end(&handler, .closed("no client"), nil) }
    if mailbox.stopRequested { return end(&handler, .stopped, nil) }
    do throws(DisconnectReason) {
      guard let answer = try connecting.attempt.step(connecting.client, ready) else {
        tickAlone(&handler, monotonicClock())
        var wait = connecting.attempt.wait(connecting.client)
        (wait.signal, wait.until) = (mailbox.stopEnd, min(wait.until, nextTick))
        self.connecting = consume connecting
        return .wait(wait)
      }
      acceptedAt = monotonicClock()
      let rules = ConnectionState.Settings(
        subscriptions: settings.subscriptions, optional: settings.optionalSubscriptions,
        former: settings.formerSubscriptions, leastQuality: settings.subscriptionQuality.rawValue,
        linger: settings.window.linger,
        patience: Int64(settings.endpoint.keepalive) * 1500, stopPatience: settings.endpoint.connectDeadline)
      if !answer.sessionPresent { isBare = true }
      connection = Connection(
        client: connecting.takeClient(), settings: settings, window: window, mailbox: mailbox,
        receipts: receipts, sessionPresent: answer.sessionPresent && !isBare,
        state: ConnectionState(
          rules, asksOptional: state.asksOptional, holdsFormer: state.holdsFormer, change: change,
          nextTick: nextTick, now: acceptedAt))
      state.accepted()
      return .wait(.immediate)
    } catch {
      return end(&handler, error, nil)
    }
  }

  private mutating func serve(_ handler: inout some BrokerSessionHandler, _ ready: Readiness) -> Step {
    guard var connection = connection.take() else { return end(&handler, .closed("no connection"), nil) }
    switch connection.step(&handler, ready) {
    case .wait(let wait):
      self.connection = consume connection
      return .wait(wait)
    case .ended(let reason):
      nextTick = connection.state.nextTick
      let ending = SessionState.Ending(
        standing: monotonicClock() - acceptedAt, resumed: connection.sessionPresent,
        subscribed: connection.state.isSubscribed, overOptional: connection.endedOverOptional,
        overChange: connection.endedOverChange, holdsFormer: connection.state.holdsFormer)
      let filters = connection.state.filters
      (settings.subscriptions, settings.formerSubscriptions) = (filters.current, filters.former)
      change = connection.state.pendingChange
      if connection.state.hasGranted { (hasGranted, isBare) = (true, false) }
      // The socket is closed before the end is reported.
      _ = consume connection
      return end(&handler, reason, ending)
    }
  }

  /// Reports the end of a connection or of an attempt, and returns the next step.
  private mutating func end(
    _ handler: inout some BrokerSessionHandler, _ reason: DisconnectReason, _ ending: SessionState.Ending?
  ) -> Step {
    let (reason, next) = state.ended(
      reason, ending, at: monotonicClock(), jitter: Double.random(in: 0..<1, using: &random))
    let receipts = receipts
    for outcome in receipts.pointee.takeOutcomes() {
      handler.published(outcome.number, PublishOutcome(code: outcome.code))
    }
    for number in receipts.pointee.giveUp() { handler.published(number, .unanswered) }
    if state.givesUpChange { giveUpChange(&handler) }
    handler.disconnected(reason: reason, at: wallClock())
    switch next {
    case .rest: return .wait(.immediate)
    case .stop: return .ended(nil)
    case .yield(let clientID, nil): return .ended(.takenOver(clientID: clientID))
    case .yield(let clientID, let closings?):
      return .ended(.contested(clientID: clientID, closings: closings))
    }
  }

  /// Gives up new filters for which the broker closes the connection.
  private mutating func giveUpChange(_ handler: inout some BrokerSessionHandler) {
    state.changedFilters()
    guard let filters = change.take() else { return }
    let added = filters.current.filter { !settings.subscriptions.contains($0) }
    settings.formerSubscriptions += added.filter { !settings.formerSubscriptions.contains($0) }
    handler.refused(added.map { RefusedFilter(filter: $0, code: nil) }, of: filters.current)
  }

  /// Ticks while there is no connection to abandon.
  private mutating func tickAlone(_ handler: inout some BrokerSessionHandler, _ now: Int64) {
    guard now >= nextTick else { return }
    nextTick = now + tickInterval
    try? handler.tick(now: wallClock())
  }
}

/// Milliseconds between two calls of a handler's tick. Files that are taken away are noticed within this time.
let tickInterval: Int64 = 1000
/// Milliseconds for which a window is kept open when its handler asks for more messages.
let longestPatience: Int64 = 1000
/// Milliseconds that a stop waits for the broker to read the acknowledgements. A broker with 200,000 messages on a
/// busy machine took over a second; without the wait it would send these messages again to the next connection.
let longestFarewell: Int64 = 5000
