import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("Filters that a broker refuses while a session goes on") struct RefusedFilterTests {
    private static let unsubscribe: UInt8 = 0xA2

    private func answer(_ packet: ScriptedPeer.Packet, _ codes: [UInt8], from peer: ScriptedPeer) throws {
      let header: UInt8 = packet.header == Self.unsubscribe ? 0xB0 : 0x90
      try peer.send([header, UInt8(3 + codes.count), packet.body[0], packet.body[1], 0] + codes)
    }

    /// Whether a SUBSCRIBE or UNSUBSCRIBE names a filter.
    private func names(_ filter: String, _ packet: ScriptedPeer.Packet) -> Bool {
      String(decoding: packet.body, as: UTF8.self).contains(filter)
    }

    @Test("leave those before in effect: messages come, nothing ends, and later connections keep to it")
    func scripted() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"]] })
      try session.mailbox.subscribe(
        to: Subscriptions(current: ["other/#", "secret/#"], former: ["factory/#"]))
      let subscribe = try peer.expect(ScriptedPeer.subscribe)
      #expect(names("other/#", subscribe) && names("secret/#", subscribe))
      #expect(!names("factory/#", subscribe))
      try answer(subscribe, [1, 0x87], from: peer)
      #expect(
        waitUntil { session.recorder.refused == [[RefusedFilter(filter: "secret/#", code: 0x87)]] })
      let unsubscribe = try peer.expect(Self.unsubscribe)
      #expect(names("other/#", unsubscribe) && names("secret/#", unsubscribe))
      #expect(!names("factory/#", unsubscribe))
      try answer(unsubscribe, [0, 0x11], from: peer)
      #expect(waitUntil { session.recorder.unsubscribed == [["other/#", "secret/#"]] })
      try peer.send(ScriptedPeer.publish(id: 1, payload: "m"))
      #expect(try peer.expectAcknowledgements(1) == [1])
      #expect(session.recorder.reasons.isEmpty)
      #expect(session.recorder.subscribed == [["factory/#"]])
      peer.hangUp()
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send([0x20, 3, 1, 0, 0])
      let again = try peer.expect(ScriptedPeer.subscribe)
      #expect(names("factory/#", again) && !names("other/#", again) && !names("secret/#", again))
      try answer(again, [1], from: peer)
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"], ["factory/#"]] })
      #expect(peer.hearsNothing(for: 0.3))
      session.stop()
    }

    @Test("are given up when the broker closes two connections over them") func closing() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"]] })
      try session.mailbox.subscribe(to: Subscriptions(current: ["factory/#", "secret/#"]))
      for connection in 1...2 {
        #expect(names("secret/#", try peer.expect(ScriptedPeer.subscribe)))
        #expect(session.recorder.refused.isEmpty)
        peer.hangUp()
        #expect(waitUntil { session.recorder.reasons.count == connection })
        try peer.acceptSession()
      }
      #expect(session.recorder.refused == [[RefusedFilter(filter: "secret/#", code: nil)]])
      #expect(names("secret/#", try peer.expect(Self.unsubscribe)))
      session.stop()
      #expect(session.recorder.connected == [true, true, true])
    }

    @Test("are replaced by others at once where none was granted before") func neverGranted() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port, filters: ["secret/#"]))
      try peer.acceptSession(granting: [0x87])
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      try session.mailbox.subscribe(to: Subscriptions(current: ["factory/#"], former: ["secret/#"]))
      // An attempt may have begun before.
      var codes: [UInt8] = [0x87]
      repeat {
        try peer.accept()
        try peer.expect(ScriptedPeer.connect)
        try peer.send([0x20, 3, 1, 0, 0])
        let subscribe = try peer.expect(ScriptedPeer.subscribe)
        codes = names("factory/#", subscribe) ? [1] : [0x87]
        try answer(subscribe, codes, from: peer)
      } while codes == [0x87]
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"]] })
      #expect(names("secret/#", try peer.expect(Self.unsubscribe)))
      session.stop()
      #expect(session.recorder.refused.isEmpty)
    }

    @Test("and those that the handler declines leave those before in effect") func declined() throws {
      let broker = try MosquittoBroker()
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"]] })
      session.recorder.update { $0.declined = ["other/#"] }
      try session.mailbox.subscribe(to: Subscriptions(current: ["other/#"], former: ["factory/#"]))
      #expect(waitUntil { session.recorder.unsubscribed == [["other/#"]] })
      try publish(["unheard"], to: "other/x", port: broker.port)
      try publish(["heard"], port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["heard"] })
      #expect(session.recorder.connected == [false])
      session.stop()
    }

    @Test(
      "by its own rules leave those before in effect, in both versions of MQTT",
      .enabled(if: MosquittoBroker.canRefuseSubscriptions), arguments: [ProtocolVersion.v5, .v311])
    func realBroker(version: ProtocolVersion) throws {
      var options = MosquittoBroker.Options()
      options.refusedSubscriptions = ["secret/#"]
      let broker = try MosquittoBroker(options)
      var settings = settings(port: broker.port)
      settings.endpoint.protocolVersion = version
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"]] })
      try session.mailbox.subscribe(to: Subscriptions(current: ["factory/#", "other/#", "secret/#"]))
      #expect(waitUntil { session.recorder.refused.count == 1 })
      let code: UInt8 = version == .v5 ? 0x87 : 0x80
      #expect(session.recorder.refused == [[RefusedFilter(filter: "secret/#", code: code)]])
      #expect(waitUntil { session.recorder.unsubscribed == [["other/#", "secret/#"]] })
      try publish(["unheard"], to: "other/x", port: broker.port)
      try publish(["heard"], port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["heard"] })
      #expect(session.recorder.connected == [false])
      session.stop()
    }
  }
}
