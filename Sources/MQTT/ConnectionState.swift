/// The rules of one accepted connection, as a value. It takes facts and returns the next action, which ``Connection``
/// carries out.
///
/// A turn is: read until the window is full, its linger is over or nothing more arrives; check the broker's answers;
/// commit; write everything; keep alive, tick, publish. **While the window holds an uncommitted message no action
/// writes**: libmosquitto has already queued the message's PUBACK. Packets queued in the meantime are written after
/// the commit.
package struct ConnectionState {
  private enum Stage: Equatable {
    case opening
    // In these stages nothing may be written: the window may hold a message.
    case reading, deciding, asking
    /// The handler wants more messages, at most until the given time.
    case awaitingMore(until: Int64)
    case answering, committing
    // In these stages the window is empty, and nothing is read.
    case writing
    case blocked(until: Int64)
    case keepingAlive, ticking, reloading, publishing, pausing
    case parting(until: Int64), awaitingParting(Parting, until: Int64)
    // In these stages the connection is lost, and nothing can be sent.
    case salvaging, askingAtEnd, committingAtEnd, ended
  }

  /// Progress of a set of filters.
  package enum Filters: Equatable {
    /// Nothing to request.
    case unneeded
    case wanted, asked, answered
  }

  var settings: Settings
  private var stage = Stage.opening
  package internal(set) var subscriptions = Filters.asked
  package internal(set) var optional: Filters
  package internal(set) var former: Filters
  /// Filters that the broker was asked for last.
  var asked: [String]
  /// Filters to use once earlier requests are answered; nil for none.
  var change: Subscriptions?
  /// Filters to use once the broker grants those of them that are new; nil for none.
  var requested: Subscriptions?
  /// Granted filters of which the handler is to be told; nil for none.
  var granted: [String]?
  /// The subscriptions before those of which the handler was told last, and the filters that were new among the latter.
  var earlier: (subscriptions: [String], former: [String], added: [String])?
  /// Whether the broker has granted the filters that the connection began with.
  package internal(set) var hasGranted = false
  private(set) var isAnnounced = false
  /// Time at which the handler's tick is due.
  package private(set) var nextTick: Int64
  /// Time at which the newest window was handed over, or the connection began.
  private var handedOver: Int64
  /// Time at which a window is handed over although its handler wants more messages.
  private var longestAwaited: Int64?
  /// Whether the last read before a stop is done, or goes on.
  private var isLastRead = false
  /// Whether the handler knows of the stop.
  private var isStopReported = false

  /// - Parameters:
  ///   - asksOptional: whether to request the optional filters.
  ///   - holdsFormer: whether the session may still hold the former filters.
  ///   - change: filters to use once those of the settings are granted; nil for none.
  package init(
    _ settings: Settings, asksOptional: Bool = true, holdsFormer: Bool = true, change: Subscriptions? = nil,
    nextTick: Int64, now: Int64
  ) {
    self.settings = settings
    self.change = change
    asked = settings.subscriptions
    granted = settings.subscriptions
    optional = asksOptional && !settings.optional.isEmpty ? .wanted : .unneeded
    former = holdsFormer && !settings.former.isEmpty ? .wanted : .unneeded
    self.nextTick = nextTick
    handedOver = now
  }

  // MARK: Events

  /// Takes the handler's answer to ``Action/askForMore``.
  package mutating func answered(awaitsMore: Bool, at now: Int64) {
    guard stage == .asking else { return }
    guard awaitsMore else { return stage = .answering }
    let until = longestAwaited ?? now + longestPatience
    longestAwaited = until
    stage = .awaitingMore(until: until)
  }

  /// Takes the handler's answer to ``Action/askToDrop``.
  package mutating func answered(drops: Bool) {
    if stage == .askingAtEnd { stage = drops ? .ended : .committingAtEnd }
  }

  /// Takes the end of a commit: the window is empty.
  package mutating func committed(at now: Int64) {
    handedOver = now
    longestAwaited = nil
    stage = stage == .committingAtEnd ? .ended : .writing
  }

  /// Takes the progress of ``Action/disconnect``.
  package mutating func parted(_ parting: Parting) {
    guard case .parting(let until) = stage else { return }
    stage = parting == .isOver ? .ended : .awaitingParting(parting, until: until)
  }

  /// Takes the loss of the connection. The received messages are still stored: a broker that comes back sends them
  /// again, but a broker that lost its session does not. Storing a message twice changes no figure if it is
  /// recognised.
  package mutating func lost() { stage = .salvaging }

  /// Takes a failure of the handler: nothing uncommitted is used any more.
  package mutating func failed() { stage = .ended }

  // MARK: Next action

  /// Returns the next action. Carry it out before asking for another.
  package mutating func next(_ facts: Facts) -> Action {
    while true {
      if let action = step(facts) { return action }
    }
  }

  /// Takes one step: returns an action, or nil after a change of stage.
  private mutating func step(_ facts: Facts) -> Action? {
    switch stage {
    case .opening: return go(.reading, .subscribe(settings.subscriptions))
    case .reading: return go(.deciding, .read(due: isLastRead ? .max : due))
    case .deciding: return facts.window == .empty ? idle(facts) : hold(facts)
    case .asking: return go(.answering)
    case .awaitingMore(let until): return go(.reading, .await(until: until))
    case .answering: return look(facts) ?? go(facts.window == .empty ? .writing : .committing)
    case .committing: return announce() ?? .commit
    case .writing: return write(facts)
    case .blocked(let until): return blocked(facts, until)
    case .keepingAlive, .ticking, .reloading, .publishing, .pausing: return attend(facts)
    case .parting(let until): return facts.now < until ? .disconnect : go(.ended)
    case .awaitingParting(let parting, let until):
      return go(
        .parting(until: until), parting == .needsRoom ? .awaitRoom(until: until) : .await(until: until))
    case .salvaging:
      guard facts.window != .empty else { return go(.ended) }
      return announce() ?? go(.askingAtEnd, .askToDrop)
    case .askingAtEnd: return go(.ended)
    case .committingAtEnd: return .commit
    case .ended: return .end
    }
  }

  private mutating func go(_ next: Stage, _ action: Action? = nil) -> Action? {
    stage = next
    return action
  }

  /// Deadline for handing over a window that holds a message and is not full, counted from the previous hand-over, so
  /// that an isolated message is committed at once.
  private var due: Int64 { handedOver + settings.linger }

  /// Comes once per connection, before the first commit.
  mutating func announce() -> Action? {
    guard !isAnnounced else { return nil }
    isAnnounced = true
    return .announce
  }

  /// Steps while the window holds a message.
  private mutating func hold(_ facts: Facts) -> Action? {
    if facts.window == .full || facts.isStopping { return go(.answering) }
    // The handler may have waited for it.
    if longestAwaited != nil, hasAnswer(facts), let action = look(facts) { return action }
    if settings.linger > 0, facts.now < due { return go(.reading, .await(until: due)) }
    if let announcement = announce() { return announcement }
    if let longestAwaited, facts.now >= longestAwaited { return go(.answering) }
    return go(.asking, .askForMore)
  }

  /// Steps while the window is empty.
  private mutating func idle(_ facts: Facts) -> Action? {
    let hasWork =
      facts.isStopping || facts.wantsWrite || mayPublish(facts) || facts.hasOutcomes || facts.isReloading
      || facts.now >= nextTick || hasAnswer(facts) || canChange || hasChanged
    return hasWork ? go(.answering) : go(.reading, .await(until: nextTick))
  }

  /// Whether a message is to be published. The first one may state that the session is subscribed.
  private func mayPublish(_ facts: Facts) -> Bool { facts.hasMail && hasGranted }

  private mutating func write(_ facts: Facts) -> Action? {
    guard facts.window == .empty else { return go(.committing) }
    if facts.wantsWrite { return go(.blocked(until: facts.now + settings.patience), .write) }
    if !facts.isStopping { return go(.keepingAlive) }
    if !isStopReported, isAnnounced, hasGranted {
      isStopReported = true
      return .reportStop
    }
    if facts.hasMail { return .publish }
    if !isLastRead {
      // What has arrived by now belongs to the batch that is finished, whatever the linger was.
      isLastRead = true
      return go(.reading)
    }
    return go(.parting(until: facts.now + longestFarewell))
  }

  /// Steps while queued packets may be unsent.
  private mutating func blocked(_ facts: Facts, _ until: Int64) -> Action? {
    guard facts.wantsWrite, !facts.hasRoom else { return go(.writing) }
    if facts.now >= nextTick { return tick(facts) }
    let until = facts.isStopping ? min(until, facts.now + settings.stopPatience) : until
    if facts.now >= until { return .giveUp }
    return go(.blocked(until: until), .awaitRoom(until: min(until, nextTick)))
  }

  /// Steps while both the window and the queue are empty.
  private mutating func attend(_ facts: Facts) -> Action? {
    switch stage {
    case .keepingAlive: return go(.ticking, .keepAlive)
    case .ticking:
      stage = .reloading
      return facts.now >= nextTick ? tick(facts) : nil
    case .reloading: return go(.publishing, facts.isReloading ? .reload : nil)
    case .publishing:
      return beginChange() ?? go(.pausing, mayPublish(facts) ? .publish : nil)
    default: return go(.reading, .pause)
    }
  }

  private mutating func tick(_ facts: Facts) -> Action {
    nextTick = facts.now + tickInterval
    return .tick
  }
}
