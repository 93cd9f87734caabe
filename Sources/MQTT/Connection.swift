import Glibc

/// One accepted connection of a session: the loop that reads, commits and releases.
struct Connection: ~Copyable {
  private let client: ClientHandle
  private let settings: BrokerSettings
  private let window: UnsafeMutablePointer<Window>
  private let waker: Waker
  private let sessionPresent: Bool
  private let connectedAt = wallClock()
  private var announced = false
  private(set) var subscribed = false
  /// Whether optional filters are still to be asked for once the others are granted.
  private var wantsOptional: Bool
  /// Whether the broker owes an answer about them.
  private var awaitsOptional = false
  /// Whether there are no former filters, or the broker has confirmed that they are unsubscribed.
  private(set) var isRidOfFormer: Bool
  /// When the handler's tick is due, by the monotonic clock.
  private(set) var nextTick: Int64
  /// When the newest window was handed over, or the connection begun.
  private var handedOver = monotonicClock()

  init(
    client: consuming ClientHandle, settings: BrokerSettings, window: UnsafeMutablePointer<Window>,
    waker: Waker, nextTick: Int64, sessionPresent: Bool, asksOptional: Bool, unsubscribes: Bool
  ) {
    self.client = client
    self.settings = settings
    self.window = window
    self.waker = waker
    self.nextTick = nextTick
    self.sessionPresent = sessionPresent
    isRidOfFormer = !unsubscribes || settings.formerSubscriptions.isEmpty
    wantsOptional = asksOptional && !settings.optionalSubscriptions.isEmpty
  }

  /// Whether the connection ended with an optional filter asked for and nothing said about it: some brokers
  /// close where others refuse.
  var endedOverOptional: Bool { awaitsOptional && client.inbox.pointee.granted == nil }

  /// Serves until the connection ends; returns the reason.
  ///
  /// Each turn begins with reading and committing: messages may have arrived together with the broker's CONNACK, and
  /// writing SUBSCRIBE would also write their acknowledgements.
  mutating func serve(_ handler: inout some BrokerSessionHandler) -> DisconnectReason {
    do throws(DisconnectReason) {
      try client.subscribe(settings.subscriptions)
      while true {
        try fill(&handler)
        try checkSubscription(&handler)
        noteUnsubscribed(&handler)
        if !window.pointee.isEmpty { try commit(&handler) }
        try release(&handler)
        if waker.stopRequested {
          client.disconnect(milliseconds: longestFarewell)
          return .stopped
        }
        try client.keepAlive()
        try tick(&handler)
      }
    } catch {
      return end(after: error, &handler)
    }
  }

  /// Whatever ended the connection, what the queue still holds must not leave: DISCONNECT would flush it.
  private mutating func end(
    after reason: DisconnectReason, _ handler: inout some BrokerSessionHandler
  ) -> DisconnectReason {
    client.abandon()
    if case .handlerFailed = reason { return reason }
    // Received but not acknowledged: a broker that comes back sends it again, one that lost its memory
    // does not. Storing it twice changes no figure, if it is known to be the same.
    do throws(DisconnectReason) {
      if !window.pointee.isEmpty {
        try announce(&handler)
        if !handler.awaitsMore(window.pointee) { try commit(&handler) }
      }
    } catch {
      return error
    }
    return reason
  }

  // MARK: Reading

  /// Reads until the window should be committed, or, with an empty window, until there is something else
  /// to do: a tick, something to write, an answer to look at, a stop.
  private mutating func fill(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason) {
    let linger = settings.window.linger
    // Messages that arrived with the CONNACK are already in the window.
    var handOver = window.pointee.isEmpty ? nil : handedOver + linger
    /// When the handler gets what there is though it awaits more.
    var patience: Int64?
    while true {
      try readAvailable(&handOver)
      if window.pointee.isFull || waker.stopRequested { return }
      let now = monotonicClock()
      if let due = handOver {
        var until = due
        if linger == 0 || now >= due {
          try announce(&handler)
          guard now < patience ?? .max, handler.awaitsMore(window.pointee) else { return }
          until = patience ?? now + longestPatience
          patience = until
        }
        _ = waitFor(socket: client.socket, waker: waker, milliseconds: until - now)
      } else {
        if client.wantsWrite || now >= nextTick || subscriptionAnswered { return }
        _ = waitFor(socket: client.socket, waker: waker, milliseconds: nextTick - now)
      }
    }
  }

