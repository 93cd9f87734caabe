/// The rules of one accepted connection, as a value: told what holds, it says what to do next. ``Connection`` does it.
///
/// A turn is: read until the window is full, its linger is over or nothing more comes; look at the broker's answers;
/// commit; write everything; keep alive, tick, publish. **While the window holds an uncommitted message no action
/// writes**: libmosquitto has queued the message's PUBACK already. What is queued meanwhile waits behind the commit.
package struct ConnectionState {
  private enum Stage: Equatable {
    case opening
    // Nothing may be written in these: the window may hold a message.
    case reading, deciding, asking
    /// The handler wants more until then.
    case awaitingMore(until: Int64)
    case answering, committing
    // The window is empty, and nothing is read.
    case writing
    case blocked(until: Int64)
    case keepingAlive, ticking, reloading, publishing, pausing
    case parting(until: Int64), awaitingParting(Parting, until: Int64)
    // The connection is lost, and nothing can leave.
    case salvaging, askingAtEnd, committingAtEnd, ended
  }

  /// What the broker has said of a set of filters.
  package enum Filters: Equatable {
    /// Nothing is to be asked.
    case unneeded
    case wanted, asked, answered
  }

  private let settings: Settings
  private var stage = Stage.opening
  package private(set) var subscriptions = Filters.asked
  package private(set) var optional: Filters
  package private(set) var former: Filters
  private var isAnnounced = false
  /// When the handler's tick is due.
  package private(set) var nextTick: Int64
  /// When the newest window was handed over, or the connection began.
  private var handedOver: Int64
  /// When a window goes to the handler although it awaits more.
  private var longestAwaited: Int64?
  /// Whether the last read before a stop is done, or goes on.
  private var isLastRead = false

  /// - Parameters:
  ///   - optional: whether to ask for the optional filters.
  ///   - former: whether the session may still hold the former filters.
  package init(
    _ settings: Settings, asksOptional: Bool = true, holdsFormer: Bool = true, nextTick: Int64, now: Int64
  ) {
    self.settings = settings
    optional = asksOptional && !settings.optional.isEmpty ? .wanted : .unneeded
    former = holdsFormer && !settings.former.isEmpty ? .wanted : .unneeded
    self.nextTick = nextTick
    handedOver = now
  }

  /// Whether the broker has granted the subscriptions.
  package var isSubscribed: Bool { subscriptions == .answered }

  /// Whether the session may still hold the former filters.
  package var holdsFormer: Bool { former == .wanted || former == .asked }

  // MARK: What happened

  /// The handler's answer to ``Action/askForMore``.
  package mutating func answered(awaitsMore: Bool, at now: Int64) {
    switch stage {
    case .asking:
      guard awaitsMore else { return stage = .answering }
      let until = longestAwaited ?? now + longestPatience
      longestAwaited = until
      stage = .awaitingMore(until: until)
    case .askingAtEnd: stage = awaitsMore ? .ended : .committingAtEnd
    default: break
    }
  }

  /// The window is committed and empty.
  package mutating func committed(at now: Int64) {
    handedOver = now
    longestAwaited = nil
    stage = stage == .committingAtEnd ? .ended : .writing
  }

  /// How far ``Action/disconnect`` got.
  package mutating func parted(_ parting: Parting) {
    guard case .parting(let until) = stage else { return }
    stage = parting == .isOver ? .ended : .awaitingParting(parting, until: until)
  }

  /// The connection is lost. What has been received is still worth storing: a broker that comes back sends it again,
  /// one that lost its memory does not, and storing it twice changes no figure if it is known to be the same.
  package mutating func lost() { stage = .salvaging }

  /// The handler failed: nothing that is not committed is touched any more.
  package mutating func failed() { stage = .ended }

  // MARK: What to do

  /// The next action. It is done before the next one is asked for.
  package mutating func next(_ facts: Facts) -> Action {
    while true {
      if let action = step(facts) { return action }
    }
  }

  /// One step: an action, or nil after a change of the stage.
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
      return announce() ?? go(.askingAtEnd, .askForMore)
    case .askingAtEnd: return go(.ended)
    case .committingAtEnd: return .commit
    case .ended: return .end
    }
  }

  private mutating func go(_ next: Stage, _ action: Action? = nil) -> Action? {
    stage = next
    return action
  }

  /// When a window that holds a message and is not full is handed over, counted from the previous hand-over, so that
  /// an isolated message is committed at once.
  private var due: Int64 { handedOver + settings.linger }

  /// Once per connection, before anything is committed.
  private mutating func announce() -> Action? {
    guard !isAnnounced else { return nil }
    isAnnounced = true
    return .announce
  }

  /// The window holds a message.
  private mutating func hold(_ facts: Facts) -> Action? {
    if facts.window == .full || facts.isStopping { return go(.answering) }
    if settings.linger > 0, facts.now < due { return go(.reading, .await(until: due)) }
    if let announcement = announce() { return announcement }
    if let longestAwaited, facts.now >= longestAwaited { return go(.answering) }
    return go(.asking, .askForMore)
  }

  /// The window is empty.
  private mutating func idle(_ facts: Facts) -> Action? {
    let hasWork =
      facts.isStopping || facts.wantsWrite || facts.hasMail || facts.hasOutcomes || facts.isReloading
      || facts.now >= nextTick || hasAnswer(facts)
    return hasWork ? go(.answering) : go(.reading, .await(until: nextTick))
  }

  private func hasAnswer(_ facts: Facts) -> Bool {
    subscriptions == .asked && facts.granted != nil || former == .asked && facts.isUnsubscribed
  }

  /// Looks at the broker's answers.
  private mutating func look(_ facts: Facts) -> Action? {
    if subscriptions == .asked, let granted = facts.granted {
      if let refusal = refusal(granted) { return refusal }
      subscriptions = .answered
    }
    if subscriptions == .answered {
      if let announcement = announce() { return announcement }
      if former == .wanted {
        former = .asked
        return .unsubscribe(settings.former)
      }
      if optional == .wanted {
        optional = .asked
        return .subscribeOptionally(settings.optional)
      }
      if optional == .asked, facts.granted != nil { optional = .answered }
    }
    if former == .asked, facts.isUnsubscribed {
      former = .answered
      return .reportUnsubscribed(settings.former)
    }
    return facts.hasOutcomes ? .reportOutcomes : nil
  }

  /// What is wrong with the broker's answer to SUBSCRIBE; nil if nothing is.
  private func refusal(_ granted: [Int32]) -> Action? {
    for (index, filter) in settings.subscriptions.enumerated() {
      let code = index < granted.count ? granted[index] : 0x80
      if code < 1 || code >= 0x80 { return .refuse(filter: filter, code: code) }
    }
    return nil
  }

  private mutating func write(_ facts: Facts) -> Action? {
    guard facts.window == .empty else { return go(.committing) }
    if facts.wantsWrite { return go(.blocked(until: facts.now + settings.patience), .write) }
    if !facts.isStopping { return go(.keepingAlive) }
    if facts.hasMail { return .publish }
    if !isLastRead {
      // What has arrived by now belongs to the batch that is finished, whatever the linger was.
      isLastRead = true
      return go(.reading)
    }
    return go(.parting(until: facts.now + longestFarewell))
  }

  /// Not everything that is queued may have left.
  private mutating func blocked(_ facts: Facts, _ until: Int64) -> Action? {
    guard facts.wantsWrite, !facts.hasRoom else { return go(.writing) }
    if facts.now >= nextTick { return tick(facts) }
    let until = facts.isStopping ? min(until, facts.now + settings.stopPatience) : until
    if facts.now >= until { return .giveUp }
    return go(.blocked(until: until), .awaitRoom(until: min(until, nextTick)))
  }

  /// What is done with an empty window and an empty queue.
  private mutating func attend(_ facts: Facts) -> Action? {
    switch stage {
    case .keepingAlive: return go(.ticking, .keepAlive)
    case .ticking:
      stage = .reloading
      return facts.now >= nextTick ? tick(facts) : nil
    case .reloading: return go(.publishing, facts.isReloading ? .reload : nil)
    case .publishing: return go(.pausing, facts.hasMail ? .publish : nil)
    default: return go(.reading, .pause)
    }
  }

  private mutating func tick(_ facts: Facts) -> Action {
    nextTick = facts.now + tickInterval
    return .tick
  }
}
