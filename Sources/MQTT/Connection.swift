/// One accepted connection of a session. It carries out the actions of its ``ConnectionState``.
struct Connection: ~Copyable {
  /// Results of a turn.
  enum Turn {
    case wait(Wait)
    case ended(DisconnectReason)
  }

  private let client: ClientHandle
  private let settings: BrokerSettings
  private let window: UnsafeMutablePointer<Window>
  private let mailbox: Mailbox
  private let receipts: UnsafeMutablePointer<Receipts>
  /// Whether the broker had kept the session.
  let sessionPresent: Bool
  private let connectedAt = wallClock()
  private(set) var state: ConnectionState
  /// Whether the socket has been writable since the last write.
  private var hasRoom = false
  /// Whether DISCONNECT has been sent.
  private var hasParted = false
  /// The reason for the connection's end; nil before it.
  private var reason: DisconnectReason?

  /// Maximum number of published messages that wait for the broker's answer.
  static let unansweredLimit = 100

  init(
    client: consuming ClientHandle, settings: BrokerSettings, window: UnsafeMutablePointer<Window>,
    mailbox: Mailbox, receipts: UnsafeMutablePointer<Receipts>, sessionPresent: Bool, state: ConnectionState
  ) {
    self.client = client
    self.settings = settings
    self.window = window
    self.mailbox = mailbox
    self.receipts = receipts
    self.sessionPresent = sessionPresent
    self.state = state
  }

  /// Subscribes to other filters as soon as earlier requests are answered.
  mutating func use(_ filters: Subscriptions) { state.change(to: filters) }

  /// Whether the connection ended after an optional filter was requested and before the broker answered: some brokers
  /// close the connection instead of refusing the filter.
  var endedOverOptional: Bool { state.optional == .asked && client.inbox.pointee.granted == nil }

  /// Whether the connection ended after the newest filters were requested and before the broker answered.
  var endedOverChange: Bool { state.isAskingForChange && client.inbox.pointee.granted == nil }

  /// Runs until there is something to wait for, a turn is over or the connection has ended.
  ///
  /// Each turn begins with reading and committing. Messages may have arrived together with the broker's CONNACK, and
  /// writing SUBSCRIBE would also write their acknowledgements.
  mutating func step(_ handler: inout some BrokerSessionHandler, _ ready: Readiness) -> Turn {
    hasRoom = ready.writable || ready.hungUp
    while true {
      do throws(DisconnectReason) {
        let facts = facts
        let action = state.next(facts)
        if let turn = try perform(action, &handler) { return turn }
      } catch {
        // Whatever ended the connection, the packets still queued must not be sent: DISCONNECT would flush them.
        client.abandon()
        if case .handlerFailed = error {
          reason = error
          state.failed()
        } else {
          reason = reason ?? error
          state.lost()
        }
      }
    }
  }

  private var facts: ConnectionState.Facts {
    var facts = ConnectionState.Facts(now: monotonicClock())
    if !window.pointee.isEmpty { facts.window = window.pointee.isFull ? .full : .holding }
    facts.wantsWrite = client.wantsWrite
    facts.hasRoom = hasRoom
    facts.isStopping = mailbox.stopRequested
    facts.isReloading = mailbox.isReloadRequested
    facts.hasMail = mailbox.hasMail && receipts.pointee.outstanding < Self.unansweredLimit
    facts.hasOutcomes = !receipts.pointee.outcomes.isEmpty
    facts.granted = client.inbox.pointee.granted
    facts.isUnsubscribed = client.inbox.pointee.isUnsubscribed
    return facts
  }

  /// Carries out one action; returns the result of the turn if the action ends it.
  private mutating func perform(
    _ action: ConnectionState.Action, _ handler: inout some BrokerSessionHandler
  ) throws(DisconnectReason) -> Turn? {
    switch action {
    case .subscribe(let filters): try client.subscribe(filters, settings.subscriptionQuality)
    case .unsubscribe(let filters): try client.unsubscribe(filters)
    case .subscribeOptionally(let filters): try client.subscribeLightly(filters)
    case .read(let due): try read(until: due)
    case .write: try write()
    case .keepAlive: try client.keepAlive()
    case .publish: try publish()
    case .disconnect: disconnect()
    case .await(let until): return .wait(Wait(socket: client.socket, signal: mailbox.wakeEnd, until: until))
    case .awaitRoom(let until):
      return .wait(
        Wait(socket: client.socket, read: false, write: true, signal: mailbox.wakeEnd, until: until))
    case .pause: return .wait(.immediate)
    case .refuse(let filter, let code):
      throw .subscriptionRefused(
        filter: filter, code: UInt8(truncatingIfNeeded: code),
        Self.refusal(code) ?? "it grants QoS \(code)")
    case .giveUp: throw .silent("it reads nothing")
    case .end: return .ended(reason ?? .stopped)
    case .announce, .askForMore, .askToDrop, .commit, .tick, .reload, .reportOutcomes, .reportSubscribed,
      .reportRefused, .reportUnsubscribed, .reportStop:
      do { try ask(&handler, action) } catch { throw .handlerFailed(Self.call(action), error) }
    }
    return nil
  }

