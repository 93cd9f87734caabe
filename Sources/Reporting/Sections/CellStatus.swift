import Aggregation

extension Cell.Status {
  /// The status for a bucket.
  init(_ bucket: Bucket) {
    switch bucket {
    case .reporting: self = .reporting
    case .silent: self = .silent
    case .offline: self = .offline
    case .refused: self = .refused
    case .notConnectable: self = .notConnectable
    case .neverSeen: self = .neverSeen
    }
  }

  /// The status for a verdict; a nil verdict has no figure.
  init(isMet: Bool?) { self = isMet.map { $0 ? .met : .missed } ?? .noFigure }

  /// The status for a kind of gap; nil for kinds that are no status of registered equipment.
  init?(_ kind: Gap.Kind) {
    switch kind {
    case .neverSeen: self = .neverSeen
    case .offline: self = .offline
    case .silent: self = .silent
    case .notConnectable: self = .notConnectable
    case .refused: self = .refused
    case .unregistered, .sendsOutOfService, .workshopMismatch, .unregisteredFactory: return nil
    }
  }
}
