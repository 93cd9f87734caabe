import Dispatch
import Foundation
import Synchronization

/// A few threads for work that blocks, such as reading the store, so that the threads of the sockets never do.
final class WorkerPool: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  private let limit: Int

  /// Too much work waits.
  struct Busy: Error {}

  /// A pool.
  ///
  /// - Parameters:
  ///   - threads: number of threads.
  ///   - limit: maximum number of pieces of work that wait for one.
  init(threads: Int, limit: Int) {
    self.limit = limit
    for number in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "web \(number)"
      // Renderers of reports nest deeply.
      thread.stackSize = 4 << 20
      thread.start()
    }
  }

  /// Runs `body` on one of the threads. A task that is cancelled does not wait for its end.
  ///
  /// - Throws: ``Busy`` if too much work waits or the pool was stopped, `CancellationError`, and the error of `body`.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let waiting = Waiting<Result>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        waiting.begin(continuation)
        let isTaken = add { waiting.end(Swift.Result { try body() }) }
        if !isTaken { waiting.end(.failure(Busy())) }
      }
    } onCancel: {
      waiting.end(.failure(CancellationError()))
    }
  }

  /// A task that waits for the first of several ends.
  private final class Waiting<Value: Sendable>: Sendable {
    private struct State {
      var continuation: CheckedContinuation<Value, any Error>?
      var isOver = false
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
      let isOver = state.withLock { state in
        if !state.isOver { state.continuation = continuation }
        return state.isOver
      }
      if isOver { continuation.resume(throwing: CancellationError()) }
    }

    func end(_ result: Result<Value, any Error>) {
      let continuation = state.withLock { state in
        state.isOver = true
        defer { state.continuation = nil }
        return state.continuation
      }
      continuation?.resume(with: result)
    }
  }

  /// Adds work; false if too much waits already.
  private func add(_ work: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isStopped, state.waiting.count < limit else { return false }
      state.waiting.append(work)
      return true
    }
    if isTaken { filled.signal() }
    return isTaken
  }

  /// Ends the threads after the work that waits.
  func stop() {
    state.withLock { $0.isStopped = true }
    filled.signal()
  }

  private func work() {
    while true {
      filled.wait()
      let (next, isOver) = state.withLock { state in
        let next = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        return (next, next == nil && state.isStopped)
      }
      next?()
      if isOver {
        // Wakes the next thread.
        filled.signal()
        return
      }
    }
  }
}
