import Journal
import Telemetry

/// Follows when the shard was connected and subscribed, from the journal's records in order.
public struct ObservationFold: Equatable, Sendable {
  /// The newest stretch; nil before the first connection.
  public private(set) var current: ObservedStretch?

  /// Goes on from a stretch.
  public init(_ current: ObservedStretch? = nil) { self.current = current }

  /// A connection was made and subscribed, or resumed.
  public mutating func connected(at instant: Timestamp, sessionPresent: Bool) {
    current = ObservedStretch(
      number: (current?.number ?? 0) + 1, from: instant, through: instant, resumed: sessionPresent)
  }

  /// The connection is known to have been there up to `instant`, and perhaps to have ended then.
  public mutating func observed(through instant: Timestamp, ended: Bool = false) {
    guard var stretch = current, !stretch.ended else { return }
    if stretch.through - instant > .minutes(1) {
      // The clock was set back: what it showed before is a stretch of its own, and this is another.
      stretch = ObservedStretch(number: stretch.number + 1, from: instant, through: instant, resumed: true)
    }
    stretch.through = max(stretch.through, instant)
    stretch.ended = ended
    current = stretch
  }

  /// Takes a block's records into account.
  package mutating func add(_ block: JournalBlock) throws {
    guard block.isOfConnection else {
      observed(through: block.lastReceived)
      return
    }
    try block.forEachRecord { record in
      switch record.kind {
      case .connected:
        connected(at: record.received, sessionPresent: record.flags.contains(.sessionPresent))
      case .disconnected: observed(through: record.received, ended: true)
      case .observedThrough: observed(through: record.received)
      case .message, .brokerStatus, .sources, .decoderState, .rereading: break
      }
    }
  }
}
