import COpenSSL
import Glibc

/// Ends a connection.
extension ClientHandle {
  /// Sends as much of DISCONNECT as the socket accepts. Returns whether all of it is sent, or nil if it cannot be
  /// sent. Everything else must have been written before. The broker keeps the session as long as without DISCONNECT.
  /// With reason 0 the packet is the same in MQTT 3.1.1 and 5.
  ///
  /// The packet is written here, because the library's versions behave differently after it: 2.0 closes the socket at
  /// once; 2.1 shuts it down and then always reports data to write.
  @discardableResult
  func sendDisconnect() -> Bool? {
    guard let socket else { return nil }
    let packet: [UInt8] = [0xE0, 0]
    // Sockets and TLS accept both bytes or neither.
    let count = packet.withUnsafeBytes { bytes in
      if let ssl {
        ERR_clear_error()
        return Int(SSL_write(ssl, bytes.baseAddress, Int32(bytes.count)))
      }
      return Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
    guard count == packet.count else { return mayTryAgain(after: count) ? false : nil }
    if let ssl { SSL_shutdown(ssl) }
    shutdown(socket, Int32(SHUT_WR))
    return true
  }

  /// Reads and discards data that the broker still sends after DISCONNECT. Returns whether the broker has closed the
  /// connection too: then it has read everything sent before. If the session reconnected sooner, the broker would
  /// send messages again because it has not yet read their acknowledgements.
  func hasBeenClosed() -> Bool {
    guard let socket else { return true }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
  }

  private func mayTryAgain(after count: Int) -> Bool {
    guard let ssl else { return errno == EAGAIN || errno == EINTR }
    return SSL_get_error(ssl, Int32(count)) == SSL_ERROR_WANT_WRITE
  }

  /// Ends the connection so that nothing queued can be sent any more.
  func abandon() {
    if let socket { shutdown(socket, Int32(SHUT_RDWR)) }
  }
}
