import CMosquitto
import Glibc

/// The only object that libmosquitto's callbacks use: they copy their arguments into it and return.
struct Inbox {
  /// The broker's answer to CONNECT.
  struct Answer {
    /// Reason code; 0 means accepted.
    var code: Int32
    var sessionPresent: Bool
  }

  /// The answer to CONNECT; nil before it arrives.
  var answer: Answer?
  /// The beginning of what the broker sent before its answer.
  var first = FirstAnswer()
  /// QoS granted to each filter of the newest SUBSCRIBE; nil before the answer arrives.
  var granted: [Int32]?
  /// Whether the broker has answered an UNSUBSCRIBE.
  var isUnsubscribed = false
  /// The library's reason for the end of the connection; nil before the end.
  var ended: Int32?
  /// The library's error messages up to the broker's answer.
  var complaints = ""
  /// Number of callbacks so far; it shows whether a read had a result.
  var callbacks = 0
  /// Arrival time of the bytes being read, milliseconds UTC.
  var receivedAt: Int64 = 0
  /// Destination of messages; nil for a client that only publishes.
  let window: UnsafeMutablePointer<Window>?
  /// Destination of acknowledgements of published messages; nil for a client that only receives.
  let receipts: UnsafeMutablePointer<Receipts>?

  init(window: UnsafeMutablePointer<Window>? = nil, receipts: UnsafeMutablePointer<Receipts>? = nil) {
    self.window = window
    self.receipts = receipts
  }
}

// The callbacks are free functions, so that they belong to no actor.

/// Installs callbacks that write to the inbox given as the client's context.
func installCallbacks(_ handle: OpaquePointer) {
  mosquitto_connect_v5_callback_set(handle, answered)
  mosquitto_disconnect_v5_callback_set(handle, ended)
  mosquitto_subscribe_callback_set(handle, subscribed)
  mosquitto_unsubscribe_callback_set(handle, unsubscribed)
  mosquitto_message_callback_set(handle, received)
  mosquitto_publish_v5_callback_set(handle, acknowledged)
  mosquitto_log_callback_set(handle, logged)
}

private func inbox(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Inbox>? {
  context?.assumingMemoryBound(to: Inbox.self)
}

private func received(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, message: UnsafePointer<mosquitto_message>?
) {
  guard let inbox = inbox(context), let message, let window = inbox.pointee.window,
    let topic = message.pointee.topic
  else { return }
  window.pointee.append(
    topic: UnsafeRawBufferPointer(start: topic, count: strlen(topic)),
    payload: UnsafeRawBufferPointer(start: message.pointee.payload, count: Int(message.pointee.payloadlen)),
    receivedAt: inbox.pointee.receivedAt, retained: message.pointee.retain,
    packetID: UInt16(truncatingIfNeeded: message.pointee.mid))
  inbox.pointee.callbacks &+= 1
}

private func answered(
  handle: OpaquePointer?, context: UnsafeMutableRawPointer?, code: Int32, flags: Int32,
  _: OpaquePointer?
) {
  guard let inbox = inbox(context) else { return }
  inbox.pointee.answer = Inbox.Answer(code: code, sessionPresent: flags & 1 != 0)
  inbox.pointee.callbacks &+= 1
}

private func subscribed(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, _: Int32, count: Int32, granted: UnsafePointer<Int32>?
) {
  guard let inbox = inbox(context) else { return }
  inbox.pointee.granted = Array(UnsafeBufferPointer(start: granted, count: Int(count)))
  inbox.pointee.callbacks &+= 1
}

private func unsubscribed(_: OpaquePointer?, context: UnsafeMutableRawPointer?, _: Int32) {
  guard let inbox = inbox(context) else { return }
  inbox.pointee.isUnsubscribed = true
  inbox.pointee.callbacks &+= 1
}

private func ended(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, code: Int32, _: OpaquePointer?
) {
  guard let inbox = inbox(context), inbox.pointee.ended == nil else { return }
  inbox.pointee.ended = code
}

private func acknowledged(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, messageID: Int32, code: Int32,
  _: OpaquePointer?
) {
  guard let inbox = inbox(context), let receipts = inbox.pointee.receipts else { return }
  receipts.pointee.acknowledge(messageID: messageID, code: code)
  inbox.pointee.callbacks &+= 1
}

private func logged(
  _: OpaquePointer?, context: UnsafeMutableRawPointer?, level: Int32, text: UnsafePointer<CChar>?
) {
  guard level == MOSQ_LOG_ERR, let text, let inbox = inbox(context) else { return }
  if !inbox.pointee.complaints.isEmpty { inbox.pointee.complaints += "; " }
  inbox.pointee.complaints += String(cString: text)
}
