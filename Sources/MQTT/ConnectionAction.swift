extension ConnectionState {
  /// Settings of the session that its connections need.
  package struct Settings {
    package var subscriptions: [String]
    package var optional: [String]
    package var former: [String]
    /// The least quality at which the filters must be granted.
    package var leastQuality: Int32
    /// Minimum milliseconds between two hand-overs while the window is not full.
    package var linger: Int64
    /// Milliseconds after which a broker that accepts no bytes is given up; `stopPatience` applies once a stop is
    /// requested.
    package var patience: Int64
    package var stopPatience: Int64

    package init(
      subscriptions: [String], optional: [String] = [], former: [String] = [], leastQuality: Int32 = 1,
      linger: Int64, patience: Int64, stopPatience: Int64
    ) {
      self.subscriptions = subscriptions
      self.optional = optional
      self.former = former
      self.leastQuality = leastQuality
      self.linger = linger
      self.patience = patience
      self.stopPatience = stopPatience
    }
  }

  /// Fill of the window.
  package enum Fill: CaseIterable { case empty, holding, full }

  /// Facts from outside, read when the next action is asked for.
  package struct Facts {
    /// By the monotonic clock, milliseconds.
    package var now: Int64 = 0
    package var window = Fill.empty
    /// Whether packets are queued.
    package var wantsWrite = false
    /// Whether the socket has been writable since the last write.
    package var hasRoom = false
    package var isStopping = false
    package var isReloading = false
    /// Whether the mailbox has messages and the number of unanswered messages allows publishing.
    package var hasMail = false
    /// Whether the broker has answered published messages.
    package var hasOutcomes = false
    /// The broker's answer to the newest SUBSCRIBE; nil before it arrives.
    package var granted: [Int32]?
    /// Whether the broker has answered an UNSUBSCRIBE.
    package var isUnsubscribed = false

    package init(now: Int64 = 0) { self.now = now }
  }

  /// Actions of a connection. Subscribing, unsubscribing, publishing and keeping alive only queue packets.
  package enum Action: Equatable {
    case subscribe([String])
    case unsubscribe([String])
    case subscribeOptionally([String])
    /// Read the messages that have arrived, until the window is full or, if it holds a message, until `due`.
    case read(due: Int64)
    /// Wait until the socket is readable or the mailbox has a request, at most until the given time.
    case await(until: Int64)
    /// Wait until the socket is writable or the mailbox has a request, at most until the given time.
    case awaitRoom(until: Int64)
    /// Tell the handler that it is connected.
    case announce
    /// Ask the handler whether to keep the window open for more messages; then call ``answered(awaitsMore:at:)``.
    case askForMore
    /// The connection is lost: ask the handler whether to drop the window; then call ``answered(drops:)``.
    case askToDrop
    /// Commit the window and clear it; then call ``committed(at:)``.
    case commit
    /// Write the queue as far as the socket accepts it.
    case write
    case keepAlive
    case tick
    case reload
    /// Queue messages from the mailbox.
    case publish
    /// Tell the handler the outcomes of published messages.
    case reportOutcomes
    /// Tell the handler that these filters are granted; then call ``declined()`` if it does not use them.
    case reportSubscribed([String])
    /// Tell the handler that some of these filters are refused, and that those before stay in effect.
    case reportRefused([String], [RefusedFilter])
    /// Tell the handler that these filters are unsubscribed.
    case reportUnsubscribed([String])
    /// Tell the handler that the session is stopping.
    case reportStop
    /// End the turn, so that other sessions of the thread are served.
    case pause
    /// Send DISCONNECT and check whether the broker has closed; then call ``parted(_:)``.
    case disconnect
    /// End the connection: the broker refuses a filter with which it began, or grants it at QoS 0 only.
    case refuse(filter: String, code: Int32)
    /// End the connection: the broker accepts no bytes.
    case giveUp
    /// Nothing: the connection has ended.
    case end
  }

  /// Progress of a disconnection.
  package enum Parting { case needsRoom, isSent, isOver }
}
