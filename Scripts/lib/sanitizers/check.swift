// Shows whether a sanitizer reports what it should and nothing else. The argument chooses the case:
//   guarded    two threads add to a number under a Mutex: nothing to report
//   unguarded  two threads add to a number: a data race
//   live       reads memory: nothing to report
//   freed      reads memory that was freed
import Glibc
import Synchronization

nonisolated(unsafe) private var unguarded = 0

private final class Counter: Sendable {
  private let guarded = Mutex(0)

  func addGuarded() { guarded.withLock { $0 += 1 } }
}

private let counter = Counter()

/// Runs `body` on two threads and waits for both. They meet often enough to wait for each other.
private func onTwoThreads(_ body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) {
  var threads = [pthread_t](repeating: 0, count: 2)
  for index in threads.indices { pthread_create(&threads[index], nil, body, nil) }
  for thread in threads { pthread_join(thread, nil) }
}

switch CommandLine.arguments.last {
case "guarded":
  onTwoThreads { _ in
    for _ in 0..<300_000 { counter.addGuarded() }
    return nil
  }
case "unguarded":
  onTwoThreads { _ in
    for _ in 0..<300_000 { unguarded += 1 }
    return nil
  }
case "live":
  let number = UnsafeMutablePointer<Int>.allocate(capacity: 1)
  number.initialize(to: 7)
  print(number.pointee)
  number.deallocate()
case "freed":
  let number = UnsafeMutablePointer<Int>.allocate(capacity: 1)
  number.initialize(to: 7)
  number.deallocate()
  print(number.pointee)
default:
  print("usage: check guarded|unguarded|live|freed")
  exit(64)
}