  /// Reads until nothing new comes, the window is full or its linger is over. A stop does not end it: what
  /// has arrived belongs to the batch that is finished.
  ///
  /// - Parameter handOver: when the linger is over, which began with the window before: what comes alone need not
  ///   wait. Set with the window's first message.
  private func readAvailable(_ handOver: inout Int64?) throws(DisconnectReason) {
    // PINGRESP makes no callback; two fruitless reads in a row mean that no whole packet is there.
    var fruitless = 0
    while !window.pointee.isFull {
      let before = client.inbox.pointee.callbacks
      try client.read()
      if client.inbox.pointee.callbacks != before {
        fruitless = 0
      } else {
        fruitless += 1
        if fruitless == 2 || !client.hasUndeliveredBytes { return }
      }
      if let handOver {
        // What has been read ahead takes no time worth asking the clock for.
        if settings.window.linger > 0, !client.hasUndeliveredBytes, monotonicClock() >= handOver { return }
      } else if !window.pointee.isEmpty {
        handOver = handedOver + settings.window.linger
      }
    }
  }

  // MARK: Committing and releasing

  private mutating func commit(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason) {
    try announce(&handler)
    do {
      try handler.commit(&window.pointee)
    } catch {
      throw .handlerFailed(error)
    }
    window.pointee.clear()
    handedOver = monotonicClock()
  }

  /// Writes everything that is queued: the acknowledgements of what has been committed, and what waited
  /// behind them. Reads nothing meanwhile, so that nothing uncommitted can join the queue.
  private mutating func release(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason) {
    precondition(window.pointee.isEmpty, "acknowledgements must not leave before their commit")
    guard client.wantsWrite else { return }
    try client.write()
    // A broker that takes nothing for as long as it would wait for us is gone.
    let patience = Int64(settings.endpoint.keepalive) * 1500
    var deadline = monotonicClock() + patience
    while client.wantsWrite {
      try tick(&handler)
      let now = monotonicClock()
      if waker.stopRequested { deadline = min(deadline, now + settings.endpoint.connectDeadline) }
      if now >= deadline { throw .silent("it reads nothing") }
      let ready = waitFor(
        socket: client.socket, write: true, read: false, waker: waker.stopRequested ? nil : waker,
        milliseconds: min(deadline, nextTick) - now)
      if ready.writable || ready.hungUp {
        try client.write()
        deadline = monotonicClock() + patience
      }
    }
  }

  // MARK: The handler

  private var subscriptionAnswered: Bool { !subscribed && client.inbox.pointee.granted != nil }

  /// Looks at the broker's answer to SUBSCRIBE once it came.
  private mutating func checkSubscription(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason)
  {
    guard subscriptionAnswered, let granted = client.inbox.pointee.granted else { return }
    for (index, filter) in settings.subscriptions.enumerated() {
      let code = index < granted.count ? granted[index] : 0x80
      if code >= 0x80 {
        throw .subscriptionRefused(filter: filter, "\(reasonText(code)) (code 0x\(String(code, radix: 16)))")
      }
      if code < 1 { throw .subscriptionRefused(filter: filter, "it grants only QoS 0") }
    }
    subscribed = true
    try announce(&handler)
    if !isRidOfFormer { try client.unsubscribe(settings.formerSubscriptions) }
    if wantsOptional {
      wantsOptional = false
      awaitsOptional = true
      try client.subscribeLightly(settings.optionalSubscriptions)
    }
  }

  private mutating func noteUnsubscribed(_ handler: inout some BrokerSessionHandler) {
    guard !isRidOfFormer, client.inbox.pointee.isUnsubscribed else { return }
    isRidOfFormer = true
    handler.unsubscribed(settings.formerSubscriptions)
  }

  /// Tells the handler that it is connected: once, when subscribed or, in a resumed session whose messages
  /// come before the broker's answer to SUBSCRIBE, with the first of them.
  private mutating func announce(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason) {
    guard !announced else { return }
    announced = true
    do {
      try handler.connected(sessionPresent: sessionPresent, at: connectedAt)
    } catch {
      throw .handlerFailed(error)
    }
  }

  private mutating func tick(_ handler: inout some BrokerSessionHandler) throws(DisconnectReason) {
    let now = monotonicClock()
    guard now >= nextTick else { return }
    nextTick = now + tickInterval
    do {
      try handler.tick(now: wallClock())
    } catch {
      throw .handlerFailed(error)
    }
  }
}
