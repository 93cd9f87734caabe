import Telemetry

/// Reads `…/connection` payloads: `online` or `offline`, in any letter case. White space, line ends, NULs and a byte
/// order mark around the word are allowed.
public struct PresenceDecoder: Sendable {
  /// Limits, of which only the payload's size applies.
  public let limits: DecodingLimits

  /// A decoder under `limits`.
  public init(limits: DecodingLimits = DecodingLimits()) { self.limits = limits }

  /// Returns the state of the equipment's session. Throws `too_large`, or `malformed` for any other payload.
  public func decode(payload: UnsafeRawBufferPointer) throws(Rejection) -> Presence {
    if payload.count > limits.payload { throw Rejection(.tooLarge) }
    if payload.equals("online") { return .online }
    if payload.equals("offline") { return .offline }
    switch payload.word {
    case "online": return .online
    case "offline": return .offline
    case "": throw Rejection(.malformed, "presence", payload.isEmpty ? .empty : .unknownWord)
    default: throw Rejection(.malformed, "presence", .unknownWord)
    }
  }
}
