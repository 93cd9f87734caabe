import Glibc
import Synchronization

/// A pipe that wakes a thread sleeping in `poll`.
final class WakePipe: Sendable {
  /// Readable from ``wake()`` until ``drain()``.
  let readEnd: Int32
  private let writeEnd: Int32

  /// - Throws: ``BrokerSessionError/system(_:)`` if the process has no file descriptors left.
  init() throws(BrokerSessionError) {
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

  /// Makes the read end readable by a `write(2)` that never blocks: a full pipe is already readable.
  func wake() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Makes the read end unreadable until the next ``wake()``.
  func drain() {
    var bytes: UInt64 = 0
    while read(readEnd, &bytes, MemoryLayout<UInt64>.size) == MemoryLayout<UInt64>.size {}
  }
}

/// A flag that can be set once, from any thread, and wakes the thread that polls its descriptor.
final class Signal: Sendable {
  private let pipe: WakePipe
  private let flag = Atomic<Bool>(false)

  /// - Throws: ``BrokerSessionError/system(_:)`` if the process has no file descriptors left.
  init() throws(BrokerSessionError) { pipe = try WakePipe() }

  /// Readable once the flag is set.
  var readEnd: Int32 { pipe.readEnd }

  var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }

  /// Sets the flag: an atomic store and a `write(2)`. Further calls change nothing.
  func set() {
    if flag.exchange(true, ordering: .sequentiallyConsistent) { return }
    pipe.wake()
  }
}
