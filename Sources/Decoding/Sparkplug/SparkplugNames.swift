/// Places of pairs of names, such as group and edge node, counting from 0 in the order in which they were added.
/// Finding a pair allocates nothing.
struct SparkplugNames: Sendable {
  private struct Entry {
    var offset: Int
    var firstLength: Int32
    var secondLength: Int32
    /// Place of an earlier pair with the same hash; -1 for none.
    var next: Int32
  }

  private var arena: ContiguousArray<UInt8> = []
  private var entries: ContiguousArray<Entry> = []
  /// Place of the newest pair of each hash.
  private var newest: [UInt64: Int32] = [:]

  init() {}

  /// Number of pairs.
  var count: Int { entries.count }

  /// The place of a pair; nil if it was not added.
  func find(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int? {
    guard var place = newest[Self.hash(first, second)] else { return nil }
    while place >= 0 {
      let entry = entries[Int(place)]
      if Int(entry.firstLength) == first.count, Int(entry.secondLength) == second.count,
        isHeld(first, at: entry.offset), isHeld(second, at: entry.offset + first.count)
      {
        return Int(place)
      }
      place = entry.next
    }
    return nil
  }

  /// Adds a pair that was not added yet; returns its place.
  mutating func insert(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    let hash = Self.hash(first, second)
    let entry = Entry(
      offset: arena.count, firstLength: Int32(truncatingIfNeeded: first.count),
      secondLength: Int32(truncatingIfNeeded: second.count), next: newest[hash] ?? -1)
    arena.append(contentsOf: first)
    arena.append(contentsOf: second)
    newest[hash] = Int32(truncatingIfNeeded: entries.count)
    entries.append(entry)
    return entries.count - 1
  }

  private func isHeld(_ name: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    arena.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[offset..<offset + name.count]).equals(name) }
  }

  private static func hash(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> UInt64 {
    // The digests of both names, mixed so that exchanged names differ.
    first.fnv1a &* 0x9E37_79B9_7F4A_7C15 ^ second.fnv1a
  }
}
