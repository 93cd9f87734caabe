import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// Writes blocks, and journals sources.
extension Shard {
  /// Commits a record of the connection as a separate block.
  func note(
    _ kind: JournalRecord.Kind, at instant: Timestamp, flags: JournalRecord.Flags = [], payload: [UInt8] = []
  ) throws -> Int64 {
    builder.reset()
    payload.withUnsafeBytes { builder.append(kind, flags: flags, received: instant, payload: $0) }
    lastRecord = instant
    return try append()
  }

  /// Commits the builder's records as a block; returns its number.
  func append() throws -> Int64 {
    do {
      try openIfDue(at: builder.lastReceived)
    } catch {
      builder.reset()
      throw error
    }
    return try append(&builder)
  }

  func append(_ builder: inout BlockBuilder) throws -> Int64 {
    if let removal { throw removal }
    do {
      return try store.append(&builder, factoryID: intake.senders.factoryID)
    } catch let error as StoreError where error.kind == .removed {
      throw removed(error)
    }
  }

  /// Checks that the store's files are still in place.
  func checkStore() throws {
    if let removal { throw removal }
    do {
      try store.check()
    } catch let error as StoreError where error.kind == .removed {
      throw removed(error)
    }
  }

  func removed(_ error: StoreError) -> StoreError {
    removal = error
    emit(.storeRemoved(error))
    return error
  }

  // MARK: Sources in the journal

  /// Stores the current sources and the decoders' state: if they differ from those stored last, at the beginning of a
  /// journal day, and often enough that few messages must be read again to restore the state.
  func openIfDue(at received: Timestamp) throws {
    let isLong = intake.isStateful && messagesSinceOpening >= Self.longestStretch
    guard !isJournaled || isLong || store.beginsDay(at: received) else { return }
    try journalSources(at: received)
  }

  /// Stores messages of these filters, if they fit no source, without counting or refusing them: filters of earlier
  /// configurations, or of one that is not in effect yet.
  public func setAside(_ filters: [TopicFilter]) { settings.formerFilters = filters }

  /// Reads messages by other sources and limits from now on; the journal says so. What was received before stays as
  /// it is. Call it on the session's thread, between two windows.
  ///
  /// - Parameters:
  ///   - changed: the shard's settings with other sources, limits, former filters or limit of senders; nothing else may
  ///     differ.
  ///   - probe: the probe from now on, which is another if the first source is below another level.
  ///   - instant: receipt of the first message that is read by them, or the current time.
  /// - Throws: what keeps them from being used or the journal from being written. The sources and limits before stay
  ///   in effect, and the journal says so before the next message.
  public func use(_ changed: ShardSettings, probe changedProbe: HearingProbe?, at instant: Timestamp) throws {
    // What is journaled must be readable again.
    _ = try DecodingRules(text: changed.rules.text)
    let (before, after) = (Router(settings.sources).filters, Router(changed.sources).filters)
    try adopt(changed, at: instant)
    intake.senders.limit = changed.unregisteredSenders
    ownTopics = OwnTopics(below: Router(changed.sources).ownMessageFilters)
    if before != after {
      // The broker delivers what it retains for filters that are new, and only for those.
      let new = after.filter { !before.contains($0) }
      retained.subscribed(to: new.map { TopicFilter($0) }, at: instant)
    }
    if let repairsFrom {
      repairs?.stop(&views)
      repairs = Repairs(settings: settings, store: repairsFrom)
    }
    if changedProbe?.topic != probe?.topic {
      probe = changedProbe
      if isConnected { probe?.connected(at: instant) }
    }
  }

  /// Uses other settings and stores their sources in the journal; or neither.
  private func adopt(_ changed: ShardSettings, at instant: Timestamp) throws {
    let (before, rules, states) = (settings, intake.rules, intake.states())
    if changed.rules != rules {
      try intake.use(changed.rules, continuingSessions: true)
      isJournaled = false
    }
    settings = changed
    guard !isJournaled, !mustClaim else { return }
    do { try journalSources(at: instant) } catch {
      settings = before
      // The failed block may be in the journal all the same.
      isJournaled = false
      try intake.use(rules)
      try intake.goOn(from: states)
      throw error
    }
  }

  /// Stores the decision to read messages received from a day on anew, by the current sources; returns its block.
  /// Views rebuilt from the journal afterwards follow it; the present views do not.
  @discardableResult
  public func reread(from day: CalendarDay, at instant: Timestamp) throws -> Int64 {
    try reread(RereadingScope(day: day), at: instant)
  }

  /// Stores the decision to read the messages of a scope anew, by the current sources; returns its block. Refused
  /// messages with an event of a final day stay refused, because the day's figures no longer change.
  @discardableResult
  public func reread(_ scope: RereadingScope, at instant: Timestamp) throws -> Int64 {
    var scope = scope
    if store.finalDay != nil { scope.refused?.eventsFrom = finalUntil }
    return try journalSources(at: instant, rereading: scope)
  }

  /// Answers a request to read earlier messages anew. A request for other sources than the current ones is removed.
  func answerRereading(at instant: Timestamp) throws {
    guard let request = store.rereadingRequest else { return }
    if request.sources == settings.rules.digest {
      let block = try reread(request.scope, at: instant)
      emit(.rereads(request.scope, block: block))
    }
    store.answeredRereading()
  }

  @discardableResult
  func journalSources(at received: Timestamp, rereading scope: RereadingScope? = nil) throws -> Int64 {
    // A take-over of views that failed half-way may have left the rules of an earlier day in use.
    guard !mustClaim else {
      throw StoreError(.io, "the views are being taken over, and the sources cannot be journaled before")
    }
    var opening = try BlockBuilder()
    let states = intake.open(&opening, at: received, rereading: scope)
    let block = try append(&opening)
    try intake.goOn(from: states.kept)
    intake.decoders.rulesAreStored()
    for ended in states.ended {
      var batch = Batch()
      intake.add(ended, at: received, to: &batch)
      views.fold(batch, &intake, block: block)
    }
    reportLost(states.lost)
    views.passed(block)
    isJournaled = true
    messagesSinceOpening = 0
    return block
  }

  /// Reports factories whose decoders' state cannot be stored, once each until it can again.
  private func reportLost(_ lost: [String: StateLoss]) {
    for (factory, loss) in lost.sorted(by: { $0.key < $1.key }) where !lostStates.contains(factory) {
      emit(.stateLost(factory: factory, loss))
    }
    lostStates = Set(lost.keys)
  }
}
