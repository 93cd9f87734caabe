import Telemetry

/// Keys of equipment with the places of their first rows: 1,000,000 keys take about 40 MB.
struct KeyIndex {
  /// The row in which a key was first seen.
  struct Place: Equatable {
    /// Number of the sheet among those read.
    var sheet: Int
    var row: Int
  }
  /// The key of an earlier row.
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

    /// Where its bytes are in the arena.
    var bytes: Range<Int> {
      Int(start)..<Int(start) + Int(factoryLength) + Int(equipmentLength)
    }
  }
  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  /// The first entry of keys that differ only in letter case. Nearly every key is the only one of its kind, so that one
  /// search is enough.
  private var first = Table()
  /// The other entries of such keys, by their exact bytes.
  private var others = Table()
  /// The bytes of the key that is looked for, in small letters.
  private var folded: [UInt8] = []

  /// Adds a key; returns an earlier one that is the same or similar. A key that is the same is not added.
  ///
  /// Keys have parts of at most 64 bytes; longer ones, and keys beyond four gigabytes of them, are not indexed.
  mutating func add(_ key: EquipmentKey, at place: Place) -> Match? {
    let (factory, equipment) = (key.factory.utf8, key.equipment.utf8)
    guard factory.count <= 64, equipment.count <= 64, arena.count < Int(UInt32.max) - 128,
      let sheet = UInt32(exactly: place.sheet), let row = UInt32(exactly: place.row)
    else { return nil }
    let start = arena.count
    arena.append(contentsOf: factory)
    arena.append(contentsOf: equipment)
    let entry = Entry(
      start: UInt32(start), sheet: sheet, row: row, factoryLength: UInt8(factory.count),
      equipmentLength: UInt8(equipment.count))
    folded.removeAll(keepingCapacity: true)
    for byte in arena[start...] { folded.append(Self.lower(byte)) }
    let hash = Self.hash(folded[...], entry)
    guard let number = first.find(hash, { isEqual(entries[$0], entry, folds: true) }) else {
      first.put(entries.count, hash)
      entries.append(entry)
      return nil
    }
    let exact = Self.hash(arena[start...], entry)
    let same =
      isEqual(entries[number], entry, folds: false)
      ? number : others.find(exact) { isEqual(entries[$0], entry, folds: false) }
    if let same {
      arena.removeSubrange(start...)
      return .same(Place(sheet: Int(entries[same].sheet), row: Int(entries[same].row)))
    }
    others.put(entries.count, exact)
    entries.append(entry)
    return .similar(self.key(entries[number]))
  }

  // MARK: Tables

  /// Numbers of entries by hash, with open addressing.
  private struct Table {
    private struct Slot {
      /// Number of an entry plus one; 0 is free.
      var number: UInt32 = 0
      var hash: UInt32 = 0
    }
    private var slots = [Slot](repeating: Slot(), count: 1 << 10)
    private var count = 0

    /// The number of the entry with this hash for which `isWanted` is true; nil if there is none.
    func find(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> Int? {
      let mask = slots.count - 1
      var place = Int(hash) & mask
      while slots[place].number != 0 {
        if slots[place].hash == hash, isWanted(Int(slots[place].number) - 1) {
          return Int(slots[place].number) - 1
        }
        place = (place + 1) & mask
      }
      return nil
    }

    /// Adds the number of an entry that is not in the table.
    mutating func put(_ number: Int, _ hash: UInt32) {
      count += 1
      if count * 2 > slots.count {
        var larger = [Slot](repeating: Slot(), count: slots.count * 2)
        for slot in slots where slot.number != 0 { Self.put(slot, into: &larger) }
        slots = larger
      }
      Self.put(Slot(number: UInt32(number + 1), hash: hash), into: &slots)
    }

    private static func put(_ slot: Slot, into slots: inout [Slot]) {
      let mask = slots.count - 1
      var place = Int(slot.hash) & mask
      while slots[place].number != 0 { place = (place + 1) & mask }
      slots[place] = slot
    }
  }

  /// A hash of a key's bytes, seeded for the process so that no file can choose keys that collide.
  private static func hash(_ bytes: ArraySlice<UInt8>, _ entry: Entry) -> UInt32 {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(entry.factoryLength)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  private func isEqual(_ a: Entry, _ b: Entry, folds: Bool) -> Bool {
    guard a.factoryLength == b.factoryLength, a.equipmentLength == b.equipmentLength else { return false }
    return arena.withUnsafeBufferPointer { arena in
      zip(arena[a.bytes], arena[b.bytes]).allSatisfy { $0 == $1 || folds && Self.lower($0) == Self.lower($1) }
    }
  }

  private func key(_ entry: Entry) -> EquipmentKey {
    let bytes = arena[entry.bytes]
    return EquipmentKey(
      factory: String(decoding: bytes.prefix(Int(entry.factoryLength)), as: UTF8.self),
      equipment: String(decoding: bytes.suffix(Int(entry.equipmentLength)), as: UTF8.self))
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
