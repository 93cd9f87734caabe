import Foundation
import Processes
import Synchronization
import TestSupport
import Testing

/// A district with a broker, a collector and a web server, and a browser beside them; all of them real. Everything ends
/// when the last reference to it goes.
final class District {
  let folder: TemporaryDirectory
  let browser: Browser
  let broker: MosquittoBroker
  private(set) var server: ServeProcess
  /// A server of a store that nobody has used.
  let empty: ServeProcess
  private var collector: ChildProcess?

  /// Makes the store and starts everything.
  init() throws {
    folder = try TemporaryDirectory("district")
    browser = try Browser()
    broker = try MosquittoBroker()
    try Self.configure(folder, broker)
    try Self.makeStore(folder)
    server = try ServeProcess(folder, "millwright.yaml")
    empty = try ServeProcess(folder, "empty.yaml")
    try startCollector()
  }

  deinit {
    // Before the folder is removed, since they write into it.
    killCollector()
    server.kill()
    empty.kill()
  }

  /// The district that the tests of a suite share: see ``SharedDistrict``.
  private static let shared = Mutex<District?>(nil)

  /// Lends it to one test at a time. The first makes it.
  static func use(_ body: @Sendable (District) throws -> Void) throws {
    try shared.withLock { shared in
      let district = try shared ?? District()
      shared = district
      try body(district)
    }
  }

  fileprivate static func end() { shared.withLock { $0 = nil } }

  // MARK: Making it

  private static func configure(_ folder: TemporaryDirectory, _ broker: MosquittoBroker) throws {
    let head = """
      district: { id: park, name_zh: 两江智造园, name_en: Liangjiang Park, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1, port: \(broker.port), client_id: park }
      sources:
        - { format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }
        - { format: presence, topic: "factory/{factory}/{workshop}/{equipment}/connection" }

      """
    try folder.write(
      "millwright.yaml",
      head + """
        window: { interval: 50ms }
        store: sqlite:store
        alerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }

        """)
    try folder.write("empty.yaml", head + "store: sqlite:nothing\n")
    try folder.write(
      "alerts.yaml",
      """
      rules:
        - { name: low, kind: ratio_below, metric: networked_ratio, below: 99, owner: 园区值班室 }

      """)
  }

  private static func makeStore(_ folder: TemporaryDirectory) throws {
    let minute = Int64(Date().timeIntervalSince1970 / 60) * 60_000
    let story = try folder.write("story", try DistrictStory(end: minute - 60_000).lines())
    let quoted = [Program.beside("audit-feed"), folder.file("store"), story].map { "'\($0)'" }
    let fed = try TestSupport.run("sh", ["-c", "\(quoted[0]) \(quoted[1]) <\(quoted[2])"])
    guard fed.status == 0 else { throw SupportError("audit-feed: \(fed.errors)") }
    let imported = try TestSupport.run(
      Program.millwright,
      [
        "register", "import", try folder.write("equipment.csv", DistrictStory.equipmentCSV), "--factories",
        try folder.write("factories.csv", DistrictStory.factoriesCSV), "--effective", "2020-01-01", "--yes",
        "--config", folder.file("millwright.yaml"),
      ])
    guard imported.status == 0 else { throw SupportError("register import: \(imported.errors)") }
  }

  // MARK: Its processes

  /// Starts the collector and waits until it is connected.
  func startCollector() throws {
    let path = try folder.write("collect-\(UUID().uuidString)", "")
    let log = ChildProcess.Stream.appending(to: path)
    let process = try start(
      Program.millwright, ["collect", "--config", folder.file("millwright.yaml")], output: log, errors: log)
    collector = process
    func text() -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    guard waitUntil(30, { text().contains("connected and subscribed") || !process.isRunning }),
      process.isRunning
    else { throw SupportError("the collector did not connect:\n\(text())") }
  }

  /// Kills the collector with signal 9.
  func killCollector() {
    collector?.send(SIGKILL)
    collector?.wait()
    collector = nil
  }

  /// Starts the server again where it was, after it was killed.
  func restartServer() throws {
    server = try ServeProcess(folder, "millwright.yaml", listen: server.hostAndPort)
  }

  /// Publishes with mosquitto_pub at QoS 1.
  func publish(_ topic: String, _ payload: String) throws {
    let result = try TestSupport.run(
      "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload])
    guard result.status == 0 else { throw SupportError("mosquitto_pub: \(result.errors)") }
  }
}

/// Ends the district that the tests of a suite share after the last of them.
struct SharedDistrict: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    defer { District.end() }
    try await function()
  }
}

extension Trait where Self == SharedDistrict {
  static var sharedDistrict: Self { SharedDistrict() }
}
