import CMosquitto
import Glibc

/// All that libmosquitto's callbacks may touch: they copy what they are given in here and return.
struct Inbox {
  /// The broker's answer to CONNECT.
  struct Answer {
    /// 0 is accepted.
    var code: Int32
    var sessionPresent: Bool
  }

  /// The answer to CONNECT, once it came.
  var answer: Answer?
  /// What the broker granted to each filter of the newest SUBSCRIBE, once it came.
  var granted: [Int32]?
  /// Whether the broker has answered an UNSUBSCRIBE.
  var isUnsubscribed = false
  /// The reason with which the library reported the connection's end, once it did.
  var ended: Int32?
  /// The library's error messages up to the broker's answer.
  var complaints = ""
  /// Callbacks so far; shows whether a read got anywhere.
  var callbacks = 0
  /// When the bytes being read arrived, milliseconds UTC.
  var receivedAt: Int64 = 0
  /// Where messages go; nil for a client that only publishes.
  let window: UnsafeMutablePointer<Window>?
  /// Where acknowledgements of our own messages go; nil for a client that only receives.
  let receipts: UnsafeMutablePointer<Receipts>?

  init(window: UnsafeMutablePointer<Window>? = nil, receipts: UnsafeMutablePointer<Receipts>? = nil) {
    self.window = window
    self.receipts = receipts
  }
}

// The callbacks are free functions, so that they belong to no actor whoever installs them.

/// Tells libmosquitto to put what happens into the inbox that is its context.
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
