import Glibc
import Synchronization

/// Asks a session, from any thread, to stop: a flag and a pipe that wakes its `poll`.
///
/// Keep it alive for as long as anyone may call ``stop()``.
public final class Waker: Sendable {
  /// Becomes readable once a stop has been requested, and stays so.
  let readEnd: Int32
  private let writeEnd: Int32
  private let stopping = Atomic<Bool>(false)

  /// A waker nobody has called yet.
  ///
  /// - Throws: ``BrokerSessionError/system(_:)`` when the process has no file descriptors left.
  public init() throws(BrokerSessionError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .system("cannot create a pipe: \(errorText(errno))") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Asks the session to finish its batch and stop. An atomic store and a `write(2)`: safe from a thread
  /// or dispatch source that handles signals, and from a signal handler. Calling it again changes nothing.
  public func stop() {
    if stopping.exchange(true, ordering: .sequentiallyConsistent) { return }
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Whether ``stop()`` has been called.
  public var stopRequested: Bool { stopping.load(ordering: .sequentiallyConsistent) }
}
