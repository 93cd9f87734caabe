import Journal
import Telemetry

/// Somebody asks the collector to journal the decision to read earlier messages anew by the sources in effect.
public struct RereadingRequest: Equatable, Sendable {
  /// The day of the journal from which on.
  public var day: CalendarDay
  /// SHA-256 of the text of the sources that are meant: a collector with others does not decide it.
  public var sources: SHA256Digest

  /// A request to read the journal from `day` on by `sources`.
  public init(day: CalendarDay, sources: SHA256Digest) {
    self.day = day
    self.sources = sources
  }
}
