/// The rules of a session over its connections, as a value: when to connect, how long to rest, what to ask of the next
/// connection, when to end.
package struct SessionState {
  /// Where the session is.
  package enum Stage: Equatable {
    /// The next connection is due.
    case due
    /// An attempt to connect, or a connection, goes on.
    case connecting, connected
    /// The next connection is due at that time, by the monotonic clock.
    case resting(until: Int64)
    case ended
  }

  /// What to do after the end of a connection or of an attempt.
  package enum Next: Equatable {
    case rest
    /// A stop was requested.
    case stop
    /// Another client takes the session; it is never fought for.
    case yield(clientID: String, closings: Int?)
  }

  /// What is known of a connection that has ended.
  package struct Ending {
    /// Milliseconds from the broker's answer to the end.
    package var standing: Int64
    /// Whether the broker had kept the session.
    package var resumed: Bool
    /// Whether it had granted the subscriptions.
    package var subscribed: Bool
    /// Whether it ended with optional filters asked for and not answered.
    package var overOptional: Bool
    /// Whether the session may still hold former filters.
    package var holdsFormer: Bool

    package init(standing: Int64, resumed: Bool, subscribed: Bool, overOptional: Bool, holdsFormer: Bool) {
      self.standing = standing
      self.resumed = resumed
      self.subscribed = subscribed
      self.overOptional = overOptional
      self.holdsFormer = holdsFormer
    }
  }

  private let clientID: String
  package private(set) var stage = Stage.due
  private var backoff: Backoff
  private var takeovers = TakeoverWatch()
  /// Whether the next connection asks for optional filters: not after one that ended with their being asked
  /// for, so that a broker that closes over them is still served.
  package private(set) var asksOptional = true
  /// Whether the broker may still hold filters of earlier configurations.
  package private(set) var holdsFormer = true

  package init(clientID: String, backoff: Backoff) {
    self.clientID = clientID
    self.backoff = backoff
  }

  /// Whether the next connection is due.
  package mutating func isDue(at now: Int64) -> Bool {
    if case .resting(let until) = stage, now >= until { stage = .due }
    return stage == .due
  }

  package mutating func began() { stage = .connecting }
  package mutating func accepted() { stage = .connected }
  package mutating func stopped() { stage = .ended }

  /// A connection ended, or an attempt failed.
  ///
  /// - Parameters:
  ///   - ending: what is known of the connection; nil after an attempt.
  ///   - jitter: chance for the rest, 0 up to 1.
  /// - Returns: the reason to report, which may be another than the broker gave, and what to do.
  package mutating func ended(
    _ reason: DisconnectReason, _ ending: Ending?, at now: Int64, jitter: Double
  ) -> (reason: DisconnectReason, next: Next) {
    var reason = reason
    if let ending {
      holdsFormer = ending.holdsFormer
      asksOptional = !ending.overOptional
      backoff.connectionEnded(afterStanding: ending.standing)
      let isContested = takeovers.ended(
        reason, afterStanding: ending.standing, resumed: ending.resumed, subscribed: ending.subscribed)
      if isContested { reason = .contested(clientID: clientID, closings: takeovers.closings) }
    } else {
      takeovers.failed()
    }
    stage = .ended
    switch reason {
    case .stopped: return (reason, .stop)
    case .takenOver(let clientID): return (reason, .yield(clientID: clientID, closings: nil))
    case .contested(let clientID, let closings):
      return (reason, .yield(clientID: clientID, closings: closings))
    default: break
    }
    stage = .resting(until: now + backoff.next(jitter: jitter))
    return (reason, .rest)
  }
}
