import Journal
import Decoding
import Storage
import Telemetry

/// A message of a window or of a journal block: its bytes, what is known of it, and which events it says. Its place in
/// the batch is its place in the journal block. A plain value without references.
struct BatchMessage {
  /// What becomes of a message.
  enum Fate: UInt8 {
    /// Its events count; it may have none.
    case accepted
    /// Refused: quarantined.
    case rejected
    /// Retained, redelivered or empty: journaled and not counted.
    case uncounted
  }
  /// Views into the window or the journal block that the message came in.
  var topic: UnsafeRawBufferPointer
  var payload: UnsafeRawBufferPointer
  var received: Timestamp
  /// Of topic and payload.
  var digest: UInt64
  /// The earliest receipt under which this content was counted before; `distantFuture` when it was not.
  var counted = Timestamp.distantFuture
  /// Its events in the batch.
  var firstEvent: Int32 = 0
  var eventCount: Int32 = 0
  /// Place of the topic in the topic index; -1 when it matched no source.
  var topicPlace: Int32 = -1
  /// For a topic that matched no source: the number of the factory it seems to be from.
  var attributedFactory = BlockBuilder.noFactory
  /// Place in ``Batch/rejections``; -1 for none.
  var rejection: Int32 = -1
  /// MQTT packet identifier; 0 when there is none, or it is not known.
  var packetID: UInt16 = 0
  var flags: JournalRecord.Flags = []
  var fate = Fate.rejected
  /// Whether one of its events has a time that the message states: then it is not sent twice by chance.
  var isTimed = false
  /// Whether the same content may have said something else before: its decoder remembers messages, or the sources have
  /// changed since.
  var mayDiffer = false

  /// Places of its events in the batch.
  var events: Range<Int> { Int(firstEvent)..<Int(firstEvent) + Int(eventCount) }
  /// Identity by which a redelivery is recognised.
  var identity: MessageIdentity { MessageIdentity(hash: digest, packetID: packetID) }
}

/// Messages that are journaled together, with their events.
struct Batch {
  var messages: ContiguousArray<BatchMessage> = []
  var buffer = EventBuffer()
  /// Why messages were refused.
  private var rejections: ContiguousArray<Rejection> = []

  /// Events by place; those of messages that are not accepted are of no use.
  var events: ContiguousArray<Event> {
    @inline(__always) _read { yield buffer.events }
    @inline(__always) _modify { yield &buffer.events }
  }

  /// Why a message was refused; for messages that were.
  func rejection(of message: borrowing BatchMessage) -> Rejection {
    message.rejection < 0 ? Rejection(.malformed) : rejections[Int(message.rejection)]
  }

  /// Refuses the message at `place`, whose events are forgotten.
  mutating func refuse(_ place: Int, _ rejection: Rejection) {
    rejections.append(rejection)
    messages[place].rejection = Int32(truncatingIfNeeded: rejections.count - 1)
    messages[place].fate = .rejected
    messages[place].eventCount = 0
    messages[place].isTimed = false
  }

  /// Journals the message at `place` without counting it; its events are forgotten.
  mutating func setAside(_ place: Int, as flag: JournalRecord.Flags) {
    messages[place].fate = .uncounted
    messages[place].flags.insert(flag)
    messages[place].eventCount = 0
  }

  /// Leaves out those events of the last message that are before an instant. A message without any left is not
  /// counted.
  mutating func leaveOut(before instant: Timestamp) {
    guard let last = messages.indices.last, messages[last].eventCount > 0 else { return }
    let first = Int(messages[last].firstEvent)
    guard buffer.events[first...].contains(where: { $0.time < instant }) else { return }
    let kept = buffer.events[first...].filter { $0.time >= instant }
    buffer.events.replaceSubrange(first..., with: kept)
    messages[last].eventCount = Int32(truncatingIfNeeded: buffer.events.count - first)
    if messages[last].eventCount == 0 { messages[last].fate = .uncounted }
  }

  /// Forgets all messages.
  mutating func removeAll() {
    messages.removeAll(keepingCapacity: true)
    buffer.removeAll()
    if !rejections.isEmpty { rejections.removeAll(keepingCapacity: true) }
  }
}
