import Foundation

/// Waits for `condition`, looking every few milliseconds; false when `seconds` went by without it.
public func waitUntil(_ seconds: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
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
