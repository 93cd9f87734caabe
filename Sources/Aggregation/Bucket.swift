/// Bucket of an equipment of the base set R: exactly one, the first that fits in this order.
public enum Bucket: Int, CaseIterable, Sendable {
  /// Vouched for by a reading at t.
  case reporting
  /// A session is open, no reading within the horizon.
  case silent
  /// Heard before, not now.
  case offline
  /// It sends, but every message within the networked window was refused: the messages must be corrected.
  case refused
  /// Never heard, and declared not digital or not connectable.
  case notConnectable
  /// Never heard, though declared digital and connectable.
  case neverSeen

  /// The key in JSON.
  public var key: String {
    switch self {
    case .reporting: "reporting"
    case .silent: "silent"
    case .offline: "offline"
    case .refused: "refused"
    case .notConnectable: "not_connectable"
    case .neverSeen: "never_seen"
    }
  }
}

/// Numbers of equipment in each bucket, and outside of R.
public struct BucketCounts: Equatable, Sendable {
  public var reporting = 0
  public var silent = 0
  public var offline = 0
  public var refused = 0
  public var notConnectable = 0
  public var neverSeen = 0
  /// Production equipment out of service by t. Outside R.
  public var retired = 0
  /// Senders heard by t that the register does not know. Outside R.
  public var unregistered = 0
  /// Production equipment of the register that enters service after t. Outside R.
  public var notYetInService = 0
  /// Gateways, meters and sensors of the register. Outside R.
  public var auxiliary = 0

  /// Nothing counted yet.
  public init() {}

  /// Equipment in the six buckets: |R|.
  public var total: Int { reporting + silent + offline + refused + notConnectable + neverSeen }

  /// The count of one bucket.
  public subscript(bucket: Bucket) -> Int {
    get {
      switch bucket {
      case .reporting: reporting
      case .silent: silent
      case .offline: offline
      case .refused: refused
      case .notConnectable: notConnectable
      case .neverSeen: neverSeen
      }
    }
    set {
      switch bucket {
      case .reporting: reporting = newValue
      case .silent: silent = newValue
      case .offline: offline = newValue
      case .refused: refused = newValue
      case .notConnectable: notConnectable = newValue
      case .neverSeen: neverSeen = newValue
      }
    }
  }

  /// Adds other counts to these.
  public static func += (a: inout BucketCounts, b: BucketCounts) {
    a.reporting += b.reporting
    a.silent += b.silent
    a.offline += b.offline
    a.refused += b.refused
    a.notConnectable += b.notConnectable
    a.neverSeen += b.neverSeen
    a.retired += b.retired
    a.unregistered += b.unregistered
    a.notYetInService += b.notYetInService
    a.auxiliary += b.auxiliary
  }
}
