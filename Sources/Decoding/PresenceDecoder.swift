import Telemetry

/// Reads `…/connection` payloads: exactly `online` or `offline`, in lower case, with nothing around it.
public struct PresenceDecoder: Sendable {
  /// Of these only the payload's size applies.
  public let limits: DecodingLimits

  /// A decoder under `limits`.
  public init(limits: DecodingLimits = DecodingLimits()) { self.limits = limits }

  /// What the device's session is. Throws `too_large`, or `malformed` for any other payload.
  public func decode(payload: UnsafeRawBufferPointer) throws(Rejection) -> Presence {
    if payload.count > limits.payload { throw Rejection(.tooLarge) }
    if payload.equals("online") { return .online }
    if payload.equals("offline") { return .offline }
    throw Rejection(.malformed, "presence")
  }
}
