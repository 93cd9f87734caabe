/// The MQTT packet identifiers of a block's records, in their order; 0 for a record without one.
///
/// A broker that delivers a message again does so under the same identifier (MQTT 5.0, 4.4), which tells it from
/// another of the same content. They say how messages came and nothing of what they say, so they are kept beside
/// a block, not in it, and only while they can be of use: what is packed has none.
public struct PacketIDs: Equatable, Sendable {
  /// Runs of ascending identifiers (or of none), each as first and count, 16 bits, little-endian: a broker counts
  /// up, so that most blocks have one.
  package private(set) var bytes: [UInt8] = []
  private var run: (first: UInt16, count: UInt16) = (0, 0)

  /// None yet.
  package init() {}

  /// As stored.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// Adds the next record's.
  package mutating func append(_ id: UInt16) {
    let isNext = run.first == 0 ? id == 0 : id != 0 && id == run.first &+ run.count
    if run.count > 0, run.count < .max, isNext {
      run.count += 1
      bytes.removeLast(2)
    } else {
      run = (id, 1)
      bytes.appendInteger(run.first)
    }
    bytes.appendInteger(run.count)
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    run = (0, 0)
  }

  /// One for each record; shorter when it is not known of all.
  public var all: [UInt16] {
    var ids: [UInt16] = []
    for start in stride(from: 0, to: bytes.count - 3, by: 4) {
      let first = UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
      let count = UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8
      for step in 0..<count { ids.append(first == 0 ? 0 : first &+ step) }
    }
    return ids
  }

  public static func == (a: PacketIDs, b: PacketIDs) -> Bool { a.bytes == b.bytes }
}
