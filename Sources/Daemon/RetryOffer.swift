import Foundation
import Ingestion
import Logging
import Storage
import Synchronization

/// Looks, on a thread of its own, for refused messages that the present sources could read, and offers to read them:
/// in the log and in the status.
final class RetryOffer: Sendable {
  private let store: any Store
  private let board: StatusBoard
  private let log: Logger
  private struct State {
    var settings: ShardSettings
    /// Number of searches begun; a search ends when another has begun.
    var searches = 0
  }
  private let state: Mutex<State>

  init(_ settings: ShardSettings, store: any Store, board: StatusBoard, log: Logger) {
    self.store = store
    self.board = board
    self.log = log
    state = Mutex(State(settings: settings))
  }

  /// Looks by other sources from now on.
  func look(by settings: ShardSettings) {
    state.withLock { $0.settings = settings }
    look()
  }

  /// Looks again, because the messages that are refused have changed.
  func look() {
    let (settings, number) = state.withLock {
      $0.searches += 1
      return ($0.settings, $0.searches)
    }
    let thread = Thread { [self] in search(by: settings, number) }
    thread.name = "retry"
    thread.start()
  }

  /// Ends the search, if there is one, soon.
  func stop() { state.withLock { $0.searches += 1 } }

  private func isSuperseded(_ number: Int) -> Bool { state.withLock { $0.searches != number } }

  private func search(by settings: ShardSettings, _ number: Int) {
    do {
      let everything = RefusedSelection(received: .distantPast ..< .distantFuture)
      let found = try RetryTrial(settings: settings, store: store).run(everything) { isSuperseded(number) }
      guard !isSuperseded(number) else { return }
      board.readable(found.readable)
      guard found.readable > 0 else { return }
      log.notice(
        "\(found.readable) refused \(found.readable == 1 ? "message" : "messages") would be read now: millwright quarantine retry"
      )
    } catch is RetryTrial.Cancelled {
      return
    } catch {
      log.warning("cannot find out whether refused messages could be read now: \(error)")
    }
  }
}
