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

/// Both threads begin when both are there. Otherwise the second may begin after the end of the first on a busy machine,
/// and the sanitizer may take them for one.
nonisolated(unsafe) private var beginning = pthread_barrier_t()

/// Runs `body` on two threads and waits for both. They meet often enough to wait for each other.
private func onTwoThreads(_ body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) {
  pthread_barrier_init(&beginning, nil, 2)
  var threads = [pthread_t](repeating: 0, count: 2)
  for index in threads.indices { pthread_create(&threads[index], nil, body, nil) }
  for thread in threads { pthread_join(thread, nil) }
}

switch CommandLine.arguments.last {
case "guarded":
  onTwoThreads { _ in
    pthread_barrier_wait(&beginning)
    for _ in 0..<300_000 { counter.addGuarded() }
    return nil
  }
case "unguarded":
  onTwoThreads { _ in
    pthread_barrier_wait(&beginning)
    for _ in 0..<300 {
      for _ in 0..<1000 { unguarded += 1 }
      sched_yield()
    }
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
