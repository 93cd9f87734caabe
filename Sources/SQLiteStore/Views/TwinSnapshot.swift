import Foundation
import GRDB
import Journal
import Storage
import Synchronization

extension ViewsReader {
  /// Reads a large district in two halves at once, where there are two processors.
  public func district<Overview, Part: Sendable>(
    overview: (any StoreSnapshot) throws -> Overview,
    part: @escaping @Sendable (any StoreSnapshot, FactoryScope) throws -> Part
  ) throws -> (overview: Overview, parts: [Part]) {
    guard ProcessInfo.processInfo.activeProcessorCount > 1, let middle = try read({ try $0.middleFactory() })
    else { return try read { (try overview($0), [try part($0, .all)]) } }
    let ((summary, first), second) = try snapshots({ (try overview($0), try part($0, .before(middle))) }) {
      try part($0, .from(middle))
    }
    return (summary, [first, second])
  }

  /// Lends the views at one moment to two bodies at once: to `first` on the caller's thread, to `second` on a thread
  /// and a connection of its own. Throws the error of either.
  ///
  /// If the views change each time just while both begin to read, `second` follows `first` on the same connection.
  package func snapshots<First, Second: Sendable>(
    _ first: (any StoreSnapshot) throws -> First,
    beside second: @escaping @Sendable (any StoreSnapshot) throws -> Second
  ) throws -> (First, Second) {
    for _ in 0..<Self.attempts {
      let other = try ViewsReader(directory)
      // Rebuilt views are another file.
      guard let file, other.file == file else { break }
      if let found = try snapshots(first, beside: second, of: other) { return found }
    }
    return try read { (try first($0), try second($0)) }
  }

  private static let attempts = 5

  /// Results of both bodies; nil, without calling either, if their connections see different states.
  private func snapshots<First, Second: Sendable>(
    _ first: (any StoreSnapshot) throws -> First,
    beside second: @escaping @Sendable (any StoreSnapshot) throws -> Second, of other: ViewsReader
  ) throws -> (First, Second)? {
    // `PRAGMA data_version` changes when another connection commits. If it is equal before and after, both snapshots
    // see the same state.
    let before = try other.read { try $0.dataVersion() }
    return try read { views in
      _ = try views.dataVersion()
      let beside = BesideThread { begun in
        try other.read { views in
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

  /// Waits for the body; returns its result or throws its error.
  func join() throws -> Value {
    done.wait()
    guard let result = outcome.withLock({ $0 }) else {
      throw StoreError(.io, "a thread ended without a result")
    }
    return try result.get()
  }
}
