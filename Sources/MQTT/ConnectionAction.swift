extension ConnectionState {
  /// Settings of the session that its connections need.
  package struct Settings {
    package var subscriptions: [String]
    package var optional: [String]
    package var former: [String]
    /// Milliseconds from one hand-over to the next while the window is not full.
    package var linger: Int64
    /// Milliseconds for which the broker may take nothing that is written; `stopPatience` once a stop is requested.
    package var patience: Int64
    package var stopPatience: Int64

    package init(
      subscriptions: [String], optional: [String] = [], former: [String] = [], linger: Int64, patience: Int64,
      stopPatience: Int64
    ) {
      self.subscriptions = subscriptions
      self.optional = optional
      self.former = former
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
    /// Whether the socket was found to have room since the last write.
    package var hasRoom = false
    package var isStopping = false
    package var isReloading = false
    /// Whether the mailbox has messages, and few enough are unanswered that some can be published.
    package var hasMail = false
    /// Whether the broker has answered for published messages.
    package var hasOutcomes = false
    /// The broker's answer to the newest SUBSCRIBE; nil before it.
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
    /// Read what has arrived, until the window is full or, where it holds a message, until `due`.
    case read(due: Int64)
    /// Wait for something to read or in the mailbox, at most until then.
    case await(until: Int64)
    /// Wait for room to write in, or something in the mailbox, at most until then.
    case awaitRoom(until: Int64)
    /// Tell the handler that it is connected.
    case announce
    /// Ask the handler whether it wants more in the window; then call ``answered(awaitsMore:at:)``.
    case askForMore
    /// Commit the window and clear it; then call ``committed(at:)``.
    case commit
    /// Write what is queued, as far as the socket takes it.
    case write
    case keepAlive
    case tick
    case reload
    /// Queue messages of the mailbox.
    case publish
    /// Tell the handler what became of published messages.
    case reportOutcomes
    /// Tell the handler that these filters are unsubscribed.
    case reportUnsubscribed([String])
    /// A turn is over; other sessions of the thread may have theirs.
    case pause
    /// Send DISCONNECT and see whether the broker has closed; then call ``parted(_:)``.
    case disconnect
    /// End: the broker refuses a filter, or grants it at QoS 0 only.
    case refuse(filter: String, code: Int32)
    /// End: the broker takes nothing.
    case giveUp
    /// It has ended.
    case end
  }

  /// How far a disconnection got.
  package enum Parting { case needsRoom, isSent, isOver }
}
