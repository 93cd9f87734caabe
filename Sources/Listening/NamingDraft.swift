import Decoding
import Telemetry

/// Entries of a naming file for names that are not ids, or that several machines have.
struct NamingDraft {
  private struct Machine: Hashable {
    var factory: String
    var equipment: String
  }
  private struct Place: Hashable {
    var workshop: String
    var line: String

    var areIDs: Bool { [workshop, line].allSatisfy { $0.isEmpty || $0.isID } }
  }

  private let router: Router
  private let ids: StandInIDs
  private(set) var list = NamingList()
  /// Workshops and lines of equipment with one name.
  private var places: [Machine: Set<Place>] = [:]

  /// Entries for names in `topics` and in the payloads of `samples` of `source` that are neither ids nor in `naming`.
  ///
  /// Names in payloads are those by which the source's decoder looks for equipment, in any format.
  init(
    _ source: Source, topics: [String], samples: [HeardMessage], limits: DecodingLimits, naming: Naming,
    ids: StandInIDs
  ) {
    router = Router([source], naming: naming)
    self.ids = ids
    addTopics(topics)
    addPayloads(samples, limits)
  }

  // MARK: Names in topics

  private mutating func addTopics(_ topics: [String]) {
    let identities = topics.map { topic in
      Array(topic.utf8).withUnsafeBytes { (router.identity(in: $0, withPlace: true), isForeign($0)) }
    }
    for case (let identity?, _) in identities { notePlace(identity) }
    for case (let identity?, true) in identities { list.add(entry(least(identity))) }
  }

  private mutating func notePlace(_ identity: Naming.Identity) {
    guard case .published(let factory, let workshop, let line, let equipment) = identity, !equipment.isEmpty
    else { return }
    places[Machine(factory: factory, equipment: equipment), default: []].insert(
      Place(workshop: workshop, line: line))
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

  /// The name with as few parts as it needs: without workshop and line unless machines differ by nothing else, and
  /// without equipment if the factory's name only is no id.
  private func least(_ full: Naming.Identity) -> Naming.Identity {
    guard case .published(let factory, let workshop, let line, let equipment) = full else { return full }
    if placesOfName(factory, equipment).count > 1 { return full }
    let areIDs = Place(workshop: workshop, line: line).areIDs
    return .published(
      factory: factory, equipment: areIDs && equipment.isID && !factory.isID ? "" : equipment)
  }

  private func placesOfName(_ factory: String, _ equipment: String) -> Set<Place> {
    places[Machine(factory: factory, equipment: equipment)] ?? []
  }

  // MARK: Names in payloads

  private mutating func addPayloads(_ samples: [HeardMessage], _ limits: DecodingLimits) {
    guard let source = router.sources.first, !source.isSparkplug,
      let naming = try? Naming(Array(router.naming.entries) + list.entries),
      let reader = try? SourceReader([source], limits: limits, naming: naming)
    else { return }
    // The reader has replaced the names of the naming by these ids.
    let named = Set(naming.entries.map(\.equipment))
    var found: [(identity: Naming.Identity, workshop: String)] = []
    var known: Set<Naming.Identity> = []
    for sample in samples {
      for name in reader.names(in: sample) where !named.contains(name.equipment) {
        let identity = sample.topic.withUnsafeBytes {
          router.identity(ofEquipment: name.equipment, workshop: name.workshop, in: $0)
        }
        guard let identity, known.insert(identity).inserted else { continue }
        notePlace(identity)
        found.append((identity, name.workshop))
      }
    }
    for (identity, workshop) in found {
      guard case .published(let factory, _, _, let equipment) = identity, !equipment.isEmpty else { continue }
      let places = placesOfName(factory, equipment)
      if places.count > 1, !places.allSatisfy(\.areIDs) || !equipment.isID {
        list.add(entry(identity))
      } else if !equipment.isID || !workshop.isEmpty && !workshop.isID {
        list.add(entry(.published(factory: factory, equipment: equipment)))
      }
    }
  }

  // MARK: Ids

  private func entry(_ identity: Naming.Identity) -> Naming.Entry {
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

  private func factoryName(of identity: Naming.Identity) -> Naming.Identity {
    switch identity {
    case .published(let factory, _, _, _): .published(factory: factory, equipment: "")
    case .sparkplug(let group, _, _): .sparkplug(group: group, edge: "", device: "")
    case .serial: identity
    }
  }
}
