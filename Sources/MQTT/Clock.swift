import Glibc

/// Milliseconds UTC by the system's clock, which may be set: for receive times.
func wallClock() -> Int64 { milliseconds(CLOCK_REALTIME) }

/// Milliseconds by a clock that only rises: for linger and deadlines.
func monotonicClock() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

private func milliseconds(_ clock: clockid_t) -> Int64 {
  var now = timespec()
  clock_gettime(clock, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}

/// What the system says of an `errno`.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// What `poll` found.
struct Readiness {
  /// There is something to read, or the peer is gone.
  var readable = false
  /// The socket takes bytes again.
  var writable = false
  /// The peer reset or closed both ways.
  var hungUp = false
}

/// Waits for a socket, a stop request or the time, whichever is first. A `socket` or `waker` of nil is not
/// waited for; `milliseconds` below zero count as none.
func waitFor(socket: Int32?, write: Bool = false, read: Bool = true, waker: Waker?, milliseconds: Int64)
  -> Readiness
{
  let interest = Int16((read ? POLLIN : 0) | (write ? POLLOUT : 0))
  // poll ignores entries with a negative descriptor.
  var pair = (
    pollfd(fd: socket ?? -1, events: interest, revents: 0),
    pollfd(fd: waker?.readEnd ?? -1, events: Int16(POLLIN), revents: 0)
  )
  withUnsafeMutableBytes(of: &pair) { raw in
    _ = poll(raw.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, Int32(clamping: max(0, milliseconds)))
  }
  let events = Int32(pair.0.revents)
  return Readiness(
    readable: events & (POLLIN | POLLHUP | POLLERR) != 0, writable: events & POLLOUT != 0,
    hungUp: events & (POLLHUP | POLLERR) != 0)
}
