import Journal
import Decoding
import Storage
import Telemetry

/// An event of an equipment in a journal record.
struct RecordEvent {
  var kind: Event.Kind
  /// Number of the equipment.
  var equipment: EquipmentNumber
  /// Values of a reading; for other kinds, only event time and receipt are valid.
  var reading: Reading
  var faults: FieldFaults
  /// Hash of topic and payload.
  var digest: UInt64
  /// Place in the content of its message.
  var place: RecordPlace
  /// Valid as long as the record.
  var payload: UnsafeRawBufferPointer
  /// Codes of the reading's alarms; nil if the payload is a native status message.
  var alarmCodes: [String]?
  fileprivate var origin: Int32

  var time: Timestamp { reading.time }
  var received: Timestamp { reading.received }
}

/// Decodes journal records again, with the rules that applied at their receipt.
struct RecordDecoder: ~Copyable {
  private var intake: Intake
  private var batch = Batch()
  private var follower: RulesFollower
  private let wanted: [EquipmentNumber?]

  /// A decoder by the rules of `history` that numbers the equipment by `numbers` and ignores all other equipment.
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

  /// The largest limits of the rules used so far.
  var largestLimits: DecodingLimits { follower.largestLimits }

  /// Decodes a record of a block; returns the places of its events. A record received before `earliest` has none.
  mutating func decode(
    _ record: JournalRecord, of block: Int64, from earliest: Timestamp = .distantPast
  ) throws -> Range<Int> {
    try follower.follow(record, of: block, &intake)
    guard record.received >= earliest || intake.isStateful else { return 0..<0 }
    if let ended = EndedSessions(record) {
      guard record.received >= earliest else { return 0..<0 }
      batch.removeAll()
      intake.add(ended, at: record.received, to: &batch)
      return batch.messages[0].events
    }
    guard record.kind == .message, record.flags.isDisjoint(with: .uncounted) else { return 0..<0 }
    intake.trimTopics()
    // Most records are of other equipment: their payloads are not read. A decision may read a refused one as a message
    // of another sender.
    if intake.retries.isEmpty, let sender = intake.knownSender(of: record.topic), number(of: sender) == nil {
      return 0..<0
    }
    batch.removeAll()
    intake.decode(
      topic: record.topic, payload: record.payload, received: record.received, recorded: record.flags,
      into: &batch)
    guard record.received >= earliest, batch.messages[0].fate == .accepted else { return 0..<0 }
    return batch.messages[0].events
  }

  /// Returns the event at a place of the record decoded last; nil if it is of ignored equipment.
  func event(at place: Int) -> RecordEvent? {
    let event = batch.events[place]
    guard let number = number(of: event.sender) else { return nil }
    let message = batch.messages[0]
    return RecordEvent(
      kind: event.kind, equipment: number, reading: event.reading, faults: event.faults,
      digest: message.digest, place: batch.recordPlace(of: place),
      payload: message.payload, alarmCodes: batch.buffer.alarmCodes[event.reading.alarms],
      origin: event.origin)
  }

  private func number(of decoded: EquipmentNumber) -> EquipmentNumber? {
    Int(decoded) < wanted.count ? wanted[Int(decoded)] : nil
  }

  /// Returns the fields that were left out of an event of the record decoded last, with the day of its event time.
  mutating func fieldErrors(of event: RecordEvent, on day: CalendarDay) -> [FieldErrorCount] {
    guard !event.faults.isEmpty else { return [] }
    return OptionalField.allCases.compactMap { field in
      guard let fault = event.faults[field] else { return nil }
      return FieldErrorCount(
        equipment: event.equipment, day: day, field: field, fault: fault, messages: 1,
        excerpt: intake.excerpt(of: field, fault, in: batch.messages[0]))
    }
  }

  /// Returns the workshop under which the equipment of an event of the record decoded last was heard; empty if none
  /// was named.
  func workshop(of event: RecordEvent) -> String { intake.workshop(at: event.origin) }
}
