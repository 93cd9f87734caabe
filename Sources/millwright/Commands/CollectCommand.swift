import Storage
import ArgumentParser
import CProcessMemory
import Decoding
import Foundation
import Ingestion
import Journal
import Logging
import MQTT
import SQLiteStore
import Telemetry

struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Run the collector: receive, store, and only then acknowledge.",
    discussion: """
      Runs until SIGTERM or SIGINT, then finishes the batch, releases its acknowledgements and keeps the \
      session, so that the broker queues what is sent until the next start.

      Example:
        millwright collect --config Config/millwright.yaml
      """)

  @OptionGroup var storeOptions: StoreOptions

  @Option(name: .long, help: "Least severe level logged, instead of the configuration's.")
  var logLevel: Logger.Level?

  func run() throws {
    let settings = try storeOptions.settings()
    let log = LogOutput.make(settings.log, level: logLevel, calendar: settings.district.calendar)
    let collector = try Collector(settings: settings, log: log)
    try collector.run()
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// The wiring of one shard: settings to store, decoder, session, and signals to a clean stop.
private struct Collector {
  let settings: Settings
  let log: Logger
  let mailbox: Mailbox

  init(settings: Settings, log: Logger) throws {
    self.settings = settings
    self.log = log
    do { mailbox = try Mailbox() } catch { throw CommandFailure(.unavailable, "\(error)") }
  }

  func run() throws {
    StopSignals.relay(to: mailbox) { [log] in log.info("stopping", metadata: ["signal": "\($0)"]) }
    // Arrays that grow give back what they grew out of.
    process_memory_return_large_blocks()
    if mailbox.stopRequested { return log.info("stopped before anything was opened") }
    let directory = settings.storeDirectory
    let board = StatusBoard(settings, log: log)
    // Write the status now: reading the journal may take minutes.
    if case .free = StoreHolder.of(directory), directory.exists { board.write() }
    do {
      try collect(directory, board)
      board.end(.stopped)
    } catch is ShardStopped {
      board.end(.stopped)
      log.info("stopped before the store was ready; the next start goes on from there")
    } catch {
      // If another collector holds the store, the status file is that collector's.
      if (error as? StoreError)?.kind != .locked { board.end(.failed, "\(error)") }
      throw error
    }
  }

  private func collect(_ directory: StoreDirectory, _ board: StatusBoard) throws {
    let store = SQLiteShardStore(
      directory: directory, calendar: settings.district.calendar,
      horizonMinimum: settings.presence.horizonMinimum, journal: try settings.journalSettings())
    store.clock = { InstantArgument.now }
    store.notice = { [log] in log.notice("\($0)") }
    var shardSettings = try settings.shardSettings()
    var subscriptions = try SubscriptionRecord(directory, current: Router(shardSettings.sources).filters)
    shardSettings.formerFilters = subscriptions.former.map { TopicFilter($0) }
    let register = try RegisterWatch(directory: directory, calendar: shardSettings.calendar)
    let rules = settings.presenceRules
    let shard = try Shard(
      store: store, settings: shardSettings, repairsFrom: directory,
      clocks: { SystemClocks.now },
      horizon: { rules.horizon(declaredInterval: register.longestInterval) },
      register: register.poll, isStopping: { [mailbox] in mailbox.stopRequested },
      report: report)
    do {
      if let moved = try directory.confirmPlace(usesID: settings.mqtt.clientID == nil) {
        log.notice("\(moved)")
      }
      try subscriptions.begin()
      shard.probe = try probe(directory, below: subscriptions.current)
      let broker = try brokerSettings(directory, subscriptions)
      var session = try BrokerSession.open(settings: broker, mailbox: mailbox)
      board.claimed(clientID: broker.endpoint.clientID)
      board.tick(shard)
      var handler = CollectorHandler(shard: shard, board: board) { filters in
        log.notice(
          "unsubscribed from what the configuration no longer has", metadata: ["filters": "\(filters)"])
        do { try subscriptions.forget(filters) } catch { log.warning("\(error)") }
      }
      sayWhereAndHow(directory)
      try session.run(handler: &handler)
    } catch let error as BrokerSessionError {
      try? shard.finish()
      throw CommandFailure(error.exitStatus, error.message(usesID: settings.mqtt.clientID == nil))
    }
    try shard.finish()
    if shard.removal != nil {
      throw CommandFailure(
        .unavailable, "the collector has ended: its store was changed under it (see the log)")
    }
    log.info(
      "stopped",
      metadata: [
        "messages": "\(shard.counters.messages)", "rejected": "\(shard.counters.rejected)",
        "windows": "\(shard.counters.windows)",
      ])
  }

  private func sayWhereAndHow(_ directory: StoreDirectory) {
    log.info(
      "collecting",
      metadata: [
        "broker": "\(settings.mqtt.host):\(settings.mqtt.port)", "store": "\(directory.path)",
        "libmosquitto": "\(MQTTLibrary.version)",
      ])
  }

  private func sayConnected(_ sessionPresent: Bool) {
    let isBuffered = MQTTLibrary.isBuffered
    log.info(
      "connected and subscribed",
      metadata: [
        "session": sessionPresent ? "resumed" : "new", "libmosquitto": "\(MQTTLibrary.version)",
        "transport": isBuffered ? "buffered" : "unbuffered",
      ])
    if !isBuffered, MQTTLibrary.hasSocketBuffer {
      log.warning(
        "libmosquitto does not use the socket buffer: messages cost several times the time; is LD_PRELOAD set?"
      )
    }
  }

  private func brokerSettings(
    _ directory: StoreDirectory, _ subscriptions: SubscriptionRecord
  ) throws -> BrokerSettings {
    let mqtt = settings.mqtt
    let clientID = try mqtt.clientID ?? "millwright-\(directory.readIdentity())-0"
    let endpoint = BrokerEndpoint(
      host: mqtt.host, port: mqtt.port, protocolVersion: mqtt.protocolVersion == .v5 ? .v5 : .v311,
      clientID: clientID, keepalive: Int(mqtt.keepalive.milliseconds / 1000), username: mqtt.username,
      password: try mqtt.password(),
      tls: mqtt.tls.map {
        TLSSettings(caFile: $0.caFile, certificateFile: $0.certificateFile, keyFile: $0.keyFile)
      }, connectDeadline: mqtt.connectTimeout.milliseconds)
    return BrokerSettings(
      endpoint: endpoint, subscriptions: subscriptions.current,
      optionalSubscriptions: [BrokerDrops.topic], formerSubscriptions: subscriptions.former,
      sessionExpiry: UInt32(clamping: mqtt.sessionExpiry.milliseconds / 1000),
      window: WindowLimits(
        messages: settings.window.messages, bytes: settings.window.bytes,
        linger: settings.window.interval.milliseconds))
  }

  /// What proves that the collector hears; nil if that is switched off, or the first source names no first level.
  private func probe(_ directory: StoreDirectory, below filters: [String]) throws -> HearingProbe? {
    HearingProbe(
      below: filters.first ?? "", place: "\(try directory.readIdentity())/0",
      interval: settings.mqtt.probeInterval
    ) { [mailbox] in mailbox.publish($0) }
  }

  /// An instant as the log writes its own times.
  private func local(_ instant: Timestamp) -> String {
    instant.rfc3339(offset: settings.district.calendar.offset(at: instant))
  }

  private func report(_ event: ShardEvent) {
    switch event {
    case .claimed(let senders, let blocks, let messages):
      log.info(
        "store claimed",
        metadata: [
          "senders": "\(senders)", "blocks_replayed": "\(blocks)", "messages_replayed": "\(messages)",
        ])
    case .connected(let sessionPresent): sayConnected(sessionPresent)
    case .sessionLost:
      log.warning("the broker had lost our session: what was sent meanwhile is lost and will show as a gap")
    case .disconnected(let reason):
      log.log(level: reason.needsOperator ? .error : .warning, "\(reason.description)")
    case .brokerDropped(let messages):
      log.warning(
        "the broker dropped messages because a client's queue was full: raise its max_queued_messages",
        metadata: ["messages": "\(messages)"])
    case .rebuilt(let blocks):
      log.notice("views built anew were taken over", metadata: ["blocks_replayed": "\(blocks)"])
    case .rereads(let day, let block):
      log.notice(
        "messages received from \(day) on are read anew by the present sources, as 'millwright rebuild' asked",
        metadata: ["block": "\(block)"])
    case .viewsBehind(let error):
      log.error(
        "the views could not be written and will be tried again; the journal has everything: \(error)")
    case .journalFailed(let error):
      log.error("the end of the connection could not be noted in the journal: \(error)")
    case .repairFailed(let error):
      log.error("days with late records could not be recomputed and will be tried again: \(error)")
    case .untidy(let error):
      log.error("the journal's blocks could not be packed and will be tried again: \(error)")
    case .storeRemoved(let error):
      log.critical("\(error); nothing more is acknowledged, and the collector ends")
      mailbox.stop()
    case .listeningBroke(let cause, let from, let length):
      let since = local(from)
      let seconds = "\(length.milliseconds / 1000) s"
      switch cause {
      case .stopped:
        log.warning("the collector did not run for \(seconds) from \(since): that time is not observed")
      case .suspended:
        log.warning("the machine was suspended for \(seconds) from \(since): that time is not observed")
      case .clockSet(let jump):
        log.warning(
          "the system's clock was set by \(jump.milliseconds / 1000) s after \(since): the time between is not observed"
        )
      }
    case .heardNothing(let since, true):
      log.warning(
        "nothing has come since \(local(since)), not even the collector's own probe, though the connection stands: does the broker withhold messages? See its access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
      )
    case .probeRefused(let refusal, let topic):
      log.warning("\(probeAdvice(refusal, topic))")
    case .heardNothing(let since, false):
      log.warning(
        "nothing has come from anybody since \(local(since)) though the connection stands and machines had been sending: does the broker withhold messages? See its access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
      )
    case .hearsAgain(let since, let until):
      log.notice(
        "messages come again: from \(local(since)) to \(local(until)) nothing was heard, and that time is not observed"
      )
    case .keepsRetainFlag:
      log.warning(
        "messages flagged retained come in a standing session and count as live: the broker or a bridge keeps the flag"
      )
    case .registerUnreadable(let error):
      log.error("the register cannot be read; the one read last stays in use: \(error)")
    }
  }
}

/// What is wrong with the probe, and what to do.
private func probeAdvice(_ refusal: HearingProbe.Refusal, _ topic: String) -> String {
  let found =
    switch refusal {
    case .code(let code):
      "the broker refuses the collector's probe (MQTT reason 0x\(String(code, radix: 16)))"
    case .noEcho: "the collector's probe does not come back from the broker"
    case .closed: "the broker closes the connection on the collector's probe"
    }
  let below = topic.components(separatedBy: "_millwright/")[0] + "_millwright/#"
  return
    "\(found) to \(topic): the collector cannot prove that it hears, and a long silence counts as not observed. Let its user write there; in mosquitto's access rules (ACL), below that user: topic readwrite \(below)"
}

/// Notices that a `register` command has changed the register.
private final class RegisterWatch {
  private let register: RegisterStore
  private let calendar: LocalCalendar
  private var version: Int?
  /// The longest report interval of registered equipment; nil if none declares one.
  private(set) var longestInterval: Span?

  init(directory: StoreDirectory, calendar: LocalCalendar) throws {
    self.calendar = calendar
    register = try RegisterStore.open(directory: directory.path, readOnly: true)
  }

  /// The keys the register knows, when they may have changed since the last call.
  func poll() throws -> Set<EquipmentKey>? {
    let current = try register.version()
    guard current != version else { return nil }
    let keys = try register.keys()
    longestInterval = try register.longestInterval(on: calendar.day(at: InstantArgument.now))
    version = current
    return keys
  }
}

extension BrokerSessionError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    // A supervisor must not restart it into the same conflict.
    case .settings, .takenOver, .contested: .configuration
    case .system: .unavailable
    }
  }

  /// The message for the operator.
  ///
  /// - Parameter usesID: whether the client id is made from the store's id.
  fileprivate func message(usesID: Bool) -> String {
    switch self {
    case .settings, .system: return description
    case .takenOver, .contested:
      let remedy =
        usesID
        ? "a copied store has the same id as its original: stop one of the two, or run 'millwright store new-id' on the copy"
        : "change mqtt.client_id in one of the two configurations"
      return "\(description); \(remedy). This collector stops, and does not fight for the session"
    }
  }
}
