import Telemetry

/// The hashes of the newest messages, in the order received: enough to know a message that comes again.
///
/// What was delivered and committed but not yet acknowledged comes again after every reconnection. Beyond
/// this memory a repeated reading is still harmless: it is late, and its day is recomputed.
struct RecentMessages {
  /// More than any broker keeps in flight (65,535), twice over.
  static let capacity = 131_072

  private var ring: ContiguousArray<UInt64> = []
  /// By position in the ring: the earliest receipt with which the message was counted; `distantFuture` when it
  /// was not.
  private var receipts: ContiguousArray<Timestamp> = []
  /// Open addressing, one slot a hash: its newest position + 1; 0 is empty. A power of two, at most a quarter
  /// full.
  private var table = ContiguousArray<UInt32>(repeating: 0, count: 1024)
  private var next = 0
  /// Messages held, at most ``capacity``.
  private(set) var count = 0

  private var mask: Int { table.count - 1 }

  /// The hash of the message that `age` others came after, below ``count``.
  func hash(age: Int) -> UInt64 { ring[(next - 1 - age + Self.capacity * 2) % Self.capacity] }

  /// The earliest receipt with which a message of this hash was counted; nil when it is not among the newest,
  /// or was always refused: then it may be counted when it comes again, with another receipt.
  func receipt(of hash: UInt64) -> Timestamp? {
    let position = table[slot(of: hash)]
    guard position != 0, receipts[Int(position) - 1] != .distantFuture else { return nil }
    return receipts[Int(position) - 1]
  }

  /// Remembers a message, forgetting the oldest when full.
  ///
  /// - Parameter received: its receipt, if it was counted.
  mutating func insert(_ hash: UInt64, received: Timestamp?) {
    let earliest = min(receipt(of: hash) ?? .distantFuture, received ?? .distantFuture)
    if count == Self.capacity {
      forget(next)
      ring[next] = hash
      receipts[next] = earliest
    } else {
      ring.append(hash)
      receipts.append(earliest)
      count += 1
      if count * 4 > table.count { growTable() }
    }
    table[slot(of: hash)] = UInt32(next + 1)
    next = next + 1 == Self.capacity ? 0 : next + 1
  }

  /// The slot that names `hash`, or the empty one where it belongs.
  private func slot(of hash: UInt64) -> Int {
    var slot = home(hash)
    while table[slot] != 0, ring[Int(table[slot]) - 1] != hash { slot = (slot + 1) & mask }
    return slot
  }

  private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 20) & mask }

  private mutating func growTable() {
    table = ContiguousArray(repeating: 0, count: table.count * 2)
    // Ascending, so that each hash is left with its newest position.
    for position in 0..<count { table[slot(of: ring[position])] = UInt32(position + 1) }
  }

  /// Empties the slot of a position that is overwritten, unless a newer message of the same hash holds it,
  /// and moves those behind it up so that no probe ends early.
  private mutating func forget(_ position: Int) {
    var hole = slot(of: ring[position])
    guard table[hole] == UInt32(position + 1) else { return }
    var probe = (hole + 1) & mask
    while table[probe] != 0 {
      let home = home(ring[Int(table[probe]) - 1])
      if (probe &- home) & mask >= (probe &- hole) & mask {
        table[hole] = table[probe]
        hole = probe
      }
      probe = (probe + 1) & mask
    }
    table[hole] = 0
  }
}

/// Recognises, after a broken connection, the messages that are delivered again.
///
/// What the broker had in flight comes first and in its old order, so it is a run of the newest messages up
/// to the very newest. Only such a run is taken for a repetition: that a device said `online` before is no
/// reason to pass over that it says so again. A run that the end of a window cuts is accepted when it holds
/// a message that cannot well be said twice, and goes on in the next window.
struct RedeliveryMatch {
  private enum Stage: Equatable {
    case over
    case beginning
    /// So many messages, the newest remembered when the connection was made, are still to come.
    case remaining(Int)
  }
  private var stage = Stage.over
  /// How far back a run may begin: the most a broker may have on its way to us (MQTT's packet ids).
  private static let inFlight = 65_535

  /// A connection that continues a session which did not end cleanly.
  mutating func begin() { stage = .beginning }
  /// No messages are expected again.
  mutating func end() { stage = .over }

  /// How many of a window's first messages were delivered before.
  ///
  /// - Parameter isUnique: whether the message at an index carries a time of its own.
  mutating func redelivered(
    _ hashes: some RandomAccessCollection<UInt64>, in recent: RecentMessages, isUnique: (Int) -> Bool
  ) -> Int {
    guard stage != .over, !hashes.isEmpty else { return 0 }
    let hashes = Array(hashes)
    let starts: [Int]
    switch stage {
    case .over: return 0
    case .beginning:
      // The longest run first.
      starts = (0..<min(recent.count, Self.inFlight)).reversed().filter { recent.hash(age: $0) == hashes[0] }
    case .remaining(let count): starts = [count - 1]
    }
    for start in starts {
      let run = commonRun(hashes, from: start, in: recent)
      if run == start + 1 {
        stage = .over
        return run
      }
      if run == hashes.count, (0..<run).contains(where: isUnique) || stage != .beginning {
        stage = .remaining(start + 1 - run)
        return run
      }
    }
    stage = .over
    return 0
  }

  /// How many hashes equal the messages from `age` on towards the newest.
  private func commonRun(_ hashes: [UInt64], from age: Int, in recent: RecentMessages) -> Int {
    var run = 0
    while run < hashes.count, run <= age, recent.hash(age: age - run) == hashes[run] { run += 1 }
    return run
  }
}
