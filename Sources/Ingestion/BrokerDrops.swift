import Journal
import MQTT
import Storage
import Telemetry

/// The broker's own count of messages that it dropped because a client's queue was full, as mosquitto
/// publishes it. It is no message of a factory: it is journaled when it changes, and warns.
public enum BrokerDrops {
  /// Where the broker publishes it.
  public static let topic = "$SYS/broker/publish/messages/dropped"

  /// The count a payload gives: digits and nothing else; nil for anything else.
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

/// A count in a window, as received.
struct ReceivedDrops {
  var count: BrokerDropCount
  var flags: JournalRecord.Flags
  /// The message's place in the window.
  var index: Int
}
