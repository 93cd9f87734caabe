import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("What a session publishes") struct OutgoingTests {
    /// The id of a PUBLISH at QoS 1 to a topic of one letter, and its payload.
    private func published(_ packet: ScriptedPeer.Packet) -> (id: [UInt8], text: String) {
      // Length and text of the topic, message id, no properties.
      (Array(packet.body[3..<5]), String(decoding: packet.body[6...], as: UTF8.self))
    }

    private func message(
      _ text: String, _ quality: OutgoingMessage.Quality = .atLeastOnce, retained: Bool = false
    ) throws -> OutgoingMessage {
      try #require(
        OutgoingMessage(topic: "t", payload: Array(text.utf8), quality: quality, retained: retained))
    }

    @Test("waits while the window holds an uncommitted message, and leaves behind its acknowledgement")
    func waitsForCommit() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      let session = try RunningSession(settings(port: peer.port)) { _ in gate.wait() }
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      try peer.send(ScriptedPeer.publish(id: 7, payload: "in"))
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      #expect(try session.mailbox.publish(message("out")) == 0)
      #expect(peer.hearsNothing(for: 0.5))
      gate.open()
      #expect(try peer.expectAcknowledgements(1) == [7])
      let packet = try peer.expect(0x32)
      #expect(published(packet).text == "out")
      #expect(session.recorder.outcomes == [:])
      try peer.send([0x40, 2] + published(packet).id)
      #expect(waitUntil { session.recorder.outcomes == [0: .accepted] })
      session.stop()
    }

    @Test("waits while the handler wants more of the window") func waitsForMore() throws {
      let peer = try ScriptedPeer()
      let asked = Gate()
      let session = try RunningSession(
        settings(port: peer.port),
        awaitsMore: { _ in
          asked.open()
          return true
        })
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "in"))
      asked.wait()
      // The window is kept open for a second, and woken by this.
      session.mailbox.publish(try message("out"))
      #expect(peer.hearsNothing(for: 0.5))
      #expect(try peer.expectAcknowledgements(1) == [1])
      #expect(try published(peer.expect(0x32)).text == "out")
      session.stop()
      #expect(session.recorder.windows == [1])
    }

    @Test("is sent at its quality, with its retain flag, in order, and answered for by number")
    func qualities()
      throws
    {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      session.mailbox.publish(try message("0", .atMostOnce))
      session.mailbox.publish(try message("1", retained: true))
      session.mailbox.publish(try message("2"))
      try peer.acceptSession()
      #expect(try peer.expect(0x30).body == [0, 1, UInt8(ascii: "t"), 0, UInt8(ascii: "0")])
      let first = try peer.expect(0x33)
      let second = try peer.expect(0x32)
      #expect([published(first).text, published(second).text] == ["1", "2"])
      try peer.send([0x40, 4] + published(second).id + [0x87, 0])
      try peer.send([0x40, 2] + published(first).id)
      #expect(
        waitUntil { session.recorder.outcomes == [0: .accepted, 1: .accepted, 2: .notAuthorized] },
        "\(session.recorder.outcomes)")
      session.stop()
    }

    @Test("leaves before DISCONNECT if it was posted before the stop") func beforeStop() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      session.mailbox.publish(try message("offline", retained: true))
      session.requestStop()
      #expect(try published(peer.expect(0x33)).text == "offline")
      try peer.expect(ScriptedPeer.disconnect)
      peer.hangUp()
      session.stop()
      #expect(session.recorder.outcomes == [0: .unanswered])
    }

    @Test("is not sent again after a lost connection; what is posted meanwhile waits") func lostConnection()
      throws
    {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      session.mailbox.publish(try message("lost"))
      #expect(try published(peer.expect(0x32)).text == "lost")
      peer.hangUp()
      #expect(waitUntil { session.recorder.outcomes == [0: .unanswered] })
      session.mailbox.publish(try message("kept"))
      try peer.acceptSession()
      let packet = try peer.expect(0x32)
      #expect(published(packet).text == "kept")
      try peer.send([0x40, 2] + published(packet).id)
      #expect(waitUntil { session.recorder.outcomes == [0: .unanswered, 1: .accepted] })
      session.stop()
    }

    @Test("never has more than a hundred messages on their way unanswered") func unanswered() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      for number in 0..<250 { session.mailbox.publish(try message("\(number)")) }
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      // CONNACK with a receive maximum of 65,535.
      try peer.send([0x20, 6, 1, 0, 3, 0x21, 0xFF, 0xFF])
      var texts: [String] = []
      var ids: [[UInt8]] = []
      while texts.count < 250, let packet = try peer.next() {
        if packet.header == ScriptedPeer.subscribe {
          try peer.send([0x90, 4, packet.body[0], packet.body[1], 0, 1])
          continue
        }
        texts.append(published(packet).text)
        ids.append(published(packet).id)
        if peer.hearsNothing(for: 0.05) {
          #expect(ids.count <= 100)
          for id in ids { try peer.send([0x40, 2] + id) }
          ids.removeAll()
        }
      }
      #expect(texts == (0..<250).map { "\($0)" })
      for id in ids { try peer.send([0x40, 2] + id) }
      #expect(waitUntil { session.recorder.outcomes.count == 250 })
      #expect(session.recorder.outcomes.values.allSatisfy { $0 == .accepted })
      session.stop()
    }

    @Test("A request to reload is answered once, between two windows") func reload() throws {
      let peer = try ScriptedPeer()
      let gate = Gate()
      let session = try RunningSession(settings(port: peer.port)) { _ in gate.wait() }
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      try peer.send(ScriptedPeer.publish(id: 1, payload: "in"))
      #expect(waitUntil { session.recorder.commitsBegun == 1 })
      for _ in 0..<3 { session.mailbox.requestReload() }
      #expect(session.recorder.reloads == 0)
      gate.open()
      #expect(try peer.expectAcknowledgements(1) == [1])
      #expect(waitUntil { session.recorder.reloads == 1 })
      session.mailbox.requestReload()
      #expect(waitUntil { session.recorder.reloads == 2 })
      session.stop()
    }

    @Test("A broker's refusal is told by its reason; a will is made anew for each connection")
    func realBroker() throws {
      var options = MosquittoBroker.Options()
      options.users = ["collector": "secret"]
      // Without a limit mosquitto 2.0.11 closes the connection behind each message that it refuses.
      options.maximumQueuedMessages = 1000
      options.accessList = "user collector\ntopic read #\ntopic write allowed\ntopic write will/#"
      let broker = try MosquittoBroker(options)
      var watched = settings(port: broker.port, clientID: "watcher", filters: ["#"])
      (watched.endpoint.username, watched.endpoint.password) = ("collector", "secret")
      let watcher = try RunningSession(watched)
      #expect(waitUntil { watcher.recorder.connected == [false] })
      var settings = watched
      settings.endpoint.clientID = "publisher"
      settings.subscriptions = ["nothing"]
      settings.will = { Will(topic: "will/\($0)", payload: Array("\($0)".utf8), retained: false) }
      let session = try RunningSession(settings)
      session.mailbox.publish(try #require(OutgoingMessage(topic: "allowed", payload: [0x61])))
      session.mailbox.publish(try #require(OutgoingMessage(topic: "forbidden", payload: [0x62])))
      #expect(
        waitUntil { session.recorder.outcomes == [0: .accepted, 1: .notAuthorized] },
        "\(session.recorder.outcomes)")
      #expect(waitUntil { watcher.recorder.payloads == ["a"] })
      // The broker publishes the will of a client that another one with its id ends.
      var other = try Publisher.open(
        endpoint: BrokerEndpoint(
          port: broker.port, clientID: "publisher", username: "collector", password: "secret"))
      try other.connect()
      #expect(waitUntil { watcher.recorder.count == 2 })
      let will = try #require(watcher.recorder.messages.last)
      #expect(will.topic == "will/\(will.payload)")
      other.disconnect()
      session.stop()
      watcher.stop()
    }
  }
}
