import Foundation
import Glibc
import MQTT
import TestSupport
import Testing

/// The version required for these tests; Scripts/test sets it together with LD_LIBRARY_PATH.
private let expected = ProcessInfo.processInfo.environment["EXPECTED_MOSQUITTO_VERSION"]

@Suite("libmosquitto") struct LibraryTests {
  @Test(
    "is the one these tests are meant to run against", .enabled(if: expected != nil, "no version was given"))
  func version() {
    // The last number is not reliable: 2.1.2 reports 2.1.0.
    let numbers = { (version: String) in version.split(separator: ".").prefix(2) }
    #expect(numbers(MQTTLibrary.version) == numbers(expected ?? ""))
  }
}

extension OverTheWire {
  @Suite("What a version of libmosquitto does of its own") struct VersionTests {
    @Test("SIGPIPE is ignored once there is a session, whichever version it is") func brokenPipe() throws {
      let session = try RunningSession(settings(port: try freePort()))
      #expect(waitUntil { !session.recorder.reasons.isEmpty })
      session.stop()
      var action = sigaction()
      sigaction(SIGPIPE, nil, &action)
      let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      #expect(handler == unsafeBitCast(SIG_IGN, to: Int.self))
    }

    @Test("Its reads and writes go through the socket buffer, where there is one") func buffered() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      session.stop()
      #expect(MQTTLibrary.isBuffered == MQTTLibrary.hasSocketBuffer)
    }

    @Test("A window's acknowledgements leave in few packets, with the socket buffer and without")
    func packets()
      throws
    {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port, linger: 60_000)
      settings.window = WindowLimits(messages: 1000, linger: 60_000)
      let session = try RunningSession(settings)
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      let before = peer.segmentsReceived
      try peer.send((1...1000).flatMap { ScriptedPeer.publish(id: $0, payload: "m") })
      #expect(try peer.expectAcknowledgements(1000) == Array(1...1000))
      // 4,000 bytes: they fit into one packet on the loopback interface.
      #expect((1...4).contains(peer.segmentsReceived - before))
      session.stop()
    }

    /// An MQTT 5 property that no version of the protocol has.
    private static let unknown: [UInt8] = [2, 0x7F, 1]

    private static func publish(id: UInt8, properties: [UInt8]) -> [UInt8] {
      let body = [0, 1, UInt8(ascii: "t"), 0, id] + properties + Array("m".utf8)
      return [0x32, UInt8(body.count)] + body
    }

    /// Whether a disconnect reason is the one for a connection with that property.
    private func isComplaint(_ reason: DisconnectReason?) -> Bool {
      guard let reason else { return false }
      let text = reason.description
      return reason.needsOperator
        && text.hasPrefix("the broker sent something that libmosquitto \(MQTTLibrary.version) cannot read: ")
        && text.hasSuffix("; if that repeats, update libmosquitto, or connect with MQTT 3.1.1")
    }

    @Test("A property that it does not know ends the connection, not the process: in an answer to CONNECT")
    func unknownInAnswer() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send([0x20, 5, 0, 0] + Self.unknown)
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      #expect(isComplaint(session.recorder.reasons.first), "\(session.recorder.reasons)")
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      session.stop()
    }

    @Test(
      "A property that it does not know ends the connection, not the process: in messages, again and again")
    func unknownInMessage() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      for round in 1...20 {
        try peer.acceptSession()
        try peer.send(Self.publish(id: 1, properties: [0]) + Self.publish(id: 2, properties: Self.unknown))
        // Only messages that could be read are acknowledged, if there was time.
        while let packet = try peer.next() {
          #expect(packet == .init(header: ScriptedPeer.puback, body: [0, 1]))
        }
        #expect(waitUntil { session.recorder.reasons.count == round })
        #expect(isComplaint(session.recorder.reasons.last), "\(session.recorder.reasons)")
      }
      // The session is unharmed: well-formed messages are accepted.
      try peer.acceptSession()
      try peer.send(Self.publish(id: 2, properties: [0]))
      #expect(try peer.expectAcknowledgements(1) == [2])
      session.stop()
      #expect(session.recorder.payloads == Array(repeating: "m", count: 21))
    }

    @Test("A property that it does not know ends the connection, not the process: in an answer to SUBSCRIBE")
    func unknownInSubscription() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send([0x20, 3, 0, 0, 0])
      let subscribe = try peer.expect(ScriptedPeer.subscribe).body
      try peer.send([0x90, 6, subscribe[0], subscribe[1]] + Self.unknown + [1])
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      #expect(isComplaint(session.recorder.reasons.first), "\(session.recorder.reasons)")
      session.stop()
    }
  }
}
