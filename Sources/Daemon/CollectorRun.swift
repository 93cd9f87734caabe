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
  /// The filters that the session was given last.
  private var given: [String] = []
  private var settings: CollectorSettings
  private let shardStore: any ShardStore
  private let register: RegisterWatch
  private let notes: any ShardNotes
  private let reloads: Reloads
  private let mailbox: Mailbox
  private let log: Logger

  /// Claims the shard and brings its views up to the journal.
  ///
  /// - Throws: ``Ingestion/ShardStopped`` if the mailbox is asked to stop meanwhile.
  init(
    _ settings: CollectorSettings, store: any Store, shardStore: any ShardStore, notes: any ShardNotes,
    reloads: Reloads, board: StatusBoard, mailbox: Mailbox, log: Logger
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
    shard = try Shard(
      store: shardStore, settings: shardSettings, repairsFrom: store, clocks: { SystemClocks.now },
      horizon: { register.horizon }, register: register.poll,
      isStopping: { [mailbox] in mailbox.stopRequested }, emit: shardLog.report)
  }

  /// Records the subscriptions and begins to probe; returns the session's settings.
  func begin() throws -> BrokerSettings {
    try subscriptions.begin()
    given = subscriptions.current
    shard.probe = try probe(below: subscriptions.current)
    return try brokerSettings()
  }

  /// Takes over a configuration that waits. When that fails, it waits for the next connection.
  func reload(at now: Int64) throws {
    guard let (new, number) = reloads.next else { return }
    let filters = Router(new.shard.sources).filters
    do {
      // First the record, so that a crash forgets no filter that the session has.
      if Set(filters) != Set(subscriptions.current) { try subscriptions.change(to: filters) }
      var shardSettings = new.shard
      shardSettings.formerFilters = subscriptions.former.map { TopicFilter($0) }
      settings = new
      try shard.use(
        shardSettings, probe: try probe(below: filters), at: Timestamp(milliseconds: now))
      // Held against what the session has: the record may be of an attempt that failed after it.
      if Set(filters) != Set(given) {
        try mailbox.subscribe(to: Subscriptions(current: filters, former: subscriptions.former))
        given = filters
      }
    } catch {
      mailbox.requestReload()
      throw error
    }
    shardStore.use(new.journal)
    register.rules = new.settings.presenceRules
    reloads.taken(number)
    log.notice(
      "the configuration was read again and is in effect",
      metadata: ["sources": "\(new.shard.sources.count)", "filters": "\(filters)"])
  }

  /// Filters are no longer subscribed.
  func forget(_ filters: [String]) {
    log.notice(
      "unsubscribed from what the configuration no longer has", metadata: ["filters": "\(filters)"])
    do { try subscriptions.forget(filters) } catch { log.warning("\(error)") }
  }

  // MARK: -

  private func brokerSettings() throws -> BrokerSettings {
    let (mqtt, window) = (settings.settings.mqtt, settings.settings.window)
    let clientID = try mqtt.clientID ?? "millwright-\(notes.readIdentity())-0"
    return BrokerSettings(
      endpoint: settings.endpoint(clientID: clientID), subscriptions: subscriptions.current,
      optionalSubscriptions: [BrokerDrops.topic], formerSubscriptions: subscriptions.former,
      sessionExpiry: UInt32(clamping: mqtt.sessionExpiry.milliseconds / 1000),
      window: WindowLimits(
        messages: window.messages, bytes: window.bytes, linger: window.interval.milliseconds))
  }

  /// The probe that proves hearing; nil if the configuration switches it off.
  private func probe(below filters: [String]) throws -> HearingProbe? {
    HearingProbe(
      below: filters.first ?? "", place: "\(try notes.readIdentity())/0",
      interval: settings.settings.mqtt.probeInterval
    ) { [mailbox] in mailbox.publish($0) }
  }
}
