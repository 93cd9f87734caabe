import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("Filters of earlier configurations") struct FormerFilterTests {
    private static let unsubscribe: UInt8 = 0xA2

    @Test("are unsubscribed at each connection until the broker has confirmed it, and then no more")
    func untilConfirmed() throws {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port)
      settings.formerSubscriptions = ["legacy/#", "old/+"]
      let session = try RunningSession(settings)
      let expected = Array("legacy/#".utf8) + [0, 5] + Array("old/+".utf8)
      try peer.acceptSession()
      // Message id, no properties, and the length of the first filter come before.
      #expect(try Array(peer.expect(Self.unsubscribe).body[5...]) == expected)
      peer.hangUp()
      try peer.acceptSession()
      let packet = try peer.expect(Self.unsubscribe)
      #expect(Array(packet.body[5...]) == expected)
      #expect(session.recorder.unsubscribed == [])
      try peer.send([0xB0, 5, packet.body[0], packet.body[1], 0, 0, 0x11])
      #expect(waitUntil { session.recorder.unsubscribed == [["legacy/#", "old/+"]] })
      peer.hangUp()
      try peer.acceptSession()
      #expect(peer.hearsNothing(for: 0.5))
      session.stop()
      #expect(session.recorder.unsubscribed.count == 1)
    }

    @Test("come about while a session goes on, and later connections keep to it") func changed() throws {
      let broker = try MosquittoBroker()
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.connected == [false] })
      try publish(["first"], port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["first"] })
      try session.mailbox.subscribe(to: Subscriptions(current: ["other/#"], former: ["factory/#"]))
      #expect(waitUntil { session.recorder.subscribed == [["factory/#"], ["other/#"]] })
      #expect(waitUntil { session.recorder.unsubscribed == [["factory/#"]] })
      try publish(["unheard"], port: broker.port)
      try publish(["second"], to: "other/x", port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["first", "second"] })
      #expect(session.recorder.connected == [false])
      // The broker keeps no sessions: after its restart everything is subscribed anew.
      try broker.restart()
      #expect(waitUntil(20) { session.recorder.connected == [false, false] })
      try publish(["unheard"], port: broker.port)
      try publish(["third"], to: "other/x", port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["first", "second", "third"] })
      session.stop()
      #expect(session.ended == "")
    }

    @Test("must be filters") func noFilter() throws {
      let mailbox = try Mailbox()
      #expect(throws: BrokerSessionError.self) {
        try mailbox.subscribe(to: Subscriptions(current: ["a/#/b"]))
      }
      #expect(throws: BrokerSessionError.self) { try mailbox.subscribe(to: Subscriptions(current: [])) }
    }

    @Test("deliver nothing any more from a real broker") func realBroker() throws {
      let broker = try MosquittoBroker()
      let first = try RunningSession(settings(port: broker.port, filters: ["factory/#", "legacy/#"]))
      #expect(waitUntil { first.recorder.connected == [false] })
      first.stop()
      var settings = settings(port: broker.port)
      settings.formerSubscriptions = ["legacy/#"]
      let second = try RunningSession(settings)
      #expect(waitUntil { second.recorder.unsubscribed == [["legacy/#"]] })
      try publish(["unheard"], to: "legacy/x", port: broker.port)
      try publish(["heard"], port: broker.port)
      #expect(waitUntil { second.recorder.payloads == ["heard"] })
      second.stop()
    }
  }
}
