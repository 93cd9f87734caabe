import Telemetry

/// What tells a message that is delivered again: the hash of topic and payload, and the MQTT packet identifier
/// where it is known.
struct MessageIdentity {
  var hash: UInt64
  /// 0 where it is not known.
  var packetID: UInt16

  /// Whether another delivery may be of the same message.
  func mayBe(_ other: MessageIdentity) -> Bool {
    hash == other.hash && (packetID == other.packetID || packetID == 0 || other.packetID == 0)
  }

  /// Whether it may be, and the broker gave both the same identifier.
  func isKnownToBe(_ other: MessageIdentity) -> Bool {
    hash == other.hash && packetID == other.packetID && packetID != 0
  }
}

/// The hashes of the newest messages, in the order received: enough to know a message that comes again.
///
/// What was delivered and committed but not yet acknowledged comes again after every reconnection. Beyond
/// this memory a repeated reading is still harmless: it is late, and its day is recomputed.
struct RecentMessages {
  /// More than any broker keeps in flight (65,535), twice over.
  static let capacity = 131_072

  private var ring: ContiguousArray<UInt64> = []
  /// By position in the ring: the packet identifier.
  private var packetIDs: ContiguousArray<UInt16> = []
  /// By position in the ring: the earliest receipt with which the message was counted; `distantFuture` when it
  /// was refused, ``retained`` when the broker had retained it.
  private var receipts: ContiguousArray<Timestamp> = []
  private static let retained = Timestamp.distantFuture - .milliseconds(1)
  /// Open addressing, one slot a hash: its newest position + 1 and, above ``positionBits``, some of its bits, so
  /// that other hashes are told apart without a look at the ring; 0 is empty. A power of two, at most half full.
  private var table = ContiguousArray<UInt32>(repeating: 0, count: 1024)
  private var next = 0
  /// Messages held, at most ``capacity``.
  private(set) var count = 0

  private var mask: Int { table.count - 1 }
  private static let positionBits: UInt32 = 18
  private static let positionMask: UInt32 = 1 << positionBits - 1

  /// The message that `age` others came after, below ``count``.
  func message(age: Int) -> MessageIdentity {
    let position = (next - 1 - age + Self.capacity * 2) % Self.capacity
    return MessageIdentity(hash: ring[position], packetID: packetIDs[position])
  }

  /// The earliest receipt with which a message of this hash was counted; nil when it is not among the newest,
  /// or was always refused: then it may be counted when it comes again, with another receipt.
  func receipt(of hash: UInt64) -> Timestamp? {
    let entry = table[slot(of: hash)]
    guard entry != 0, receipts[Self.position(in: entry)] < Self.retained else { return nil }
    return receipts[Self.position(in: entry)]
  }

  /// Whether a message of this hash is among the newest, and was not counted because the broker had retained it.
  func wasRetained(_ hash: UInt64) -> Bool {
    let entry = table[slot(of: hash)]
    return entry != 0 && receipts[Self.position(in: entry)] == Self.retained
  }

  /// Remembers a message, forgetting the oldest when full; returns what ``receipt(of:)`` was before.
  ///
  /// - Parameters:
  ///   - received: its receipt, if it was counted.
  ///   - isRetained: whether it was not, because the broker had retained it.
  @discardableResult
  mutating func insert(
    _ hash: UInt64, packetID: UInt16 = 0, received: Timestamp?, isRetained: Bool = false
  ) -> Timestamp? {
    if count == Self.capacity {
      // One that is this message takes the place over.
      if ring[next] != hash { forget(next) }
    } else if (count + 1) * 2 > table.count {
      growTable()
    }
    let slot = slot(of: hash)
    let entry = table[slot]
    let known = entry == 0 ? .distantFuture : receipts[Self.position(in: entry)]
    let earliest = min(known, received ?? (isRetained ? Self.retained : .distantFuture))
    if count == Self.capacity {
      ring[next] = hash
      packetIDs[next] = packetID
      receipts[next] = earliest
    } else {
      ring.append(hash)
      packetIDs.append(packetID)
      receipts.append(earliest)
      count += 1
    }
    table[slot] = Self.entry(hash, at: next)
    next = next + 1 == Self.capacity ? 0 : next + 1
    return known < Self.retained ? known : nil
  }

  private static func position(in entry: UInt32) -> Int { Int(entry & positionMask) - 1 }

  private static func entry(_ hash: UInt64, at position: Int) -> UInt32 {
    tag(hash) | UInt32(position + 1)
  }

