import Telemetry

/// A machine as a decoder with state knows it: the register's factory, and a hash of the name under which it publishes.
///
/// Remembered values belong to the published name: a machine that gets another id of its factory keeps them. In another
/// factory it begins anew, because the messages of each factory are proved separately.
package struct RememberedName: Hashable, Sendable {
  /// The factory's id in the register.
  package var factory: String
  /// See ``Naming/Entry/publishedHash``.
  package var hash: UInt64
}

/// Changes of the names by which machines of one factory are remembered.
struct RememberedChanges: Equatable, Sendable {
  /// A name, and another one under which the same machine is remembered from now on.
  struct Move: Hashable, Sendable {
    var from: UInt64
    var to: UInt64
  }

  /// In ascending order of the names before. Of several moves to one name the newest memory counts.
  fileprivate(set) var moves: [Move] = []
  /// Names that no machine has any more, and those of machines that come from other factories.
  fileprivate(set) var removed: Set<UInt64> = []
}

/// A decoder that remembers values of machines by their published names.
package protocol RememberingDecoder: StatefulDecoder {
  /// Remembers machines by the names that a changed naming gives them.
  mutating func rename(_ changes: NameChanges)
}

/// The changes of remembered names that a changed naming makes, by factory.
package struct NameChanges: Equatable, Sendable {
  /// By the factory's id in the register.
  private(set) var factories: [String: RememberedChanges] = [:]

  /// Whether nothing changes.
  package var isEmpty: Bool { factories.isEmpty }

  /// The changes from one naming to another.
  package init(from earlier: Naming, to later: Naming) {
    var names: [RememberedName: Set<RememberedName?>] = [:]
    for identity in earlier.identities.union(later.identities) {
      guard let before = earlier.remembered(identity) else { continue }
      names[before, default: []].insert(later.remembered(identity))
    }
    for (before, after) in names where after != [before] {
      if !after.contains(before) { factories[before.factory, default: .init()].removed.insert(before.hash) }
      for case .some(let name) in after where name != before {
        if name.factory == before.factory {
          factories[name.factory, default: .init()].moves.append(.init(from: before.hash, to: name.hash))
        } else {
          factories[name.factory, default: .init()].removed.insert(name.hash)
        }
      }
    }
    for factory in factories.keys {
      factories[factory]?.moves.sort { ($0.from, $0.to) < ($1.from, $1.to) }
    }
  }
}

extension [UInt64: ReadingMemory] {
  /// Remembers machines by other names.
  mutating func rename(_ changes: RememberedChanges) { rename(changes, time: \.time) }
}

extension [UInt64: MTConnectMemory] {
  /// Remembers devices by other names.
  mutating func rename(_ changes: RememberedChanges) { rename(changes, time: \.reading.time) }
}

extension Dictionary where Key == UInt64 {
  fileprivate mutating func rename(_ changes: RememberedChanges, time: (Value) -> Timestamp) {
    let moved = changes.moves.compactMap { move in self[move.from].map { (name: move.to, memory: $0) } }
    for name in changes.removed { self[name] = nil }
    for (name, memory) in moved {
      let isNewest = self[name].map { time($0) < time(memory) } ?? (count < ReadingMemories.mostEquipment)
      if isNewest { self[name] = memory }
    }
  }
}

extension Naming.Entry {
  /// Hash of the published name of equipment, with the parts that distinguish it from others of its factory; nil for an
  /// entry without equipment, and for names in Sparkplug topics.
  var publishedHash: UInt64? {
    switch identity {
    case .published(let name, let workshop, let line, let equipment):
      if equipment.isEmpty { return nil }
      let isPlain = name == factory && workshop.isEmpty && line.isEmpty
      return (isPlain ? equipment : [name, workshop, line, equipment].joined(separator: "\0")).fnv1a
    case .serial(let number): return number.fnv1a
    case .sparkplug: return nil
    }
  }
}

extension Naming {
  /// The names of entries for machines, and those of other machines that may be remembered by the same name: of other
  /// workshops and lines, and of the register's factory if it publishes, too.
  fileprivate var identities: Set<Identity> {
    var identities: Set<Identity> = []
    for entry in entries {
      identities.insert(entry.identity)
      guard case .published(let factory, let workshop, let line, let equipment) = entry.identity else {
        continue
      }
      for (workshop, line) in [(workshop, ""), ("", line), ("", "")] {
        identities.insert(
          .published(factory: factory, workshop: workshop, line: line, equipment: equipment))
      }
      identities.insert(.published(factory: entry.factory, equipment: equipment))
    }
    return identities
  }

  fileprivate func remembered(_ identity: Identity) -> RememberedName? {
    switch identity {
    case .published(let factory, let workshop, let line, let equipment):
      if equipment.isEmpty { return nil }
      let place = place(factory: factory, workshop: workshop, line: line, equipment: equipment)
      if let entry = place.flatMap(entry(at:)) {
        return entry.publishedHash.map { RememberedName(factory: entry.factory, hash: $0) }
      }
      guard EquipmentKey.isID(equipment.utf8) else { return nil }
      return RememberedName(factory: self.factory(named: factory) ?? factory, hash: equipment.fnv1a)
    case .serial(let number):
      let place = place(factory: "", workshop: "", line: "", equipment: number)
      return place.flatMap(entry(at:)).map { RememberedName(factory: $0.factory, hash: number.fnv1a) }
    case .sparkplug: return nil
    }
  }
}

extension ReceivedMessage {
  /// Hash by which a decoder remembers the equipment that the topic names.
  @inline(__always)
  var equipmentHash: UInt64 { publishedHash ?? levels.equipment.bytes(in: topic).fnv1a }
}

extension EventBuffer {
  /// Hash by which a decoder remembers equipment that the payload of the current message names.
  func hash(ofNamed equipment: UnsafeRawBufferPointer, workshop: String = "") -> UInt64 {
    naming?.publishedHash(String(decoding: equipment, as: UTF8.self), workshop: workshop) ?? equipment.fnv1a
  }
}

extension String {
  var fnv1a: UInt64 { Array(utf8).withUnsafeBytes(\.fnv1a) }
}
