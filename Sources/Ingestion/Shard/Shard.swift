import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// A share of the factories. It takes windows from a broker session, stores them, and answers for them.
///
/// Everything happens on the session's thread, one window at a time: decode, commit to the journal, fold. Only then
/// does the session send the window's acknowledgements. The journal comes before the fold, so that memory has nothing
/// that is not on disk after a failed commit.
public final class Shard: BrokerSessionHandler {
  let store: any ShardStore
  var settings: ShardSettings
  let register: () throws -> Set<EquipmentKey>?
  let horizon: (() -> Span)?
  let isStopping: () -> Bool
  /// Receives the events that concern the operator.
  let emit: (ShardEvent) -> Void
  var intake: Intake
  var views: LiveViews
  var builder: BlockBuilder
  var batch = Batch()
  /// Changes of the broker's count of dropped messages in a window.
  var drops: [ReceivedDrops] = []
  var watch: ListeningWatch?
  /// Proves that the shard hears. Set it before the session begins; without it, only silence is judged.
  public var probe: HearingProbe?
  /// Filters that the broker has granted to the session. Any other is new to the broker, which delivers what it
  /// retains for it. Set it before the session begins, and when the broker grants filters. nil if a session that is
  /// resumed holds all filters of the sources.
  public var heldFilters: Set<String>?
  var ownTopics: OwnTopics
  /// Receipt of the newest echo of the probe in the current window.
  var echo: Timestamp?
  var retained = RetainedMessages()
  /// Whether the last connection ended with everything acknowledged.
  var endedCleanly = false
  var viewsAreBehind = false
  var isConnected = false
  /// Time at which the connection was made; nil without one.
  var connectedAt: Timestamp?
  /// Whether a Sparkplug host application's session belongs to the shard.
  var expectsHost = false
  /// When the host's session was added; `distantPast` before the first.
  var hostJoined = Timestamp.distantPast
  var hostIsConnected = false
  /// Whether edge nodes may have died unheard since the observation before.
  var hostSessionIsNew = true
  /// Whether the host's session was heard before the shard was connected.
  var hostWasHeardFirst = false
  /// Edge nodes that are asked for a birth although theirs is known.
  var birthsToRepeat: [SparkplugEdgeID] = []
  /// Whether observation has ended because the host's session is missing.
  var observationLacksHost = false
  var registerIsReadable = true
  var isTidy = true
  /// The final day of the store, and its end.
  var finality: (day: CalendarDay, until: Timestamp)?
  var registered: Set<EquipmentKey>
  /// Whether a repeated claim failed half-way. The views then lack blocks and must not be written, because they would
  /// state that they include them.
  var mustClaim = false
  /// Whether the current sources are those stored last in the journal.
  var isJournaled = false
  /// Whether the sources or limits differed from those stored last in the journal when the shard was claimed.
  public internal(set) var sourcesChanged = false
  var messagesSinceOpening = 0
  /// Factories whose decoders' state could not be stored last.
  var lostStates: Set<String> = []
  var lastRecord = Timestamp.distantPast
  var lastUpdate = Timestamp.distantPast
  var repairs: Repairs?
  let repairsFrom: (any Store)?
  /// The error that forbids further use of the store, or nil. Nothing is written or acknowledged after it.
  public internal(set) var removal: StoreError?
  /// Counters since the claim.
  public internal(set) var counters = ShardCounters()

  /// Maximum number of rows that wait for the views before the shard stops acknowledging.
  static let pendingLimit = 500_000

  /// Number of messages after which the state of decoders is stored again.
  static let longestStretch = 250_000

  /// Number of rows that are written at once because they cost little; more rows are collected first.
  static let fewRows = 200

