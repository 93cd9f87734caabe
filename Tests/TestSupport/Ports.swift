import Glibc

/// A TCP port of 127.0.0.1 that nothing listened on a moment ago.
public func freePort() throws -> Int {
  let (listener, port) = try listenOnLoopback()
  close(listener)
  return port
}

/// A listening socket on a free port of 127.0.0.1; the caller closes it.
public func listenOnLoopback() throws -> (socket: Int32, port: Int) {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard listener >= 0 else { throw SupportError("no socket: errno \(errno)") }
  _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
  var address = loopbackAddress(port: 0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let failed = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(listener, $0, size) != 0 || listen(listener, 16) != 0 || getsockname(listener, $0, &size) != 0
    }
  }
  if failed {
    close(listener)
    throw SupportError("cannot listen on 127.0.0.1: errno \(errno)")
  }
  return (listener, Int(UInt16(bigEndian: address.sin_port)))
}

/// Whether something on 127.0.0.1 takes a connection at `port`.
public func accepts(port: Int) -> Bool {
  guard let probe = try? connectToLoopback(port) else { return false }
  close(probe)
  return true
}

/// A socket that is connected to `port` of 127.0.0.1; the caller closes it.
public func connectToLoopback(_ port: Int) throws -> Int32 {
  let peer = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard peer >= 0 else { throw SupportError("no socket: errno \(errno)") }
  _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
  var address = loopbackAddress(port: port)
  let isConnected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(peer, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
  guard isConnected else {
    close(peer)
    throw SupportError("nothing takes a connection at port \(port)")
  }
  return peer
}

private func loopbackAddress(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}
