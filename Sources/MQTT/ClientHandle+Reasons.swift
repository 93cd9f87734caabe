import CMosquitto
import CMosquittoGuard
import Glibc

/// Why a connection ended, or a call of the library failed.
extension ClientHandle {
  /// The reason for the end of a connection before the broker's answer, as far as the observed beginning shows it.
  func unanswered(_ reason: DisconnectReason) -> DisconnectReason {
    // A broker of MQTT 5 can give its reason in a DISCONNECT.
    guard inbox.pointee.answer == nil, (inbox.pointee.ended ?? 0) < 0x80 else { return reason }
    let (host, port) = (endpoint.host, endpoint.port)
    switch inbox.pointee.first.verdict(overTLS: endpoint.tls != nil, reason) {
    case .foreign: return .foreign(host: host, port: port, overTLS: endpoint.tls != nil)
    case .duringHandshake: return .closed("during the TLS handshake")
    case .afterHandshake:
      return .notAdmitted(host: host, port: port, hasCertificate: endpoint.tls?.certificateFile != nil)
    case .asReported: return reason
    }
  }

  /// The reason for a connection that the broker refused with `code`.
  func refusal(_ code: Int32) -> DisconnectReason {
    let text =
      endpoint.protocolVersion == .v5
      ? reasonText(code) : mosquitto_connack_string(code).map { String(cString: $0) } ?? "no reason known"
    return .refused(code: UInt8(truncatingIfNeeded: code), text)
  }

  /// Throws the reason for a result of the library that is not success.
  func check(_ result: Int32) throws(DisconnectReason) {
    if result != 0 { throw reason(for: result) }
  }

  /// The words of a result of the library, with what the library or OpenSSL complained of.
  func text(of result: Int32) -> String {
    let cause =
      result == MOSQ_ERR_ERRNO.rawValue ? errorText(errno) : String(cString: mosquitto_strerror(result))
    return inbox.pointee.complaints.isEmpty ? cause : "\(cause) (\(inbox.pointee.complaints))"
  }

  /// The reason for a result of the library. The broker's own answer or reason goes before it.
  func reason(for result: Int32) -> DisconnectReason {
    if let answer = inbox.pointee.answer, answer.code != 0 { return refusal(answer.code) }
    if let code = inbox.pointee.ended, code >= 0x80 {
      if code == Int32(MQTT_RC_SESSION_TAKEN_OVER.rawValue) { return .takenOver(clientID: endpoint.clientID) }
      return .closed(reasonText(code))
    }
    if result == MOSQUITTO_GUARD_UNKNOWN_PROPERTY { return .unreadable("a property that it does not know") }
    // The library does not keep the reason why the socket was closed.
    let isForgotten = result == MOSQ_ERR_NO_CONN.rawValue || result == MOSQ_ERR_SUCCESS.rawValue
    return reason(ofError: isForgotten ? inbox.pointee.ended ?? result : result)
  }

  private func reason(ofError result: Int32) -> DisconnectReason {
    switch result {
    case MOSQ_ERR_SUCCESS.rawValue: return .closed("disconnected")
    case MOSQ_ERR_PROTOCOL.rawValue, MOSQ_ERR_MALFORMED_PACKET.rawValue,
      MOSQ_ERR_DUPLICATE_PROPERTY.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue:
      return .unreadable("a packet that breaks the protocol (\(text(of: result)))")
    case MOSQ_ERR_TLS.rawValue: return .tls(text(of: result))
    case MOSQ_ERR_KEEPALIVE.rawValue: return .silent("no answer to a PINGREQ within \(endpoint.keepalive) s")
    case MOSQ_ERR_EAI.rawValue: return .unreachable("\(endpoint.host) has no address")
    case MOSQ_ERR_CONN_LOST.rawValue:
      return .dropped(clientID: endpoint.clientID)
    default: return .closed(text(of: result))
    }
  }
}

/// The name of an MQTT 5 reason code.
func reasonText(_ code: Int32) -> String {
  mosquitto_reason_string(code).map { String(cString: $0) } ?? "no reason known"
}