  /// Claims `store` and brings its views up to the journal.
  ///
  /// - Parameters:
  ///   - register: returns the keys in the register, or nil if they have not changed; called about once a second.
  ///   - isStopping: whether the process must stop; called before each block is replayed.
  ///   - clocks: clocks that reveal time in which the thread did not run. nil if receipts do not follow the system's
  ///     clock, as in a replay of a journal.
  ///   - horizon: returns the largest horizon of registered equipment; called whenever a quiet connection is noted.
  ///     nil if silence must not be judged.
  ///   - emit: receives events that concern the operator.
  ///   - source: the store whose journal repairs read. With nil, marked days stay marked.
  /// - Throws: ``ShardStopped`` if `isStopping` before the views are up to date. The views written so far are
  ///   consistent, and the next claim continues from there.
  public init(
    store: any ShardStore, settings: ShardSettings, repairsFrom source: (any Store)? = nil,
    clocks: (() -> SystemClocks)? = nil, horizon: (() -> Span)? = nil,
    register: @escaping () throws -> Set<EquipmentKey>?,
    isStopping: @escaping () -> Bool = { false },
    emit: @escaping (ShardEvent) -> Void
  ) throws {
    watch = clocks.map(ListeningWatch.init)
    ownTopics = OwnTopics(below: Router(settings.sources).ownMessageFilters)
    repairsFrom = source
    repairs = source.map { Repairs(settings: settings, store: $0) }
    self.store = store
    self.settings = settings
    self.register = register
    self.isStopping = isStopping
    self.horizon = horizon
    self.emit = emit
    let state = try store.claim(remembering: RecentMessages.capacity)
    builder = try BlockBuilder()
    registered = try register() ?? []
    // The rules stored in the journal must be readable again.
    _ = try DecodingRules(text: settings.rules.text)
    intake = try Self.intake(of: state, settings, registered)
    views = Self.views(of: state, settings)
    let messages = try catchUp(state)
    emit(
      .claimed(
        senders: intake.senders.all.count, blocksReplayed: state.head - state.cursor,
        messagesReplayed: messages))
  }

  // MARK: BrokerSessionHandler

  public func connected(sessionPresent: Bool, at: Int64) throws {
    _ = watch?.mark()
    let hadConnected = views.observation != nil
    let instant = Timestamp(milliseconds: at)
    retained.connected(at: instant, isNew: !sessionPresent || settings.receivesRetainedAgain)
    if let heldFilters {
      let new = Router(settings.sources).filters.filter { !heldFilters.contains($0) }
      retained.subscribed(to: new.map { TopicFilter($0) }, at: instant)
    }
    try noteConnected(at: instant, sessionPresent: sessionPresent)
    views.hearing.connected(at: instant)
    probe?.connected(at: instant)
    intake.expectRedelivery(sessionPresent && !endedCleanly)
    endedCleanly = false
    isConnected = true
    connectedAt = instant
    observationLacksHost = false
    if hadConnected, !sessionPresent { emit(.sessionLost) }
    emit(.connected(sessionPresent: sessionPresent))
  }

  public func awaitsMore(_ window: borrowing Window) -> Bool {
    guard intake.awaitsRedelivery else { return false }
    decodeMessages(window)
    return intake.isUndecided(batch)
  }

  /// Drops a window that is the beginning of a redelivery and may be one of several: the broker sends it again.
  public func drops(_ window: borrowing Window) -> Bool { awaitsMore(window) }

  public func commit(_ window: inout Window) throws { try commit(window, isOfHost: false) }

