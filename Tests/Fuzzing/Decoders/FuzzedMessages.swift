import Foundation
import Telemetry

/// The messages of one input, which is written like the messages of a golden folder: a line with the name of the case,
/// and for each message a line with receipt and topic and below it the payload. Messages are separated by
/// ``separator``. A message without topic restarts the decoders.
struct FuzzedMessages {
  struct Message {
    /// nil: the decoders begin anew from their stored state.
    var received: Timestamp?
    var topic: UnsafeRawBufferPointer
    var payload: UnsafeRawBufferPointer
  }

  /// Bytes that neither UTF-8 nor a short Protocol Buffers field has.
  static let separator: [UInt8] = [0xFF, 0x40, 0xFF]
  static let most = 48

  /// The text of the first line.
  let name: UnsafeRawBufferPointer
  private(set) var messages: [Message] = []

  init(_ bytes: UnsafeRawBufferPointer) {
    let (name, rest) = Self.line(bytes[...])
    self.name = UnsafeRawBufferPointer(rebasing: name)
    var start = rest.startIndex
    var at = start
    while start < rest.endIndex, messages.count < Self.most {
      while at < rest.endIndex, !rest[at...].starts(with: Self.separator) { at += 1 }
      messages.append(Self.message(rest[start..<at]))
      at = min(rest.endIndex, at + Self.separator.count)
      start = at
    }
  }

  private static func line(
    _ bytes: Slice<UnsafeRawBufferPointer>
  ) -> (Slice<UnsafeRawBufferPointer>, Slice<UnsafeRawBufferPointer>) {
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    return (bytes[..<end], bytes[min(end + 1, bytes.endIndex)...])
  }

  private static func message(_ bytes: Slice<UnsafeRawBufferPointer>) -> Message {
    let (heading, payload) = line(bytes)
    let space = heading.firstIndex(of: UInt8(ascii: " ")) ?? heading.endIndex
    let receipt = Timestamp(rfc3339: UnsafeRawBufferPointer(rebasing: heading[..<space]))
    let topic = UnsafeRawBufferPointer(rebasing: heading[min(space + 1, heading.endIndex)...])
    return Message(
      received: topic.isEmpty ? nil : receipt ?? Timestamp(milliseconds: 1_795_305_600_000), topic: topic,
      payload: UnsafeRawBufferPointer(rebasing: payload))
  }

  /// The input of a case with messages, each a heading and a payload.
  static func bytes(_ name: String, _ messages: [(heading: String, payload: [UInt8])]) -> [UInt8] {
    var bytes = Array("\(name)\n".utf8)
    for (place, message) in messages.enumerated() {
      if place > 0 { bytes += separator }
      bytes += Array("\(message.heading)\n".utf8) + message.payload
    }
    return bytes
  }
}
