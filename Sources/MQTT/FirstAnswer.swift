import COpenSSL
import Glibc

/// The beginning of the broker's side of a connection, before its answer to CONNECT: shows when the port does not
/// speak the transport that the client uses.
///
/// A listener for TLS closes a plain connection without an answer, and a plain listener closes one for TLS. The library
/// reports both as a lost connection.
package struct FirstAnswer: Equatable {
  /// The progress of the TLS handshake.
  package enum Handshake: Int, Comparable {
    /// The broker has sent no message of TLS.
    case unanswered
    /// The broker has sent one: the port speaks TLS.
    case answered
    /// The client has accepted the broker's certificate and has sent its last message. The broker can still refuse the
    /// client: in TLS 1.3 it checks the client's certificate after that (RFC 8446, 4.4.2.4).
    case finished

    package static func < (one: Handshake, other: Handshake) -> Bool { one.rawValue < other.rawValue }

    /// The progress of a client's connection; at most ``answered`` for a state of a finished handshake that is not
    /// named here.
    init(of ssl: OpaquePointer) {
      self =
        switch SSL_get_state(ssl) {
        case TLS_ST_BEFORE, TLS_ST_CW_CLNT_HELLO: .unanswered
        case TLS_ST_OK, TLS_ST_CW_FINISHED, TLS_ST_CR_SESSION_TICKET, TLS_ST_CR_CHANGE: .finished
        default: .answered
        }
    }
  }

  /// The meaning of a connection's end before the broker's answer.
  package enum Verdict: Equatable {
    /// The port speaks another transport or protocol.
    case foreign
    /// The TLS handshake was in progress.
    case duringHandshake
    /// The client had finished the TLS handshake: the broker may have refused its certificate.
    case afterHandshake
    /// The end's own reason says enough.
    case asReported
  }

  /// The first byte that the broker sent; nil if none was seen. TLS may read it before ``observe(_:_:)`` sees it.
  package var byte: UInt8?
  /// Whether the broker closed the connection and had sent nothing.
  package var closedSilently = false
  package var handshake = Handshake.unanswered

  package init(byte: UInt8? = nil, closedSilently: Bool = false, handshake: Handshake = .unanswered) {
    self.byte = byte
    self.closedSilently = closedSilently
    self.handshake = handshake
  }

  /// Notes the progress of the handshake, and looks at the first byte that has arrived, without taking it. Once the
  /// byte is known, later calls leave it.
  mutating func observe(_ socket: Int32?, _ ssl: OpaquePointer?) {
    if let ssl {
      handshake = max(handshake, Handshake(of: ssl))
      // After OpenSSL has read, the next byte is not the first.
      guard let input = SSL_get_rbio(ssl), BIO_number_read(input) == 0 else { return }
    }
    guard byte == nil, let socket else { return }
    var first: UInt8 = 0
    let count = recv(socket, &first, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    if count == 1 { byte = first }
    if count == 0 { closedSilently = true }
  }

  /// The meaning of the end of a connection that ended for `reason` before the broker's answer.
  ///
  /// - Parameter overTLS: whether the client speaks TLS.
  package func verdict(overTLS: Bool, _ reason: DisconnectReason) -> Verdict {
    guard overTLS else { return isNotMQTT(reason) ? .foreign : .asReported }
    switch (handshake, reason) {
    case (.unanswered, _): return isPlain(reason) ? .foreign : .asReported
    case (.answered, .dropped), (.answered, .closed): return .duringHandshake
    case (.finished, .dropped), (.finished, .closed), (.finished, .tls): return .afterHandshake
    default: return .asReported
    }
  }

  /// Whether the failure of a TLS handshake that has just begun shows that the port does not speak TLS. False for files
  /// that cannot be used, and for alerts.
  package static func isOfAnotherProgram(_ reason: DisconnectReason) -> Bool {
    guard case .tls(let detail) = reason else { return false }
    return ["wrong version number", "unexpected eof"].contains { detail.contains($0) }
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