  /// Commits a window of the shard's session, or of the Sparkplug host application's.
  func commit(_ window: borrowing Window, isOfHost: Bool) throws {
    // Checked before anything is stored: a message refused here is sent again, and must not be stored each time.
    guard pendingRows <= Self.pendingLimit else {
      throw StoreError(
        .io, "the views have not been written for long: \(pendingRows) rows wait for the disk")
    }
    try markListening()
    // Stored before a decoder receives messages, so that it continues from the state in the journal.
    if intake.isStateful, let latest = latestReceipt(of: window) { try openIfDue(at: latest) }
    decode(window, isOfHost: isOfHost)
    try endSilence()
    try noteEcho()
    for place in batch.messages.indices {
      builder.append(
        .message, flags: batch.messages[place].flags, received: batch.messages[place].received,
        factory: intake.factory(of: batch.messages[place]), topic: batch.messages[place].topic,
        payload: batch.messages[place].payload, packetID: batch.messages[place].packetID)
    }
    for drop in drops {
      builder.append(
        .brokerStatus, flags: drop.flags, received: drop.count.at, factory: BlockBuilder.broker,
        topic: window.topic(drop.index),
        payload: window.payload(drop.index))
    }
    // An unchanged count is not stored; the window may have nothing else.
    guard builder.count > 0 else { return }
    lastRecord = builder.lastReceived
    let block = try append()
    intake.keep()
    messagesSinceOpening += batch.messages.count
    intake.remember(&batch)
    views.fold(batch, &intake, block: block)
    for drop in drops { noteDropped(drop.count) }
    views.observed(through: lastRecord)
    count(block)
    batch.removeAll()
    updateViews(at: lastRecord)
  }

  public func tick(now: Int64) throws {
    let instant = Timestamp(milliseconds: now)
    try checkStore()
    try markListening()
    if isConnected, !observationLacksHost,
      instant - lastRecord >= settings.observationInterval || instant < lastRecord
    {
      try noteStanding(at: instant)
    }
    sendProbe(at: instant)
    updateViews(at: instant)
    readRegister()
    takeOverRebuilt()
    if !mustClaim { try answerRereading(at: instant) }
    if !mustClaim { repairs?.advance(&views, &intake.senders, store, emit: emit) }
    tidy()
  }

  public func disconnected(reason: DisconnectReason, at: Int64) {
    var instant = Timestamp(milliseconds: at)
    probe?.disconnected()
    if isConnected {
      isConnected = false
      connectedAt = nil
      if let found = watch?.mark() {
        // The connection ended while the thread did not run: it is known to have existed until the last mark.
        instant = found.from
        emit(.listeningBroke(found.cause, from: found.from, length: found.length))
      }
      do {
        if case .stopped = reason { endedCleanly = true }
        try noteStanding(at: instant, ended: true)
      } catch let error as StoreError where error.kind == .removed {
        // The failure is already reported.
      } catch {
        // Without this record, observation ends at the previous one: earlier, never later.
        emit(.journalFailed(error))
      }
    }
    if case .stopped = reason { return }
    guard removal == nil else { return }
    emit(.disconnected(.init(description: reason.description, needsOperator: reason.needsOperator)))
  }

  // MARK: Around the session

  /// Number of rows waiting to be written to the views.
  public var pendingRows: Int { views.pending + intake.senders.new.count }
  /// Number of known senders, registered or not.
  public var senders: Int { intake.senders.all.count }

  /// Returns and clears the examples: the first message refused for each reason since the last call.
  public func takeRefusalExamples() -> [RefusalExample] { counters.refusals.takeExamples() }

  /// Writes the waiting rows to the views. Call it before the store is released.
  public func finish() throws {
    repairs?.stop(&views)
    if !mustClaim, removal == nil { try views.write(&intake.senders, store.update) }
  }

  /// Recomputes every marked day before it returns.
  ///
  /// - Parameter progress: receives the number of days recomputed in each round.
  public func repairAll(progress: (Int) throws -> Void = { _ in }) throws {
    try repairs?.finish(&views, &intake.senders, store, progress: progress)
  }

  // MARK: -

  func count(_ block: Int64) {
    counters.windows += 1
    counters.messages += batch.messages.count
    counters.block = block
    if let last = batch.messages.last { counters.newest = last.received }
    counters.sparkplug.decoding.add(intake.takeCounts())
    for place in batch.messages.indices {
      if batch.messages[place].flags.contains(.redelivered) {
        counters.redelivered += 1
      } else if batch.messages[place].fate == .rejected {
        counters.rejected += 1
        counters.refusals.note(batch, place, block: block)
      } else if batch.messages[place].flags.contains(.former) {
        counters.former += 1
      }
    }
  }
}
