import Decoding

/// Ids that stand for those of the register until somebody edits them: one for each factory and equipment whose name is
/// not an id. Sources that read the same equipment get the same id.
final class StandInIDs {
  /// Ids with one word.
  private struct Numbered {
    let word: String
    var ids: [Naming.Identity: String] = [:]
    /// The number of the newest id.
    var last = 0

    /// The id of a name; a new one is not in `used`.
    mutating func id(_ identity: Naming.Identity, besides used: Set<String>) -> String {
      if let id = ids[identity] { return id }
      repeat { last += 1 } while used.contains("\(word)-\(last)")
      let id = "\(word)-\(last)"
      ids[identity] = id
      return id
    }
  }

  private var factories = Numbered(word: "FACTORY")
  private var equipment = Numbered(word: "EQUIPMENT")
  /// Ids that the naming has already, such as those of an earlier draft.
  private let used: Set<String>

  init(besides naming: Naming = .none) {
    used = Set(naming.entries.flatMap { [$0.factory, $0.equipment] })
  }

  /// The id for the factory with a name, such as `FACTORY-1`.
  func factory(_ identity: Naming.Identity) -> String { factories.id(identity, besides: used) }

  /// The id for the equipment with a name, such as `EQUIPMENT-1`.
  func equipment(_ identity: Naming.Identity) -> String { equipment.id(identity, besides: used) }
}
