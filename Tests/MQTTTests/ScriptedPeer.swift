import Foundation
import Glibc
import TestSupport

/// A broker played by the test itself, packet by packet, on a free port of 127.0.0.1.
final class ScriptedPeer {
  let port: Int
  private let listener: Int32
  private var connection: Int32 = -1
  private var buffer: [UInt8] = []

  /// One MQTT packet: its first byte, and everything after its length.
  struct Packet: Equatable {
    var header: UInt8
    var body: [UInt8]
  }
  static let connect: UInt8 = 0x10
  static let puback: UInt8 = 0x40
  static let subscribe: UInt8 = 0x82
  static let pingRequest: UInt8 = 0xC0
  static let disconnect: UInt8 = 0xE0

  /// - Parameter receiveBuffer: bytes of the peer's receive buffer; small ones make the client wait.
  init(receiveBuffer: Int32? = nil) throws {
    (listener, port) = try listenOnLoopback()
    if var size = receiveBuffer {
      setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  deinit {
    hangUp()
    close(listener)
  }

  /// Takes the next connection that says anything: a client looks first whether anybody is there.
  func accept(seconds: Double = 10) throws {
    hangUp()
    while true {
      guard isReadable(listener, seconds * patience) else { throw SupportError("nobody connected") }
      connection = Glibc.accept(listener, nil, nil)
      buffer = []
      if try fill(seconds) { return }
      hangUp()
    }
  }

  /// Takes a connection and plays the accepting broker up to its SUBACK.
  func acceptSession(sessionPresent: Bool = true, granting codes: [UInt8] = [1]) throws {
    try accept()
    try expect(Self.connect)
    try send([0x20, 3, sessionPresent ? 1 : 0, 0, 0])
    let subscribe = try expect(Self.subscribe)
    try send([0x90, UInt8(3 + codes.count), subscribe.body[0], subscribe.body[1], 0] + codes)
  }

  /// Plays the broker's answer to the next SUBSCRIBE; returns the filter and the QoS asked for.
  func answerSubscribe(_ code: UInt8) throws -> (filter: String, qos: UInt8) {
    let body = try expect(Self.subscribe).body
    try send([0x90, 4, body[0], body[1], 0, code])
    // Message id, no properties, length and text of the filter, options.
    return (String(decoding: body[5..<body.count - 1], as: UTF8.self), body[body.count - 1] & 3)
  }

  func hangUp() {
    if connection >= 0 { close(connection) }
    connection = -1
  }

  /// A PUBLISH at QoS 1 as MQTT 5 has it.
  static func publish(id: Int, topic: String = "factory/F1/status", payload: String) -> [UInt8] {
    let name = Array(topic.utf8)
    let body =
      [UInt8(name.count >> 8), UInt8(name.count & 0xFF)] + name + [UInt8(id >> 8), UInt8(id & 0xFF), 0]
      + Array(payload.utf8)
    precondition(body.count < 128)
    return [0x32, UInt8(body.count)] + body
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SupportError("the client is gone: errno \(errno)") }
      sent += count
    }
  }

  /// The next packet; nil at the connection's end.
  func next(seconds: Double = 10) throws -> Packet? {
    while true {
      if let packet = takePacket() { return packet }
      if try !fill(seconds) { return nil }
    }
  }

  /// The next packet, which must be of this kind.
  @discardableResult
  func expect(_ header: UInt8, seconds: Double = 10) throws -> Packet {
    let packet = try next(seconds: seconds)
    guard let packet, packet.header == header else {
      throw SupportError("expected packet 0x\(String(header, radix: 16)), got \(String(describing: packet))")
    }
    return packet
  }

  /// The ids of the next `count` packets, which must all be PUBACKs.
  func expectAcknowledgements(_ count: Int) throws -> [Int] {
    try (0..<count).map { _ in
      let packet = try expect(Self.puback)
      return Int(packet.body[0]) << 8 | Int(packet.body[1])
    }
  }

  /// Whether nothing at all arrives for so long.
  func hearsNothing(for seconds: Double) -> Bool { buffer.isEmpty && !isReadable(connection, seconds) }

  /// Number of TCP segments with data that this connection has received (linux/tcp.h, tcpi_data_segs_in: glibc's
  /// structure ends before it).
  var segmentsReceived: Int {
    var info = [UInt32](repeating: 0, count: 64)
    var size = socklen_t(info.count * 4)
    getsockopt(connection, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
    return Int(info[152 / 4])
  }

  private func isReadable(_ socket: Int32, _ seconds: Double) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, Int32(seconds * 1000)) > 0
  }

  /// Reads what is there; false at the connection's end.
  private func fill(_ seconds: Double) throws -> Bool {
    guard isReadable(connection, seconds * patience) else {
      throw SupportError("nothing came within \(seconds) s")
    }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = recv(connection, &bytes, bytes.count, 0)
    if count > 0 { buffer += bytes[..<count] }
    return count > 0
  }

  private func takePacket() -> Packet? {
    var length = 0
    var index = 1
    while true {
      guard index < buffer.count else { return nil }
      length |= Int(buffer[index] & 0x7F) << (7 * (index - 1))
      index += 1
      if buffer[index - 1] < 0x80 { break }
    }
    guard buffer.count >= index + length else { return nil }
    let packet = Packet(header: buffer[0], body: Array(buffer[index..<index + length]))
    buffer.removeFirst(index + length)
    return packet
  }
}
