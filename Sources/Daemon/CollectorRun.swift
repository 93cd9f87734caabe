import Configuration
import Decoding
import Ingestion
import Journal
import Logging
import MQTT
import Storage
import Telemetry

/// One run of a collector: a claimed shard, and what its session is made of. Used on the session's thread only.
final class CollectorRun {
  let shard: Shard
  let board: StatusBoard
  private(set) var subscriptions: SubscriptionRecord
  /// A configuration whose filters the broker has not granted yet.
  private struct Requested {
    var settings: CollectorSettings
    var filters: [String]
  }
  private var requested: Requested?
  /// Filters of configurations that are not in effect because the broker refused one, they could not be applied, or
  /// another configuration superseded them before the broker's answer.
  private var unused: Set<String> = []
  /// Whether the broker has granted the filters of the sources in effect.
  private var isSubscribed = false
  private(set) var settings: CollectorSettings
  /// The session of the Sparkplug host application; nil if there is none.
  var host: RunningHost?
  private let shardStore: any ShardStore
  private let register: RegisterWatch
  private let notes: any ShardNotes
  private let reloads: Reloads
  private let mailbox: Mailbox
  private let offer: RetryOffer
  private let log: Logger
  /// Whether views built anew have been taken over since somebody looked.
  private let wasRebuilt: Flag
  private final class Flag { var value = false }

  /// Claims the shard and brings its views up to the journal.
  ///
  /// - Throws: ``Ingestion/ShardStopped`` if the mailbox is asked to stop meanwhile.
  init(
    _ settings: CollectorSettings, store: any Store, shardStore: any ShardStore, notes: any ShardNotes,
    reloads: Reloads, board: StatusBoard, mailbox: Mailbox, isStopping: @escaping () -> Bool, log: Logger
  ) throws {
    self.settings = settings
    self.shardStore = shardStore
    self.notes = notes
    self.reloads = reloads
    self.board = board
    self.mailbox = mailbox
    self.log = log
    subscriptions = try SubscriptionRecord(notes, current: Router(settings.shard.sources).filters)
    var shardSettings = settings.shard
    shardSettings.formerFilters = subscriptions.former.map { TopicFilter($0) }
    let calendar = settings.settings.district.calendar
    let register = RegisterWatch(
      try store.registerReader(), calendar: calendar, rules: settings.settings.presenceRules)
    self.register = register
    let shardLog = ShardLog(log: log, board: board, mailbox: mailbox, calendar: calendar)
    let offer = RetryOffer(settings.shard, store: store, board: board, log: log)
    self.offer = offer
    let wasRebuilt = Flag()
    self.wasRebuilt = wasRebuilt
    shard = try Shard(
      store: shardStore, settings: shardSettings, repairsFrom: store, clocks: { SystemClocks.now },
      horizon: { register.horizon }, register: register.poll,
      isStopping: isStopping,
      emit: { event in
        shardLog.report(event)
        // Other messages are refused now.
        if case .rebuilt = event {
          offer.look()
          wasRebuilt.value = true
        }
      })
    if shard.sourcesChanged || board.offersRetry { offer.look() }
    lookForRenamed()
  }

  /// Looks again once views built anew are in use.
  func lookAfterRebuild() {
    guard wasRebuilt.value else { return }
    wasRebuilt.value = false
    lookForRenamed()
  }

  /// Says which machines were counted under published names to which the naming gives ids.
  func lookForRenamed() {
    if let warning = board.renamed(shard.renamedSenders) { log.warning("\(warning.english)") }
  }

  /// Ends what runs beside the session.
  func end() { offer.stop() }

  /// Records the subscriptions and begins to probe; returns the session's settings.
  func begin() throws -> BrokerSettings {
    shard.heldFilters = subscriptions.granted
    try subscriptions.begin()
    shard.probe = try probe(below: subscriptions.current)
    log.overlappingFilters(of: Router(settings.shard.sources))
    return try brokerSettings()
  }

  /// Whether the broker has the session with its filters. One that it made anew has none before it grants them, also if
  /// this process ends in between and the next one finds the session there.
  ///
  /// - Parameter present: whether the broker says that it had the session.
  func hasSession(_ present: Bool) throws -> Bool {
    if !present {
      try subscriptions.revoke()
      shard.heldFilters = []
    }
    return present && !subscriptions.granted.isEmpty
  }

  /// Begins or ends the session of the Sparkplug host application, as the configuration that is now in effect wants it.
  var usesHost: (Settings.Sparkplug?) throws -> Void = { _ in }

  /// Takes a configuration that waits: applies it, or first requests its filters from the broker. If that fails, the
  /// earlier configuration stays in effect, and the log says so.
  ///
  /// - Throws: the error that ended the use of the store.
  func reload(at now: Int64) throws {
    guard let (new, number) = reloads.next else { return }
    reloads.taken(number)
    let filters = Router(new.shard.sources).filters
    do {
      if requested == nil, Set(filters) == Set(subscriptions.current) {
        try apply(new, filters, at: now)
      } else if requested.map({ Set($0.filters) == Set(filters) }) == true {
        requested = Requested(settings: new, filters: filters)
      } else {
        try request(new, filters)
      }
    } catch {
      try keepEarlier(error)
    }
  }

  /// Requests the filters of a configuration. It is applied once the broker has granted them.
  private func request(_ new: CollectorSettings, _ filters: [String]) throws {
    let next = Subscriptions(current: filters, former: subscriptions.filters(besides: filters))
    try next.validate()
    // First the record, so that a crash forgets no filter that the session has.
    try subscriptions.request(filters)
    shard.setAside(filtersAside(subscriptions.former, in: settings))
    try mailbox.subscribe(to: next)
    // Those of a configuration that this one supersedes were never in effect.
    if let superseded = requested { leave(superseded.filters.filter { !filters.contains($0) }) }
    requested = Requested(settings: new, filters: filters)
  }

