import Synchronization

/// A bounded number of permits for work that holds much memory.
final class Permits: Sendable {
  /// A permit, which is given back when nobody has it any more.
  final class Permit: Sendable {
    private let permits: Permits

    fileprivate init(_ permits: Permits) { self.permits = permits }

    deinit { permits.free.withLock { $0 += 1 } }
  }

  private let free: Mutex<Int>

  /// As many permits.
  init(_ count: Int) { free = Mutex(count) }

  /// A permit; nil if all are taken.
  func take() -> Permit? {
    let isTaken = free.withLock { free in
      guard free > 0 else { return false }
      free -= 1
      return true
    }
    return isTaken ? Permit(self) : nil
  }
}
