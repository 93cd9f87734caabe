import CProcessStart
import Glibc
import Synchronization

/// A program that this process starts and waits for.
///
/// It inherits only the three streams named here: no other open file, no blocked or ignored signal. The caller must
/// wait for its end, or poll ``end``; otherwise the system keeps an entry for it.
public final class ChildProcess: Sendable {
  /// Destination or source of one of its three standard streams.
  public enum Stream: Sendable {
    /// `/dev/null`.
    case null
    /// A file. Output is appended to it; a missing file is created, readable by the owner only. Input is read from
    /// it.
    case appending(to: String)
    /// A descriptor of this process. This process keeps it open.
    case descriptor(Int32)
  }

  /// The end of the process.
  public enum End: Equatable, Sendable {
    /// It ended with this exit code, 0 to 255.
    case exited(Int32)
    /// It was ended by this signal.
    case signalled(Int32)
    /// It has ended, but other code of this process has already collected its exit status.
    case unknown
  }

  /// The system refused to start it.
  public struct StartError: Error, Equatable, CustomStringConvertible {
    /// Path of the program.
    public let program: String
    /// The system's error number.
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
  ///   - directory: its working directory; nil for that of this process.
  ///   - leadsGroup: whether it and the processes that it starts form a separate group. Signals to it then go to the
  ///     whole group, and signals of a terminal do not reach it.
  /// - Throws: ``StartError`` if the system refuses.
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

  /// The end of the process; nil while it runs.
  public var end: End? { look(WNOHANG) }

  /// Whether it is still running.
  public var isRunning: Bool { end == nil }

  /// Waits for its end.
  @discardableResult public func wait() -> End {
    // nil is returned only after an interruption.
    while true { if let end = look(0) { return end } }
  }

  /// Waits for its end for at most the given time; returns nil if it is still running. It polls every few
  /// milliseconds, because a handler for the signal of the end would apply to the whole process.
  public func wait(seconds: Double) -> End? {
    // Limits the time to a year, and treats a value that is not a number as zero.
    let deadline = ContinuousClock.now + .seconds(seconds > 0 ? min(seconds, 31_536_000) : 0)
    while true {
      if let end { return end }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(2000)
    }
  }

  /// Sends a signal to the process or its group, unless its end is known.
  public func send(_ signal: Int32) {
    ended.withLock { if $0 == nil { _ = kill(leadsGroup ? -id : id, signal) } }
  }

  // MARK: -

  private func look(_ options: Int32) -> End? {
    // A wait without limit must not prevent other threads from sending signals.
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

  /// Lends strings as an array that ends with nil; nil if there are no strings.
  private static func withStrings(
    _ strings: [String]?, _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Int32
  ) -> Int32 {
    guard let strings else { return body(nil) }
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
