import Foundation
import Processes

/// A real mosquitto on a free port of 127.0.0.1 with a configuration of its own; ended when the last
/// reference to it goes.
public final class MosquittoBroker {
  /// What to configure beside the listener.
  public struct Options {
    /// Whether the broker keeps its sessions across a restart.
    public var persistence = false
    /// User names and passwords; empty allows everybody.
    public var users: [String: String] = [:]
    /// Lines of an access list.
    public var accessList: String?
    /// PEM files of the authority, the broker's certificate and its key: the listener then speaks TLS.
    public var tls: (caFile: String, certificateFile: String, keyFile: String)?
    /// Whether clients must show a certificate of the same authority.
    public var requireClientCertificate = false
    /// Messages kept for an absent client; 0 is without bound.
    public var maximumQueuedMessages = 0
    /// Filters whose subscription is refused: each covers the filters and topics below it. An access list only
    /// withholds messages. Requires ``canRefuseSubscriptions``.
    public var refusedSubscriptions: [String] = []
    /// Any further lines of configuration.
    public var extraLines: [String] = []

    public init() {}
  }

  /// The plugin of mosquitto that decides on subscriptions; nil if it is not installed.
  private static let plugin: String? = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
    return ([""] + folders.sorted()).map { "/usr/lib/\($0)/mosquitto_dynamic_security.so" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }()

  /// Whether brokers can be started that refuse subscriptions.
  public static var canRefuseSubscriptions: Bool { plugin != nil }

  public let port: Int
  public let directory: TemporaryDirectory
  private var process: ChildProcess?

  /// Starts a broker and waits until it takes connections.
  public init(_ options: Options = Options()) throws {
    directory = try TemporaryDirectory("mosquitto")
    port = try freePort()
    try directory.write("mosquitto.conf", try Self.configuration(options, port: port, directory: directory))
    try start()
  }

  deinit { kill() }

  /// The broker's process id; nil when it is not running.
  public var processID: Int32? { process.map(\.id) }

  /// What the broker has logged, over all its starts.
  public var log: String { (try? String(contentsOfFile: directory.file("log"), encoding: .utf8)) ?? "" }

  /// Starts it again after ``stop()`` or ``kill()``, on the same port.
  public func start() throws {
    // Administrators find it in sbin, which users do not search.
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    let log = ChildProcess.Stream.appending(to: directory.file("log"))
    let broker = try TestSupport.start(
      "mosquitto", ["-v", "-c", directory.file("mosquitto.conf")], environment: ["PATH": "\(path):/usr/sbin"],
      output: log, errors: log)
    process = broker
    guard waitUntil(10, { !broker.isRunning || accepts(port: port) }), broker.isRunning else {
      kill()
      throw SupportError("mosquitto did not start:\n\(self.log)")
    }
  }

  /// Ends it as an administrator would: it saves its sessions if it keeps them.
  public func stop() { end(SIGTERM) }

  /// Ends it as a crash would.
  public func kill() { end(SIGKILL) }

  /// Has it answer nothing until ``resume()``. Connections stand meanwhile.
  public func suspend() { process?.send(SIGSTOP) }

  /// Ends ``suspend()``.
  public func resume() { process?.send(SIGCONT) }

  /// Stops it and starts it again.
  public func restart() throws {
    stop()
    try start()
  }

  /// Changes the access list of a broker that has one, and has it read again as an administrator would.
  public func changeAccessList(to text: String) throws {
    try directory.write("acl", text + "\n")
    let reloads = log.components(separatedBy: "Reloading config").count
    guard let process else { return }
    process.send(SIGHUP)
    guard waitUntil(10, { log.components(separatedBy: "Reloading config").count > reloads }) else {
      throw SupportError("mosquitto did not read its configuration again:\n\(log)")
    }
  }

  private func end(_ signal: Int32) {
    guard let process else { return }
    self.process = nil
    process.send(signal)
    if process.wait(seconds: 10) == nil {
      process.send(SIGKILL)
      process.wait()
    }
  }

  private static func configuration(
    _ options: Options, port: Int, directory: TemporaryDirectory
  ) throws -> String {
    // The broker would change to its own user when root starts it, and then could not read these files.
    var lines = [
      "user root", "listener \(port) 127.0.0.1", "max_queued_messages \(options.maximumQueuedMessages)",
    ]
    if options.users.isEmpty {
      lines.append("allow_anonymous true")
    } else {
      let file = directory.file("passwords")
      for (index, user) in options.users.sorted(by: { $0.key < $1.key }).enumerated() {
        let create = index == 0 ? ["-c"] : []
        try run("mosquitto_passwd", create + ["-b", file, user.key, user.value])
      }
      lines += ["allow_anonymous false", "password_file \(file)"]
    }
    if let accessList = options.accessList {
      lines.append("acl_file \(try directory.write("acl", accessList + "\n"))")
    }
    if !options.refusedSubscriptions.isEmpty {
      guard let plugin else { throw SupportError("mosquitto_dynamic_security.so is not installed") }
      let file = try directory.write("rules.json", rules(refusing: options.refusedSubscriptions))
      lines += ["plugin \(plugin)", "plugin_opt_config_file \(file)"]
    }
    if options.persistence { lines += ["persistence true", "persistence_location \(directory.path)/"] }
    if let tls = options.tls {
      lines += ["cafile \(tls.caFile)", "certfile \(tls.certificateFile)", "keyfile \(tls.keyFile)"]
      if options.requireClientCertificate { lines.append("require_certificate true") }
    }
    return (lines + options.extraLines).joined(separator: "\n") + "\n"
  }

  /// The plugin's rules for all clients.
  private static func rules(refusing filters: [String]) -> String {
    let refused = filters.map {
      #"{"acltype":"subscribePattern","topic":"\#($0)","priority":0,"allow":false}"#
    }
    return """
      {"defaultACLAccess":
        {"publishClientSend":true,"publishClientReceive":true,"subscribe":true,"unsubscribe":true},
       "clients":[],"anonymousGroup":"all",
       "groups":[{"groupname":"all","roles":[{"rolename":"all","priority":0}],"clients":[]}],
       "roles":[{"rolename":"all","acls":[\(refused.joined(separator: ","))]}]}
      """
  }
}
