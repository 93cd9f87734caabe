/// Units in which devices send times by mistake instead of milliseconds.
public enum TimestampUnit: String, CaseIterable, Sendable {
  case seconds
  case microseconds
  case nanoseconds

  /// The unit in which a number taken as milliseconds would be within 366 days of its receipt; nil if there is none,
  /// or it is milliseconds.
  public static func looking(like time: Timestamp, receivedAt received: Timestamp) -> TimestampUnit? {
    func isNear(_ milliseconds: Int64) -> Bool {
      let (difference, overflow) = milliseconds.subtractingReportingOverflow(received.milliseconds)
      return !overflow && difference.magnitude <= Span.days(366).milliseconds.magnitude
    }
    guard time.milliseconds > 0, !isNear(time.milliseconds) else { return nil }
    let (asSeconds, overflow) = time.milliseconds.multipliedReportingOverflow(by: 1000)
    if !overflow, isNear(asSeconds) { return .seconds }
    if isNear(time.milliseconds / 1000) { return .microseconds }
    if isNear(time.milliseconds / 1_000_000) { return .nanoseconds }
    return nil
  }
}
