import Foundation
import GRDB
import Synchronization

extension ViewsReader {
  /// Lends the views as they are at one moment to two bodies at once: to `first` on the caller's thread, to
  /// `second` on one of its own with a connection of its own. Throws what either throws.
  ///
  /// When the views change just while both begin to read, `second` follows `first` on the same connection.
  public func snapshots<First, Second: Sendable>(
    _ first: (ViewsSnapshot) throws -> First,
    beside second: @escaping @Sendable (ViewsSnapshot) throws -> Second
  ) throws -> (First, Second) {
    let other = try ViewsReader(directory)
    // A connection's data version changes when others commit: what it was before this one began to read and
    // is when the other one has, nobody changed in between.
    let before = try other.snapshot { try $0.dataVersion() }
    return try snapshot { views in
      _ = try views.dataVersion()
      let beside = BesideThread {
        try other.snapshot { views in try views.dataVersion() == before ? try second(views) : nil }
      }
      let found = Result { try first(views) }
      let other = try beside.join()
      return (try found.get(), try other ?? second(views))
    }
  }
}

extension ViewsSnapshot {
  /// Counts the changes that this connection has seen others make; begins to read.
  fileprivate func dataVersion() throws -> Int64 {
    try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0
  }
}

/// A body that runs on a thread of its own, which is waited for.
private final class BesideThread<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) {
    let thread = Thread { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
      done.signal()
    }
    thread.name = "report"
    thread.start()
  }

  /// What the body returned or threw, once it has.
  func join() throws -> Value {
    done.wait()
    guard let result = outcome.withLock({ $0 }) else {
      throw StoreError(.io, "a thread ended without a result")
    }
    return try result.get()
  }
}
