import Journal
import Telemetry

/// A message of a window, decoded: what folding needs, without references.
///
/// Its topic and payload are views into the window or the journal block it came in.
struct BatchItem {
  enum Kind: UInt8 {
    case reading, online, offline, rejected
    /// Retained, redelivered or empty: stored in the journal but not counted.
    case uncounted

    /// Whether it is a connection message that counts.
    var isPresence: Bool { self == .online || self == .offline }
    /// Whether it counts.
    var isCounted: Bool { self == .reading || isPresence }
  }
  var kind: Kind
  var flags: JournalRecord.Flags = []
  /// MQTT packet identifier; 0 when there is none, or it is not known.
  var packetID: UInt16 = 0
  /// Number of the sender; -1 when the message was refused.
  var sender: EquipmentNumber = -1
  var received: Timestamp
  /// Of topic and payload.
  var hash: UInt64
  /// Event time; receipt for presence and refused messages. Of connection messages with the same sender and instant,
  /// online ranks before offline; two of one kind are the same record.
  var time: Timestamp
  /// For `reading` only.
  var reading: Reading
  /// For `reading` only: the optional fields that were left out because they could not be read.
  var faults = FieldFaults()
  /// For `rejected` only.
  var rejection = Rejection(.malformed)
  /// Place of the topic in the topic index; -1 when it matched no source.
  var topicPlace: Int32 = -1
  /// For a topic that matched no source: the number of the factory it seems to be from.
  var attributedFactory = BlockBuilder.noFactory
  var topic: UnsafeRawBufferPointer
  var payload: UnsafeRawBufferPointer
}

extension BatchItem {
  /// What tells it when it is delivered again.
  var identity: MessageIdentity { MessageIdentity(hash: hash, packetID: packetID) }
  /// Whether it is folded into its sender's timeline.
  var isCounted: Bool { kind == .reading || kind.isPresence }
}

extension BatchItem.Kind {
  /// At equal event times: online, then readings, then offline.
  var rank: Int {
    switch self {
    case .online: 0
    case .reading: 1
    case .offline: 2
    case .rejected, .uncounted: 3
    }
  }
}
