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

/// Looks up the evidence of the clock of the sender just lent on the requested days before the period, ascending by
/// day. Days without live readings are left out.
public typealias ClockLookup = () throws -> [ClockDay]

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
  public static func judged(_ messages: [RefusedClock]) -> RefusedClock? {
    var sequence = RefusedSequence()
    let telling = messages.filter { sequence.tells($0) }
    guard !telling.isEmpty else { return nil }
    return telling.sorted { $0.skew < $1.skew }[(telling.count - 1) / 2]
  }
}

/// Tells, message by message, which refused messages of one sender are evidence of its clock.
///
/// A time ahead of its receipt is always evidence, and so is one in another unit. A time behind its receipt may
/// come from a delayed message: it is evidence only if the times between this message and the one before, by event
/// time and by receipt, differ by at most half of the former.
package struct RefusedSequence {
  private var last: (made: Int64, came: Int64)?

  /// Before the first message.
  package init() {}

  /// Whether the next message, in the order received, is evidence.
  package mutating func tells(_ message: RefusedClock) -> Bool {
    let came = message.received.milliseconds
    let (made, overflow) = came.subtractingReportingOverflow(message.skew.milliseconds)
    guard !overflow else { return false }
    let isLive =
      last.map { last in
        let (step, gap) = (Double(made) - Double(last.made), Double(came) - Double(last.came))
        return gap > 0 && (gap - step).magnitude <= step / 2
      } ?? false
    last = (made, came)
    let unit = TimestampUnit.looking(like: Timestamp(milliseconds: made), receivedAt: message.received)
    return message.skew < .zero || unit != nil || isLive
  }
}
