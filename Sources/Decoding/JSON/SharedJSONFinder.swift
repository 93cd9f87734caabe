import CSimdjson
import Synchronization
import Telemetry

/// A finder with its memory, which copies of a decoder share. It has no state between messages. The lock lets one thread
/// use it at a time.
final class SharedJSONFinder: Sendable {
  private let finder: JSONFinder
  private let lock = Mutex(())

  init(_ finder: consuming JSONFinder) { self.finder = finder }

  /// Calls `body` with the entries found in a payload, in its order; they are valid during the call. Throws `malformed`
  /// or `too_large`, and rethrows.
  @inline(__always)
  func find(
    in payload: UnsafeRawBufferPointer, padded: Bool,
    _ body: (UnsafeBufferPointer<CSimdjsonFound>) throws(Rejection) -> Void
  ) throws(Rejection) {
    let outcome = lock.withLock { _ -> Result<Void, Rejection> in
      do throws(Rejection) {
        return .success(try body(try finder.find(payload, padded: padded)))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }
}
