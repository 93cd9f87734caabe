import Decoding
import Journal
import Storage
import Telemetry

/// Equipment of one factory whose sessions ended because the sources changed: their deaths would not be heard.
///
/// The journal has it in records of a decoder's state whose digest is that of no source. Versions that do not know these
/// records ignore them, as they do the state of a source that they do not have.
struct EndedSessions {
  /// Id of the factory.
  var factory: String
  /// For each equipment a line with its id, a tab and its workshop, which may be empty.
  var payload: [UInt8]

  /// Maximum number of equipment in a record.
  private static let most = 5000
  private static let source = SHA256Digest(hashing: Array("ended sessions".utf8))
  private static let ending = Array("/\(source)".utf8)

  /// The topic of the record.
  var topic: [UInt8] { Array(factory.utf8) + Self.ending }

  /// The sessions of some equipment of a factory, in records.
  static func records(
    _ equipment: [(id: String, workshop: String)], of factory: String
  ) -> [EndedSessions] {
    stride(from: 0, to: equipment.count, by: most).map { first in
      let lines = equipment[first..<min(first + most, equipment.count)].map { "\($0.id)\t\($0.workshop)\n" }
      return EndedSessions(factory: factory, payload: Array(lines.joined().utf8))
    }
  }

  private init(factory: String, payload: [UInt8]) {
    self.factory = factory
    self.payload = payload
  }

  /// The sessions that a record ends; nil for another record.
  init?(_ record: JournalRecord) {
    guard record.kind == .decoderState, record.topic.count > Self.ending.count,
      record.topic.suffix(Self.ending.count).elementsEqual(Self.ending)
    else { return nil }
    factory = String(decoding: record.topic.dropLast(Self.ending.count), as: UTF8.self)
    payload = Array(record.payload)
  }

  /// The equipment. Lines of another form are left out.
  fileprivate var equipment: [(key: EquipmentKey, workshop: String)] {
    payload.split(separator: 0x0A).compactMap { line in
      let parts = line.split(separator: 0x09, omittingEmptySubsequences: false)
      guard parts.count == 2, EquipmentKey.isID(factory.utf8), EquipmentKey.isID(parts[0]) else { return nil }
      return (
        EquipmentKey(factory: factory, equipment: String(decoding: parts[0], as: UTF8.self)),
        String(decoding: parts[1], as: UTF8.self)
      )
    }
  }
}

extension Intake {
  /// The sessions that messages of the sources stored last had begun, and that the current sources do not continue.
  var endedSessions: [EndedSessions] {
    Dictionary(grouping: decoders.endedSessions, by: \.factory).sorted { $0.key < $1.key }.flatMap {
      factory, keys in
      let known = keys.sorted().compactMap { key in
        senders.number(of: key).map { (key.equipment, senders.all[Int($0)].workshop) }
      }
      return EndedSessions.records(known, of: factory)
    }
  }

  /// Adds the ends of sessions to a batch, as the events of one message that was received when the sources changed.
  /// Equipment that is no sender is left out.
  mutating func add(_ ended: EndedSessions, at received: Timestamp, to batch: inout Batch) {
    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    var message = BatchMessage(topic: empty, payload: empty, received: received, digest: 0)
    let first = batch.buffer.begin(message: batch.messages.count)
    for (key, workshop) in ended.equipment {
      guard let number = senders.number(of: key),
        (try? batch.buffer.append(.offline, at: received, receivedAt: received)) != nil
      else { continue }
      batch.events[batch.events.count - 1].sender = number
      batch.events[batch.events.count - 1].origin = origin(of: workshop)
    }
    message.firstEvent = Int32(truncatingIfNeeded: first)
    message.eventCount = Int32(truncatingIfNeeded: batch.events.count - first)
    message.fate = .accepted
    batch.messages.append(message)
  }
}
