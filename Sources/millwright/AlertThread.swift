import Alerts
import Dispatch
import Foundation
import Synchronization

/// Evaluates alerts on a thread of its own.
final class AlertThread: Sendable {
  private let runner: AlertRunner
  private let requested = AlertStop()
  private let ended = DispatchSemaphore(value: 0)
  private let isStarted = Mutex(false)

  /// Seconds for a message that is being sent at the end. What is not sent by then is sent by the next server.
  private static let patience = 3

  init(_ runner: AlertRunner) { self.runner = runner }

  func start() {
    isStarted.withLock { $0 = true }
    let thread = Thread { [self] in
      runner.run(until: requested)
      ended.signal()
    }
    thread.name = "alerts"
    // Reports are computed on it.
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Ends the thread if it was started, and waits for it a little.
  func stop() {
    guard isStarted.withLock({ $0 }) else { return }
    requested.request()
    _ = ended.wait(timeout: .now() + .seconds(Self.patience))
  }
}
