import Telemetry

/// An event of one equipment in a message: a reading, or the beginning or end of its session. A message has any
/// number of them. A plain value without references.
public struct Event: Sendable {
  /// The kind of event.
  public enum Kind: UInt8, Sendable {
    case reading, online, offline

    /// Whether the event begins or ends the equipment's session.
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
  /// Whether the message states the event's time. If not, its time is the message's receipt, and the same content
  /// received again is another event.
  public var isTimed: Bool
  /// Place of its message among those decoded together.
  public var message: Int32
  /// Number of its equipment once it is known; before that, the reference from ``EventBuffer``.
  package var sender: Int32
  /// Reference to the workshop under which the equipment was heard, once it is known.
  package var origin: Int32 = -1
  /// Place of its record in the message, from 1; 0 if the message has no records.
  package var record: Int32 = 0
  /// Number of optional fields that could not be read and were left out.
  public var faults: FieldFaults
  /// Values of a `reading`; for other kinds only event time and receipt are valid.
  public var reading: Reading

  /// Event time.
  @inlinable public var time: Timestamp { reading.time }
  /// Receipt of the message.
  @inlinable public var received: Timestamp { reading.received }
}

/// The events of messages that are decoded together, in order. Decoders append to it.
public struct EventBuffer: Sendable {
  package var events: ContiguousArray<Event> = []
  /// Equipment that the current message names in addition to that of its topic.
  package private(set) var names: [SenderName] = []
  /// Places of the names, once there are more than ``fewNames``.
  private var places: [SenderName: Int32] = [:]
  /// Alarm codes by their digest, of events of formats that are not built in.
  package private(set) var alarmCodes: [UInt64: [String]] = [:]
  /// The records of the current message that make no event; nil if there are none.
  package private(set) var badRecords: BadRecords?
  /// Whether ``badRecords`` has a value. Stored, because a test of the optional value copies it, and every message is
  /// tested.
  package private(set) var hasBadRecords = false
  /// The record of the current message that is being read, and the number of records so far.
  private var record: Int32 = 0
  package private(set) var records: Int32 = 0
  private var message: Int32 = 0
  private var first = 0
  /// The ids of equipment that the payload of the current message names; nil if there is no naming.
  var naming: PayloadNaming?
  /// Whether names in payloads that are not valid ids are taken all the same: to list them, never to store events.
  package var takesAnyName = false

  /// Maximum number of events of one message.
  public static let mostEvents = 10_000
  /// Number of names up to which a search one by one is faster than hashing.
  private static let fewNames = 8

  /// A buffer without events.
  public init() {}

  /// Equipment that a message names in its payload. It is in the factory of the topic.
  package struct SenderName: Hashable, Sendable {
    package var equipment: String
    /// Empty if the message names none.
    package var workshop: String
  }

  /// Records of a message that make no event while others do. The first of them stands for all.
  package struct BadRecords: Equatable, Sendable {
    /// The reason why the first makes no event.
    package var rejection: Rejection
    /// Place of the first in the message, from 1.
    package var place: Int
    /// Equipment that the first names; empty if it names none.
    package var equipment: String
    /// Number of such records.
    package var count: Int
    /// Places of these records, as far as the decoder states them.
    package var places: [Int] = []

    /// The place, and the number of further records, in reports: `#3 +2`.
    package var excerpt: String { RefusedRecords(first: place, count: count).description }
  }

  /// Reference to the equipment of an event.
  public struct Sender: Equatable, Sendable {
    /// Place among the names in the message; -1 for the equipment of the topic.
    package var place: Int32
    /// The equipment that the message's topic names.
    public static let ofTopic = Sender(place: -1)
  }

  /// Adds equipment that the payload names. It belongs to the factory of the topic, because a factory's messages are
  /// stored and proved separately from those of others. Throws `malformed` if a name is not a valid id and the naming
  /// has no entry for it, and `identity_mismatch` if the naming has it in another factory.
  public mutating func sender(
    equipment: String, workshop: String = "", namedBy path: RejectionDetail = "equipment"
  ) throws(Rejection) -> Sender {
    if let naming, let entry = try naming.entry(of: equipment, workshop: workshop, path) {
      return try add(entry.equipment, EquipmentKey.isID(workshop.utf8) ? workshop : "", path)
    }
    return try add(equipment, workshop, path)
  }

  /// Adds equipment as ``sender(equipment:workshop:namedBy:)`` does, for a decoder that remembers values by the hash of
  /// its published name, and returns the hash, too. The naming is asked once.
  mutating func hashedSender(
    equipment: String, workshop: String = "", namedBy path: RejectionDetail = "equipment"
  ) throws(Rejection) -> (reference: Sender, hash: UInt64) {
    if let naming, let entry = try naming.entry(of: equipment, workshop: workshop, path) {
      let sender = try add(entry.equipment, EquipmentKey.isID(workshop.utf8) ? workshop : "", path)
      return (sender, entry.publishedHash ?? equipment.fnv1a)
    }
    return (try add(equipment, workshop, path), equipment.fnv1a)
  }

