import CStopSignals
import Foundation

/// SIGTERM, SIGINT and SIGHUP. For the collector and the web server they are blocked since before `main` (see CStopSignals), for other
/// commands since ``relay(stopping:to:reload:)``.
enum StopSignals {
  /// Calls `stop` at each SIGTERM and SIGINT and `reload` at each SIGHUP, or at once if one has already arrived.
  ///
  /// - Parameters:
  ///   - stopping: called with the first signal's name before `stop`. All are called on a separate thread.
  static func relay(
    stopping: @escaping @Sendable (String) -> Void, to stop: @escaping @Sendable () -> Void,
    reload: @escaping @Sendable () -> Void
  ) {
    stop_signals_hold()
    let thread = Thread {
      var isFirst = true
      while case let number = stop_signals_wait(), number != 0 {
        if number == SIGHUP {
          reload()
          continue
        }
        if isFirst { stopping(number == SIGTERM ? "SIGTERM" : "SIGINT") }
        isFirst = false
        stop()
      }
    }
    thread.name = "signals"
    thread.stackSize = 2 << 20
    thread.start()
  }
}
