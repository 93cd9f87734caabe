import CStopSignals
import Foundation
import MQTT

/// SIGTERM and SIGINT of the collector, which are held back from before `main` (see CStopSignals).
enum StopSignals {
  /// Stops `waker` at the first of them, or at once when one has come already. Further ones change nothing.
  ///
  /// - Parameter stopping: called with the signal's name, on a thread of its own, before the waker is stopped.
  static func relay(to waker: Waker, stopping: @escaping @Sendable (String) -> Void) {
    stop_signals_hold()
    let thread = Thread {
      var isFirst = true
      while case let number = stop_signals_wait(), number != 0 {
        if isFirst { stopping(number == SIGTERM ? "SIGTERM" : "SIGINT") }
        isFirst = false
        waker.stop()
      }
    }
    thread.name = "signals"
    thread.stackSize = 256 << 10
    thread.start()
  }
}
