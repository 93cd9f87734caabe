import Journal
import Telemetry

/// What the collector of a shard keeps in its store beside journal and views. Any thread may call it.
public protocol ShardNotes: Sendable {
  /// The store's id, fixed when it is made.
  func readIdentity() throws(StoreError) -> String

  /// Checks that the claimed store is where it was last used, and notes its place. Returns a sentence for the log when
  /// it was moved, restored or copied, nil otherwise.
  ///
  /// - Parameter usesID: whether the broker's session is named by the store's id.
  /// - Throws: ``StoreError`` of kind `.refused` for a copy whose session would be the original's.
  func confirmPlace(usesID: Bool) throws(StoreError) -> String?

  /// Topic filters that the shard's session at the broker may hold; empty if none were kept.
  func sessionFilters() throws(StoreError) -> [SessionFilter]

  /// Replaces the topic filters; they survive a power cut.
  func keep(_ filters: [SessionFilter]) throws(StoreError)

  /// Room where the store is; nil if unknown.
  func space() -> StoreSpace?
}

extension ShardNotes {
  /// Topic filters that the shard's session at the broker may hold, granted or not.
  public func subscriptions() throws(StoreError) -> [String] { try sessionFilters().map(\.filter) }
}

/// A topic filter that a shard's session at the broker may hold.
public struct SessionFilter: Equatable, Sendable {
  public var filter: String
  /// Whether the broker has granted it. One that was only requested may be new to the broker at the next connection.
  public var isGranted: Bool

  /// A filter that is granted, or was only requested.
  public init(_ filter: String, isGranted: Bool) {
    self.filter = filter
    self.isGranted = isGranted
  }
}

/// Room where a store is, in bytes.
public struct StoreSpace: Equatable, Sendable {
  public var total: Int64
  /// Bytes that the collector may still use.
  public var free: Int64

  /// Room of `total` bytes.
  public init(total: Int64, free: Int64) {
    self.total = total
    self.free = free
  }
}

/// Where the collector of a shard shows its status, and where others see whether there is a collector. Any thread may
/// call it.
public protocol StatusPlace: Sendable {
  /// Whether a collector holds the shard.
  func holder() -> StoreHolder

  /// Replaces the status: a reader finds the complete old or new one. It need not survive a power cut.
  func write(status: String) throws(StoreError)

  /// Notes that the collector was alive at `instant` without replacing the status, for a disk that is full.
  func touchStatus(at instant: Timestamp)

  /// The status written last; nil if there is none.
  func status() throws(StoreError) -> StoredStatus?
}

/// A status as it is stored.
public struct StoredStatus: Equatable, Sendable {
  public var text: String
  /// When it was replaced, or touched later; nil if unknown.
  public var changedAt: Timestamp?
  /// Where it is, for messages.
  public var location: String

  /// A status at `location`.
  public init(text: String, changedAt: Timestamp?, location: String) {
    self.text = text
    self.changedAt = changedAt
    self.location = location
  }
}

/// Whether a collector holds a store, as seen by other processes.
public enum StoreHolder: Equatable, Sendable {
  /// No collector holds it.
  case free
  /// A collector holds it; its process id as it wrote it, or nil if that cannot be read.
  case held(process: Int32?)
  /// It cannot be seen.
  case unknown
}
