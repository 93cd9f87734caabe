import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// Writes views and brings them up to the journal.
extension Shard {
  /// Writes the views if they are due. After a failure they stay as they are until the next attempt.
  func updateViews(at instant: Timestamp) {
    guard !mustClaim else { return }
    let isDue =
      instant - lastUpdate >= settings.viewInterval || instant < lastUpdate
      || pendingRows > Self.pendingLimit / 2
    guard pendingRows > 0, isDue || pendingRows <= Self.fewRows else { return }
    lastUpdate = instant
    do {
      try views.write(&intake.senders, store.update)
      viewsAreBehind = false
    } catch {
      if !viewsAreBehind { emit(.viewsBehind(error)) }
      viewsAreBehind = true
    }
  }

  /// Adopts views that were rebuilt while this shard was running, once they include the journal's newest blocks.
  func takeOverRebuilt() {
    guard store.hasRebuiltViews || mustClaim else { return }
    do {
      repairs?.stop(&views)
      if !mustClaim { try views.write(&intake.senders, store.update) }
      mustClaim = true
      let state = try store.claim(remembering: RecentMessages.capacity)
      let wasClean = endedCleanly
      let redelivery = intake.redelivery
      intake = try Self.intake(of: state, settings, registered)
      intake.redelivery = redelivery
      views = Self.views(of: state, settings)
      _ = try catchUp(state)
      endedCleanly = wasClean
      mustClaim = false
      emit(.rebuilt(blocksReplayed: state.head - state.cursor))
    } catch is ShardStopped {
      // The next start brings the views up to date.
    } catch {
      emit(.viewsBehind(error))
    }
  }

  /// Runs deferred maintenance of the store. A failure only delays the reclaiming of disk space.
  func tidy() {
    do {
      try store.tidy()
      isTidy = true
    } catch {
      if isTidy { emit(.untidy(error)) }
      isTidy = false
    }
  }

  /// Takes a changed register into account. An unreadable register must not stop the collector.
  func readRegister() {
    do {
      if let changed = try register() {
        registered = changed
        intake.senders.registerChanged(changed)
      }
      registerIsReadable = true
    } catch {
      if registerIsReadable { emit(.registerUnreadable(error)) }
      registerIsReadable = false
    }
  }

  /// Brings the views up to the journal; returns the number of messages that they lacked.
  func catchUp(_ state: ShardState) throws -> Int {
    let history = try RulesHistory(
      from: state.remembered + 1, through: state.head, configured: settings.rules,
      outline: store.outline, block: store.block)
    try intake.use(history.initial)
    var follower = RulesFollower(history)
    var replay = JournalReplay(
      store: store, finalUntil: finalUntil, endedCleanly: endedCleanly, isStopping: isStopping)
    try replay.run(
      into: &views, &intake, from: state.cursor, remembering: state.remembered, &follower,
      after: history.begin)
    endedCleanly = replay.endedCleanly
    isJournaled = follower.journaled == settings.rules
    sourcesChanged = follower.journaled.map { $0 != settings.rules } ?? false
    messagesSinceOpening = follower.messages
    intake.endRetries()
    intake.decoders.rulesAreStored()
    try intake.use(settings.rules, continuingSessions: true)
    // What replayed messages lacked may have come since, or is asked for at the next connection.
    _ = intake.takeMissingBirths()
    // The collector that received replayed messages has counted them.
    _ = intake.takeCounts()
    return replay.messages
  }

  static func intake(
    of state: ShardState, _ settings: ShardSettings, _ registered: Set<EquipmentKey>
  ) throws -> Intake {
    try Intake(
      settings.rules, settings.formats,
      senders: Senders(state.senders, limit: settings.unregisteredSenders, registered: registered))
  }

  static func views(of state: ShardState, _ settings: ShardSettings) -> LiveViews {
    LiveViews(
      state: state,
      fold: TimelineFold(horizonMinimum: settings.horizonMinimum, calendar: settings.calendar))
  }
}
