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

/// A decoder that remembers values of machines by their published names.
package protocol RememberingDecoder: StatefulDecoder {
  /// Removes what is remembered of some machines.
  mutating func forget(_ names: [RememberedName])
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
  /// The machines that an earlier naming placed elsewhere, as it placed them.
  package func moved(since earlier: Naming) -> [RememberedName] {
    var moved: Set<RememberedName> = []
    for entry in [entries, earlier.entries].joined() {
      guard let before = earlier.remembered(entry.identity), before != remembered(entry.identity) else {
        continue
      }
      moved.insert(before)
    }
    return Array(moved)
  }

  private func remembered(_ identity: Identity) -> RememberedName? {
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
  fileprivate var fnv1a: UInt64 { Array(utf8).withUnsafeBytes(\.fnv1a) }
}
