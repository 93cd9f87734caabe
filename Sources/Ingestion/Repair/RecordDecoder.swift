import Journal
import Decoding
import Storage
import Telemetry

/// An event that a journal record says of an equipment.
struct RecordEvent {
  var kind: Event.Kind
  /// Number of the equipment.
  var sender: EquipmentNumber
  /// For a reading its values; else event time and receipt.
  var reading: Reading
  var faults: FieldFaults
  /// Of topic and payload.
  var digest: UInt64
  /// Its place among the events of its message.
  var ordinal: Int32
  /// Holds as long as the record.
  var payload: UnsafeRawBufferPointer
  fileprivate var origin: Int32

  var time: Timestamp { reading.time }
  var received: Timestamp { reading.received }
}

/// Decodes journal records again, as they were decoded when they came.
struct RecordDecoder: ~Copyable {
  private var intake: Intake
  private var batch = Batch()
  private var follower: RulesFollower
  private let wanted: [EquipmentNumber?]

  /// A decoder by the rules of `history` that gives the equipment of `numbers` their numbers, and ignores everyone
  /// else.
  init(
    settings: ShardSettings, _ history: RulesHistory, numbers: [EquipmentKey: EquipmentNumber]
  ) throws {
    let keys = numbers.keys.sorted()
    wanted = keys.map { numbers[$0] }
    intake = try Intake(
      history.initial, settings.formats,
      senders: Senders(keys.map { Sender(key: $0, workshop: "") }, limit: .max, registered: []))
    follower = RulesFollower(history)
  }

  /// The most that any of the rules so far permits.
  var largestLimits: DecodingLimits { follower.largestLimits }

  /// Decodes a record of a block; returns the places of its events. Those received before `earliest` have none.
  mutating func decode(
    _ record: JournalRecord, of block: Int64, from earliest: Timestamp = .distantPast
  ) throws -> Range<Int> {
    try follower.follow(record, of: block, &intake)
    guard record.received >= earliest || intake.isStateful else { return 0..<0 }
    guard record.kind == .message, record.flags.isDisjoint(with: .uncounted) else { return 0..<0 }
    intake.trimTopics()
    // Most records are of others: their payloads are not read.
    if let sender = intake.knownSender(of: record.topic), number(of: sender) == nil { return 0..<0 }
    batch.removeAll()
    intake.decode(
      topic: record.topic, payload: record.payload, received: record.received, recorded: record.flags,
      into: &batch)
    guard record.received >= earliest, batch.messages[0].fate == .accepted else { return 0..<0 }
    return batch.messages[0].events
  }

  /// The event of the record decoded last at a place; nil if it is of equipment that is not wanted.
  func event(at place: Int) -> RecordEvent? {
    let event = batch.events[place]
    guard let number = number(of: event.sender) else { return nil }
    let message = batch.messages[0]
    return RecordEvent(
      kind: event.kind, sender: number, reading: event.reading, faults: event.faults,
      digest: message.digest, ordinal: Int32(truncatingIfNeeded: place) - message.firstEvent,
      payload: message.payload, origin: event.origin)
  }

  private func number(of sender: EquipmentNumber) -> EquipmentNumber? {
    Int(sender) < wanted.count ? wanted[Int(sender)] : nil
  }

  /// The fields that were left out of an event of the record decoded last, with the day of its event time.
  mutating func fieldErrors(of event: RecordEvent, on day: CalendarDay) -> [FieldErrorCount] {
    guard !event.faults.isEmpty else { return [] }
    return OptionalField.allCases.compactMap { field in
      guard let fault = event.faults[field] else { return nil }
      return FieldErrorCount(
        equipment: event.sender, day: day, field: field, fault: fault, messages: 1,
        excerpt: intake.excerpt(of: field, fault, in: event.payload))
    }
  }

  /// The workshop under which the equipment of an event of the record decoded last was heard; empty if none was named.
  func workshop(of event: RecordEvent) -> String { intake.workshop(at: event.origin) }
}
