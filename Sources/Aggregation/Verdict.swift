import Register

/// Relation of an equipment or sender to the base set R.
public enum Standing: Equatable, Sendable {
  /// In R, in this bucket.
  case counted(Bucket)
  /// Out of service by t.
  case retired
  /// In service only after t.
  case notYetInService
  /// A gateway, meter or sensor: in the register, but not production equipment.
  case auxiliary
  /// Heard, but not in the register.
  case unregistered
}

/// Verdict on one equipment. It is small, because a district has tens of thousands.
struct Verdict: Sendable {
  /// Index in the register's entries; nil for an unregistered sender.
  var entry: Int?
  /// Index in the store's evidence; nil when it was never heard of.
  var evidence: Int?
  var standing: Standing
  var presence: PresenceRules.Presence

  /// The standing of a registered equipment.
  static func standing(of entry: RegisterSnapshot.Entry, _ presence: PresenceRules.Presence) -> Standing {
    if !entry.equipment.isProduction { return .auxiliary }
    switch entry.service {
    case .retired: return .retired
    case .notYet: return .notYetInService
    case .inService: return .counted(bucket(of: entry.equipment, presence))
    }
  }

  /// The first bucket that fits, in the order of ``Bucket``.
  static func bucket(of equipment: RegisteredEquipment, _ presence: PresenceRules.Presence) -> Bucket {
    if presence.vouchedByReading { return .reporting }
    if presence.sessionOpen { return .silent }
    if presence.heard { return .offline }
    if presence.refused { return .refused }
    return equipment.digital && equipment.connectable ? .neverSeen : .notConnectable
  }
}
