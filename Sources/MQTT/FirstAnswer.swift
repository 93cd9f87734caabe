import Glibc

/// The beginning of the broker's side of a connection, before its answer to CONNECT: shows when the port does not
/// speak the transport that the client uses.
///
/// A listener for TLS closes a plain connection without an answer, and a plain listener closes one for TLS. The library
/// reports both as a lost connection.
package struct FirstAnswer: Equatable {
  /// The first byte that the broker sent; nil if none was seen. TLS may read it before ``observe(_:)`` sees it.
  package var byte: UInt8?
  /// Whether the broker closed the connection and had sent nothing.
  package var closedSilently = false

  package init(byte: UInt8? = nil, closedSilently: Bool = false) {
    self.byte = byte
    self.closedSilently = closedSilently
  }

  /// Looks at the first byte that has arrived, without taking it. Once it is known, later calls do nothing.
  mutating func observe(_ socket: Int32?) {
    guard byte == nil, let socket else { return }
    var first: UInt8 = 0
    let count = recv(socket, &first, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    if count == 1 { byte = first }
    if count == 0 { closedSilently = true }
  }

  /// Whether the connection, which ended for `reason` before the broker's answer, was to a port of another transport.
  ///
  /// - Parameter overTLS: whether the client speaks TLS.
  package func isForeign(overTLS: Bool, _ reason: DisconnectReason) -> Bool {
    overTLS ? isPlain(reason) : isNotMQTT(reason)
  }

  /// Without TLS a broker's first packet is CONNACK, or DISCONNECT or AUTH of MQTT 5 (MQTT 5, 3.1.4).
  private func isNotMQTT(_ reason: DisconnectReason) -> Bool {
    switch reason {
    case .dropped, .closed, .unreadable: byte.map { ![0x20, 0xE0, 0xF0].contains($0) } ?? true
    default: false
    }
  }

  /// A TLS server's first record is its handshake or an alert (RFC 8446, 5.1).
  private func isPlain(_ reason: DisconnectReason) -> Bool {
    switch reason {
    case .dropped, .closed: return byte.map { ![0x15, 0x16].contains($0) } ?? true
    case .tls(let detail):
      if let byte { return ![0x15, 0x16].contains(byte) }
      // Complaints about certificates, alerts and versions of TLS come from a TLS server's records.
      return closedSilently || !["certificate", "alert", "protocol"].contains { detail.contains($0) }
    default: return false
    }
  }
}
