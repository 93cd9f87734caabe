/// Recognises another client that takes over the session alternately with this one, for brokers that do not report
/// it: MQTT 3.1.1 cannot.
///
/// Each of two clients with one id ends the other's connection by connecting. Each of them observes this: the broker
/// accepts it at once and resumes the session, grants the subscription, and soon closes without a reason; then the
/// same again. Other causes differ: a broker that restarts cannot be reached in between or has lost the session; a
/// network failure ends with an error or in silence; and a broker that rejects a subscription closes before granting
/// it.
struct TakeoverWatch {
  /// Number of successive closings that counts as a contest.
  static let limit = 5
  /// Maximum duration, in milliseconds, of a connection that another client ends in this way: a client waits at most
  /// a minute before it reconnects.
  static let longestTurn: Int64 = 120_000

  /// Number of successive closings.
  private(set) var closings = 0

  /// Notes the end of an accepted connection; returns whether another client takes over the session alternately.
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

  /// Notes that the broker could not be reached or refused the connection.
  mutating func failed() { closings = 0 }
}
