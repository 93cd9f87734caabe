import Foundation
import Storage
import Synchronization

/// Recomputes days on a thread of its own, so that no commit ever waits for the journal to be read.
///
/// One job at a time: the shard asks, goes on, and takes the result when it is there.
final class RepairWorker: Sendable {
  /// How the job asked for last is getting on.
  enum Progress {
    case idle
    case running
    case finished([RepairedDay], took: Duration)
    case failed(any Error)
  }

  private enum State: Sendable {
    case idle
    case running
    case finished([RepairedDay], took: Duration)
    case failed(any Error)
  }

  private let settings: ShardSettings
  private let store: any Store
  private let state = Mutex(State.idle)
  private let isCancelled = Atomic(false)

  init(settings: ShardSettings, store: any Store) {
    self.settings = settings
    self.store = store
  }

  /// Begins a job; only when idle.
  func begin(_ job: RepairJob) {
    state.withLock { $0 = .running }
    let thread = Thread { [self] in
      let began = ContinuousClock.now
      let outcome: State
      do {
        outcome = .finished(try run(job), took: ContinuousClock.now - began)
      } catch {
        outcome = .failed(error)
      }
      state.withLock { $0 = outcome }
    }
    thread.name = "repair"
    thread.start()
  }

  /// Recomputes on the caller's thread.
  func run(_ job: RepairJob) throws -> [RepairedDay] {
    let pass = RepairPass(settings: settings, source: try store.repairSource())
    return try pass.run(job) { isCancelled.load(ordering: .relaxed) }
  }

  /// What became of the job; a result is handed out once.
  func poll() -> Progress {
    state.withLock { state in
      switch state {
      case .idle: return .idle
      case .running: return .running
      case .finished(let days, let took):
        state = .idle
        return .finished(days, took: took)
      case .failed(let error):
        state = .idle
        return .failed(error)
      }
    }
  }

  /// Ends a job that is running and waits until it has ended; its days stay marked.
  func stop() {
    isCancelled.store(true, ordering: .relaxed)
    while case .running = poll() { Thread.sleep(forTimeInterval: 0.001) }
    isCancelled.store(false, ordering: .relaxed)
  }
}
