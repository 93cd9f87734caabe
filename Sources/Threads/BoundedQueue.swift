import Dispatch
import Synchronization

/// Values that one thread passes to another in their order. When the queue is full, the sender waits, so that a fast
/// sender takes no more memory than a slow one.
public final class BoundedQueue<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [Element] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  // A semaphore that is freed with a lower value than at its creation ends the process: both begin at zero.
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  /// An empty queue.
  ///
  /// - Parameter limit: maximum number of values that wait, at least 1.
  public init(limit: Int) {
    for _ in 0..<max(1, limit) { room.signal() }
  }

  /// Passes a value on; waits while the queue is full. Returns false if the receiver has closed the queue.
  public func send(_ element: Element) -> Bool {
    room.wait()
    let isSent = state.withLock { state in
      guard !state.isClosed else { return false }
      state.waiting.append(element)
      return true
    }
    // A closed queue makes no sender wait.
    if isSent { filled.signal() } else { room.signal() }
    return isSent
  }

  /// Says that no value follows. The sender may say so again.
  public func end() { filled.signal() }

  /// Returns the next value; waits for it. Returns nil after the last one.
  public func receive() -> Element? {
    filled.wait()
    let next = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    // Without a value the queue has ended, and the next call returns nil too.
    if next == nil { filled.signal() } else { room.signal() }
    return next
  }

  /// Says that the receiver takes no more values. Those that wait are dropped.
  public func close() {
    state.withLock { state in
      state.isClosed = true
      state.waiting = []
    }
    room.signal()
  }
}
