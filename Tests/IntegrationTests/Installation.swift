import Foundation
import Processes
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport

/// A collector's configuration, store and broker in a temporary folder, driven through the executable as a
/// user drives it. Everything started is ended when the last reference goes.
final class Installation {
  let folder: TemporaryDirectory
  let broker: MosquittoBroker
  let directory: StoreDirectory
  private let config: String
  private var collector: ChildProcess?

  /// The executable beside the test bundle.
  static let executable = Program.millwright

  /// - Parameters:
  ///   - window: keys of `window` in the configuration.
  ///   - journal: keys of `journal` in the configuration.
  ///   - presence: keys of `presence` in the configuration.
  ///   - probeInterval: `mqtt.probe_interval` in the configuration.
  ///   - broker: one to share with another installation.
  ///   - password: of the user `collector`; nil where the broker lets everybody in.
  init(
    window: String = "{ interval: 50ms }", journal: String = "{ retention: 90d }",
    presence: String = "{ horizon_minimum: 15m }", probeInterval: String = "60s",
    broker: MosquittoBroker? = nil, name: String = "site",
    password: String? = nil
  ) throws {
    folder = try TemporaryDirectory(name)
    var user = ""
    if let password {
      try folder.write("password", password + "\n")
      user = ", username: collector, password_file: password"
    }
    self.broker = try broker ?? MosquittoBroker()
    directory = StoreDirectory(folder.path + "/store")
    config = try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1, port: \(self.broker.port), client_id: \(name), probe_interval: \(probeInterval)\(user) }
      window: \(window)
      journal: \(journal)
      presence: \(presence)
      sources:
        - { format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }
        - { format: presence, topic: "factory/{factory}/{workshop}/{equipment}/connection" }
      store: sqlite:store
      """)
  }

  deinit { kill() }

  /// Changes the configuration's sources, each as it is written in a list.
  func use(sources: [String]) throws {
    let text = try String(contentsOfFile: config, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let kept = lines.filter { !$0.hasPrefix("  - ") }.flatMap { line in
      line == "sources:" ? [String(line)] + sources.map { "  - \($0)" } : [String(line)]
    }
    try folder.write("millwright.yaml", kept.joined(separator: "\n"))
  }

  // MARK: The collector

  /// The collector's process id; nil when it does not run.
  var collectorID: Int32? { collector.flatMap { $0.isRunning ? $0.id : nil } }
  /// What the collector has logged, over all its starts.
  var log: String { (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "" }

  /// Starts the collector, behind `wrapper` if need be, and waits until it is connected.
  func startCollector(behind wrapper: [String] = [], awaitConnection: Bool = true) throws {
    let before = log.components(separatedBy: "connected and subscribed").count
    let command = wrapper + [Self.executable, "collect", "--config", config]
    let log = ChildProcess.Stream.appending(to: folder.file("log"))
    let process = try start(command[0], Array(command.dropFirst()), output: log, errors: log)
    collector = process
    guard awaitConnection else { return }
    let connected = waitUntil(30) {
      self.log.components(separatedBy: "connected and subscribed").count > before || !process.isRunning
    }
    if !connected || !process.isRunning && wrapper.isEmpty {
      throw SupportError("the collector did not connect:\n\(self.log)")
    }
  }

  /// Stops it as an operator does; returns its exit code, or a signal's number that ended it.
  @discardableResult func stopCollector() throws -> Int32 {
    guard let collector else { return 0 }
    collector.send(SIGTERM)
    guard let end = collector.wait(seconds: 30 * patience) else {
      throw SupportError("the collector did not stop:\n\(log)")
    }
    self.collector = nil
    switch end {
    case .exited(let status), .signalled(let status): return status
    case .unknown: throw SupportError("nobody knows how the collector ended")
    }
  }

  /// Kills it with signal 9.
  func kill() {
    guard let collector, collector.isRunning else { return }
    // Behind a wrapper the collector is a child, which would outlive it.
    let id = collector.id
    let children = (try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)) ?? ""
    for child in children.split(separator: " ").compactMap({ Int32($0) }) { Glibc.kill(child, SIGKILL) }
    collector.send(SIGKILL)
    collector.wait()
    self.collector = nil
  }

  /// Number of lines in the log so far.
  var logLines: Int { log.split(separator: "\n").count }

  /// Waits for the end of the collector and returns how it ended; nil when it has not ended in time.
  func end(within seconds: Double) -> ChildProcess.End? {
    guard let end = collector?.wait(seconds: seconds * patience) else { return nil }
    self.collector = nil
    return end
  }

  /// Waits until the collector has ended by itself.
  func waitForEnd(_ seconds: Double) -> Bool {
    guard let collector else { return true }
    let ended = collector.wait(seconds: seconds) != nil
    if ended { self.collector = nil }
    return ended
  }

  // MARK: What a user does

  /// Runs the executable with the installation's configuration.
  func millwright(_ arguments: String..., behind wrapper: [String] = []) throws -> CommandResult {
    let command = wrapper + [Self.executable] + arguments + ["--config", config]
    return try run(command[0], Array(command.dropFirst()), environment: ["LANG": "en_US.UTF-8"])
  }

  /// The figures of a report.
  func report(_ arguments: String...) throws -> Report {
    let command = ["report"] + arguments + ["--format", "json", "--config", config]
    let result = try run(Self.executable, command)
    guard result.status == 0 else { throw SupportError("report \(arguments): \(result.errors)") }
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  /// Publishes with mosquitto_pub at QoS 1.
  func publish(_ topic: String, _ payload: String) throws {
    let result = try run(
      "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload])
    guard result.status == 0 else { throw SupportError("mosquitto_pub: \(result.errors)") }
  }

  /// Imports a register from its CSV texts.
  func importRegister(equipment: String, factories: String) throws {
    let result = try millwright(
      "register", "import", try folder.write("equipment.csv", equipment), "--factories",
      try folder.write("factories.csv", factories), "--yes")
    guard result.status == 0 else { throw SupportError("register import: \(result.errors)") }
  }

  /// Reads the store, with the collector running or stopped.
  var stored: StoreReading { StoreReading(directory, calendar: StoredDays.calendar) }

  /// The live state that the collector's next start gets. The collector must be stopped.
  func claimed() throws -> ShardState {
    try stored.claimed(ShardOptions(calendar: StoredDays.calendar, horizonMinimum: .minutes(15)))
  }

  /// Every message's payload in the journal, checked against its hashes.
  func journaledPayloads() throws -> [String] { try stored.payloads() }

  /// Messages in the journal so far; 0 before there is one.
  func journaledCount() -> Int {
    var count = 0
    do {
      try JournalReader(directory).forEachVerifiedBlock { block in
        try block.forEachRecord { if $0.kind == .message { count += 1 } }
      }
    } catch {
      return count
    }
    return count
  }

  /// A field of the collector's /proc status, in KiB.
  func memory(_ field: String) -> Int? {
    guard let id = collectorID, let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
    else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
  }
}

/// The key of F001/`equipment`.
func key(_ equipment: String) -> EquipmentKey { EquipmentKey(factory: "F001", equipment: equipment) }

/// The parts of a JSON report that tests look at.
struct Report: Decodable, Equatable {
  struct Ratio: Decodable, Equatable {
    var numerator: Int
    var denominator: Int
    var percent: String?
  }
  struct Factory: Decodable, Equatable {
    var id: String
    var metrics: [String: Ratio]
    var buckets: [String: Int]
  }
  var register_version: Int
  var repairs_pending: Int
  var metrics: [String: Ratio]
  var buckets: [String: Int]
  var factories: [Factory]?
  struct DataQuality: Decodable, Equatable {
    struct Silence: Decodable, Equatable {
      var since: String
      var until: String
    }
    var broker_drops: Int?
    var silences: [Silence]
  }
  var data_quality: DataQuality
}

/// The current time, milliseconds UTC.
func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