  /// Applies a configuration whose filters are granted. If it throws, the earlier one is in effect.
  private func apply(_ new: CollectorSettings, _ filters: [String], at now: Int64) throws {
    var record = subscriptions
    record.use(filters)
    var shardSettings = new.shard
    shardSettings.formerFilters = filtersAside(record.former, in: new)
    try shard.use(shardSettings, probe: try probe(below: filters), at: Timestamp(milliseconds: now))
    subscriptions = record
    unused.subtract(filters)
    if new.shard.rules != settings.shard.rules { offer.look(by: new.shard) }
    if new.shard.naming != settings.shard.naming { lookForRenamed() }
    settings = new
    shardStore.use(new.journal)
    register.rules = new.settings.presenceRules
    log.notice(
      "the configuration was read again and is in effect",
      metadata: ["sources": "\(new.shard.sources.count)", "filters": "\(filters)"])
    log.overlappingFilters(of: Router(new.shard.sources))
    do { try usesHost(new.settings.sparkplug) } catch {
      if shard.removal != nil { throw error }
      fail("the session of the Sparkplug host application cannot begin: \(error). Restart the collector")
    }
  }

  /// The broker has granted filters: of the sources in effect, or of a configuration that is applied now. Returns
  /// whether they are used.
  ///
  /// - Throws: the error that ended the use of the store, or that prevented the first use of sources.
  func subscribed(_ filters: [String], at now: Int64) throws -> Bool {
    if let next = requested, Set(next.filters) == Set(filters) {
      requested = nil
      do { try apply(next.settings, next.filters, at: now) } catch {
        // No earlier filters are subscribed that could stay in effect.
        guard isSubscribed else {
          requested = next
          throw error
        }
        leave(next.filters)
        try keepEarlier(error)
        return false
      }
    }
    guard Set(filters) == Set(subscriptions.current) else { return false }
    isSubscribed = true
    shard.heldFilters = Set(filters)
    do { try subscriptions.grant(filters) } catch { log.warning("\(error)") }
    return true
  }

  /// Whether a window has a message of a filter that is requested and not in effect. A broker may send such messages
  /// before it grants the filter; they are read by its sources if the grant comes before the window is committed.
  func awaitsGrant(for window: borrowing Window) -> Bool {
    requested.map { subscriptions.isAhead(of: $0.filters, window) } ?? false
  }

  /// The broker has refused filters of a configuration. The earlier one stays in effect.
  func refused(_ refusals: [RefusedFilter], of filters: [String]) {
    guard let next = requested, Set(next.filters) == Set(filters) else {
      for refusal in refusals {
        log.warning(
          "the broker refuses the subscription to '\(refusal.filter)' of a configuration that a newer one has replaced: \(refusal.reason)"
        )
      }
      return
    }
    requested = nil
    leave(filters)
    for refusal in refusals {
      let remedy = BrokerProbe.Remedy(refusal, to: settings.endpoint(clientID: "").username)
      fail(
        """
        the broker refuses the subscription to '\(refusal.filter)': \(refusal.reason); the configuration before stays \
        in effect. Remedy: \(remedy.english); then send SIGHUP again
        """)
    }
  }

  private func leave(_ filters: [String]) {
    unused.formUnion(filters.filter { !subscriptions.current.contains($0) })
  }

  private func keepEarlier(_ error: any Error) throws {
    if shard.removal != nil { throw error }
    fail(
      """
      the configuration that was read again cannot be applied, and the one before stays in effect: \(error). Once that \
      is mended, send SIGHUP again
      """)
  }

  private func fail(_ message: String) {
    log.error("\(message)")
    board.failed(message)
  }

  /// Filters are no longer subscribed.
  func forget(_ filters: [String]) {
    // One that was unsubscribed before is no longer recorded, and was logged then.
    let recorded = filters.filter { subscriptions.former.contains($0) }
    let gone = recorded.filter { !unused.contains($0) }
    if !gone.isEmpty {
      log.notice("unsubscribed from what the configuration no longer has", metadata: ["filters": "\(gone)"])
    }
    let left = recorded.filter { unused.contains($0) }
    if !left.isEmpty {
      log.notice("unsubscribed from filters that are not in effect", metadata: ["filters": "\(left)"])
    }
    unused.subtract(filters)
    // Those that are requested again stay recorded.
    let forgotten = filters.filter { requested?.filters.contains($0) != true }
    do { try subscriptions.forget(forgotten) } catch { log.warning("\(error)") }
  }

  // MARK: -

  private func brokerSettings() throws -> BrokerSettings {
    let mqtt = settings.settings.mqtt
    return BrokerSettings(
      endpoint: settings.endpoint(clientID: try clientID), subscriptions: subscriptions.current,
      optionalSubscriptions: [BrokerDrops.topic], formerSubscriptions: subscriptions.former,
      sessionExpiry: UInt32(clamping: mqtt.sessionExpiry.milliseconds / 1000),
      window: windowLimits)
  }

  var clientID: String {
    get throws { try settings.settings.mqtt.clientID ?? "millwright-\(notes.readIdentity())-0" }
  }

  var windowLimits: WindowLimits {
    let window = settings.settings.window
    return WindowLimits(
      messages: window.messages, bytes: window.bytes, linger: window.interval.milliseconds)
  }

  /// The probe that proves hearing; nil if the configuration switches it off.
  private func probe(below filters: [String]) throws -> HearingProbe? {
    HearingProbe(
      below: filters.first ?? "", place: "\(try notes.readIdentity())/0",
      interval: settings.settings.mqtt.probeInterval
    ) { [mailbox] in mailbox.publish($0) }
  }
}
