import Foundation
import GRDB
import Synchronization

extension ViewsReader {
  /// Lends the views as they are at one moment to two bodies at once: to `first` on the caller's thread, to
  /// `second` on one of its own with a connection of its own. Throws what either throws.
  ///
  /// When the views change each time just while both begin to read, `second` follows `first` on the same
  /// connection.
  public func snapshots<First, Second: Sendable>(
    _ first: (ViewsSnapshot) throws -> First,
    beside second: @escaping @Sendable (ViewsSnapshot) throws -> Second
  ) throws -> (First, Second) {
    for _ in 0..<Self.attempts {
      let other = try ViewsReader(directory)
      // Views that were built anew meanwhile are another file.
      guard let file, other.file == file else { break }
      if let found = try snapshots(first, beside: second, of: other) { return found }
    }
    return try snapshot { (try first($0), try second($0)) }
  }

  private static let attempts = 5

  /// What both bodies return; nil, with neither called, when their connections see the views differently.
  private func snapshots<First, Second: Sendable>(
    _ first: (ViewsSnapshot) throws -> First,
    beside second: @escaping @Sendable (ViewsSnapshot) throws -> Second, of other: ViewsReader
  ) throws -> (First, Second)? {
    // A connection's data version changes when others commit: what it was before this one began to read and
    // is when the other one has, nobody changed in between.
    let before = try other.snapshot { try $0.dataVersion() }
    return try snapshot { views in
      _ = try views.dataVersion()
      let beside = BesideThread { begun in
        try other.snapshot { views in
          let isSame = try views.dataVersion() == before
          begun(isSame)
          return isSame ? try second(views) : nil
        }
      }
      let found = beside.hasBegun() ? Result { try first(views) } : nil
      guard let other = try beside.join(), let found else { return nil }
      return (try found.get(), other)
    }
  }
}

extension ViewsSnapshot {
  /// Counts the changes that this connection has seen others make; begins to read.
  fileprivate func dataVersion() throws -> Int64 {
    try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0
  }
}

/// A body that runs on a thread of its own, which is waited for: SQLite blocks, and must not hold up a thread
/// that tasks share.
private final class BesideThread<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let beginning = Mutex<Bool?>(nil)
  private let begun = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)

  /// - Parameter body: says whether it goes on, and then does.
  init(_ body: @escaping @Sendable (_ begun: (Bool) -> Void) throws -> Value) {
    let thread = Thread { [self] in
      let result = Result { try body(begin) }
      outcome.withLock { $0 = result }
      // A body that threw before it said so does not go on.
      begin(false)
      done.signal()
    }
    thread.name = "report"
    thread.start()
  }

  private func begin(_ goesOn: Bool) {
    beginning.withLock { $0 = $0 ?? goesOn }
    begun.signal()
  }

  /// Whether the body goes on, once it has said so.
  func hasBegun() -> Bool {
    begun.wait()
    return beginning.withLock { $0 ?? false }
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
