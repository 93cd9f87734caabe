import CStopSignals
import Foundation
import MQTT

/// SIGTERM and SIGINT for the collector, blocked since before `main` (see CStopSignals).
enum StopSignals {
  /// Stops the session of `mailbox` at the first signal, or at once if one has already arrived. Further signals have
  /// no effect.
  ///
  /// - Parameter stopping: called with the signal's name, on a separate thread, before the session is asked to stop.
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
