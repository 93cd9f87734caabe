import Decoding
import Telemetry

/// Ids that stand for those of the register until somebody edits them: one for each factory and equipment whose name in
/// topics is not an id. Sources that read the same equipment get the same id.
final class StandInIDs {
  private var factories: [Naming.Identity: String] = [:]
  private var equipment: [Naming.Identity: String] = [:]

  /// The id for the factory with a name, such as `FACTORY-1`.
  func factory(_ identity: Naming.Identity) -> String {
    Self.id(identity, "FACTORY", in: &factories)
  }

  /// The id for the equipment with a name, such as `EQUIPMENT-1`.
  func equipment(_ identity: Naming.Identity) -> String {
    Self.id(identity, "EQUIPMENT", in: &equipment)
  }

  private static func id(
    _ identity: Naming.Identity, _ word: String, in ids: inout [Naming.Identity: String]
  ) -> String {
    if let id = ids[identity] { return id }
    let id = "\(word)-\(ids.count + 1)"
    ids[identity] = id
    return id
  }
}

/// Entries of a naming file for the topics of a source in which names are not ids.
struct NamingDraft {
  private struct Machine: Hashable {
    var factory: String
    var equipment: String
  }
  private struct Place: Hashable {
    var workshop: String
    var line: String
  }

  /// Maximum number of entries.
  static let mostEntries = 1000

  /// Each name once, in the order of the topics. At most ``mostEntries``.
  private(set) var entries: [Naming.Entry] = []
  private let router: Router
  private let ids: StandInIDs
  /// Workshops and lines of equipment with one name.
  private var places: [Machine: Set<Place>] = [:]

  /// Entries for names in `topics` of `source` that are neither ids nor in `naming`. Names that no naming file can have
  /// are left out.
  init(_ source: Source, topics: [String], naming: Naming, ids: StandInIDs) {
    router = Router([source], naming: naming)
    self.ids = ids
    let identities = topics.map { topic in
      Array(topic.utf8).withUnsafeBytes { (router.identity(in: $0, withPlace: true), isForeign($0)) }
    }
    for case (.published(let factory, let workshop, let line, let equipment)?, _) in identities
    where !equipment.isEmpty {
      places[Machine(factory: factory, equipment: equipment), default: []].insert(
        Place(workshop: workshop, line: line))
    }
    var known: Set<Naming.Identity> = []
    for case (let identity?, true) in identities {
      guard entries.count < Self.mostEntries else { break }
      let entry = entry(identity)
      guard known.insert(entry.identity).inserted, (try? Naming([entry])) != nil else { continue }
      entries.append(entry)
    }
  }

  /// Whether the source has a topic, and a name in it is not an id.
  private func isForeign(_ topic: UnsafeRawBufferPointer) -> Bool {
    do throws(Rejection) {
      _ = try router.route(topic)
      return false
    } catch {
      return error.fault == .notAnID
    }
  }

  private func entry(_ full: Naming.Identity) -> Naming.Entry {
    let identity = least(full)
    var entry = router.entry(for: identity)
    if entry.factory == "?" { entry.factory = ids.factory(factoryName(of: identity)) }
    guard !entry.equipment.isEmpty else { return entry }
    if case .published(_, "", "", let equipment) = identity, equipment.isID {
      entry.equipment = equipment
    } else {
      entry.equipment = ids.equipment(identity)
    }
    return entry
  }

  /// The name with as few parts as it needs: without workshop and line unless machines differ by nothing else, and
  /// without equipment if the factory's name only is no id.
  private func least(_ full: Naming.Identity) -> Naming.Identity {
    guard case .published(let factory, let workshop, let line, let equipment) = full else { return full }
    let machine = Machine(factory: factory, equipment: equipment)
    if places[machine].map({ $0.count > 1 }) == true { return full }
    let areIDs = [workshop, line].allSatisfy { $0.isEmpty || $0.isID }
    return .published(
      factory: factory, equipment: areIDs && equipment.isID && !factory.isID ? "" : equipment)
  }

  private func factoryName(of identity: Naming.Identity) -> Naming.Identity {
    switch identity {
    case .published(let factory, _, _, _): .published(factory: factory, equipment: "")
    case .sparkplug(let group, _, _): .sparkplug(group: group, edge: "", device: "")
    case .serial: identity
    }
  }
}
