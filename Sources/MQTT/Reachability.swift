import Glibc

/// Finds out, within a deadline, whether a TCP connection to a broker can be made, because libmosquitto's
/// own connecting call waits for as long as the kernel tries (two minutes).
///
/// The price is a second, empty connection at the broker for every attempt.
enum Reachability {
  /// Returns the first address of the host that accepts a connection.
  ///
  /// - Parameter deadline: by the monotonic clock, milliseconds.
  static func address(
    of endpoint: BrokerEndpoint, deadline: Int64, waker: Waker?
  ) throws(DisconnectReason) -> String {
    let lookup = try Lookup.of(endpoint.host, port: endpoint.port, deadline: deadline, waker: waker)
    let found = try lookup.addresses()
    defer { freeaddrinfo(found) }
    var failure = "no address"
    var next: UnsafeMutablePointer<addrinfo>? = found
    while let candidate = next {
      let name = numeric(candidate.pointee)
      switch try attempt(candidate.pointee, deadline: deadline, waker: waker) {
      case 0: return name
      case ETIMEDOUT where endpoint.tls != nil:
        // libmosquitto is given the name, to verify it, and would wait for this address first.
        throw .unreachable("\(endpoint.host) (\(name)) port \(endpoint.port): \(errorText(ETIMEDOUT))")
      case let error: failure = "\(name) port \(endpoint.port): \(errorText(error))"
      }
      next = candidate.pointee.ai_next
    }
    throw .unreachable("\(endpoint.host): \(failure)")
  }

  /// Connects and closes again; returns 0 or an `errno`.
  private static func attempt(
    _ address: addrinfo, deadline: Int64, waker: Waker?
  ) throws(DisconnectReason) -> Int32 {
    let probe = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard probe >= 0 else { return errno }
    defer { close(probe) }
    _ = fcntl(probe, F_SETFL, O_NONBLOCK)
    _ = fcntl(probe, F_SETFD, FD_CLOEXEC)
    if Glibc.connect(probe, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
    guard errno == EINPROGRESS else { return errno }
    while true {
      if waker?.stopRequested == true { throw .stopped }
      let left = deadline - monotonicClock()
      if left <= 0 { return ETIMEDOUT }
      guard waitFor(socket: probe, write: true, read: false, waker: waker, milliseconds: left).either else {
        continue
      }
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(probe, SOL_SOCKET, SO_ERROR, &error, &size)
      return error
    }
  }

  private static func numeric(_ address: addrinfo) -> String {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = getnameinfo(
      address.ai_addr, address.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard code == 0 else { return "an address" }
    return text.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}

extension Readiness {
  /// Whether anything at all happened to the socket.
  fileprivate var either: Bool { readable || writable || hungUp }
}
