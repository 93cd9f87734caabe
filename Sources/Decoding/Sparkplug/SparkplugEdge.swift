import Telemetry

/// An edge node as its births describe it.
struct SparkplugEdge: Sendable {
  var factory: String
  let id: SparkplugEdgeID
  /// Place of the node itself among the devices.
  let node: Int32
  /// Places of its devices, without the node, in the order in which they were heard.
  var devices: ContiguousArray<Int32> = []
  /// Whether its session lives: it was born, and has not died since.
  var isAlive = false
  /// `bdSeq` of its birth; nil if the birth had none, or was not heard.
  var session: UInt64?
  var aliases = SparkplugAliases()
}

/// A device of an edge node, or the node itself.
struct SparkplugDevice: Sendable {
  let edge: Int32
  /// Name in the topic; empty for the node itself.
  let id: String
  /// Equipment id.
  var equipment: String
  /// Whether its session was stated to the timeline and lives: only for equipment.
  var isAlive = false
  /// Whether its metrics are known: its birth was heard since its node's birth.
  var isBorn = false
  /// Whether another device's session has its equipment id.
  var isRefused = false
  /// The newest time that it stated, not after the receipt.
  var lastTime = Timestamp.distantPast
  /// Receipt of its newest message.
  var lastHeard = Timestamp.distantPast
  /// End of its last session.
  var lastEnd = Timestamp.distantPast
  /// Bits of the fields whose newest value is null or of bad quality.
  var bad: UInt64 = 0
  var memory = ReadingMemory()
  /// The states of the past, and the beginning of the present one, for historical values.
  var history = SparkplugHistory()
  /// For each field of the map the number of the datatype in the birth; 0 if the birth did not have it.
  var datatypes: ContiguousArray<UInt8> = []

  /// Whether it can have an equipment id: it has a session, or its data is read.
  var isOwner: Bool { isAlive || isBorn }

  /// Another device has its equipment id. Its data is refused, and its end says nothing about the equipment.
  mutating func refuse() {
    isRefused = true
    isAlive = false
    isBorn = false
  }

  /// Its metrics and their values are unknown until its next birth.
  mutating func forgetMetrics() {
    isBorn = false
    bad = 0
    history.beginGap(after: memory)
    memory = ReadingMemory()
    datatypes = []
  }
}

/// The aliases of an edge node, in ascending order.
struct SparkplugAliases: Sendable {
  /// A metric with an alias.
  struct Entry: Equatable, Sendable {
    var alias: UInt64
    /// Place of the device.
    var device: Int32
    /// Number of the field in the map; ``none`` for a metric that the map does not name.
    var field: UInt8
    /// Number of the datatype; 0 if it is unknown.
    var datatype: UInt8

    static let none = UInt8.max
  }

  private(set) var entries: ContiguousArray<Entry> = []

  /// Maximum number of aliases of an edge node.
  static let most = 100_000

  /// The metric of an alias; nil if it is unknown.
  @inline(__always)
  func find(_ alias: UInt64) -> Entry? {
    guard let first = entries.first, alias >= first.alias else { return nil }
    // Most nodes number their metrics without gaps.
    let distance = alias - first.alias
    if distance < UInt64(entries.count), entries[Int(distance)].alias == alias {
      return entries[Int(distance)]
    }
    return search(alias)
  }

  private func search(_ alias: UInt64) -> Entry? {
    let place = place(of: alias)
    return place < entries.count && entries[place].alias == alias ? entries[place] : nil
  }

  /// The place of the first alias that is not less.
  private func place(of alias: UInt64) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].alias < alias { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Replaces the aliases of a device. Of equal aliases the last counts. Returns false, and changes nothing, if there
  /// would be more than ``most``.
  ///
  /// Only the new aliases are sorted, because a node with many devices replaces those of each.
  mutating func replace(_ device: Int32, by news: [Entry]) -> Bool {
    let kept = entries.filter { $0.device != device }
    guard kept.count + news.count <= Self.most else { return false }
    // Stable, so that the last of equal aliases stays last.
    let sorted = news.enumerated().sorted { ($0.element.alias, $0.offset) < ($1.element.alias, $1.offset) }
    entries = []
    entries.reserveCapacity(kept.count + news.count)
    var next = kept.startIndex
    for (_, entry) in sorted {
      while next < kept.endIndex, kept[next].alias < entry.alias {
        entries.append(kept[next])
        next += 1
      }
      if next < kept.endIndex, kept[next].alias == entry.alias { next += 1 }
      if entries.last?.alias == entry.alias { entries.removeLast() }
      entries.append(entry)
    }
    entries += kept[next...]
    return true
  }

  /// Removes all aliases.
  mutating func removeAll() { entries = [] }
}
