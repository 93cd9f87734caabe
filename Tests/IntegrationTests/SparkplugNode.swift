import Foundation
import Processes
import TestSupport
import Testing

/// A Sparkplug node of a published package, in a process of its own: see Tests/SparkplugNodes. It is killed when the last
/// reference to it goes.
final class SparkplugNode {
  /// The package whose node it is.
  enum Package: String, CaseIterable, CustomTestStringConvertible {
    case pysparkplug
    case wrapper = "mqtt-spb-wrapper"

    /// The source for its nodes. mqtt-spb-wrapper writes `DATA/` before names in births only.
    func source(_ keys: String = "") -> String {
      let names =
        switch self {
        case .pysparkplug: ""
        case .wrapper: ", state: { at: DATA/Status/State }, counters: { good: DATA/Production/GoodCount }"
        }
      return "{ format: sparkplug, reorder_timeout: 1s\(names)\(keys) }"
    }

    fileprivate var script: String {
      switch self {
      case .pysparkplug: "pysparkplug_node.py"
      case .wrapper: "wrapper_node.py"
      }
    }

    var testDescription: String { rawValue }
  }

  private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private let process: ChildProcess
  private let output: String
  private let commands: Pipe
  private var told = 0

  /// Starts a node of group F001 and waits until it connects. Its births follow; before them it must not be told to
  /// publish.
  ///
  /// - Parameter options: of the node's program, such as `--hours-ahead 8`.
  init(
    _ package: Package, at site: Installation, edge: String, devices: [String], options: [String] = []
  ) throws {
    output = try site.folder.write("node-\(edge)-\(UUID().uuidString)", "")
    commands = Pipe()
    process = try start(
      "python3",
      [
        "-B", Self.top.appending(path: "Tests/SparkplugNodes/\(package.script)").path, "\(site.broker.port)",
        edge,
      ]
        + devices + options,
      environment: [
        // Where Scripts/test puts it.
        "PYTHONPATH": Self.top.appending(path: ".build/sparkplug-nodes/\(package.rawValue)").path
      ],
      input: .descriptor(commands.fileHandleForReading.fileDescriptor), output: .appending(to: output),
      errors: .appending(to: output))
    try commands.fileHandleForReading.close()
    try expect("started")
  }

  deinit { kill() }

  private var lines: [Substring] {
    ((try? String(contentsOfFile: output, encoding: .utf8)) ?? "").split(separator: "\n")
  }

  /// How often it has written a line.
  func count(_ line: String) -> Int { lines.count { $0 == line } }

  /// Waits until it has written a line so often.
  func expect(_ line: String, times: Int = 1) throws {
    let isThere = waitUntil(30) { count(line) >= times || !process.isRunning }
    guard isThere, count(line) >= times else {
      throw SupportError("the node did not write '\(line)':\n\(lines.joined(separator: "\n"))")
    }
  }

  /// Has it carry out commands, and waits until it has.
  func obey(_ orders: String...) throws {
    for order in orders {
      guard process.isRunning else { throw SupportError("the node has ended") }
      told += 1
      try commands.fileHandleForWriting.write(contentsOf: Data((order + "\n").utf8))
      try expect("done", times: told)
    }
  }

  /// Kills it with signal 9.
  func kill() {
    process.send(SIGKILL)
    process.wait()
  }
}
