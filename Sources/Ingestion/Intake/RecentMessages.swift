import Telemetry

/// Identity by which a redelivery is recognised: the hash of topic and payload, and the MQTT packet identifier if it
/// is known.
struct MessageIdentity {
  var hash: UInt64
  /// Packet identifier; 0 if it is unknown.
  var packetID: UInt16

  /// Whether another delivery may be of the same message.
  func mayBe(_ other: MessageIdentity) -> Bool {
    hash == other.hash && (packetID == other.packetID || packetID == 0 || other.packetID == 0)
  }

  /// Whether another delivery may be of the same message, and the broker gave both the same identifier.
  func isKnownToBe(_ other: MessageIdentity) -> Bool {
    hash == other.hash && packetID == other.packetID && packetID != 0
  }
}

/// The hashes of the newest messages, in the order received, by which redeliveries are recognised.
///
/// Messages that were delivered and committed but not yet acknowledged are delivered again after every reconnection.
/// A repeated reading older than this memory does no harm: it is late, and its day is recomputed.
struct RecentMessages {
  /// Twice the maximum number of messages that a broker keeps in flight (65,535).
  static let capacity = 131_072

  private var ring: ContiguousArray<UInt64> = []
  /// Packet identifiers, by position in the ring.
  private var packetIDs: ContiguousArray<UInt16> = []
  /// Earliest receipt with which the message was counted, by position in the ring; `distantFuture` if it was refused,
  /// ``retained`` if the broker had retained it.
  private var receipts: ContiguousArray<Timestamp> = []
  private static let retained = Timestamp.distantFuture - .milliseconds(1)
  /// Hash table with open addressing. A slot has the hash's newest position + 1 and, above ``positionBits``, some of
  /// the hash's bits, so that most other hashes are excluded without access to the ring; 0 is empty. Its size is a
  /// power of two, at most half full.
  private var table = ContiguousArray<UInt32>(repeating: 0, count: 1024)
  private var next = 0
  /// Number of messages held, at most ``capacity``.
  private(set) var count = 0

  private var mask: Int { table.count - 1 }
  private static let positionBits: UInt32 = 18
  private static let positionMask: UInt32 = 1 << positionBits - 1

  /// The message with the given age; 0 is the newest. The age must be below ``count``.
  func message(age: Int) -> MessageIdentity {
    let position = (next - 1 - age + Self.capacity * 2) % Self.capacity
    return MessageIdentity(hash: ring[position], packetID: packetIDs[position])
  }

  /// The earliest receipt with which a message of this hash was counted. nil if it is not among the newest, or was
  /// always refused: then it may be counted when it is received again, with another receipt.
  func receipt(of hash: UInt64) -> Timestamp? {
    let entry = table[slot(of: hash)]
    guard entry != 0, receipts[Self.position(in: entry)] < Self.retained else { return nil }
    return receipts[Self.position(in: entry)]
  }

  /// Whether a message of this hash is among the newest and was not counted because the broker had retained it.
  func wasRetained(_ hash: UInt64) -> Bool {
    let entry = table[slot(of: hash)]
    return entry != 0 && receipts[Self.position(in: entry)] == Self.retained
  }

  /// Remembers a message, and forgets the oldest if full. Returns the value of ``receipt(of:)`` before.
  ///
  /// - Parameters:
  ///   - received: its receipt, if it was counted.
  ///   - isRetained: whether it was not counted because the broker had retained it.
  @discardableResult
  mutating func insert(
    _ hash: UInt64, packetID: UInt16 = 0, received: Timestamp?, isRetained: Bool = false
  ) -> Timestamp? {
    if count == Self.capacity {
      // An entry of the same message is replaced.
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

  /// The slot of `hash`, or the empty slot where it belongs.
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
    // Positions are ascending, so that each hash keeps its newest.
    for position in 0..<count { table[slot(of: ring[position])] = Self.entry(ring[position], at: position) }
  }

  /// Empties the slot of a position that is overwritten, unless a newer message of the same hash has it, and moves
  /// the following slots up so that no search ends early.
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

/// Recognises redeliveries after a broken connection.
///
/// The broker first sends the messages that it had in flight, in their old order and with their packet identifiers.
/// They are a run of the newest messages that ends with the newest. Only such a run counts as redelivered: a device
/// may send `online` twice.
///
/// Identifiers of older messages may be unknown. Then a run that continues past the end of a window is accepted if it
/// has a message that cannot be sent twice by chance. Without such a message only the following messages decide
/// (``isUndecided(_:in:isUnique:)``).
struct RedeliveryMatch {
  private enum Stage: Equatable {
    case over
    case beginning
    /// Number of messages still to come in each run that may be redelivered, up to the newest message before the
    /// connection; the longest first.
    case remaining([Int])
  }
  private var stage = Stage.over
  /// Number of messages remembered since the connection was made.
  private var remembered = 0
  /// Maximum distance of a run's beginning from the newest message: the maximum number of messages in flight (MQTT's
  /// packet identifiers).
  private static let inFlight = 65_535
  /// Maximum number of runs that are followed at once. A message that was sent several times begins several runs.
  private static let mostRuns = 64

  /// Whether no message has arrived yet on a connection for which redeliveries are expected.
  var isBeginning: Bool { stage == .beginning }

  /// Begins to expect redeliveries, on a connection that continues a session without a clean end.
  mutating func begin() {
    stage = .beginning
    remembered = 0
  }
  /// Ends the expectation of redeliveries.
  mutating func end() { stage = .over }

  /// Whether later messages will show if a window's messages are redeliveries: they may begin a longer run, and
  /// nothing excludes or confirms it.
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

  /// Returns the number of a window's first messages that are redeliveries.
  ///
  /// - Parameter isUnique: whether the message at an index has a time of its own.
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
        // This run is shorter than every run that continues, if there is one.
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

  /// Notes that messages of a window were remembered, redeliveries that now count included.
  mutating func noteRemembered(_ count: Int) { remembered += count }

  /// Numbers of messages of the runs that may begin with `first`, the longest first.
  private func runs(from first: MessageIdentity, in recent: RecentMessages) -> [Int] {
    (0..<min(recent.count, Self.inFlight)).reversed().filter { recent.message(age: $0).mayBe(first) }.map {
      $0 + 1
    }
  }

  /// Returns the number of messages that may be equal to the first among the last `count` before the connection, and
  /// whether the broker's identifier confirms one.
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
