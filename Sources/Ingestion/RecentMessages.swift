/// The hashes of the newest messages, in the order received: enough to know a message that comes again.
///
/// What was delivered and committed but not yet acknowledged comes again after every reconnection. Beyond
/// this memory a repeated reading is still harmless: it is late, and its day is recomputed.
struct RecentMessages {
  /// More than any broker keeps in flight (65,535), twice over.
  static let capacity = 131_072

  private var ring: ContiguousArray<UInt64>
  /// Open addressing over positions in `ring`; 0 is empty, else position + 1.
  private var table: ContiguousArray<UInt32>
  private var next = 0
  private var held = 0

  init() {
    ring = ContiguousArray(repeating: 0, count: Self.capacity)
    table = ContiguousArray(repeating: 0, count: Self.capacity * 4)
  }

  /// Whether a message of this hash is among the newest.
  func contains(_ hash: UInt64) -> Bool { position(of: hash) != nil }

  /// Remembers a message, forgetting the oldest when full.
  mutating func insert(_ hash: UInt64) {
    if held == Self.capacity { remove(at: next) } else { held += 1 }
    ring[next] = hash
    var slot = Self.slot(hash)
    // Two slots may name one hash; each goes when its position does.
    while table[slot] != 0 { slot = (slot + 1) & (Self.capacity * 4 - 1) }
    table[slot] = UInt32(next + 1)
    next = next + 1 == Self.capacity ? 0 : next + 1
  }

  /// The position of the message after `position`, or nil when that was the newest.
  func successor(of position: Int) -> Int? {
    let following = position + 1 == Self.capacity ? 0 : position + 1
    return following == next ? nil : following
  }

  /// The hash at a position.
  func hash(at position: Int) -> UInt64 { ring[position] }

  /// A position that holds `hash`; nil when none does.
  func position(of hash: UInt64) -> Int? {
    var slot = Self.slot(hash)
    while table[slot] != 0 {
      let position = Int(table[slot]) - 1
      if ring[position] == hash { return position }
      slot = (slot + 1) & (Self.capacity * 4 - 1)
    }
    return nil
  }

  private static func slot(_ hash: UInt64) -> Int { Int(hash >> 20) & (capacity * 4 - 1) }

  /// Takes the oldest message's slot out, moving those behind it up so that no probe ends early.
  private mutating func remove(at position: Int) {
    let mask = Self.capacity * 4 - 1
    var slot = Self.slot(ring[position])
    while table[slot] != UInt32(position + 1) { slot = (slot + 1) & mask }
    var hole = slot
    var probe = (slot + 1) & mask
    while table[probe] != 0 {
      let home = Self.slot(ring[Int(table[probe]) - 1])
      if (probe &- home) & mask >= (probe &- hole) & mask {
        table[hole] = table[probe]
        hole = probe
      }
      probe = (probe + 1) & mask
    }
    table[hole] = 0
  }
}

/// Recognises, after a connection, the messages that are delivered again: what the broker had in flight
/// comes first and in its old order, so it is a run of the newest messages, up to the newest. The first
/// message that does not continue the run ends it.
struct RedeliveryMatch {
  private enum Stage { case notConnected, expectingFirst, expecting(Int), over }
  private var stage = Stage.notConnected

  /// A connection on which the broker resumed the session.
  mutating func begin() { stage = .expectingFirst }
  /// No messages are expected again.
  mutating func end() { stage = .over }

  /// Whether the message of this hash, the next to come, was delivered before.
  mutating func matches(_ hash: UInt64, in recent: RecentMessages) -> Bool {
    let found: Int
    switch stage {
    case .notConnected, .over: return false
    case .expectingFirst:
      guard let position = recent.position(of: hash) else {
        stage = .over
        return false
      }
      found = position
    case .expecting(let position):
      guard recent.hash(at: position) == hash else {
        stage = .over
        return false
      }
      found = position
    }
    stage = recent.successor(of: found).map { .expecting($0) } ?? .over
    return true
  }
}
