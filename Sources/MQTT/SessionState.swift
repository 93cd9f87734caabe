/// The rules of a session across its connections, as a value: when to connect, how long to wait, what to request on
/// the next connection, when to end.
package struct SessionState {
  /// The session's stage.
  package enum Stage: Equatable {
    /// The next connection is due.
    case due
    /// An attempt to connect, or a connection, is in progress.
    case connecting, connected
    /// The next connection is due at that time, by the monotonic clock.
    case resting(until: Int64)
    case ended
  }

  /// The next step after the end of a connection or of an attempt.
  package enum Next: Equatable {
    case rest
    /// A stop was requested.
    case stop
    /// Another client takes over the session. The session ends instead of competing.
    case yield(clientID: String, closings: Int?)
  }

  /// The observed course of a connection that has ended.
  package struct Ending {
    /// Milliseconds from the broker's answer to the end.
    package var standing: Int64
    /// Whether the broker had kept the session.
    package var resumed: Bool
    /// Whether the broker had granted the subscriptions.
    package var subscribed: Bool
    /// Whether it ended after optional filters were requested and before the broker answered.
    package var overOptional: Bool
    /// Whether it ended after the newest filters were requested and before the broker answered.
    package var overChange: Bool
    /// Whether the session may still hold former filters.
    package var holdsFormer: Bool

    package init(
      standing: Int64, resumed: Bool, subscribed: Bool, overOptional: Bool, overChange: Bool = false,
      holdsFormer: Bool
    ) {
      self.standing = standing
      self.resumed = resumed
      self.subscribed = subscribed
      self.overOptional = overOptional
      self.overChange = overChange
      self.holdsFormer = holdsFormer
    }
  }

  private let clientID: String
  package private(set) var stage = Stage.due
  private var backoff: Backoff
  private var takeovers = TakeoverWatch()
  /// Whether the next connection requests the optional filters. False after a connection that ended because of the
  /// request, so that a broker that closes the connection over them can still be used.
  package private(set) var asksOptional = true
  /// Whether the broker may still hold filters of earlier configurations.
  package private(set) var holdsFormer = true
  /// Number of successive connections that the broker closed when it was asked for new filters.
  private var closingsOverChange = 0
  /// Number of closings that counts as a refusal. One may have another cause.
  private static let closingsLimit = 2

  package init(clientID: String, backoff: Backoff) {
    self.clientID = clientID
    self.backoff = backoff
  }

  /// Whether the next connection is due.
  package mutating func isDue(at now: Int64) -> Bool {
    if case .resting(let until) = stage, now >= until { stage = .due }
    return stage == .due
  }

  /// The session has, or is to have, other filters than before: the broker may hold some of those, and has closed no
  /// connection over the new ones.
  package mutating func changedFilters() {
    holdsFormer = true
    closingsOverChange = 0
  }

  /// Whether new filters are to be given up because the broker closes the connection when it is asked for them.
  package var givesUpChange: Bool { closingsOverChange >= Self.closingsLimit }

  package mutating func began() { stage = .connecting }
  package mutating func accepted() { stage = .connected }
  package mutating func stopped() { stage = .ended }

  /// Takes the end of a connection, or a failed attempt.
  ///
  /// - Parameters:
  ///   - ending: the course of the connection; nil after an attempt.
  ///   - jitter: random part of the wait, 0 up to 1.
  /// - Returns: the reason to report, which may differ from the broker's, and the next step.
  package mutating func ended(
    _ reason: DisconnectReason, _ ending: Ending?, at now: Int64, jitter: Double
  ) -> (reason: DisconnectReason, next: Next) {
    var reason = reason
    if let ending {
      holdsFormer = ending.holdsFormer
      asksOptional = !ending.overOptional
      switch reason {
      case .closed where ending.overChange, .dropped where ending.overChange: closingsOverChange += 1
      default: closingsOverChange = 0
      }
      backoff.connectionEnded(afterStanding: ending.standing)
      let isContested = takeovers.ended(
        reason, afterStanding: ending.standing, resumed: ending.resumed, subscribed: ending.subscribed)
      if isContested {
        reason = .contested(clientID: clientID, closings: takeovers.closings)
      } else if case .dropped = reason, ending.overChange {
        reason = .closed("it was asked for new topic filters and had not answered")
      }
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
