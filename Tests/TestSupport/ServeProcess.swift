import Foundation
import Processes

/// Programs that are built beside the tests.
public enum Program {
  /// The product's executable.
  public static let millwright = beside("millwright")

  /// The path of an executable of the package.
  public static func beside(_ name: String) -> String {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }
}

/// `millwright serve` as a process: killed when the last reference to it goes.
public final class ServeProcess {
  private let process: ChildProcess
  private let output: String
  /// Where it serves, such as `http://127.0.0.1:8080/`.
  public let address: String

  /// Starts a server and waits for its address.
  ///
  /// - Parameters:
  ///   - configuration: name of the configuration in `folder`.
  ///   - listen: host and port; port 0 is any free port.
  public init(
    _ folder: TemporaryDirectory, _ configuration: String, listen: String = "127.0.0.1:0",
    _ arguments: [String] = []
  ) throws {
    output = try folder.write("serve-\(UUID().uuidString)", "")
    process = try start(
      Program.millwright,
      ["serve", "--listen", listen, "--config", folder.file(configuration)] + arguments,
      environment: ["LANG": "en_US.UTF-8"], output: .appending(to: output), errors: .appending(to: output))
    var found = ""
    let (path, pattern) = (output, #/serving (http:\S+)\n/#)
    guard
      waitUntil(
        20,
        {
          guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let match = text.firstMatch(of: pattern)
          else { return false }
          found = String(match.output.1)
          return true
        })
    else {
      process.send(SIGKILL)
      process.wait()
      throw SupportError("no address: \((try? String(contentsOfFile: output, encoding: .utf8)) ?? "")")
    }
    address = found
  }

  deinit { kill() }

  /// Host and port, such as `127.0.0.1:8080`.
  public var hostAndPort: String { String(address.dropFirst("http://".count).dropLast()) }

  /// Kills it with signal 9.
  public func kill() {
    process.send(SIGKILL)
    process.wait()
  }

  /// Stops it by a signal; nil if it has not ended within 10 s times the tests' patience.
  public func stop(_ signal: Int32) -> ChildProcess.End? {
    process.send(signal)
    return process.wait(seconds: 10 * patience)
  }

  /// What it has printed and logged.
  public var log: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

  /// The answer to a path, with its head.
  public func get(_ path: String, _ arguments: [String] = []) throws -> String {
    try run("curl", ["-s", "-i", "--max-time", "20"] + arguments + [address + path.dropFirst()]).output
  }
}
