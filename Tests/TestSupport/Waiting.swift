import Foundation

/// Factor by which the tests' waits may last longer than on an idle machine: 3 by default, more where TEST_PATIENCE
/// says so, as for sanitizers. A wait ends as soon as what is awaited is there, so only failures take longer.
public let patience = Double(ProcessInfo.processInfo.environment["TEST_PATIENCE"] ?? "") ?? 3

/// Waits for `condition`, looking every few milliseconds; false when `seconds` times the tests' patience went by
/// without it.
public func waitUntil(_ seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * patience * 1e9)
  while try !condition() {
    if DispatchTime.now().uptimeNanoseconds >= deadline { return try condition() }
    usleep(2000)
  }
  return true
}

/// A failure of what a test needs rather than of what it tests.
public struct SupportError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The least of three measurements of this thread's processor time in seconds, which what else runs on the machine
/// hardly changes.
public func leastProcessorTime(_ work: () throws -> Void) rethrows -> Double {
  var least = Double.infinity
  for _ in 0..<3 {
    let began = processorTime()
    try work()
    least = min(least, processorTime() - began)
  }
  return least
}

private func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