  private mutating func add(
    _ equipment: String, _ workshop: String, _ path: RejectionDetail
  ) throws(Rejection) -> Sender {
    let areIDs = EquipmentKey.isID(equipment.utf8) && (workshop.isEmpty || EquipmentKey.isID(workshop.utf8))
    guard areIDs || takesAnyName else { throw Rejection(.malformed, path, .notAnID) }
    let name = SenderName(equipment: equipment, workshop: workshop)
    if let place = place(of: name) { return Sender(place: place) }
    guard names.count < Self.mostEvents else { throw Rejection(.tooLarge, "events") }
    names.append(name)
    if names.count == Self.fewNames + 1 {
      for (place, name) in names.enumerated() { places[name] = Int32(place) }
    } else if names.count > Self.fewNames {
      places[name] = Int32(names.count - 1)
    }
    return Sender(place: Int32(names.count - 1))
  }

  /// The name of equipment that the current message names; empty for the equipment of the topic.
  func equipment(of sender: Sender) -> String {
    names.indices.contains(Int(sender.place)) ? names[Int(sender.place)].equipment : ""
  }

  private func place(of name: SenderName) -> Int32? {
    names.count > Self.fewNames ? places[name] : names.firstIndex(of: name).map(Int32.init)
  }

  /// Adds a reading. `isTimed`: whether the message states its time. Throws `too_large` beyond ``mostEvents``.
  @inline(__always)
  public mutating func append(
    _ reading: Reading, faults: FieldFaults = FieldFaults(), of sender: Sender = .ofTopic,
    isTimed: Bool = true
  ) throws(Rejection) {
    try append(
      Event(
        kind: .reading, isTimed: isTimed, message: message, sender: sender.place, record: record,
        faults: faults,
        reading: reading))
  }

  /// Adds the beginning or end of the equipment's session at `time`. Throws `too_large` beyond ``mostEvents``.
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
        kind: kind, isTimed: isTimed, message: message, sender: sender.place, record: record,
        faults: FieldFaults(),
        reading: Reading(time: time, received: received, state: .off)))
  }

  @inline(__always)
  private mutating func append(_ event: Event) throws(Rejection) {
    guard events.count - first < Self.mostEvents else { throw Rejection(.tooLarge, "events") }
    events.append(event)
  }

  /// Begins a record of the current message, or returns to an earlier one. `place`: its place in the message, from 1.
  @inline(__always)
  mutating func begin(record place: Int) {
    record = Int32(truncatingIfNeeded: place)
    records = max(records, record)
  }

  /// Notes the alarm codes that a digest of a reading stands for. Longer codes are cut; codes of the native status
  /// message need no note.
  public mutating func note(alarms digest: UInt64, codes: some Sequence<String>) {
    guard digest != 0, alarmCodes.count < Self.mostEvents else { return }
    let cut = codes.map { String(decoding: $0.utf8.prefix(StatusDecoder.longestAlarm), as: UTF8.self) }
    alarmCodes[digest] = Set(cut.prefix(StatusDecoder.mostAlarms)).sorted()
  }

  /// Notes records of the current message that make no event. Its other events count; the message is listed in the
  /// quarantine all the same, with the first of these records.
  ///
  /// - Parameters:
  ///   - place: place of the first in the message, from 1.
  ///   - equipment: equipment that it names; empty if it names none.
  ///   - count: number of such records.
  ///   - places: places of all of them; without it they are not read again by later rules.
  public mutating func note(
    badRecord rejection: Rejection, at place: Int, equipment: String = "", count: Int = 1,
    places: [Int] = []
  ) {
    guard hasBadRecords else {
      badRecords = BadRecords(
        rejection: rejection, place: place, equipment: equipment, count: count, places: places)
      hasBadRecords = true
      return
    }
    // In place: a copy would copy the places of all earlier records with each of up to 10,000.
    if let first = badRecords?.place, place < first {
      badRecords?.rejection = rejection
      badRecords?.place = place
      badRecords?.equipment = equipment
    }
    badRecords?.count += count
    badRecords?.places += places
  }

  /// Begins the message at `place`; returns the place of its first event.
  package mutating func begin(message place: Int) -> Int {
    message = Int32(truncatingIfNeeded: place)
    first = events.count
    (record, records) = (0, 0)
    if hasBadRecords { forgetBadRecords() }
    if !names.isEmpty {
      names.removeAll(keepingCapacity: true)
      if !places.isEmpty { places.removeAll(keepingCapacity: true) }
    }
    return first
  }

  /// Removes the events from `place` on.
  package mutating func takeBack(from place: Int) {
    if events.count > place { events.removeSubrange(place...) }
  }

  /// Removes all events.
  package mutating func removeAll() {
    events.removeAll(keepingCapacity: true)
    if !alarmCodes.isEmpty { alarmCodes.removeAll() }
    if hasBadRecords { forgetBadRecords() }
  }

  @inline(never)
  private mutating func forgetBadRecords() {
    badRecords = nil
    hasBadRecords = false
  }
}
