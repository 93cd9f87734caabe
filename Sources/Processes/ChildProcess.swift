import CProcessStart
import Glibc
import Synchronization

/// A program that this process starts and waits for.
///
/// It inherits nothing but the three streams named here: no other open file, no blocked or ignored signal. Whoever
/// starts it must wait for its end, or poll ``end``, else the system keeps an entry of it.
public final class ChildProcess: Sendable {
  /// Where one of its three standard streams leads.
  public enum Stream: Sendable {
    /// `/dev/null`.
    case null
    /// A file to write to, at its end; made where there is none, readable by the owner only. As input, a file to read.
    case appending(to: String)
    /// A descriptor of this process, which keeps it open.
    case descriptor(Int32)
  }

  /// How it ended.
  public enum End: Equatable, Sendable {
    /// With this exit code, 0 to 255.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
    /// It has ended, and something else in this process has taken note of how.
    case unknown
  }

  /// The system refused to start it.
  public struct StartError: Error, Equatable, CustomStringConvertible {
    /// Path of the program.
    public let program: String
    /// Number of the system's error.
    public let code: Int32

    public var description: String { "\(program): cannot be started: \(String(cString: strerror(code)))" }
  }

  /// Its process id.
  public let id: Int32
  private let leadsGroup: Bool
  private let ended = Mutex<End?>(nil)

  /// Starts the program at an absolute path.
  ///
  /// - Parameters:
  ///   - environment: all of its variables; nil for those of this process.
  ///   - directory: the folder in which it runs; nil for that of this process.
  ///   - leadsGroup: whether it and what it starts are a group of their own: signals go to all of them, those of a
  ///     terminal to none.
  /// - Throws: ``StartError`` where the system refuses.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    directory: String? = nil, input: Stream = .null, output: Stream = .null, errors: Stream = .null,
    leadsGroup: Bool = false
  ) throws(StartError) {
    let variables = environment.map { $0.map { "\($0.key)=\($0.value)" } }
    var id: pid_t = 0
    let code = Self.withStrings([program] + arguments) { arguments in
      Self.withStrings(variables) { variables in
        Self.withStreams([input, output, errors]) {
          process_start(&id, program, arguments, variables, directory, $0, leadsGroup ? 1 : 0)
        }
      }
    }
    guard code == 0 else { throw StartError(program: program, code: code) }
    self.id = id
    self.leadsGroup = leadsGroup
  }

  /// How it ended; nil while it runs.
  public var end: End? { look(WNOHANG) }

  /// Whether it has not ended yet.
  public var isRunning: Bool { end == nil }

  /// Waits for its end.
  @discardableResult public func wait() -> End {
    // nil only after an interruption.
    while true { if let end = look(0) { return end } }
  }

  /// Waits for its end, at most for some time; nil when it is still running. Looks every few milliseconds: a timer
  /// for a signal of the end would be the whole process's.
  public func wait(seconds: Double) -> End? {
    // Not more than a year, and not what is no number.
    let deadline = ContinuousClock.now + .seconds(seconds > 0 ? min(seconds, 31_536_000) : 0)
    while true {
      if let end { return end }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(2000)
    }
  }

  /// Sends it, or its group, a signal unless its end is known.
  public func send(_ signal: Int32) {
    ended.withLock { if $0 == nil { _ = kill(leadsGroup ? -id : id, signal) } }
  }

  // MARK: -

  private func look(_ options: Int32) -> End? {
    // A wait without end is no reason to keep others from sending signals.
    if options & WNOHANG == 0, ended.withLock({ $0 }) == nil {
      var information = siginfo_t()
      guard waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) == 0 || errno != EINTR else {
        return nil
      }
    }
    return ended.withLock { ended in
      if let ended { return ended }
      var status: Int32 = 0
      let found = waitpid(id, &status, WNOHANG)
      if found == id {
        ended = status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f)
      } else if found < 0, errno == ECHILD {
        ended = .unknown
      }
      return ended
    }
  }

  private static func withStreams(
    _ streams: [Stream], _ body: ([process_stream]) -> Int32
  ) -> Int32 {
    let lent = streams.map { stream in
      switch stream {
      case .null: process_stream(descriptor: -1, path: nil)
      case .appending(let path): process_stream(descriptor: -1, path: strdup(path))
      case .descriptor(let own): process_stream(descriptor: own, path: nil)
      }
    }
    defer { for stream in lent { free(UnsafeMutablePointer(mutating: stream.path)) } }
    return body(lent)
  }

  /// Lends strings as an array that ends with nil; nil for nil.
  private static func withStrings(
    _ strings: [String]?, _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
  ) -> Int32 {
    guard let strings else { return body(nil) }
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