  /// Carries out an action that calls the handler.
  private mutating func ask(
    _ handler: inout some BrokerSessionHandler, _ action: ConnectionState.Action
  ) throws {
    switch action {
    case .announce: try handler.connected(sessionPresent: sessionPresent, at: connectedAt)
    case .askForMore:
      state.answered(awaitsMore: handler.awaitsMore(window.pointee), at: monotonicClock())
    case .askToDrop: state.answered(drops: handler.drops(window.pointee))
    case .commit:
      // See `BrokerSession.begin` for the copy of the pointer.
      let window = window
      try handler.commit(&window.pointee)
      window.pointee.clear()
      state.committed(at: monotonicClock())
    case .tick: try handler.tick(now: wallClock())
    case .reload:
      mailbox.takeReload()
      try handler.reload(now: wallClock())
    case .reportStop: try handler.stopping(now: wallClock())
    case .reportSubscribed(let filters):
      if try !handler.subscribed(filters, at: uncommittedSince) { state.declined() }
    case .reportRefused(let filters, let refusals): handler.refused(refusals, of: filters)
    case .reportUnsubscribed(let filters): handler.unsubscribed(filters)
    case .reportOutcomes:
      let receipts = receipts
      for outcome in receipts.pointee.takeOutcomes() {
        handler.published(outcome.number, PublishOutcome(code: outcome.code))
      }
    default: break
    }
  }

  /// Receipt of the first uncommitted message, or the current time; milliseconds UTC.
  private var uncommittedSince: Int64 {
    let now = wallClock()
    return window.pointee.isEmpty ? now : min(now, window.pointee.receivedAt(0))
  }

  /// The handler's call that an action makes; only for those that can fail.
  private static func call(_ action: ConnectionState.Action) -> HandlerCall {
    switch action {
    case .announce: .connected
    case .reportSubscribed: .subscribed
    case .tick: .tick
    case .reload: .reload
    case .reportStop: .stopping
    default: .commit
    }
  }

  // MARK: Effects

  /// Reads until no new message arrives, the window is full or its linger is over. A stop does not interrupt it:
  /// messages that have arrived belong to the batch that is finished.
  private func read(until due: Int64) throws(DisconnectReason) {
    // PINGRESP makes no callback; after two reads without a callback, no complete packet is left.
    var fruitless = 0
    while !window.pointee.isFull {
      let before = client.inbox.pointee.callbacks
      let wasEmpty = window.pointee.isEmpty
      try client.read()
      if client.inbox.pointee.callbacks != before {
        fruitless = 0
      } else {
        fruitless += 1
        if fruitless == 2 || !client.hasUndeliveredBytes { return }
      }
      // Reading bytes already in memory takes too little time to ask the clock for it.
      if !wasEmpty, settings.window.linger > 0, !client.hasUndeliveredBytes, monotonicClock() >= due {
        return
      }
    }
  }

  private mutating func write() throws(DisconnectReason) {
    precondition(window.pointee.isEmpty, "acknowledgements must not leave before their commit")
    hasRoom = false
    try client.write()
  }

  private func publish() throws(DisconnectReason) {
    precondition(window.pointee.isEmpty, "acknowledgements must not leave before their commit")
    while receipts.pointee.outstanding < Self.unansweredLimit, let (number, message) = mailbox.take() {
      do throws(DisconnectReason) {
        let (id, refusal) = try client.publish(message)
        if let refusal {
          receipts.pointee.note(number, code: refusal)
        } else {
          receipts.pointee.expect(messageID: id, number: number)
        }
      } catch {
        receipts.pointee.abandon(number)
        throw error
      }
    }
  }

  private mutating func disconnect() {
    if !hasParted {
      guard let isSent = client.sendDisconnect() else { return state.parted(.isOver) }
      hasParted = isSent
      if !isSent { return state.parted(.needsRoom) }
    }
    state.parted(client.hasBeenClosed() ? .isOver : .isSent)
  }

  /// Why a filter is not granted at QoS 1; nil if it is.
  static func refusal(_ code: Int32) -> String? {
    if code >= 1, code < 0x80 { return nil }
    return code < 1 ? "it grants only QoS 0" : "\(reasonText(code)) (code 0x\(String(code, radix: 16)))"
  }
}
