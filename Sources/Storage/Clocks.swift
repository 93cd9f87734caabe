import Telemetry

/// One day's evidence of a sender's clock.
public struct ClockDay: Equatable, Sendable {
  /// The least difference receipt − event time of the live readings, in milliseconds.
  public var skew: Int64
  /// Number of live readings.
  public var live: Int

  /// A day with `live` live readings.
  public init(skew: Int64, live: Int) {
    self.skew = skew
    self.live = live
  }
}

/// A clock's deviation, from messages that were refused for it.
public struct RefusedClock: Equatable, Sendable {
  /// Receipt − event time of the median message.
  public var skew: Span
  /// Its receipt.
  public var received: Timestamp

  /// A message received at `received` with an event time `skew` earlier.
  public init(skew: Span, received: Timestamp) {
    self.skew = skew
    self.received = received
  }

  /// The median of those refused messages of one sender, given in the order received, that are evidence of its clock;
  /// nil if none is.
  ///
  /// A time ahead of its receipt is always evidence, and so is one in another unit. A time behind its receipt may
  /// come from a delayed message: it is evidence only if the times between this message and the one before, by event
  /// time and by receipt, differ by at most half of the former.
  public static func judged(_ messages: [RefusedClock]) -> RefusedClock? {
    var telling: [RefusedClock] = []
    var last: (made: Int64, came: Int64)?
    for message in messages {
      let came = message.received.milliseconds
      let (made, overflow) = came.subtractingReportingOverflow(message.skew.milliseconds)
      guard !overflow else { continue }
      let isLive =
        last.map { last in
          let (step, gap) = (Double(made) - Double(last.made), Double(came) - Double(last.came))
          return gap > 0 && (gap - step).magnitude <= step / 2
        } ?? false
      let unit = TimestampUnit.looking(like: Timestamp(milliseconds: made), receivedAt: message.received)
      if message.skew < .zero || unit != nil || isLive { telling.append(message) }
      last = (made, came)
    }
    guard !telling.isEmpty else { return nil }
    return telling.sorted { $0.skew < $1.skew }[(telling.count - 1) / 2]
  }
}
