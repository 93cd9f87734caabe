import Aggregation
import Register
import Telemetry

/// A deficiency that a factory or the district should look at: an equipment or a sender, and the reason.
public struct Gap: Sendable {
  /// The kinds of gaps, in report order.
  public enum Kind: String, CaseIterable, Sendable {
    /// The equipment sends, but all its messages are refused.
    case refused
    case neverSeen = "never_seen"
    case unregistered
    case offline
    case silent
    case notConnectable = "not_connectable"
    /// The equipment is retired or not yet in service, but sends.
    case sendsOutOfService = "sends_out_of_service"
    /// The topic names another workshop than the register.
    case workshopMismatch = "workshop_mismatch"
    /// The factory is unknown to the register, but has senders.
    case unregisteredFactory = "unregistered_factory"

    /// Whether the gap is a status at one instant.
    var isState: Bool { self == .offline || self == .silent }
  }

  public let kind: Kind
  public let factory: String
  /// nil for a gap of a factory.
  public let assessment: Assessment?
  /// Number of senders behind a factory's gap; 1 for an equipment.
  public let senders: Int
  /// The registered id that is most similar to the id of an unregistered sender or factory; nil if none is similar.
  public let twin: String?

  /// Gaps of the equipment, ascending by kind and key. `twins` are built from the factory's registered equipment.
  static func among(_ equipment: [Assessment], twins: NearTwins) -> [Gap] {
    var byKind: [Kind: [Gap]] = [:]
    for assessment in equipment.sorted(by: { $0.key < $1.key }) {
      for kind in kinds(of: assessment) {
        byKind[kind, default: []].append(
          Gap(
            kind: kind, factory: assessment.key.factory, assessment: assessment, senders: 1,
            twin: kind == .unregistered ? twins.twin(of: assessment.key.equipment) : nil))
      }
    }
    return Kind.allCases.flatMap { byKind[$0] ?? [] }
  }

  /// Gaps of a district's equipment, which is ascending by key: factory by factory, ascending by kind and key in each.
  static func ofDistrict(_ equipment: [Assessment], _ register: RegisterSnapshot) -> [Gap] {
    var registered: [String: [String]] = [:]
    for entry in register.entries where !equipment.isEmpty {
      registered[entry.equipment.key.factory, default: []].append(entry.equipment.key.equipment)
    }
    var gaps: [Gap] = []
    var rest = equipment[...]
    while let factory = rest.first?.key.factory {
      let own = rest.prefix { $0.key.factory == factory }
      gaps += among(Array(own), twins: NearTwins(registered[factory] ?? []))
      rest = rest.dropFirst(own.count)
    }
    return gaps
  }

  /// The factories of a district that send but are not registered.
  static func among(_ factories: [FactorySummary]) -> [Gap] {
    let twins = NearTwins(factories.lazy.filter(\.isRegistered).map(\.factory.id))
    return factories.filter { !$0.isRegistered }.map {
      Gap(
        kind: .unregisteredFactory, factory: $0.factory.id, assessment: nil,
        senders: $0.figures.buckets.unregistered, twin: twins.twin(of: $0.factory.id))
    }
  }

  private static func kinds(of assessment: Assessment) -> [Kind] {
    var kinds: [Kind] = []
    switch assessment.standing {
    case .counted(.neverSeen): kinds.append(.neverSeen)
    case .counted(.refused): kinds.append(.refused)
    case .counted(.offline): kinds.append(.offline)
    case .counted(.silent): kinds.append(.silent)
    case .counted(.notConnectable): kinds.append(.notConnectable)
    case .unregistered: if assessment.presence.speaks { kinds.append(.unregistered) }
    case .counted(.reporting), .retired, .notYetInService, .auxiliary: break
    }
    if assessment.sendsOutOfService { kinds.append(.sendsOutOfService) }
    if assessment.mismatchedTopicWorkshop != nil { kinds.append(.workshopMismatch) }
    return kinds
  }
}

/// Finds registered ids that differ from another id only in letter case, full-width characters, leading zeros of a
/// number or separators.
package struct NearTwins {
  private var registered: [String: String] = [:]

  /// Indexes `ids`; of several similar ids, the first is used.
  package init(_ ids: some Sequence<String>) {
    for id in ids {
      guard let form = Self.form(of: id) else { continue }
      registered[form] = registered[form].map { min($0, id) } ?? id
    }
  }

  /// The registered id that is similar but not equal to `id`; nil if there is none.
  package func twin(of id: String) -> String? {
    Self.form(of: id).flatMap { registered[$0] }.flatMap { $0 == id ? nil : $0 }
  }

  /// The form shared by similar ids; nil when it is empty.
  static func form(of id: String) -> String? {
    var form = ""
    var isInNumber = false
    for scalar in id.unicodeScalars {
      var value = scalar.value
      if (0xFF01...0xFF5E).contains(value) { value -= 0xFEE0 }
      guard let narrow = Unicode.Scalar(value) else { continue }
      switch narrow {
      case "-", "_", ".", " ", "/", "\u{3000}": isInNumber = false
      case "0" where !isInNumber: continue
      default:
        isInNumber = ("0"..."9").contains(narrow)
        form += String(narrow).lowercased()
      }
    }
    return form.isEmpty ? nil : form
  }
}