  private static func tag(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: hash) & ~positionMask
  }

  /// The slot that names `hash`, or the empty one where it belongs.
  private func slot(of hash: UInt64) -> Int {
    let tag = Self.tag(hash)
    var slot = home(hash)
    while true {
      let entry = table[slot]
      if entry == 0 || entry & ~Self.positionMask == tag && ring[Self.position(in: entry)] == hash {
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }

  private mutating func growTable() {
    table = ContiguousArray(repeating: 0, count: table.count * 2)
    // Ascending, so that each hash is left with its newest position.
    for position in 0..<count { table[slot(of: ring[position])] = Self.entry(ring[position], at: position) }
  }

  /// Empties the slot of a position that is overwritten, unless a newer message of the same hash holds it,
  /// and moves those behind it up so that no probe ends early.
  private mutating func forget(_ position: Int) {
    var hole = slot(of: ring[position])
    guard table[hole] == Self.entry(ring[position], at: position) else { return }
    var probe = (hole + 1) & mask
    while table[probe] != 0 {
      let home = home(ring[Self.position(in: table[probe])])
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
/// to the very newest, under the packet identifiers they had. Only such a run is taken for a repetition: that a
/// device said `online` before is no reason to pass over that it says so again.
///
/// Identifiers of older messages may not be known. Then a run that the end of a window cuts is accepted when it
/// holds a message that cannot well be said twice, and goes on in the next window; without such a message only
/// what follows tells (``isUndecided(_:in:isUnique:)``).
struct RedeliveryMatch {
  private enum Stage: Equatable {
    case over
    case beginning
    /// Number of messages still to come, up to the newest remembered when the connection was made, by each run that
    /// may be the one that is delivered again; the longest first.
    case remaining([Int])
  }
  private var stage = Stage.over
  /// Number of messages remembered since the connection was made.
  private var remembered = 0
  /// How far back a run may begin: the most a broker may have on its way to us (MQTT's packet ids).
  private static let inFlight = 65_535
  /// The most runs that are followed at once: a message that was sent several times begins as many.
  private static let mostRuns = 64

  /// Whether nothing came yet over a connection after which messages are expected again.
  var isBeginning: Bool { stage == .beginning }

  /// A connection that continues a session which did not end cleanly.
  mutating func begin() {
    stage = .beginning
    remembered = 0
  }
  /// No messages are expected again.
  mutating func end() { stage = .over }

  /// Whether what follows a window's messages tells if they were delivered before: they may begin a longer run,
  /// and nothing says whether they do.
  func isUndecided(
    _ messages: some Sequence<MessageIdentity>, in recent: RecentMessages, isUnique: (Int) -> Bool
  ) -> Bool {
    let messages = Array(messages)
    guard stage == .beginning, !messages.isEmpty, !messages.indices.contains(where: isUnique) else {
      return false
    }
    return runs(from: messages[0], in: recent).contains { count in
      let run = commonRun(messages, of: count, in: recent)
      return run.length == messages.count && run.length < count && !run.isKnown
    }
  }

  /// How many of a window's first messages were delivered before.
  ///
  /// - Parameter isUnique: whether the message at an index carries a time of its own.
  mutating func redelivered(
    _ messages: some Sequence<MessageIdentity>, in recent: RecentMessages, isUnique: (Int) -> Bool
  ) -> Int {
    guard stage != .over else { return 0 }
    let messages = Array(messages)
    guard let first = messages.first else { return 0 }
    let runs: [Int]
    switch stage {
    case .over: return 0
    case .beginning: runs = self.runs(from: first, in: recent)
    case .remaining(let counts): runs = counts
    }
    var continuing: [Int] = []
    for count in runs where continuing.count < Self.mostRuns {
      let run = commonRun(messages, of: count, in: recent)
      if run.length == count {
        // Shorter than every run that continues, if one does.
        guard continuing.isEmpty else { break }
        stage = .over
        return run.length
      }
      guard run.length == messages.count else { continue }
      if run.isKnown || stage != .beginning || messages.indices.contains(where: isUnique) {
        continuing.append(count - run.length)
      }
    }
    guard !continuing.isEmpty else {
      stage = .over
      return 0
    }
    stage = .remaining(continuing)
    return messages.count
  }

  /// Notes that messages of a window were remembered, as those that come again and count now.
  mutating func noteRemembered(_ count: Int) { remembered += count }

  /// Numbers of messages of the runs that may begin with `first`, the longest first.
  private func runs(from first: MessageIdentity, in recent: RecentMessages) -> [Int] {
    (0..<min(recent.count, Self.inFlight)).reversed().filter { recent.message(age: $0).mayBe(first) }.map {
      $0 + 1
    }
  }

  /// How many messages may be the first of the last `count` remembered before the connection, and whether the broker
  /// says of any that it is.
  private func commonRun(
    _ messages: [MessageIdentity], of count: Int, in recent: RecentMessages
  ) -> (length: Int, isKnown: Bool) {
    var run = (length: 0, isKnown: false)
    while run.length < min(messages.count, count) {
      let earlier = recent.message(age: remembered + count - 1 - run.length)
      guard earlier.mayBe(messages[run.length]) else { break }
      run.isKnown = run.isKnown || earlier.isKnownToBe(messages[run.length])
      run.length += 1
    }
    return run
  }
}
