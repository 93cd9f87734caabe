import Journal
import Telemetry

/// A stretch of time in which a shard was connected and heard nothing, though senders had been speaking: it is not
/// observed. The record of the journal that says so carries since when, as milliseconds in decimal digits.
public struct Silence: Equatable, Sendable {
  /// Receipt of the last message before it.
  public var since: Timestamp
  /// The last time at which it is known to have lasted.
  public var until: Timestamp
  /// Number of the observed stretch in which it was noted.
  public var stretch: Int64

  /// A silence noted in a stretch.
  public init(since: Timestamp, until: Timestamp, stretch: Int64) {
    self.since = since
    self.until = until
    self.stretch = stretch
  }

  /// Payload of the journal's record that notes it.
  public static func payload(since: Timestamp) -> [UInt8] { Array("\(since.milliseconds)".utf8) }

  /// Start of the silence that a record of the connection notes; nil if it notes none.
  public static func since(of record: JournalRecord) -> Timestamp? {
    guard record.kind == .observedThrough || record.kind == .disconnected, !record.payload.isEmpty,
      record.payload.count <= 20
    else { return nil }
    return Int64(String(decoding: record.payload, as: UTF8.self)).flatMap { Timestamp(stored: $0) }
  }
}
