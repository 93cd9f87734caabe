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
  }
  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  /// Entries by their exact bytes.
  private var exact = Table(folds: false)
  /// The first entry of keys that differ only in letter case.
  private var folded = Table(folds: true)

  /// Adds a key; returns an earlier one that is the same or similar. A key that is the same is not added.
  ///
  /// Keys have parts of at most 64 bytes; longer ones, and keys beyond four gigabytes of them, are not indexed.
  mutating func add(_ key: EquipmentKey, at place: Place) -> Match? {
    let (factory, equipment) = (key.factory.utf8, key.equipment.utf8)
    guard factory.count <= 64, equipment.count <= 64, arena.count < Int(UInt32.max) - 128,
      let sheet = UInt32(exactly: place.sheet), let row = UInt32(exactly: place.row)
    else { return nil }
    let slot = find(factory, equipment, in: exact)
    if let entry = self.entry(at: slot, of: exact) {
      return .same(Place(sheet: Int(entry.sheet), row: Int(entry.row)))
    }
    let foldedSlot = find(factory, equipment, in: folded)
    let similar = self.entry(at: foldedSlot, of: folded).map(self.key)
    entries.append(
      Entry(
        start: UInt32(arena.count), sheet: sheet, row: row, factoryLength: UInt8(factory.count),
        equipmentLength: UInt8(equipment.count)))
    arena.append(contentsOf: factory)
    arena.append(contentsOf: equipment)
    exact.put(entries.count - 1, at: slot, entries, arena)
    if similar == nil { folded.put(entries.count - 1, at: foldedSlot, entries, arena) }
    return similar.map { .similar($0) }
  }

  // MARK: Tables

  /// A table of entries with open addressing.
  private struct Table {
    /// Whether letters are equal in either case.
    let folds: Bool
    /// Number of an entry plus one; 0 is free.
    var slots: [UInt32] = Array(repeating: 0, count: 1 << 10)
    var count = 0

    /// A hash of both parts, seeded for the process so that no file can choose keys that collide.
    func hash(_ factory: some Sequence<UInt8>, _ equipment: some Sequence<UInt8>) -> Int {
      var hasher = Hasher()
      var word: UInt64 = 0
      var count = 0
      func add(_ byte: UInt8) {
        word = word << 8 | UInt64(folds ? KeyIndex.lower(byte) : byte)
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

    /// Puts the number of an entry into a free slot. A method of the index that has the table `inout` would hold a copy of
    /// the index, and so copy the table at each key.
    mutating func put(_ number: Int, at slot: Int, _ entries: [Entry], _ arena: [UInt8]) {
      slots[slot] = UInt32(number + 1)
      count += 1
      if count * 2 > slots.count { grow(entries, arena) }
    }

    private mutating func grow(_ entries: [Entry], _ arena: [UInt8]) {
      var larger = [UInt32](repeating: 0, count: slots.count * 2)
      for number in slots where number != 0 {
        let entry = entries[Int(number) - 1]
        let middle = Int(entry.start) + Int(entry.factoryLength)
        var slot =
          hash(arena[Int(entry.start)..<middle], arena[middle..<middle + Int(entry.equipmentLength)])
          & (larger.count - 1)
        while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
        larger[slot] = number
      }
      slots = larger
    }
  }

  /// The slot of a key in a table: its entry's, or a free one.
  private func find(_ factory: String.UTF8View, _ equipment: String.UTF8View, in table: Table) -> Int {
    var slot = table.hash(factory, equipment) & (table.slots.count - 1)
    while let entry = entry(at: slot, of: table), !isEqual(entry, factory, equipment, folds: table.folds) {
      slot = (slot + 1) & (table.slots.count - 1)
    }
    return slot
  }

  private func entry(at slot: Int, of table: Table) -> Entry? {
    let number = table.slots[slot]
    return number == 0 ? nil : entries[Int(number) - 1]
  }

  private func isEqual(
    _ entry: Entry, _ factory: String.UTF8View, _ equipment: String.UTF8View, folds: Bool
  ) -> Bool {
    guard Int(entry.factoryLength) == factory.count, Int(entry.equipmentLength) == equipment.count else {
      return false
    }
    var position = Int(entry.start)
    for part in [factory, equipment] {
      for byte in part {
        let other = arena[position]
        guard byte == other || folds && Self.lower(byte) == Self.lower(other) else { return false }
        position += 1
      }
    }
    return true
  }

  private func key(_ entry: Entry) -> EquipmentKey {
    let middle = Int(entry.start) + Int(entry.factoryLength)
    return EquipmentKey(
      factory: String(decoding: arena[Int(entry.start)..<middle], as: UTF8.self),
      equipment: String(decoding: arena[middle..<middle + Int(entry.equipmentLength)], as: UTF8.self))
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
