import Telemetry

/// A block of the journal's chain: its number and hash, which binds every block before it.
public struct JournalHead: Equatable, Sendable {
  public var number: Int64
  public var hash: SHA256Digest

  /// The block `number`.
  public init(number: Int64, hash: SHA256Digest) {
    self.number = number
    self.hash = hash
  }
}

/// The end of the chain of the register's imports.
public struct RegisterHead: Equatable, Sendable {
  /// Number of imports up to here, of equipment and of calendars.
  public var entries: Int64
  /// Hash of the last link, which binds all their rows.
  public var hash: SHA256Digest

  /// The end of a chain.
  public init(entries: Int64, hash: SHA256Digest) {
    self.entries = entries
    self.hash = hash
  }
}
