import Logging
import Synchronization
import Telemetry

/// A request and its answer. The line of the access log is written when nobody has it any more: the answer was sent, or
/// the peer has gone.
final class Exchange: Sendable {
  private struct State {
    var status = 0
    var viewer = "(none)"
    var bytes = 0
  }

  private let request: WebRequest
  private let client: String?
  private let log: Logger
  private let began = ContinuousClock.now
  private let state = Mutex(State())

  /// A request that has arrived.
  ///
  /// - Parameter client: the address behind proxies; nil if it is not known.
  init(_ request: WebRequest, client: String?, log: Logger) {
    self.request = request
    self.client = client
    self.log = log
  }

  /// Notes the head of the answer.
  func answer(_ status: Int, to viewer: String) {
    state.withLock { ($0.status, $0.viewer) = (status, viewer) }
  }

  /// Notes bytes of the body that were given to the connection.
  func send(_ bytes: Int) { state.withLock { $0.bytes = $0.bytes.addingSaturated(bytes) } }

  deinit {
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    let (status, viewer, bytes) = state.withLock { ($0.status, $0.viewer, $0.bytes) }
    let line = AccessLogLine(
      client: client, viewer: viewer, method: request.method.rawValue, target: request.target, status: status,
      bytes: bytes, duration: seconds * 1000 + attoseconds / 1_000_000_000_000_000,
      agent: request.headers["user-agent"])
    log.info("request", metadata: line.metadata)
  }
}

/// Numbers of answers by the first digit of their status.
final class AnswerCounts: Sendable {
  private let counts = Mutex<[Int: Int]>([:])

  func add(_ status: Int) { counts.withLock { $0[status / 100, default: 0] += 1 } }

  var byClass: [Int: Int] { counts.withLock { $0 } }
}
