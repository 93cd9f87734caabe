import Aggregation
import Telemetry

/// Something a factory or the district should look at: an equipment or sender, and why.
public struct Gap: Sendable {
  /// Why it is listed, in the order they are listed in.
  public enum Kind: String, CaseIterable, Sendable {
    case neverSeen = "never_seen"
    case unregistered
    case offline
    case silent
    case notConnectable = "not_connectable"
    /// Retired, or not yet in service, and sending all the same.
    case sendsOutOfService = "sends_out_of_service"
    /// Its topic names another workshop than the register.
    case workshopMismatch = "workshop_mismatch"
    /// A factory the register does not know, with senders.
    case unregisteredFactory = "unregistered_factory"
  }

  public let kind: Kind
  public let factory: String
  /// Nil for a gap that is a factory's.
  public let assessment: Assessment?
  /// How many senders stand behind a factory's gap; 1 for an equipment.
  public let senders: Int

  /// The gaps among some equipment, by kind and key.
  static func among(_ equipment: [Assessment]) -> [Gap] {
    var byKind: [Kind: [Gap]] = [:]
    for assessment in equipment.sorted(by: { $0.key < $1.key }) {
      for kind in kinds(of: assessment) {
        byKind[kind, default: []].append(
          Gap(kind: kind, factory: assessment.key.factory, assessment: assessment, senders: 1))
      }
    }
    return Kind.allCases.flatMap { byKind[$0] ?? [] }
  }

  /// The factories of a district that send without being registered.
  static func among(_ factories: [FactorySummary]) -> [Gap] {
    factories.filter { !$0.isRegistered }.map {
      Gap(
        kind: .unregisteredFactory, factory: $0.factory.id, assessment: nil,
        senders: $0.figures.buckets.unregistered)
    }
  }

  private static func kinds(of assessment: Assessment) -> [Kind] {
    var kinds: [Kind] = []
    switch assessment.standing {
    case .counted(.neverSeen): kinds.append(.neverSeen)
    case .counted(.offline): kinds.append(.offline)
    case .counted(.silent): kinds.append(.silent)
    case .counted(.notConnectable): kinds.append(.notConnectable)
    case .unregistered: if assessment.presence.heard { kinds.append(.unregistered) }
    case .counted(.reporting), .retired, .notYetInService, .auxiliary: break
    }
    if assessment.sendsOutOfService { kinds.append(.sendsOutOfService) }
    if assessment.mismatchedTopicWorkshop != nil { kinds.append(.workshopMismatch) }
    return kinds
  }
}
