import Telemetry

/// Something that a message says of one equipment: a reading, or that its session began or ended. A message says any
/// number of them. A plain value without references.
public struct Event: Sendable {
  /// What an event tells.
  public enum Kind: UInt8, Sendable {
    case reading, online, offline

    /// Whether it tells of the equipment's session.
    public var isPresence: Bool { self != .reading }

    /// Order of events of one equipment at one instant: online, then readings, then offline.
    public var rank: Int {
      switch self {
      case .online: 0
      case .reading: 1
      case .offline: 2
      }
    }
  }

  public var kind: Kind
  /// Whether the message states the event's time. Otherwise its time is the message's receipt, and the same content
  /// received again is another event.
  public var isTimed: Bool
  /// Place of its message among those decoded together.
  public var message: Int32
  /// Number of its equipment, once it is known; before, what ``EventBuffer`` says of it.
  package var sender: Int32
  /// What gives the workshop under which the equipment was heard, once it is known.
  package var origin: Int32 = -1
  /// Optional fields that were left out because they could not be read.
  public var faults: FieldFaults
  /// For a `reading` its values; else only event time and receipt are of use.
  public var reading: Reading

  /// Event time.
  @inlinable public var time: Timestamp { reading.time }
  /// Receipt of the message.
  @inlinable public var received: Timestamp { reading.received }
}

/// The events of messages that are decoded together, in their order. Decoders append to it.
public struct EventBuffer: Sendable {
  package var events: ContiguousArray<Event> = []
  /// Equipment that the present message names beside that of its topic.
  package private(set) var names: [SenderName] = []
  private var message: Int32 = 0
  private var first = 0

  /// Maximum number of events of one message.
  public static let mostEvents = 10_000

  /// A buffer without events.
  public init() {}

  /// Equipment that a message names in its payload, in the factory of its topic.
  package struct SenderName: Equatable, Sendable {
    package var equipment: String
    /// Empty where the message names none.
    package var workshop: String
  }

  /// Equipment that an event is of.
  public struct Sender: Equatable, Sendable {
    /// Place among the names of the message; -1 for the topic's.
    package var place: Int32
    /// The equipment that the message's topic names.
    public static let ofTopic = Sender(place: -1)
  }

  /// Equipment that the payload names. It belongs to the factory of the topic, since a factory's messages are
  /// journaled and proved apart from those of others. Throws `malformed` where an id is none.
  public mutating func sender(
    equipment: String, workshop: String = "", namedBy path: RejectionDetail = "equipment"
  ) throws(Rejection) -> Sender {
    guard EquipmentKey.isID(equipment.utf8), workshop.isEmpty || EquipmentKey.isID(workshop.utf8) else {
      throw Rejection(.malformed, path, .notAnID)
    }
    let name = SenderName(equipment: equipment, workshop: workshop)
    if let place = names.firstIndex(of: name) { return Sender(place: Int32(place)) }
    guard names.count < Self.mostEvents else { throw Rejection(.tooLarge, "events") }
    names.append(name)
    return Sender(place: Int32(names.count - 1))
  }

  /// Adds a reading. `isTimed` says whether the message states its time. Throws `too_large` beyond ``mostEvents``.
  @inline(__always)
  public mutating func append(
    _ reading: Reading, faults: FieldFaults = FieldFaults(), of sender: Sender = .ofTopic,
    isTimed: Bool = true
  ) throws(Rejection) {
    try append(
      Event(
        kind: .reading, isTimed: isTimed, message: message, sender: sender.place, faults: faults,
        reading: reading))
  }

  /// Adds that the equipment's session began or ended at `time`. Throws `too_large` beyond ``mostEvents``.
  @inline(__always)
  public mutating func append(
    _ presence: Presence, at time: Timestamp, receivedAt received: Timestamp, of sender: Sender = .ofTopic,
    isTimed: Bool = false
  ) throws(Rejection) {
    let kind: Event.Kind =
      switch presence {
      case .online: .online
      case .offline: .offline
      }
    try append(
      Event(
        kind: kind, isTimed: isTimed, message: message, sender: sender.place, faults: FieldFaults(),
        reading: Reading(time: time, received: received, state: .off)))
  }

  @inline(__always)
  private mutating func append(_ event: Event) throws(Rejection) {
    guard events.count - first < Self.mostEvents else { throw Rejection(.tooLarge, "events") }
    events.append(event)
  }

  /// Begins the message at `place`; returns where its events begin.
  package mutating func begin(message place: Int) -> Int {
    message = Int32(truncatingIfNeeded: place)
    first = events.count
    if !names.isEmpty { names.removeAll(keepingCapacity: true) }
    return first
  }

  /// Takes back what was appended from `place` on.
  package mutating func takeBack(from place: Int) {
    if events.count > place { events.removeSubrange(place...) }
  }

  /// Forgets all events.
  package mutating func removeAll() { events.removeAll(keepingCapacity: true) }
}
