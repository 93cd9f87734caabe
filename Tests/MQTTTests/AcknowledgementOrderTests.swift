import MQTT
import TestSupport
import Testing

extension OverTheWire {
  /// That the library writes nothing until it is asked is not documented: these tests hold it to that, so
  /// that a version of libmosquitto that does otherwise fails here and not in a factory.
  @Suite("Acknowledgements") struct AcknowledgementOrder {
    @Test("of a half-full window leave only after its commit") func afterCommit() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      let session = try RunningSession(settings(port: peer.port)) { _ in gate.wait() }
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      try peer.send((1...10).flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") })
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      #expect(peer.hearsNothing(for: 0.5))
      gate.open()
      #expect(try peer.expectAcknowledgements(10) == Array(1...10))
      session.stop()
      try peer.expect(ScriptedPeer.disconnect)
      #expect(session.recorder.payloads == (1...10).map { "m\($0)" })
    }

    @Test("of the next window wait for its commit, while a slow broker still takes those of the last")
    func slowBroker() throws {
      let peer = try ScriptedPeer(receiveBuffer: 2048)
      let gate = Gate()
      // 4.4 MB of PUBACKs, more than Linux lets a socket buffer; message ids come round again.
      let rounds = 22
      var settings = settings(port: peer.port)
      settings.window = WindowLimits(messages: rounds * 50_000, bytes: 1 << 24, linger: 600_000)
      let session = try RunningSession(settings) { number in if number == 1 { gate.wait() } }
      try peer.acceptSession()
      let first = (1...50_000).flatMap { ScriptedPeer.publish(id: $0, topic: "factory/F", payload: "1") }
      for _ in 0..<rounds { try peer.send(first) }
      #expect(waitUntil(30) { session.recorder.windows == [rounds * 50_000] })
      // From here on a tick means that the session waits for room to write in.
      awaitTick(session)
      try peer.send((60_001...60_010).flatMap { ScriptedPeer.publish(id: $0, payload: "second") })
      awaitTick(session)
      for _ in 0..<rounds { #expect(try peer.expectAcknowledgements(50_000) == Array(1...50_000)) }
      #expect(peer.hearsNothing(for: 0.5))
      session.requestStop()
      #expect(waitUntil { session.recorder.commitsBegun == 2 })
      #expect(peer.hearsNothing(for: 0.5))
      gate.open()
      #expect(try peer.expectAcknowledgements(10) == Array(60_001...60_010))
      try peer.expect(ScriptedPeer.disconnect)
      session.stop()
    }

    @Test("of a window that its handler wants more of wait for it, and for nothing that does not come")
    func awaitedWindow() throws {
      let peer = try ScriptedPeer()
      let asked = Gate()
      let session = try RunningSession(
        settings(port: peer.port),
        awaitsMore: { count in
          asked.open()
          return count < 3
        })
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "m1"))
      asked.wait()
      #expect(session.recorder.commitsBegun == 0)
      try peer.send([2, 3].flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") })
      #expect(try peer.expectAcknowledgements(3) == [1, 2, 3])
      #expect(session.recorder.windows == [3])
      // Nothing more comes after this one: it is committed as it is.
      try peer.send(ScriptedPeer.publish(id: 4, payload: "m4"))
      #expect(try peer.expectAcknowledgements(1) == [4])
      session.stop()
      #expect(session.recorder.windows == [3, 1])
      #expect(session.recorder.packetIDs == [1, 2, 3, 4])
    }

    @Test(
      "of a window that its handler wants more of never leave when the connection ends; it is stored unless dropped",
      arguments: [true, false])
    func awaitedInVain(drops: Bool) throws {
      let peer = try ScriptedPeer()
      let asked = Gate()
      let session = try RunningSession(
        settings(port: peer.port),
        awaitsMore: { _ in
          asked.open()
          return true
        }, drops: { _ in drops })
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "m1"))
      asked.wait()
      peer.hangUp()
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      #expect(session.recorder.payloads == (drops ? [] : ["m1"]))
      session.stop()
    }

    private func awaitTick(_ session: RunningSession) {
      let ticks = session.recorder.ticks
      #expect(waitUntil { session.recorder.ticks > ticks })
    }

    @Test("are not flushed early by a PINGREQ that is due while the window lingers and is committed")
    func keepalive() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      var settings = settings(port: peer.port, linger: 5500)
      settings.endpoint.keepalive = 5
      let session = try RunningSession(settings) { _ in gate.wait() }
      try peer.acceptSession()
      try peer.send((1...3).flatMap { ScriptedPeer.publish(id: $0, payload: "m") })
      #expect(peer.hearsNothing(for: 5))
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      #expect(peer.hearsNothing(for: 1.5))
      gate.open()
      #expect(try peer.expectAcknowledgements(3) == [1, 2, 3])
      try peer.expect(ScriptedPeer.pingRequest)
      try peer.send([0xD0, 0])
      session.stop()
      #expect(session.recorder.reasons.count == 1)
    }

    @Test("of a window whose commit failed never leave, and the broker's second delivery is acknowledged")
    func failedCommit() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port)) { number in
        if number == 0 { throw StoreFailure() }
      }
      try peer.acceptSession()
      let messages = (1...20).flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") }
      try peer.send(messages)
      #expect(try peer.next() == nil, "nothing but the connection's end")
      try peer.acceptSession()
      try peer.send(messages)
      #expect(try peer.expectAcknowledgements(20) == Array(1...20))
      session.stop()
      #expect(session.recorder.payloads == (1...20).map { "m\($0)" })
      #expect(
        session.recorder.reasons.map(\.description) == [
          "received messages could not be stored: disk full", "stopped on request",
        ])
    }

    @Test("of a failed commit are not released by a stop either") func stopWhileFailing() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      let session = try RunningSession(settings(port: peer.port)) { _ in
        gate.wait()
        throw StoreFailure()
      }
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "m"))
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      session.requestStop()
      gate.open()
      #expect(try peer.next() == nil, "nothing but the connection's end")
      session.stop()
      #expect(session.recorder.messages.isEmpty)
      #expect(
        session.recorder.reasons.map(\.description) == ["received messages could not be stored: disk full"])
    }
  }
}
