import Dispatch
import Foundation
import Synchronization

/// Writes a collector's status to its store about once a second, on a thread of its own: a slow disk holds up no
/// window.
final class StatusWriter: Sendable {
  private let waking = DispatchSemaphore(value: 0)
  private let stopped = DispatchSemaphore(value: 0)
  private let isStopping = Atomic(false)

  /// Time after which it writes without being woken, as while the session's thread is stuck.
  private static let pause = DispatchTimeInterval.milliseconds(1500)

  /// Begins to write what `board` has.
  init(_ board: StatusBoard) {
    let thread = Thread { [self] in
      repeat {
        board.write()
        _ = waking.wait(timeout: .now() + Self.pause)
        // Several calls while it was writing are one.
        while waking.wait(timeout: .now()) == .success {}
      } while !isStopping.load(ordering: .sequentiallyConsistent)
      stopped.signal()
    }
    thread.name = "status"
    thread.stackSize = 512 << 10
    thread.start()
  }

  /// Requests a write now; returns at once.
  func wake() { waking.signal() }

  /// Returns when nothing is written any more. Call it once.
  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    waking.signal()
    stopped.wait()
  }
}
