import Telemetry

/// What a message may be before it is refused unread or as out of time.
public struct DecodingLimits: Equatable, Sendable {
  /// The largest payload, in bytes (`limits.payload`).
  public var payload: Int
  /// How deep JSON containers may nest; the root object counts as one (`limits.nesting`).
  public var nesting: Int
  /// How far event time may be ahead of receipt (`limits.future_skew`).
  public var futureSkew: Span
  /// How far event time may be behind receipt: the journal's retention less two days.
  public var oldestAge: Span

  /// The defaults of the shipped configuration: 64 KiB, 16 deep, 5 minutes ahead, 90 days of retention.
  public init(
    payload: Int = 64 * 1024, nesting: Int = 16, futureSkew: Span = .minutes(5),
    oldestAge: Span = DecodingLimits.oldestAge(retention: .days(90))
  ) {
    self.payload = payload
    self.nesting = nesting
    self.futureSkew = futureSkew
    self.oldestAge = oldestAge
  }

  /// The oldest age accepted where the journal keeps `retention`: two days less, so that a late record's
  /// neighbours are still in the journal when it is repaired.
  public static func oldestAge(retention: Span) -> Span {
    max(.zero, retention + .days(-2))
  }

  /// Refuses an event time too far from its receipt: `future` or `too_late`. At exactly the limit it passes.
  func check(_ time: Timestamp, receivedAt: Timestamp) throws(Rejection) {
    let reason: RejectionReason
    if time > receivedAt + futureSkew {
      reason = .future
    } else if time < receivedAt - oldestAge {
      reason = .tooLate
    } else {
      return
    }
    throw Rejection(reason, "ts", skew: (receivedAt - time).milliseconds)
  }
}
