import Configuration
import Journal
import Telemetry

/// State of a rule on one subject. Evaluations advance it; what they return is to be done.
public enum AlertState: Equatable, Sendable {
  /// A raised alert.
  public struct Raised: Equatable, Sendable {
    /// Its id, in messages and on the command line.
    public var id: String
    /// When the condition began.
    public var since: Timestamp
    public var raisedAt: Timestamp
    /// The newest message that it is raised.
    public var notifiedAt: Timestamp
    /// Since when the condition is over; nil while it holds.
    public var clearSince: Timestamp?
    /// Number of repetitions.
    public var repeats: Int

    /// An alert raised at a moment.
    public init(id: String, since: Timestamp, raisedAt: Timestamp) {
      self.id = id
      self.since = since
      self.raisedAt = raisedAt
      notifiedAt = raisedAt
      clearSince = nil
      repeats = 0
    }
  }

  case quiet
  /// The condition holds, and has not held long enough.
  case pending(since: Timestamp)
  case raised(Raised)
}

/// A change of an alert by an evaluation, of which its receivers are told.
public enum AlertEvent: String, CaseIterable, Codable, Sendable {
  case raised
  /// It lasts: at most once a day.
  case repeated
  case resolved
  /// Its rule or its subject does not exist any more.
  case withdrawn
}

extension AlertState {
  /// Times of a rule.
  public struct Timing: Equatable, Sendable {
    /// Time for which the condition must hold, and for which it must be over.
    public var hold: Span
    public var clearHold: Span
    public var repeats: Span?

    /// Times.
    public init(hold: Span = .zero, clearHold: Span = .zero, repeats: Span? = .days(1)) {
      self.hold = hold
      self.clearHold = clearHold
      self.repeats = repeats
    }

    /// The times of a rule.
    init(_ rule: AlertRule) {
      switch rule.kind {
      // These conditions hold only once they have lasted long enough.
      case .factorySilent, .observationGap: hold = .zero
      default: hold = rule.hold
      }
      clearHold = rule.clearHold
      repeats = rule.repeats
    }
  }

  /// Advances the state to a moment.
  ///
  /// - Parameters:
  ///   - isMuted: whether a maintenance window or a silence covers the moment: nothing is raised or repeated then, and
  ///     time does not count. An alert that is over is resolved all the same.
  ///   - key: names the alert if it is raised.
  /// - Returns: what to tell the receivers; nil for nothing.
  public mutating func advance(
    _ condition: AlertCondition, _ timing: Timing, isMuted: Bool, of key: AlertKey, at now: Timestamp
  ) -> AlertEvent? {
    switch self {
    case .quiet, .pending: return rise(condition, timing, isMuted: isMuted, of: key, at: now)
    case .raised(var raised):
      let event = raised.advance(condition, timing, isMuted: isMuted, at: now)
      self = event == .resolved || event == .withdrawn ? .quiet : .raised(raised)
      return event
    }
  }

  private mutating func rise(
    _ condition: AlertCondition, _ timing: Timing, isMuted: Bool, of key: AlertKey, at now: Timestamp
  ) -> AlertEvent? {
    // Facts that are missing do not end a wait.
    if condition == .unknown, !isMuted { return nil }
    guard !isMuted, case .met(let began, _) = condition else {
      self = .quiet
      return nil
    }
    var waited = now
    // A clock that was set back does not make anybody wait for it.
    if case .pending(let since) = self { waited = min(since, now) }
    guard now - waited >= timing.hold else {
      self = .pending(since: waited)
      return nil
    }
    let since = min(began ?? waited, now)
    self = .raised(Raised(id: key.alertID(raisedAt: now), since: since, raisedAt: now))
    return .raised
  }
}

extension AlertState.Raised {
  fileprivate mutating func advance(
    _ condition: AlertCondition, _ timing: AlertState.Timing, isMuted: Bool, at now: Timestamp
  ) -> AlertEvent? {
    switch condition {
    case .gone: return .withdrawn
    case .unknown: return nil
    case .clear:
      let since = min(clearSince ?? now, now)
      clearSince = since
      return now - since >= timing.clearHold ? .resolved : nil
    case .met, .between:
      clearSince = nil
      guard !isMuted, let pause = timing.repeats, now - notifiedAt >= pause else { return nil }
      notifiedAt = now
      repeats.add(saturating: 1)
      return .repeated
    }
  }
}

extension AlertKey {
  /// Id of the alert raised at a moment: twelve hexadecimal digits.
  func alertID(raisedAt moment: Timestamp) -> String {
    let bytes = Array("\(rule)\n\(subject.text)\n\(moment.milliseconds)".utf8)
    return String(bytes.withUnsafeBytes { SHA256Digest(hashing: $0) }.description.prefix(12))
  }
}
