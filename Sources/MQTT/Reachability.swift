import Glibc

/// Finds an address of a broker that accepts TCP connections, without blocking, because libmosquitto's own connecting
/// call waits for as long as the kernel tries (two minutes).
///
/// The price is a second, empty connection at the broker for every attempt.
final class Reachability {
  private let endpoint: BrokerEndpoint
  private let addresses: UnsafeMutablePointer<addrinfo>
  /// The address that is tried; nil when all have been.
  private var candidate: UnsafeMutablePointer<addrinfo>?
  /// The socket that connects to it; -1 before.
  private(set) var socket: Int32 = -1
  /// The last address that did not accept, with the reason.
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
  ///   - hasChanged: whether `poll` found something at ``socket``.
  ///   - isOver: whether the time for connecting is over.
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
        // libmosquitto is given the name, to verify it, and would wait for this address first.
        throw .unreachable("\(endpoint.host) (\(name)) port \(endpoint.port): \(errorText(ETIMEDOUT))")
      case let error: failure = "\(name) port \(endpoint.port): \(errorText(error))"
      }
      closeSocket()
      hasChanged = false
      candidate = current.pointee.ai_next
    }
    throw .unreachable("\(endpoint.host): \(failure)")
  }

  /// Begins to connect to an address, or looks how far it got: 0 is connected, `EINPROGRESS` not yet, or an `errno`.
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
