import Foundation
import Glibc
import Processes

/// A web server in a process of its own that answers by a plan: ended when the last reference to it goes.
public final class HookServer {
  /// A request that it got.
  public struct Request: Decodable {
    public var method: String
    public var path: String
    /// By name in lower case.
    public var headers: [String: String]
    public var body: String
  }

  public let folder: TemporaryDirectory
  public let port: Int
  private let process: ChildProcess

  /// A server whose answers are lines `STATUS BODY`; the last is repeated.
  public init(_ plan: [String] = ["200 ok"]) throws {
    folder = try TemporaryDirectory("hook")
    port = try freePort()
    let script = URL(filePath: #filePath).deletingLastPathComponent().path + "/receiver.py"
    try folder.write("plan", plan.joined(separator: "\n") + "\n")
    try folder.write("log", "")
    process = try TestSupport.start(
      "python3", [script, "\(port)", folder.file("plan"), folder.file("log")],
      errors: .appending(to: folder.file("errors")))
    let port = port
    guard waitUntil(20, { accepts(port: port) }) else { throw SupportError("the server did not start") }
  }

  deinit {
    process.send(SIGKILL)
    process.wait()
  }

  /// The address of a path.
  public func url(_ path: String = "/hook") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// What it got so far.
  public var requests: [Request] {
    let text = (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Request.self, from: Data($0.utf8))
    }
  }
}
