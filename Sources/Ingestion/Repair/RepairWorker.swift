import Foundation
import Storage
import Synchronization

/// Recomputes days on a separate thread, so that no commit waits for the journal to be read.
///
/// It runs one job at a time: the shard starts it, continues, and takes the result when it is ready.
final class RepairWorker: Sendable {
  /// The state of the newest job.
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

  /// Begins a job. Only if idle.
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

  /// Returns the state of the job; a result is returned once.
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

  /// Stops a running job and waits for its end; its days stay marked.
  func stop() {
    isCancelled.store(true, ordering: .relaxed)
    while case .running = poll() { Thread.sleep(forTimeInterval: 0.001) }
    isCancelled.store(false, ordering: .relaxed)
  }
}
