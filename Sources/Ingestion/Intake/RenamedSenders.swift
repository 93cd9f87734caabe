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
  /// The ids for names that are ids themselves, so that machines may have been accepted under them.
  var idsOfIDs: [RenamedSenders.Machine] {
    entries.compactMap { entry in
      let published: EquipmentKey
      switch entry.identity {
      case .published(let factory, _, _, let equipment):
        published = EquipmentKey(factory: factory, equipment: equipment)
      case .sparkplug(let group, _, let device):
        published = EquipmentKey(factory: group, equipment: device)
      case .serial: return nil
      }
      let named = EquipmentKey(factory: entry.factory, equipment: entry.equipment)
      guard EquipmentKey.isID(published.factory.utf8), EquipmentKey.isID(published.equipment.utf8),
        !named.equipment.isEmpty, named != published
      else { return nil }
      return RenamedSenders.Machine(published: published, named: named)
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
