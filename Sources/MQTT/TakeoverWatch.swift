/// Recognises that another client takes the session in turns where the broker does not say so: MQTT 3.1.1 cannot.
///
/// Each of two clients with one id ends the other's connection by connecting. What one of them sees: the broker accepts
/// it at once and resumes the session, grants the subscription, and soon closes without a reason; and so again. A
/// broker that restarts cannot be reached in between or has lost the session, a network that fails ends with an error
/// or in silence, and a broker that dislikes a subscription closes before it grants it.
struct TakeoverWatch {
  /// Closings in succession after which it is no coincidence.
  static let limit = 5
  /// A connection that stood longer, milliseconds, was not taken by one that waits its turn: that is a minute at most.
  static let longestTurn: Int64 = 120_000

  /// Closings in succession.
  private(set) var closings = 0

  /// Notes the end of an accepted connection; true when the session is taken in turns.
  mutating func ended(
    _ reason: DisconnectReason, afterStanding milliseconds: Int64, resumed: Bool, subscribed: Bool
  ) -> Bool {
    guard case .dropped = reason, milliseconds < Self.longestTurn, subscribed, resumed || closings == 0 else {
      closings = 0
      return false
    }
    closings += 1
    return closings >= Self.limit
  }

  /// Notes that the broker could not be reached, or refused us.
  mutating func failed() { closings = 0 }
}
