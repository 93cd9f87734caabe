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
  private let store: any ShardStore
  private let settings: ShardSettings
  private let register: () throws -> Set<EquipmentKey>?
  private let horizon: (() -> Span)?
  private let isStopping: () -> Bool
  /// Receives the events that concern the operator.
  private let emit: (ShardEvent) -> Void
  private var intake: Intake
  private var views: LiveViews
  private var builder: BlockBuilder
  private var batch = Batch()
  /// Changes of the broker's count of dropped messages in a window.
  private var drops: [ReceivedDrops] = []
  private var watch: ListeningWatch?
  /// Proves that the shard hears. Set it before the session begins; without it, only silence is judged.
  public var probe: HearingProbe?
  private let ownTopics: OwnTopics
  /// Receipt of the newest echo of the probe in the current window.
  private var echo: Timestamp?
  private var retained = RetainedMessages()
  /// Whether the last connection ended with everything acknowledged.
  private var endedCleanly = false
  private var viewsAreBehind = false
  private var isConnected = false
  private var registerIsReadable = true
  private var isTidy = true
  /// The final day of the store, and its end.
  private var finality: (day: CalendarDay, until: Timestamp)?
  private var registered: Set<EquipmentKey>
  /// Whether a repeated claim failed half-way. The views then lack blocks and must not be written, because they would
  /// state that they include them.
  private var mustClaim = false
  /// Whether the current sources are those stored last in the journal.
  private var isJournaled = false
  private var messagesSinceOpening = 0
  private var lastRecord = Timestamp.distantPast
  private var lastUpdate = Timestamp.distantPast
  private var repairs: Repairs?
  /// The error that forbids further use of the store, or nil. Nothing is written or acknowledged after it.
  public private(set) var removal: StoreError?
  /// Counters since the claim.
  public private(set) var counters = ShardCounters()

  /// Maximum number of rows that wait for the views before the shard stops acknowledging.
  private static let pendingLimit = 500_000

  /// Number of messages after which the state of decoders is stored again.
  private static let longestStretch = 250_000

  /// Number of rows that are written at once because they cost little; more rows are collected first.
  private static let fewRows = 200

  /// Claims `store` and brings its views up to the journal.
  ///
  /// - Parameters:
  ///   - register: returns the keys in the register, or nil if they have not changed; called about once a second.
  ///   - isStopping: whether the process must stop; called before each block is replayed.
  ///   - clocks: clocks that reveal time in which the thread did not run. nil if receipts do not follow the system's
  ///     clock, as in a replay of a journal.
  ///   - horizon: returns the largest horizon of registered equipment; called whenever a quiet connection is noted.
  ///     nil if silence must not be judged.
  ///   - report: receives events that concern the operator.
  ///   - source: the store whose journal repairs read. With nil, marked days stay marked.
  /// - Throws: ``ShardStopped`` if `isStopping` before the views are up to date. The views written so far are
  ///   consistent, and the next claim continues from there.
  public init(
    store: any ShardStore, settings: ShardSettings, repairsFrom source: (any Store)? = nil,
    clocks: (() -> SystemClocks)? = nil, horizon: (() -> Span)? = nil,
    register: @escaping () throws -> Set<EquipmentKey>?,
    isStopping: @escaping () -> Bool = { false },
    report: @escaping (ShardEvent) -> Void
  ) throws {
    watch = clocks.map(ListeningWatch.init)
    ownTopics = OwnTopics(below: Router(settings.sources).filters)
    repairs = source.map { Repairs(settings: settings, store: $0) }
    self.store = store
    self.settings = settings
    self.register = register
    self.isStopping = isStopping
    self.horizon = horizon
    emit = report
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

  private static func intake(
    of state: ShardState, _ settings: ShardSettings, _ registered: Set<EquipmentKey>
  ) throws -> Intake {
    try Intake(
      settings.rules, settings.formats,
      senders: Senders(state.senders, limit: settings.unregisteredSenders, registered: registered))
  }

  private static func views(of state: ShardState, _ settings: ShardSettings) -> LiveViews {
    LiveViews(
      state: state,
      fold: TimelineFold(horizonMinimum: settings.horizonMinimum, calendar: settings.calendar))
  }

  // MARK: BrokerSessionHandler

  public func connected(sessionPresent: Bool, at: Int64) throws {
    _ = watch?.mark()
    let hadConnected = views.observation != nil
    let instant = Timestamp(milliseconds: at)
    retained.connected(at: instant, isDelivered: !sessionPresent || settings.receivesRetainedAgain)
    let block = try note(.connected, at: instant, flags: sessionPresent ? .sessionPresent : [])
    views.connected(at: instant, sessionPresent: sessionPresent, block: block)
    views.hearing.connected(at: instant)
    probe?.connected(at: instant)
    intake.expectRedelivery(sessionPresent && !endedCleanly)
    endedCleanly = false
    isConnected = true
    if hadConnected, !sessionPresent { emit(.sessionLost) }
    emit(.connected(sessionPresent: sessionPresent))
  }

  public func awaitsMore(_ window: borrowing Window) -> Bool {
    guard intake.awaitsRedelivery else { return false }
    decodeMessages(window)
    return intake.isUndecided(batch)
  }

  public func commit(_ window: inout Window) throws {
    // Checked before anything is stored: a message refused here is sent again, and must not be stored each time.
    guard pendingRows <= Self.pendingLimit else {
      throw StoreError(
        .io, "the views have not been written for long: \(pendingRows) rows wait for the disk")
    }
    try markListening()
    // Stored before a decoder receives messages, so that it continues from the state in the journal.
    if intake.isStateful, let latest = latestReceipt(of: window) { try openIfDue(at: latest) }
    decode(window)
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
    if isConnected, instant - lastRecord >= settings.observationInterval || instant < lastRecord {
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

  /// Notes an interruption of listening in the journal, if there was one. Observation ends at the last mark before it
  /// and begins again now, in the same session.
  private func markListening() throws {
    guard let found = watch?.mark(), isConnected else { return }
    try noteStanding(at: found.from)
    let began = try note(.connected, at: found.until, flags: .sessionPresent)
    views.connected(at: found.until, sessionPresent: true, block: began)
    views.hearing.connected(at: found.until)
    emit(.listeningBroke(found.cause, from: found.from, length: found.length))
  }

  /// Notes in the journal that the connection exists or has just ended, and whether it was deaf.
  private func noteStanding(at instant: Timestamp, ended: Bool = false) throws {
    let wasDeaf = views.hearing.isDeaf
    let since = views.hearing.noted(
      at: instant, ended: ended, horizon: horizon?(), patience: probe?.patience)
    let block = try note(
      ended ? .disconnected : .observedThrough, at: instant, flags: ended && endedCleanly ? .clean : [],
      payload: since.map { Silence.payload(since: $0) } ?? [])
    views.observed(through: instant, ended: ended, block: block)
    guard let since else { return }
    views.unheard(since: since, until: instant)
    if !wasDeaf {
      emit(.heardNothing(since: since, probeIsOverdue: probeIsOverdue))
    }
  }

  /// Ends a silence at the first message of a window.
  private func endSilence() throws {
    guard isConnected, let since = views.hearing.deafSince,
      let first = batch.messages.first?.received ?? echo
    else { return }
    try noteStanding(at: first)
    emit(.hearsAgain(since: since, until: first))
  }

  /// Notes an echo of the probe in the journal.
  private func noteEcho() throws {
    guard isConnected, let echo else { return }
    // Blocks are in the order of their receipts.
    let instant = min(echo, batch.messages.first?.received ?? echo)
    let block = try note(.observedThrough, at: instant, payload: HearingProof.payload)
    views.observed(through: instant, block: block)
    views.hearing.proved(at: instant)
  }

  private func sendProbe(at instant: Timestamp) {
    guard isConnected else { return }
    if let refusal = probe?.tick(at: instant, hasHeard: views.hearing.isProved) { reportRefused(refusal) }
  }

  public func published(_ number: Int, _ outcome: PublishOutcome) {
    if let refusal = probe?.answered(number, outcome) { reportRefused(refusal) }
  }

  private func reportRefused(_ refusal: HearingProbe.Refusal) {
    guard let topic = probe?.topic else { return }
    emit(.probeRefused(refusal, topic: topic))
  }

  // MARK: Around the session

  /// Start of the current silence; nil if there is none.
  public var deafSince: Timestamp? { isConnected ? views.hearing.deafSince : nil }

  /// Whether the current silence, if there is one, is an overdue echo of the probe.
  public var probeIsOverdue: Bool { views.hearing.isProved && probe?.patience != nil }

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

  /// Decodes a window into `batch` and finds redeliveries and messages that are too late. Only the numbers given to
  /// new senders survive a failed commit.
  private func decode(_ window: borrowing Window) {
    decodeMessages(window)
    if intake.setAsideRedelivered(in: &batch) > 0, intake.isStateful {
      // Decoders with state receive each message once.
      let isAgain = batch.messages.map { $0.flags.contains(.redelivered) }
      decodeMessages(window, isAgain: isAgain)
    }
    let finalUntil = finalUntil
    for event in batch.events.indices where batch.events[event].time < finalUntil {
      let place = Int(batch.events[event].message)
      if batch.messages[place].fate == .accepted { intake.refuseDropped(place, of: &batch) }
    }
  }

  private func latestReceipt(of window: borrowing Window) -> Timestamp? {
    (0..<window.count).map { window.receivedAt($0) }.max().map(Timestamp.init(milliseconds:))
  }

  /// - Parameter isAgain: whether each message was delivered before; without the broker's counts.
  private func decodeMessages(_ window: borrowing Window, isAgain: [Bool] = []) {
    intake.begin()
    intake.trimTopics()
    batch.removeAll()
    drops.removeAll(keepingCapacity: true)
    echo = nil
    for index in 0..<window.count {
      let topic = window.topic(index)
      let payload = window.payload(index)
      let received = Timestamp(milliseconds: window.receivedAt(index))
      if BrokerDrops.isTopic(topic) {
        decodeDrops(payload, received, window.retained(index), at: index)
        continue
      }
      if ownTopics.mayContain(topic), ownTopics.contains(topic) {
        if probe?.isTopic(topic) == true, probe?.hears(payload) == true { echo = received }
        continue
      }
      let place = batch.messages.count
      let isRedelivered = place < isAgain.count && isAgain[place]
      if window.retained(index), retained.isUncounted(received: received, isEmpty: payload.isEmpty) {
        intake.addUncounted(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index),
          flags: .retained, to: &batch)
        if isRedelivered { batch.setAside(batch.messages.count - 1, as: .redelivered) }
      } else if isRedelivered {
        intake.addUncounted(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index),
          flags: .redelivered, to: &batch)
        if window.retained(index) { keepRetainFlag() }
      } else {
        intake.decode(
          topic: topic, payload: payload, received: received, packetID: window.packetID(index), into: &batch)
        if window.retained(index) { keepRetainFlag() }
      }
      if !settings.formerFilters.isEmpty { setAsideFormer() }
    }
  }

  /// Sets aside a message that fits no source but a filter of an earlier configuration, which the broker still
  /// remembers. The message is stored, and neither counted nor refused.
  private func setAsideFormer() {
    let last = batch.messages.count - 1
    guard batch.messages[last].fate == .rejected,
      batch.rejection(of: batch.messages[last]).reason == .unmatchedTopic,
      settings.formerFilters.contains(where: { $0.matches(batch.messages[last].topic) })
    else { return }
    batch.setAside(last, as: .former)
  }

  /// Marks a live message that is flagged retained in the journal, and reports it once per connection.
  private func keepRetainFlag() {
    batch.messages[batch.messages.count - 1].flags.insert(.retainFlagKept)
    if retained.noteLive() { emit(.keepsRetainFlag) }
  }

  /// Start of the days that are not final. Messages for earlier days are refused, because the journal may lack others
  /// of their days.
  private var finalUntil: Timestamp {
    guard let day = store.finalDay else { return .distantPast }
    if finality?.day != day { finality = (day, settings.calendar.start(of: day + 1)) }
    return finality?.until ?? .distantPast
  }

  /// Stores the broker's count of dropped messages if it has changed. Such a message has no sender, is not refused,
  /// and is not among the messages that can be redelivered.
  private func decodeDrops(
    _ payload: UnsafeRawBufferPointer, _ received: Timestamp, _ isRetained: Bool, at index: Int
  ) {
    guard let total = BrokerDrops.total(payload),
      total != (drops.last?.count ?? views.brokerDrops)?.total
    else { return }
    drops.append(
      ReceivedDrops(
        count: BrokerDropCount(at: received, total: total), flags: isRetained ? .retained : [], index: index))
  }

  private func noteDropped(_ drops: BrokerDropCount) {
    let before = views.brokerDrops?.total ?? drops.total
    let more = drops.total >= before ? drops.total - before : drops.total
    if more > 0 { emit(.brokerDropped(more)) }
    views.dropped(drops)
  }

  private func count(_ block: Int64) {
    counters.windows += 1
    counters.messages += batch.messages.count
    counters.block = block
    if let last = batch.messages.last { counters.newest = last.received }
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

  /// Commits a record of the connection as a separate block.
  private func note(
    _ kind: JournalRecord.Kind, at instant: Timestamp, flags: JournalRecord.Flags = [], payload: [UInt8] = []
  ) throws -> Int64 {
    builder.reset()
    payload.withUnsafeBytes { builder.append(kind, flags: flags, received: instant, payload: $0) }
    lastRecord = instant
    return try append()
  }

  /// Commits the builder's records as a block; returns its number.
  private func append() throws -> Int64 {
    do {
      try openIfDue(at: builder.lastReceived)
    } catch {
      builder.reset()
      throw error
    }
    return try append(&builder)
  }

  private func append(_ builder: inout BlockBuilder) throws -> Int64 {
    if let removal { throw removal }
    do {
      return try store.append(&builder, factoryID: intake.senders.factoryID)
    } catch let error as StoreError where error.kind == .removed {
      throw removed(error)
    }
  }

  /// Checks that the store's files are still in place.
  private func checkStore() throws {
    if let removal { throw removal }
    do {
      try store.check()
    } catch let error as StoreError where error.kind == .removed {
      throw removed(error)
    }
  }

  private func removed(_ error: StoreError) -> StoreError {
    removal = error
    emit(.storeRemoved(error))
    return error
  }

  /// Writes the views if they are due. After a failure they stay as they are until the next attempt.
  private func updateViews(at instant: Timestamp) {
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
  private func takeOverRebuilt() {
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
  private func tidy() {
    do {
      try store.tidy()
      isTidy = true
    } catch {
      if isTidy { emit(.untidy(error)) }
      isTidy = false
    }
  }

  /// Takes a changed register into account. An unreadable register must not stop the collector.
  private func readRegister() {
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
  private func catchUp(_ state: ShardState) throws -> Int {
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
    messagesSinceOpening = follower.messages
    try intake.use(settings.rules)
    return replay.messages
  }

  // MARK: Sources in the journal

  /// Stores the current sources and the decoders' state: if they differ from those stored last, at the beginning of a
  /// journal day, and often enough that few messages must be read again to restore the state.
  private func openIfDue(at received: Timestamp) throws {
    let isLong = intake.isStateful && messagesSinceOpening >= Self.longestStretch
    guard !isJournaled || isLong || store.beginsDay(at: received) else { return }
    try journalSources(at: received)
  }

  /// Stores the decision to read messages received from a day on anew, by the current sources; returns its block.
  /// Views rebuilt from the journal afterwards follow it; the present views do not.
  @discardableResult
  public func reread(from day: CalendarDay, at instant: Timestamp) throws -> Int64 {
    try journalSources(at: instant, rereadingFrom: day)
  }

  /// Answers a request to read earlier messages anew. A request for other sources than the current ones is removed.
  private func answerRereading(at instant: Timestamp) throws {
    guard let request = store.rereadingRequest else { return }
    if request.sources == settings.rules.digest {
      let block = try reread(from: request.day, at: instant)
      emit(.rereads(from: request.day, block: block))
    }
    store.answeredRereading()
  }

  @discardableResult
  private func journalSources(at received: Timestamp, rereadingFrom day: CalendarDay? = nil) throws -> Int64 {
    var opening = try BlockBuilder()
    let states = intake.open(&opening, at: received, rereadingFrom: day)
    let block = try append(&opening)
    try intake.goOn(from: states)
    views.passed(block)
    isJournaled = true
    messagesSinceOpening = 0
    return block
  }
}
