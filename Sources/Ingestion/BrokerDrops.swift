import Journal
import MQTT
import Storage
import Telemetry

/// The broker's own count of messages that it dropped because a client's queue was full, as mosquitto publishes it.
/// It is not a message of a factory: it is stored when it changes, and reported as a warning.
public enum BrokerDrops {
  /// Topic on which the broker publishes it.
  public static let topic = "$SYS/broker/publish/messages/dropped"

  /// Returns the count in a payload of digits; nil for any other payload.
  static func total(_ payload: UnsafeRawBufferPointer) -> Int64? {
    guard (1...18).contains(payload.count), payload.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return payload.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }

  static func isTopic(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // Nearly every topic differs in its first byte.
    bytes.first == 0x24 && bytes.elementsEqual(topic.utf8)
  }
}

/// A count received in a window.
struct ReceivedDrops {
  var count: BrokerDropCount
  var flags: JournalRecord.Flags
  /// Place of the message in the window.
  var index: Int
}
