import Telemetry

/// Keys of equipment with the places of their first rows: 1,000,000 keys take about 30 MB.
struct KeyIndex {
  /// The row in which a key was first seen.
  struct Place: Equatable {
    /// Number of the sheet among those read.
    var sheet: Int
    var row: Int
  }
  /// What an earlier row has.
  enum Match {
    /// The same key.
    case same(Place)
    /// A key that differs only in letter case.
    case similar(EquipmentKey)
  }

  private struct Entry {
    /// Where the key's bytes begin in the arena.
    var start: UInt32
    var sheet: UInt32
    var row: UInt32
    var factoryLength: UInt8
    var equipmentLength: UInt8
  }
  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  /// Open addressing: number of an entry plus one; 0 is free.
  private var slots: [UInt32] = Array(repeating: 0, count: 1 << 10)

  /// Adds a key; returns an earlier one that is the same or similar. A key that is the same is not added.
  ///
  /// Keys have parts of at most 64 bytes; longer ones, and keys beyond four gigabytes of them, are not indexed.
  mutating func add(_ key: EquipmentKey, at place: Place) -> Match? {
    let (factory, equipment) = (key.factory.utf8, key.equipment.utf8)
    guard factory.count <= 64, equipment.count <= 64, arena.count < Int(UInt32.max) - 128,
      let sheet = UInt32(exactly: place.sheet), let row = UInt32(exactly: place.row)
    else { return nil }
    var similar: EquipmentKey?
    var slot = Self.hash(factory, equipment) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      switch compare(entry, factory, equipment) {
      case .same: return .same(Place(sheet: Int(entry.sheet), row: Int(entry.row)))
      case .similar: similar = similar ?? self.key(entry)
      case .different: break
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    entries.append(
      Entry(
        start: UInt32(arena.count), sheet: sheet, row: row, factoryLength: UInt8(factory.count),
        equipmentLength: UInt8(equipment.count)))
    arena.append(contentsOf: factory)
    arena.append(contentsOf: equipment)
    slots[slot] = UInt32(entries.count)
    if entries.count * 2 > slots.count { grow() }
    return similar.map { .similar($0) }
  }

  private enum Likeness { case same, similar, different }

  private func compare(_ entry: Entry, _ factory: String.UTF8View, _ equipment: String.UTF8View) -> Likeness {
    guard Int(entry.factoryLength) == factory.count, Int(entry.equipmentLength) == equipment.count else {
      return .different
    }
    var position = Int(entry.start)
    var likeness = Likeness.same
    for part in [factory, equipment] {
      for byte in part {
        let other = arena[position]
        if byte != other {
          guard Self.lower(byte) == Self.lower(other) else { return .different }
          likeness = .similar
        }
        position += 1
      }
    }
    return likeness
  }

  private func key(_ entry: Entry) -> EquipmentKey {
    let middle = Int(entry.start) + Int(entry.factoryLength)
    return EquipmentKey(
      factory: String(decoding: arena[Int(entry.start)..<middle], as: UTF8.self),
      equipment: String(decoding: arena[middle..<middle + Int(entry.equipmentLength)], as: UTF8.self))
  }

  private mutating func grow() {
    var larger = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, entry) in entries.enumerated() {
      let middle = Int(entry.start) + Int(entry.factoryLength)
      var slot =
        Self.hash(arena[Int(entry.start)..<middle], arena[middle..<middle + Int(entry.equipmentLength)])
        & (larger.count - 1)
      while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
      larger[slot] = UInt32(number + 1)
    }
    slots = larger
  }

  /// A hash of both parts in small letters, seeded for the process so that no file can make keys collide.
  private static func hash(_ factory: some Sequence<UInt8>, _ equipment: some Sequence<UInt8>) -> Int {
    var hasher = Hasher()
    var word: UInt64 = 0
    var count = 0
    func add(_ byte: UInt8) {
      word = word << 8 | UInt64(lower(byte))
      count += 1
      guard count % 8 == 0 else { return }
      hasher.combine(word)
      word = 0
    }
    for byte in factory { add(byte) }
    add(0x2F)
    for byte in equipment { add(byte) }
    hasher.combine(word)
    return hasher.finalize() & Int(UInt32.max)
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
