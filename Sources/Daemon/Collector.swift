import Configuration
import Foundation
import Ingestion
import Journal
import Logging
import MQTT
import Storage
import Telemetry

/// The collector of a store: one shard and its session at the broker. It receives, stores, and only then
/// acknowledges.
///
/// A value runs once.
public final class Collector: Sendable {
  private let settings: CollectorSettings
  private let store: any Store
  private let log: Logger
  private let mailbox: Mailbox
  /// Mailbox of the Sparkplug host application's session.
  private let hostMailbox = HostMailbox()
  private let reloads: Reloads
  private let notes: any ShardNotes
  private let place: any StatusPlace
  private let board: StatusBoard

  /// A collector that has not begun: the store is not touched.
  ///
  /// - Parameter version: the program's version, for the status.
  /// - Throws: ``CollectorError`` when the process has no file descriptors left, and ``Journal/StoreError``.
  public init(_ settings: CollectorSettings, store: any Store, log: Logger, version: String) throws {
    self.settings = settings
    reloads = Reloads(settings)
    self.store = store
    self.log = log
    do { mailbox = try Mailbox() } catch {
      throw CollectorError.session(error, usesID: false)
    }
    notes = try store.notes(of: .embedded)
    place = try store.statusPlace(of: .embedded)
    let (mqtt, calendar) = (settings.settings.mqtt, settings.settings.district.calendar)
    let now = Timestamp.now
    var status = CollectorStatus(
      version: version, process: getpid(), host: ProcessInfo.processInfo.hostName,
      startedAt: now.rfc3339(offset: calendar.offset(at: now)), store: store.location,
      broker: CollectorStatus.Broker(
        host: mqtt.host, port: mqtt.port, protocolVersion: mqtt.protocolVersion.rawValue,
        transport: mqtt.tls == nil ? "tcp" : "tls", library: MQTTLibrary.version))
    let before = (try? place.status()).flatMap { try? CollectorStatus($0) }
    status.messages.readable = before?.messages.readable
    board = StatusBoard(status, place: place, notes: notes, calendar, log: log)
  }

  // MARK: For any thread

  /// Asks it to finish the window, to release its acknowledgements and to end; the broker keeps the session. Returns at
  /// once; may be called before ``run()``, from a thread or source that handles signals, and more than once.
  public func stop() {
    // The host application says farewell first; the other session is stopped when it has ended.
    if !hostMailbox.stop() { mailbox.stop() }
  }

  private var stopRequested: Bool { mailbox.stopRequested || hostMailbox.isStopping }

  /// Applies another configuration, as far as that is possible while the collector runs: sources, limits, retention and
  /// policies. Keys that need a restart are named in the log. Without a connection it waits for the next one.
  ///
  /// Messages are read by the new sources from then on; the journal says from where. Filters that are new are
  /// subscribed, those that are gone unsubscribed, and the session stays.
  public func reload(_ settings: CollectorSettings) {
    do {
      let keys = try reloads.ask(for: settings)
      if !keys.isEmpty {
        log.warning(
          "restart the collector for what else was changed in the configuration",
          metadata: ["keys": "\(keys.joined(separator: ", "))"])
      }
      mailbox.requestReload()
    } catch {
      keep(after: error)
    }
  }

  /// Logs that a configuration was read again and is wrong. The previous one stays in effect.
  public func keep(after errors: SettingsErrors) {
    let problems = errors.description.split(separator: "\n").joined(separator: "; ")
    let message = "the configuration is wrong, and the one before stays in effect: \(problems)"
    log.error("\(message)")
    board.failed(message)
  }

  /// How it is doing at this moment.
  public var status: CollectorStatus { board.snapshot }

  // MARK: For one thread

  /// Claims the store, connects and collects until ``stop()``. Blocks the calling thread, which should have nothing
  /// else to do.
  ///
  /// - Throws: ``CollectorError``, and ``Journal/StoreError``, of kind `.locked` if another collector holds the store.
  public func run() throws {
    if stopRequested { return log.info("stopped before anything was opened") }
    // Write the status now: reading the journal may take minutes.
    if case .free = place.holder(), (try? store.hasViews()) == true { board.write() }
    do {
      let shardStore = try store.shard(
        .embedded,
        ShardOptions(
          calendar: settings.settings.district.calendar,
          horizonMinimum: settings.settings.presence.horizonMinimum, journal: settings.journal,
          clock: { .now }, notice: { [log] in log.notice("\($0)") }))
      // The lock goes last: until then the status is this collector's.
      defer { shardStore.release() }
      do {
        try collect(shardStore)
        board.end(.stopped)
      } catch is ShardStopped {
        board.end(.stopped)
        log.info("stopped before the store was ready; the next start goes on from there")
      } catch {
        // If another collector holds the store, the status is that collector's.
        if (error as? StoreError)?.kind != .locked { board.end(.failed, "\(error)") }
        throw error
      }
    }
  }

  private func collect(_ shardStore: any ShardStore) throws {
    let run = try CollectorRun(
      settings, store: store, shardStore: shardStore, notes: notes, reloads: reloads, board: board,
      mailbox: mailbox,
      isStopping: { [mailbox, hostMailbox] in
        mailbox.stopRequested || hostMailbox.isStopping
      }, log: log)
    let writer = StatusWriter(board)
    defer {
      writer.stop()
      run.end()
    }
    let usesID = settings.settings.mqtt.clientID == nil
    do {
      if let moved = try notes.confirmPlace(usesID: usesID) { log.notice("\(moved)") }
      let broker = try run.begin()
      let session = try BrokerSession.open(settings: broker, mailbox: mailbox)
      board.claimed(clientID: broker.endpoint.clientID)
      board.tick(run.shard)
      log.info(
        "collecting",
        metadata: [
          "broker": "\(broker.endpoint.host):\(broker.endpoint.port)", "store": "\(store.location)",
          "libmosquitto": "\(MQTTLibrary.version)",
        ])
      try serve(session, CollectorHandler(run: run, writer: writer), run)
    } catch let error as BrokerSessionError {
      try? run.shard.finish()
      throw CollectorError.session(error, usesID: usesID)
    }
    try run.shard.finish()
    if run.shard.removal != nil { throw CollectorError.storeChanged }
    let counters = run.shard.counters
    log.info(
      "stopped",
      metadata: [
        "messages": "\(counters.messages)", "rejected": "\(counters.rejected)",
        "windows": "\(counters.windows)",
      ])
  }

  /// Serves the sessions until they end.
  ///
  /// - Throws: the error that ended one of them.
  private func serve(
    _ session: consuming BrokerSession, _ handler: CollectorHandler, _ run: CollectorRun
  ) throws {
    let hosts = HostSessions(hostMailbox, run)
    run.usesHost = hosts.use
    defer { run.usesHost = { _ in } }
    try hosts.use(settings.settings.sparkplug)
    var group = SessionGroup()
    group.add(session, handler: handler)
    var failure: (any Error)?
    let errors = group.run(joining: hosts.joining) { [mailbox, hostMailbox] place, error in
      if place > 0, error == nil {
        do { if try hosts.ended() { return } } catch { failure = error }
      } else if place > 0 {
        hostMailbox.ended()
      }
      if place > 0 || !hostMailbox.stop() { mailbox.stop() }
    }
    if let error = errors.lazy.compactMap({ $0 }).first { throw error }
    if let failure { throw failure }
  }
}
