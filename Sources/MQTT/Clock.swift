import Glibc

/// Milliseconds UTC by the system's clock, which may be set; used for receive times.
func wallClock() -> Int64 { milliseconds(CLOCK_REALTIME) }

/// Milliseconds by a clock that never goes back; used for linger and deadlines.
func monotonicClock() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

private func milliseconds(_ clock: clockid_t) -> Int64 {
  var now = timespec()
  clock_gettime(clock, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}

/// The system's text for an `errno`.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Result of `poll` for one session.
struct Readiness {
  /// There is something to read, or the peer has closed.
  var readable = false
  /// The socket is writable again.
  var writable = false
  /// The peer reset the connection or closed both directions.
  var hungUp = false
  /// The pipe has bytes.
  var signalled = false
}

/// Condition under which a session goes on: a descriptor is ready, or a time has come.
struct Wait: Equatable {
  /// A socket to poll; nil for none.
  var socket: Int32?
  /// Whether readability, or writability, ends the wait.
  var read = true
  var write = false
  /// A pipe whose bytes end the wait; nil for none.
  var signal: Int32?
  /// End of the wait, by the monotonic clock.
  var until: Int64

  /// No wait: there is more to do.
  static let immediate = Wait(until: .min)

  /// The entries for `poll`: the socket's and the pipe's. `poll` ignores negative descriptors.
  var entries: (pollfd, pollfd) {
    let interest = Int16((read ? POLLIN : 0) | (write ? POLLOUT : 0))
    return (
      pollfd(fd: socket ?? -1, events: interest, revents: 0),
      pollfd(fd: signal ?? -1, events: Int16(POLLIN), revents: 0)
    )
  }
}

extension Readiness {
  /// The result of `poll` for a wait's two entries.
  init(_ socket: pollfd, _ signal: pollfd) {
    let events = Int32(socket.revents)
    readable = events & (POLLIN | POLLHUP | POLLERR) != 0
    writable = events & POLLOUT != 0
    hungUp = events & (POLLHUP | POLLERR) != 0
    signalled = signal.revents != 0
  }
}

/// Waits until the first condition of `wait` holds.
func waitFor(_ wait: Wait) -> Readiness {
  if wait == .immediate { return Readiness() }
  var pair = wait.entries
  let milliseconds = Int32(clamping: max(0, wait.until - monotonicClock()))
  withUnsafeMutableBytes(of: &pair) { raw in
    _ = poll(raw.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, milliseconds)
  }
  return Readiness(pair.0, pair.1)
}

/// Waits for the socket, at most for `milliseconds`; a negative time counts as zero.
func waitFor(socket: Int32?, write: Bool = false, read: Bool = true, milliseconds: Int64) -> Readiness {
  waitFor(Wait(socket: socket, read: read, write: write, until: monotonicClock() + max(0, milliseconds)))
}
