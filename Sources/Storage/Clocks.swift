import Telemetry

/// What one day says of a sender's clock.
public struct ClockDay: Equatable, Sendable {
  /// The least receipt − event time of the live readings, in milliseconds.
  public var skew: Int64
  /// Live readings.
  public var live: Int

  /// A day with `live` live readings.
  public init(skew: Int64, live: Int) {
    self.skew = skew
    self.live = live
  }
}

/// How far a clock is off by messages that were refused for it.
public struct RefusedClock: Equatable, Sendable {
  /// Receipt − event time of the message in the middle.
  public var skew: Span
  /// Its receipt.
  public var received: Timestamp

  /// A message `skew` behind at `received`.
  public init(skew: Span, received: Timestamp) {
    self.skew = skew
    self.received = received
  }

  /// The middle one of the refused messages of one sender, given in the order received, that tell of its clock.
  ///
  /// A time ahead of its receipt always does, and so does one in another unit. One behind may have been kept back: it
  /// tells of the clock only where it came as long after the message before as it was made after it.
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
