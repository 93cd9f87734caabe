import Foundation
import MQTT
import TestSupport
import Testing

/// Number of messages waiting for the session; 200,000 when a library is validated.
private let queued = Int(ProcessInfo.processInfo.environment["RESUME_MESSAGES"] ?? "") ?? 20_000

extension OverTheWire {
  /// Messages may arrive together with the broker's CONNACK, in one read.
  @Suite("A resumed session") struct ResumeTests {
    @Test(
      "takes a long queue whole, each message once, and owes none of it afterwards",
      arguments: [ProtocolVersion.v5, .v311])
    func longQueue(version: ProtocolVersion) throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.endpoint.protocolVersion = version
      // In 3.1.1 a window is at most the broker's max_inflight, 20: no more arrives while it is open.
      settings.window.linger = version == .v5 ? 100 : 0
      let first = try RunningSession(settings)
      #expect(waitUntil { first.recorder.connected == [false] })
      first.stop()
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, clientID: "publisher"), maximumInFlight: 5000)
      try publisher.connect()
      for number in 0..<queued {
        try publisher.publish(topic: "factory/F1/status", payload: Array("m\(number)".utf8))
      }
      try publisher.drain(milliseconds: 60_000)
      publisher.disconnect()
      #expect(publisher.accepted == queued)

      let second = try RunningSession(settings)
      #expect(waitUntil(60) { second.recorder.count >= queued })
      second.stop()
      #expect(second.recorder.payloads == (0..<queued).map { "m\($0)" })
      #expect(second.recorder.connected == [true])
      #expect(second.recorder.reasons.map(\.description) == ["stopped on request"])
      // A broker that has read everything up to DISCONNECT sends nothing again.
      let third = try RunningSession(settings)
      #expect(waitUntil { third.recorder.connected == [true] })
      try publish(["new"], port: broker.port)
      #expect(waitUntil { !third.recorder.messages.isEmpty })
      third.stop()
      #expect(third.recorder.payloads == ["new"])
    }

    @Test(
      "commits what came with the broker's CONNACK before anything is written, SUBSCRIBE too, whole and in order"
    )
    func messagesWithAnswer() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      var settings = settings(port: peer.port)
      settings.window.messages = 10
      let session = try RunningSession(settings) { _ in gate.wait() }
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send(
        [0x20, 3, 1, 0, 0] + (1...50).flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") })
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      #expect(session.recorder.connected == [true], "told before the first commit")
      #expect(peer.hearsNothing(for: 0.5))
      gate.open()
      var acknowledged: [Int] = []
      var hasSubscribed = false
      while acknowledged.count < 50 || !hasSubscribed, let packet = try peer.next() {
        if packet.header == ScriptedPeer.subscribe {
          hasSubscribed = true
          try peer.send([0x90, 4, packet.body[0], packet.body[1], 0, 1])
        } else {
          #expect(packet.header == ScriptedPeer.puback)
          acknowledged.append(Int(packet.body[0]) << 8 | Int(packet.body[1]))
        }
      }
      #expect(acknowledged == Array(1...50))
      session.stop()
      #expect(session.recorder.payloads == (1...50).map { "m\($0)" })
    }

    @Test("stores what came with the broker's CONNACK when the connection ends at once behind it")
    func endBehindAnswer() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port, linger: 60_000))
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send([0x20, 3, 1, 0, 0] + (1...3).flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") })
      peer.hangUp()
      #expect(waitUntil { session.recorder.reasons.count >= 1 })
      session.stop()
      #expect(session.recorder.payloads == ["m1", "m2", "m3"])
      #expect(session.recorder.connected == [true])
    }

    @Test("ends at a request to stop although the broker neither reads DISCONNECT nor closes")
    func stopWithoutAnswer() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "m1"))
      #expect(waitUntil { session.recorder.payloads == ["m1"] })
      session.stop()
      #expect(try peer.expectAcknowledgements(1) == [1])
      #expect(try peer.next() == .init(header: ScriptedPeer.disconnect, body: []))
      #expect(try peer.next() == nil)
    }
  }
}
