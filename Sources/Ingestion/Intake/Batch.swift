import Journal
import Decoding
import Storage
import Telemetry

/// A message of a window or of a journal block: its bytes, its properties and its events. Its place in the batch is
/// its place in the journal block. A plain value without references.
struct BatchMessage {
  /// The treatment of a message.
  enum Fate: UInt8 {
    /// Its events count; it may have none.
    case accepted
    /// Refused: quarantined.
    case rejected
    /// Retained, redelivered or empty: stored in the journal and not counted.
    case uncounted
  }
  /// Views into the window or the journal block of the message.
  var topic: UnsafeRawBufferPointer
  var payload: UnsafeRawBufferPointer
  var received: Timestamp
  /// Hash of topic and payload.
  var digest: UInt64
  /// The earliest receipt under which this content was counted before; `distantFuture` if it was not.
  var counted = Timestamp.distantFuture
  /// Range of its events in the batch.
  var firstEvent: Int32 = 0
  var eventCount: Int32 = 0
  /// Place of the topic in the topic index; -1 when it matched no source.
  var topicPlace: Int32 = -1
  /// Number of the factory that the message probably belongs to, if its topic matched no source.
  var attributedFactory = BlockBuilder.noFactory
  /// Place in ``Batch/rejections``; -1 for none.
  var rejection: Int32 = -1
  /// MQTT packet identifier; 0 if there is none or it is unknown.
  var packetID: UInt16 = 0
  /// Place of the decision that accepted the message among ``Intake/retries``; -1 if none was needed.
  var retry: Int16 = -1
  /// The source of that decision whose decoder accepted the message.
  var retrySource: Int16 = -1
  var flags: JournalRecord.Flags = []
  var fate = Fate.rejected
  /// Whether the message states the time of one of its events. Then it cannot be sent twice by chance.
  var isTimed = false
  /// Whether a message that a decision accepted came in the session of a Sparkplug host application.
  var isOfHost = false
  /// Whether the same content may have given other events before: its decoder has state from earlier messages, or the
  /// sources have changed since.
  var mayDiffer = false

  /// Places of its events in the batch.
  var events: Range<Int> { Int(firstEvent)..<Int(firstEvent) + Int(eventCount) }
  /// Identity by which a redelivery is recognised.
  var identity: MessageIdentity { MessageIdentity(hash: digest, packetID: packetID) }
}

/// Place of an event in the content of its message.
struct RecordPlace: Hashable, Comparable {
  /// Place of its record in the message, from 1.
  var record: Int32
  /// Place among the events of its record, from 0.
  var place: Int32

  static func < (a: RecordPlace, b: RecordPlace) -> Bool { (a.record, a.place) < (b.record, b.place) }
}

/// Messages that are stored in the journal together, with their events.
struct Batch {
  var messages: ContiguousArray<BatchMessage> = []
  var buffer = EventBuffer()
  /// Reasons for the refused messages.
  private var rejections: ContiguousArray<Rejection> = []
  /// Records without events in accepted messages, by place of the message.
  private var badRecords: [Int: EventBuffer.BadRecords] = [:]

  /// Events by place. Those of messages that are not accepted are not used.
  var events: ContiguousArray<Event> {
    @inline(__always) _read { yield buffer.events }
    @inline(__always) _modify { yield &buffer.events }
  }

  /// Returns the reason for a refused message. Only for messages that were refused.
  func rejection(of message: borrowing BatchMessage) -> Rejection {
    message.rejection < 0 ? Rejection(.malformed) : rejections[Int(message.rejection)]
  }

  /// Refuses the message at `place` and removes its events.
  mutating func refuse(_ place: Int, _ rejection: Rejection) {
    rejections.append(rejection)
    messages[place].rejection = Int32(truncatingIfNeeded: rejections.count - 1)
    messages[place].fate = .rejected
    messages[place].eventCount = 0
    messages[place].isTimed = false
  }

  /// Notes the records of the accepted message at `place` that make no event.
  mutating func note(_ bad: EventBuffer.BadRecords, of place: Int) { badRecords[place] = bad }

  /// Whether an accepted message has records that make no event.
  var hasBadRecords: Bool { !badRecords.isEmpty }

  /// The records of the message at `place` that make no event; nil if there are none.
  func badRecords(of place: Int) -> EventBuffer.BadRecords? { badRecords[place] }

  /// Marks the message at `place` as uncounted and removes its events.
  mutating func setAside(_ place: Int, as flag: JournalRecord.Flags) {
    messages[place].fate = .uncounted
    messages[place].flags.insert(flag)
    messages[place].eventCount = 0
  }

  /// Removes those events of the last message that are before an instant. A message without any left is not counted.
  mutating func leaveOut(before instant: Timestamp) {
    guard let last = messages.indices.last, messages[last].eventCount > 0 else { return }
    let first = Int(messages[last].firstEvent)
    guard buffer.events[first...].contains(where: { $0.time < instant }) else { return }
    let kept = buffer.events[first...].filter { $0.time >= instant }
    buffer.events.replaceSubrange(first..., with: kept)
    messages[last].eventCount = Int32(truncatingIfNeeded: buffer.events.count - first)
    if messages[last].eventCount == 0 { messages[last].fate = .uncounted }
  }

  /// Puts the events of the message that is being decoded, from `first` on, in the order of their records.
  mutating func sortByRecord(from first: Int) {
    // A stable order: events of one record keep theirs.
    let sorted = buffer.events[first...].enumerated().sorted { a, b in
      (a.element.record, a.offset) < (b.element.record, b.offset)
    }
    buffer.events.replaceSubrange(first..., with: sorted.map(\.element))
  }

  /// The record of an event, and its place among the events of that record. The same content that is read by other
  /// rules has the same record there, although other records of it make events.
  func recordPlace(of event: Int) -> RecordPlace {
    let record = buffer.events[event].record
    // The events of a message are in the order of records.
    var low = Int(messages[Int(buffer.events[event].message)].firstEvent)
    var high = event
    while low < high {
      let middle = (low + high) / 2
      if buffer.events[middle].record < record { low = middle + 1 } else { high = middle }
    }
    // A message without records is one record.
    return RecordPlace(record: max(1, record), place: Int32(truncatingIfNeeded: event - low))
  }

  /// Removes all messages.
  mutating func removeAll() {
    messages.removeAll(keepingCapacity: true)
    buffer.removeAll()
    if !rejections.isEmpty { rejections.removeAll(keepingCapacity: true) }
    if !badRecords.isEmpty { badRecords.removeAll(keepingCapacity: true) }
  }
}
