import CStopSignals
import Foundation
import MQTT

/// SIGTERM and SIGINT for the collector, held back from before `main` (see CStopSignals).
enum StopSignals {
  /// Has the session of `mailbox` stop at the first signal, or at once when one has already arrived. Further ones have no effect.
  ///
  /// - Parameter stopping: called with the signal's name, on a separate thread, before it is asked to stop.
  static func relay(to mailbox: Mailbox, stopping: @escaping @Sendable (String) -> Void) {
    stop_signals_hold()
    let thread = Thread {
      var isFirst = true
      while case let number = stop_signals_wait(), number != 0 {
        if isFirst { stopping(number == SIGTERM ? "SIGTERM" : "SIGINT") }
        isFirst = false
        mailbox.stop()
      }
    }
    thread.name = "signals"
    thread.stackSize = 256 << 10
    thread.start()
  }
}
