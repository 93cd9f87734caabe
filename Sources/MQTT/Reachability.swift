import Glibc

/// Finds an address of a broker that accepts TCP connections, without blocking. libmosquitto's own connecting call
/// blocks for as long as the kernel tries (two minutes).
///
/// Cost: a second, empty connection to the broker for every attempt.
final class Reachability {
  private let endpoint: BrokerEndpoint
  private let addresses: UnsafeMutablePointer<addrinfo>
  /// The address that is being tried; nil after the last one.
  private var candidate: UnsafeMutablePointer<addrinfo>?
  /// The socket that connects to it; -1 before the first.
  private(set) var socket: Int32 = -1
  /// The last address that did not accept a connection, with the reason.
  private var failure = "no address"

  /// - Throws: ``DisconnectReason/unreachable(_:)`` when the lookup found no address.
  init(of endpoint: BrokerEndpoint, _ lookup: Lookup) throws(DisconnectReason) {
    self.endpoint = endpoint
    addresses = try lookup.addresses()
    candidate = addresses
  }

  deinit {
    closeSocket()
    freeaddrinfo(addresses)
  }

  private func closeSocket() {
    if socket >= 0 { close(socket) }
    socket = -1
  }

  /// Returns the first address that accepts a connection; nil while ``socket`` connects, until it is writable.
  ///
  /// - Parameters:
  ///   - hasChanged: whether `poll` reported an event of ``socket``.
  ///   - isOver: whether the time limit for connecting is over.
  func find(hasChanged: Bool, isOver: Bool) throws(DisconnectReason) -> String? {
    var hasChanged = hasChanged
    while let current = candidate {
      let name = Self.numeric(current.pointee)
      switch attempt(current.pointee, hasChanged: hasChanged, isOver: isOver) {
      case EINPROGRESS: return nil
      case 0:
        closeSocket()
        return name
      case ETIMEDOUT where endpoint.tls != nil:
        // libmosquitto gets the host's name for verification, and would try this address first.
        throw .unreachable("\(endpoint.host) (\(name)) port \(endpoint.port): \(errorText(ETIMEDOUT))")
      case let error: failure = "\(name) port \(endpoint.port): \(errorText(error))"
      }
      closeSocket()
      hasChanged = false
      candidate = current.pointee.ai_next
    }
    throw .unreachable(failure.hasPrefix("\(endpoint.host) ") ? failure : "\(endpoint.host): \(failure)")
  }

  /// Begins to connect to an address, or checks the progress. Returns 0 once connected, `EINPROGRESS` before, or an
  /// `errno`.
  private func attempt(_ address: addrinfo, hasChanged: Bool, isOver: Bool) -> Int32 {
    if socket < 0 {
      socket = Glibc.socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      guard socket >= 0 else { return errno }
      _ = fcntl(socket, F_SETFL, O_NONBLOCK)
      _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
      if Glibc.connect(socket, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
      guard errno == EINPROGRESS else { return errno }
    } else if hasChanged {
      var error: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size)
      return error
    }
    return isOver ? ETIMEDOUT : EINPROGRESS
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
