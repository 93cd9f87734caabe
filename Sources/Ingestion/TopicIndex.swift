import Decoding
import Glibc

/// What a topic was found to mean, so that each is parsed once.
struct TopicEntry {
  var route: Route
  /// Number of the factory named, for the journal's sections.
  var factory: Int32
  /// Number of the sender named; -1 while none of its messages was accepted.
  var sender: Int32
}

/// Topic bytes to ``TopicEntry``, by open addressing over an arena: no String, no allocation per look-up. The hash
/// of a topic is that of ``ContentHash``.
struct TopicIndex {
  private var arena: ContiguousArray<UInt8> = []
  /// Where each topic lies in the arena, with the upper bits of its hash to tell most others apart.
  private var keys: ContiguousArray<(offset: UInt32, length: UInt16, tag: UInt16)> = []
  private var entries: ContiguousArray<TopicEntry> = []
  /// Index into `keys` + 1; 0 is empty. A power of two, at most half full.
  private var table = ContiguousArray<UInt32>(repeating: 0, count: 1024)

  /// Topics held.
  var count: Int { entries.count }

  /// The place of `topic`, or nil when it is not held.
  func find(_ topic: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash >> 7) & mask
    while table[slot] != 0 {
      let place = Int(table[slot]) - 1
      let key = keys[place]
      if key.tag == Self.tag(hash), Int(key.length) == topic.count, matches(topic, at: Int(key.offset)) {
        return place
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  subscript(place: Int) -> TopicEntry {
    get { entries[place] }
    set { entries[place] = newValue }
  }

  /// Holds a topic that is not held yet; returns its place.
  mutating func insert(_ topic: UnsafeRawBufferPointer, hash: UInt64, _ entry: TopicEntry) -> Int {
    if entries.count * 2 >= table.count { grow() }
    keys.append((UInt32(arena.count), UInt16(topic.count), Self.tag(hash)))
    arena.append(contentsOf: topic)
    entries.append(entry)
    place(entries.count - 1, hash)
    return entries.count - 1
  }

  /// The workshop the topic at `place` names; empty when it names none.
  func workshop(at place: Int) -> String {
    let range = entries[place].route.levels.workshop
    let offset = Int(keys[place].offset) + Int(range.offset)
    return String(decoding: arena[offset..<offset + Int(range.length)], as: UTF8.self)
  }

  /// Forgets every topic.
  mutating func removeAll() { self = TopicIndex() }

  private func matches(_ topic: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    guard let start = topic.baseAddress else { return true }
    return arena.withUnsafeBytes { arena in
      arena.baseAddress.map { memcmp($0 + offset, start, topic.count) == 0 } ?? false
    }
  }

  private static func tag(_ hash: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: hash >> 48) }

  private mutating func place(_ index: Int, _ hash: UInt64) {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: hash >> 7) & mask
    while table[slot] != 0 { slot = (slot + 1) & mask }
    table[slot] = UInt32(index + 1)
  }

  private mutating func grow() {
    table = ContiguousArray(repeating: 0, count: table.count * 2)
    for index in entries.indices {
      let key = keys[index]
      let from = Int(key.offset)
      let hash = arena.withUnsafeBytes { arena in
        ContentHash.of(UnsafeRawBufferPointer(rebasing: arena[from..<from + Int(key.length)]))
      }
      place(index, hash)
    }
  }
}
