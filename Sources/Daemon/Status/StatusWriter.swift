import Dispatch
import Foundation

/// Writes a collector's status to its store once a second, on a thread of its own: a slow disk holds up no window.
final class StatusWriter: Sendable {
  private let stopping = DispatchSemaphore(value: 0)
  private let stopped = DispatchSemaphore(value: 0)

  /// Begins to write.
  init(_ board: StatusBoard) {
    let (stopping, stopped) = (stopping, stopped)
    let thread = Thread {
      repeat { board.write() } while stopping.wait(timeout: .now() + .seconds(1)) == .timedOut
      stopped.signal()
    }
    thread.name = "status"
    thread.stackSize = 512 << 10
    thread.start()
  }

  /// Returns when nothing is written any more. Call it once.
  func stop() {
    stopping.signal()
    stopped.wait()
  }
}
