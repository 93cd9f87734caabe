import Telemetry

/// One message of the simulated district.
public struct SimulatedMessage: Equatable, Sendable {
  /// The kind of message.
  public enum Kind: Equatable, Sendable {
    case status
    /// A status with a payload that has to be rejected.
    case broken
    case presence
  }

  /// Time of arrival at the broker. It differs from the message's own time if a backlog is published late.
  public var publishAt: Timestamp
  public var topic: String
  public var payload: [UInt8]
  public var isRetained: Bool
  public var kind: Kind
}

/// A district's messages in the order of publication, without end.
///
/// It keeps one entry per sender, however long it runs.
public struct SimulatedMessages: Sendable {
  private struct Entry {
    var publishAt: Int64
    var order: Int64
    var sender: Int32

    /// Different for every sender, so that the order of messages does not depend on the heap.
    static func < (a: Entry, b: Entry) -> Bool {
      (a.publishAt, a.order, a.sender) < (b.publishAt, b.order, b.sender)
    }
  }

  private var senders: ContiguousArray<Sender> = []
  /// A binary heap with the earliest entry first.
  private var heap: ContiguousArray<Entry> = []
  private var payload = StatusPayload()
  private var duplicate: SimulatedMessage?

  init(_ district: SimulatedDistrict) {
    var stream: UInt64 = 1 << 32
    for factory in district.factories {
      for equipment in factory.equipment where equipment.behaviour != .neverSends {
        stream += 1
        senders.append(
          Sender(equipment, dropOff: factory.dropOff, settings: district.settings, stream: stream))
      }
    }
    heap = ContiguousArray(senders.indices.map { entry(Int32($0)) })
    // An ascending array is a valid heap.
    heap.sort { $0 < $1 }
  }

  /// Number of devices that send.
  public var senderCount: Int { senders.count }

  /// Time of the next message; nil if no device sends any more.
  public var nextAt: Timestamp? {
    duplicate?.publishAt ?? heap.first.map { Timestamp(milliseconds: $0.publishAt) }
  }

  /// Returns the next message if it is published at or before `end`.
  public mutating func next(until end: Timestamp = .distantFuture) -> SimulatedMessage? {
    if let again = duplicate, again.publishAt <= end {
      duplicate = nil
      return again
    }
    guard let first = heap.first, first.publishAt <= end.milliseconds else { return nil }
    let published = senders[Int(first.sender)].publish(&payload)
    if published.again { duplicate = published.message }
    if published.continues {
      heap[0] = entry(first.sender)
    } else {
      let last = heap.removeLast()
      if heap.isEmpty { return published.message }
      heap[0] = last
    }
    sink()
    return published.message
  }

  private func entry(_ sender: Int32) -> Entry {
    Entry(publishAt: senders[Int(sender)].publishAt, order: senders[Int(sender)].order, sender: sender)
  }

  /// Moves the first entry down to its place.
  private mutating func sink() {
    let moving = heap[0]
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < moving else { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = moving
  }
}

extension SimulatedDistrict {
  /// All messages of the district from the start on.
  public func messages() -> SimulatedMessages { SimulatedMessages(self) }
}
