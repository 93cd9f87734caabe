import Decoding
import Telemetry

/// Machines that were accepted under their published names before the naming gave them ids of the register.
public struct RenamedSenders: Equatable, Sendable {
  /// A machine that was accepted under its published name.
  public struct Machine: Hashable, Sendable {
    /// The factory and the name as published.
    public var published: EquipmentKey
    /// The ids that the naming gives.
    public var named: EquipmentKey
  }

  /// All of them, by published name in ascending order.
  public var machines: [Machine]
}

extension Naming {
  /// The ids for names that are ids themselves, so that machines may have been accepted under them: in the published
  /// factory, and in the factory of the register that has its name. Names of one workshop or line are left out, because
  /// other machines may have them elsewhere, and names that are the ids of other machines.
  var idsOfIDs: [RenamedSenders.Machine] {
    let ids = Set(entries.lazy.map { EquipmentKey(factory: $0.factory, equipment: $0.equipment) })
    return entries.flatMap { entry -> [RenamedSenders.Machine] in
      let (factories, equipment): (Set<String>, String)
      switch entry.identity {
      case .published(let name, let workshop, let line, let published):
        guard workshop.isEmpty, line.isEmpty else { return [] }
        (factories, equipment) = ([name, factory(named: name) ?? name], published)
      case .sparkplug(let group, let edge, let device):
        (factories, equipment) = ([group, factory(ofEdge: edge, group: group) ?? group], device)
      case .serial: return []
      }
      guard !entry.equipment.isEmpty, EquipmentKey.isID(equipment.utf8) else { return [] }
      let named = EquipmentKey(factory: entry.factory, equipment: entry.equipment)
      return factories.filter { EquipmentKey.isID($0.utf8) }.compactMap { factory in
        let published = EquipmentKey(factory: factory, equipment: equipment)
        return ids.contains(published) ? nil : RenamedSenders.Machine(published: published, named: named)
      }
    }
  }
}

extension Shard {
  /// Unregistered machines that were accepted under names to which the present naming gives ids. Their readings count
  /// under the ids once the messages are read anew.
  public var renamedSenders: RenamedSenders {
    let machines = Set(intake.rules.naming.idsOfIDs.filter { intake.senders.isUnregistered($0.published) })
    return RenamedSenders(
      machines: machines.sorted { ($0.published, $0.named) < ($1.published, $1.named) })
  }
}
