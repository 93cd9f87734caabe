import Glibc
import Synchronization

/// A pipe whose read end tells a thread that sleeps in `poll` that something happened.
final class WakePipe: Sendable {
  /// Readable once ``wake()`` was called, until ``drain()``.
  let readEnd: Int32
  private let writeEnd: Int32

  /// - Throws: ``BrokerSessionError/system(_:)`` when the process has no file descriptors left.
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

  /// A `write(2)` that never blocks: a full pipe is readable already.
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

/// A flag that is set once, from any thread, and then wakes whoever polls its descriptor.
final class Signal: Sendable {
  private let pipe: WakePipe
  private let flag = Atomic<Bool>(false)

  /// - Throws: ``BrokerSessionError/system(_:)`` when the process has no file descriptors left.
  init() throws(BrokerSessionError) { pipe = try WakePipe() }

  /// Becomes readable when the flag is set, and stays so.
  var readEnd: Int32 { pipe.readEnd }

  var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }

  /// Sets the flag: an atomic store and a `write(2)`. Calling it again changes nothing.
  func set() {
    if flag.exchange(true, ordering: .sequentiallyConsistent) { return }
    pipe.wake()
  }
}
