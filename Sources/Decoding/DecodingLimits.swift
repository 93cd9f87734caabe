import Telemetry

/// Limits on a message: on its size before it is read, and on its event time.
public struct DecodingLimits: Hashable, Sendable {
  /// Maximum payload in bytes (`limits.payload`).
  public var payload: Int
  /// Maximum nesting of JSON containers; the root object counts as one (`limits.nesting`).
  public var nesting: Int
  /// Maximum time from receipt to event time (`limits.future_skew`).
  public var futureSkew: Span
  /// Maximum time from event time to receipt: the journal's retention less two days.
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

  /// The maximum age if the journal keeps `retention`: two days less, so that the records around a late record are
  /// still in the journal when the day is repaired.
  public static func oldestAge(retention: Span) -> Span {
    max(.zero, retention + .days(-2))
  }

  /// Refuses an event time too far from its receipt: `future` or `too_late`. A time exactly at the limit is accepted.
  @inline(__always)
  public func check(_ time: Timestamp, receivedAt: Timestamp) throws(Rejection) {
    let reason: RejectionReason
    if time > receivedAt + futureSkew {
      reason = .future
    } else if time < receivedAt - oldestAge {
      reason = .tooLate
    } else {
      return
    }
    let skew = (receivedAt - time).milliseconds
    // Seconds read as milliseconds give a day in January 1970.
    let isSeconds = TimeUnit.of(time.milliseconds, near: receivedAt) == .seconds
    throw Rejection(reason, "ts", isSeconds ? .seconds : .unspecified, skew: isSeconds ? nil : skew)
  }
}

/// Finds the likely unit of a number used as a time.
enum TimeUnit {
  /// The unit other than milliseconds in which `number` is within 366 days of `receipt`; nil if there is none.
  static func of(_ number: Int64, near receipt: Timestamp) -> Fault? {
    let year = Span.days(366).milliseconds
    func isNear(_ milliseconds: Int64) -> Bool {
      let (difference, overflow) = milliseconds.subtractingReportingOverflow(receipt.milliseconds)
      return !overflow && (-year...year).contains(difference)
    }
    let (thousandfold, overflow) = number.multipliedReportingOverflow(by: 1000)
    if !overflow, isNear(thousandfold) { return .seconds }
    if isNear(number / 1000) { return .microseconds }
    if isNear(number / 1_000_000) { return .nanoseconds }
    return nil
  }
}
