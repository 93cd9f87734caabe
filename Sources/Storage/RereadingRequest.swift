import Journal
import Telemetry

/// Somebody asks the collector to journal the decision to read earlier messages anew by the sources in effect.
public struct RereadingRequest: Equatable, Sendable {
  /// The messages that are read anew.
  public var scope: RereadingScope
  /// SHA-256 of the text of the sources that are meant: a collector with others does not decide it.
  public var sources: SHA256Digest

  /// A request to read the messages of `scope` by `sources`.
  public init(_ scope: RereadingScope, sources: SHA256Digest) {
    self.scope = scope
    self.sources = sources
  }
}
