import Configuration
import Daemon
import Foundation
import Logging
import MQTT
import SQLiteStore
import Synchronization
import Telemetry
import Testing
import TestSupport

/// A broker, a store and a configuration in a temporary folder, for collectors in this process.
final class Site {
  static let status = #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }"#
  static let legacy = #"{ format: status, topic: "legacy/{factory}/{equipment}" }"#
  static let other = #"{ format: status, topic: "other/{factory}/{equipment}" }"#
  static let presence = #"{ format: presence, topic: "line/{factory}/{equipment}/connection" }"#

  let folder: TemporaryDirectory
  let broker: MosquittoBroker
  var store: StoreDirectory { StoreDirectory(folder.path + "/store") }
  let log = RecordedLog()

  init(_ options: MosquittoBroker.Options = .init()) throws {
    folder = try TemporaryDirectory("daemon")
    broker = try MosquittoBroker(options)
  }

  /// The configuration with some sources and further lines.
  func text(sources: [String] = [Site.status], mqtt: String = "", _ more: String = "") -> String {
    """
    district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
    mqtt: { host: 127.0.0.1, port: \(broker.port), client_id: daemon\(mqtt) }
    window: { interval: 20ms }
    store: sqlite:store
    sources:
    \(sources.map { "  - \($0)" }.joined(separator: "\n"))
    \(more)
    """
  }

  func settings(
    sources: [String] = [Site.status], mqtt: String = "", _ more: String = ""
  ) throws -> CollectorSettings {
    try CollectorSettings.parse(
      text(sources: sources, mqtt: mqtt, more), file: folder.file("millwright.yaml"))
  }

  func collector(_ settings: CollectorSettings) throws -> Collector {
    try Collector(settings, store: store, log: log.logger, version: "1.2.3")
  }

  /// Publishes a message and waits until the broker has taken it.
  func publish(_ topic: String, payload: String, retained: Bool) throws {
    var publisher = try Publisher.open(
      endpoint: BrokerEndpoint(port: broker.port, clientID: "publisher"))
    try publisher.connect()
    try publisher.publish(topic: topic, payload: Array(payload.utf8), retained: retained)
    try publisher.drain(milliseconds: 20_000)
    publisher.disconnect()
  }

  /// Publishes status messages to topics and waits until the broker has taken them.
  func publish(_ topics: String..., state: String = "running") throws {
    var publisher = try Publisher.open(
      endpoint: BrokerEndpoint(port: broker.port, clientID: "publisher"))
    try publisher.connect()
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    for topic in topics {
      let payload = "{\"ts\":\(now),\"state\":\"\(state)\"}"
      try publisher.publish(topic: topic, payload: Array(payload.utf8))
    }
    try publisher.drain(milliseconds: 20_000)
    publisher.disconnect()
  }
}

/// A collector on a thread of its own, stopped when the last reference to it goes.
final class RunningCollector {
  let collector: Collector
  private let outcome: Outcome

  private final class Outcome: Sendable {
    /// nil while running; then the error's text or an empty text.
    let ended = Mutex<String?>(nil)
  }

  init(_ collector: Collector) {
    self.collector = collector
    let outcome = Outcome()
    self.outcome = outcome
    let thread = Thread {
      var failure = ""
      do { try collector.run() } catch { failure = "\(error)" }
      outcome.ended.withLock { $0 = failure }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  deinit { collector.stop() }

  /// What ended the collector: nil while it runs, empty for a requested stop.
  var ended: String? { outcome.ended.withLock { $0 } }

  func awaitConnection() throws {
    guard waitUntil(20, { collector.status.state == .connected || ended != nil }), ended == nil else {
      throw SupportError("the collector did not connect: \(ended ?? "")")
    }
  }

  /// Asks it to stop and waits until it has.
  func stop() {
    collector.stop()
    #expect(waitUntil(30) { ended != nil }, "the collector did not stop")
  }
}

/// Log lines as a test reads them: level, message and metadata.
final class RecordedLog: Sendable {
  private let recorded = Mutex<[String]>([])
  var lines: [String] { recorded.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
      log.recorded.withLock { $0.append("\(event.level): \(event.message)\(fields.joined())") }
    }
  }
}
