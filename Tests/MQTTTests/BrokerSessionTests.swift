import Foundation
import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("A session with a real broker") struct BrokerSessionTests {
    @Test("receives what was published while it was away", arguments: [ProtocolVersion.v5, .v311])
    func persistentSession(version: ProtocolVersion) throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.endpoint.protocolVersion = version
      let first = try RunningSession(settings)
      #expect(waitUntil { first.recorder.connected == [false] })
      first.stop()
      let sent = (0..<500).map { "away \($0)" }
      try publish(sent, port: broker.port)
      let second = try RunningSession(settings)
      #expect(waitUntil { second.recorder.messages.count == 500 })
      second.stop()
      #expect(second.recorder.payloads == sent)
      #expect(second.recorder.connected == [true])
      #expect(second.ended == "")
      // All acknowledged: a third session gets nothing but what is new.
      let third = try RunningSession(settings)
      #expect(waitUntil { third.recorder.connected == [true] })
      try publish(["new"], port: broker.port)
      #expect(waitUntil { !third.recorder.messages.isEmpty })
      third.stop()
      #expect(third.recorder.payloads == ["new"])
    }

    @Test("gets everything again that it did not commit") func redelivery() throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.window = WindowLimits(messages: 7, linger: 5)
      let session = try RunningSession(settings) { number in if number % 5 == 4 { throw StoreFailure() } }
      #expect(waitUntil { session.recorder.connected.count == 1 })
      let sent = (0..<200).map { "m\($0)" }
      try publish(sent, port: broker.port)
      #expect(waitUntil(20) { Set(session.recorder.payloads).count == 200 })
      session.stop()
      #expect(Set(session.recorder.payloads) == Set(sent))
      #expect(session.recorder.reasons.count > 1)
    }

    @Test("finishes the batch when it is stopped") func cleanStop() throws {
      let broker = try MosquittoBroker()
      let session = try RunningSession(settings(port: broker.port, linger: 60_000))
      #expect(waitUntil { session.recorder.connected == [false] })
      // The broker serves its subscribers in the order they came: what this one has, the other was sent.
      let observer = try RunningSession(settings(port: broker.port, clientID: "observer"))
      #expect(waitUntil { observer.recorder.connected == [false] })
      try publish(["a", "b", "c"], port: broker.port)
      #expect(waitUntil { observer.recorder.payloads == ["a", "b", "c"] })
      #expect(session.recorder.commitsBegun == 0)
      session.stop()
      #expect(session.recorder.payloads == ["a", "b", "c"])
      #expect(session.recorder.windows == [3])
      #expect(waitUntil { broker.log.contains("Received DISCONNECT from collector") })
      #expect(broker.log.contains("Received PUBACK from collector (Mid: 3"))
    }

    @Test("hands over at its count, at its bytes and when its linger is over") func windowBounds() throws {
      let broker = try MosquittoBroker()
      var byCount = settings(port: broker.port, clientID: "count", linger: 60_000)
      byCount.window.messages = 10
      var byBytes = settings(port: broker.port, clientID: "bytes", linger: 60_000)
      byBytes.window.bytes = 5 * (17 + 100)
      let byLinger = settings(port: broker.port, clientID: "linger", linger: 300)
      let sessions = try [RunningSession(byCount), RunningSession(byBytes), RunningSession(byLinger)]
      for session in sessions { #expect(waitUntil { session.recorder.connected == [false] }) }
      try publish((0..<25).map { _ in String(repeating: "x", count: 100) }, port: broker.port)
      #expect(waitUntil { sessions[2].recorder.messages.count == 25 })
      #expect(waitUntil { sessions[1].recorder.messages.count >= 5 })
      #expect(waitUntil { sessions[0].recorder.messages.count >= 10 })
      for session in sessions { session.stop() }
      for (session, bound) in zip(sessions, [10, 5]) {
        let windows = session.recorder.windows
        #expect(session.recorder.messages.count == 25)
        // From 2.1 on, the library delivers all packets of the 4 KiB that it has read: at 121 bytes each, at most 33.
        let most = MQTTLibrary.version.hasPrefix("2.0.") ? bound : bound + 33
        #expect(windows.dropLast().allSatisfy { (bound...most).contains($0) }, "\(windows)")
        if most == bound { #expect(windows.filter { $0 == bound }.count == 25 / bound, "\(windows)") }
      }
    }

    @Test("hands a message over at once that comes after a pause, and gathers those that follow")
    func pause() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port, linger: 3000))
      try peer.acceptSession()
      // A tick a second: with the fifth the pause was longer than the linger.
      #expect(waitUntil(20) { session.recorder.ticks >= 5 })
      try peer.send(ScriptedPeer.publish(id: 1, payload: "after a pause"))
      #expect(try peer.expectAcknowledgements(1) == [1])
      try peer.send((2...4).flatMap { ScriptedPeer.publish(id: $0, payload: "m\($0)") })
      #expect(try peer.expectAcknowledgements(3) == [2, 3, 4])
      session.stop()
      #expect(session.recorder.windows == [1, 3])
      let (received, committed) = (session.recorder.receivedAt, session.recorder.committedAt)
      #expect(committed[0] - received[0] < 3000)
      #expect(committed[1] - committed[0] >= 2990)
    }

    @Test("tells a retained message from a live one, and when each came") func retained() throws {
      let broker = try MosquittoBroker()
      try publish(["offline"], to: "factory/F1/connection", port: broker.port, retained: true)
      let before = Int64(Date().timeIntervalSince1970 * 1000)
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.messages.count == 1 })
      try publish(["online"], to: "factory/F1/connection", port: broker.port, retained: true)
      #expect(waitUntil { session.recorder.messages.count == 2 })
      session.stop()
      let after = Int64(Date().timeIntervalSince1970 * 1000)
      #expect(
        session.recorder.messages == [
          Recorder.Message(topic: "factory/F1/connection", payload: "offline", retained: true),
          Recorder.Message(topic: "factory/F1/connection", payload: "online", retained: false),
        ])
      #expect(session.recorder.receivedAt.allSatisfy { before <= $0 && $0 <= after })
    }

    @Test("takes one message far larger than its window") func largeMessage() throws {
      var options = MosquittoBroker.Options()
      // Mosquitto 2.1 takes 2 MB by default.
      options.extraLines = ["max_packet_size 6000000"]
      let broker = try MosquittoBroker(options)
      var settings = settings(port: broker.port)
      settings.window.bytes = 1024
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.connected == [false] })
      let large = String(repeating: "0123456789", count: 500_000)
      try publish(["small", large, "small"], port: broker.port)
      #expect(waitUntil { session.recorder.messages.count == 3 })
      #expect(session.recorder.payloads == ["small", large, "small"])
      session.stop()
    }

    @Test("comes back to a broker that was restarted, and to one that was killed") func brokerRestart() throws
    {
      var options = MosquittoBroker.Options()
      options.persistence = true
      let broker = try MosquittoBroker(options)
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.connected == [false] })
      try publish(["before"], port: broker.port)
      #expect(waitUntil { session.recorder.messages.count == 1 })
      try broker.restart()
      #expect(waitUntil { session.recorder.connected == [false, true] })
      try publish(["after"], port: broker.port)
      #expect(waitUntil { session.recorder.messages.count == 2 })
      broker.kill()
      #expect(waitUntil { session.recorder.reasons.count >= 2 })
      let ticks = session.recorder.ticks
      #expect(waitUntil { session.recorder.ticks >= ticks + 2 }, "ticks go on while it waits")
      try broker.start()
      #expect(waitUntil { session.recorder.connected.count == 3 })
      try publish(["again"], port: broker.port)
      #expect(waitUntil { session.recorder.messages.count == 3 })
      session.stop()
      #expect(session.recorder.payloads == ["before", "after", "again"])
    }

    @Test("waits longer and longer when another client takes turns with it, and hints at that")
    func takeoverUnsaid() throws {
      // mosquitto 2.0.11 closes the older connection without a reason; later ones give it.
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.backoff = Backoff(initial: 50, maximum: 60_000)
      let sessions = try [RunningSession(settings), RunningSession(settings)]
      #expect(
        waitUntil {
          sessions.map(\.recorder.reasons.count).reduce(0, +) >= 4 || sessions.contains { $0.ended != nil }
        })
      if let loser = sessions.first(where: { $0.ended != nil }) {
        #expect(
          loser.ended
            == "another client connected as 'collector'; give each collector its own client id")
        #expect(sessions.filter { $0.ended == nil && $0.recorder.reasons.isEmpty }.count == 1)
        for session in sessions { session.stop() }
        return
      }
      let reasons = sessions.flatMap(\.recorder.reasons)
      for session in sessions { session.stop() }
      for reason in reasons {
        #expect(
          reason.description
            == "the broker closed the connection without a reason; "
            + "if that repeats, look for another client named 'collector'")
      }
      let attempts = sessions.map(\.recorder.connected.count).reduce(0, +)
      #expect(attempts <= 8, "they took turns \(attempts) times")
    }

    @Test("ends when another client goes on taking turns with it, and leaves the session to that one")
    func contested() throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      // In 3.1.1 no broker can say that a session was taken over; some say it in 5.
      settings.endpoint.protocolVersion = .v311
      let sessions = try [RunningSession(settings), RunningSession(settings)]
      #expect(waitUntil(30) { sessions.contains { $0.ended != nil } })
      let ended = sessions.compactMap(\.ended)
      #expect(
        ended == [
          """
          the broker closed 5 connections in succession, each soon after it was made and without a reason: \
          another client alternately connects as 'collector'. Give each collector its own client id
          """
        ])
      let other = try #require(sessions.first { $0.ended == nil })
      try publish(["still collected"], port: broker.port)
      #expect(waitUntil { other.recorder.payloads.last == "still collected" })
      other.stop()
      #expect(other.ended == "")
    }

    @Test("reports refused credentials and goes on trying until they are accepted") func credentials() throws
    {
      var options = MosquittoBroker.Options()
      options.users = ["collector": "right"]
      let broker = try MosquittoBroker(options)
      var settings = settings(port: broker.port)
      settings.endpoint.username = "collector"
      settings.endpoint.password = "wrong"
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.reasons.count >= 2 })
      #expect(session.recorder.connected.isEmpty)
      #expect(
        session.recorder.reasons.first?.description
          == "the broker refused the connection: Not authorized (code 135); check the user name and the password "
          + "(mqtt.username and mqtt.password_file)")
      #expect(session.recorder.reasons.first?.needsOperator == true)
      session.stop()
      settings.endpoint.password = "right"
      let accepted = try RunningSession(settings)
      #expect(waitUntil { accepted.recorder.connected == [false] })
      accepted.stop()
    }

    @Test("says which subscription the broker grants only at QoS 0") func grantedTooLittle() throws {
      var options = MosquittoBroker.Options()
      options.extraLines = ["max_qos 0"]
      let broker = try MosquittoBroker(options)
      let session = try RunningSession(settings(port: broker.port, filters: ["factory/#", "legacy/+/+"]))
      #expect(waitUntil { !session.recorder.reasons.isEmpty })
      session.stop()
      #expect(
        session.recorder.reasons.first?.description
          == "the broker refused the subscription to 'factory/#' at QoS 1: it grants only QoS 0")
      #expect(session.recorder.connected.isEmpty)
    }

    @Test("stands idle for longer than its keepalive, ticking") func idle() throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.endpoint.keepalive = 5
      let session = try RunningSession(settings)
      #expect(waitUntil(15) { broker.log.contains("Sending PINGRESP to collector") })
      #expect(session.recorder.ticks >= 4)
      try publish(["still here"], port: broker.port)
      #expect(waitUntil { session.recorder.messages.count == 1 })
      session.stop()
      #expect(session.recorder.connected == [false])
    }
  }

  @Suite("A session with a peer that is no good broker") struct BadPeerTests {
    @Test("names the subscription that was refused") func subscriptionRefused() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port, filters: ["a/#", "b/#"]))
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send([0x20, 3, 0, 0, 0])
      let subscribe = try peer.expect(ScriptedPeer.subscribe)
      try peer.send([0x90, 5, subscribe.body[0], subscribe.body[1], 0, 1, 0x87])
      #expect(waitUntil { !session.recorder.reasons.isEmpty })
      session.stop()
      #expect(
        session.recorder.reasons.first?.description
          == "the broker refused the subscription to 'b/#' at QoS 1: Not authorized (code 0x87)")
      #expect(session.recorder.connected.isEmpty)
    }

    @Test("gives up on one that accepts but never answers", arguments: [false, true])
    func silentPeer(tls: Bool) throws {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port)
      settings.endpoint.connectDeadline = 500
      let directory = try TemporaryDirectory()
      if tls {
        settings.endpoint.tls = TLSSettings(caFile: try CertificateAuthority("ca", in: directory).caFile)
      }
      let began = DispatchTime.now().uptimeNanoseconds
      let session = try RunningSession(settings)
      #expect(waitUntil { !session.recorder.reasons.isEmpty })
      // The session counts whole milliseconds, the first of which has begun before.
      #expect((DispatchTime.now().uptimeNanoseconds - began) / 1_000_000 >= 499)
      #expect(
        session.recorder.reasons.first?.description
          == "127.0.0.1:\(peer.port) accepted the connection but did not answer as a broker within 500 ms")
      session.stop()
    }

    @Test("stops at once while it waits for an answer") func stopWhileConnecting() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.accept()
      session.stop()
      #expect(session.recorder.reasons.map(\.description) == ["stopped on request"])
    }

    @Test("says that nobody listens") func nobodyListens() throws {
      let port = try freePort()
      let session = try RunningSession(settings(port: port))
      #expect(waitUntil { session.recorder.reasons.count >= 3 })
      #expect(
        session.recorder.reasons.first?.description
          == "the broker cannot be reached: 127.0.0.1 port \(port): Connection refused")
      session.stop()
    }

    @Test(
      "survives one that sends no MQTT, before and after it was accepted",
      arguments: [
        [0xF0, 0x00], [0x20, 0x00], [0x32, 0x02, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      ] as [[UInt8]])
    func nonsense(bytes: [UInt8]) throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.accept()
      try peer.send(bytes)
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      try peer.send(bytes)
      #expect(waitUntil { session.recorder.reasons.count == 2 })
      session.stop()
      #expect(session.recorder.messages.isEmpty)
    }

    @Test("ends, and does not fight, when it says that another client took the session")
    func takeover() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      #expect(waitUntil { session.recorder.connected == [true] })
      try peer.send([0xE0, 2, 0x8E, 0])
      #expect(waitUntil { session.ended != nil })
      #expect(
        session.ended
          == "another client connected as 'collector'; give each collector its own client id")
      #expect(session.recorder.reasons.count == 1)
    }

    @Test("stores what it had received when the connection was lost") func lostConnection() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port, linger: 60_000))
      try peer.acceptSession()
      try peer.send(ScriptedPeer.publish(id: 1, payload: "last words"))
      peer.hangUp()
      #expect(waitUntil { session.recorder.payloads == ["last words"] })
      session.stop()
    }

    @Test("is served although it refuses an optional filter, asked for once the others are granted")
    func optionalRefused() throws {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port)
      settings.optionalSubscriptions = ["$SYS/dropped"]
      let session = try RunningSession(settings)
      try peer.acceptSession()
      #expect(try peer.answerSubscribe(0x87) == ("$SYS/dropped", 0))
      try peer.send(ScriptedPeer.publish(id: 1, payload: "after"))
      #expect(try peer.expectAcknowledgements(1) == [1])
      session.stop()
      #expect(session.recorder.payloads == ["after"])
      #expect(session.recorder.reasons.map(\.description) == [DisconnectReason.stopped.description])
    }

    @Test("is not asked again right away when it closed over an optional filter") func optionalCloses() throws
    {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port)
      settings.optionalSubscriptions = ["$SYS/dropped"]
      let session = try RunningSession(settings)
      try peer.acceptSession()
      try peer.expect(ScriptedPeer.subscribe)
      peer.hangUp()
      try peer.acceptSession()
      #expect(peer.hearsNothing(for: 0.5))
      peer.hangUp()
      // The connection after that tries once more.
      try peer.acceptSession()
      #expect(try peer.answerSubscribe(0).filter == "$SYS/dropped")
      session.stop()
    }

    @Test("tells a broker that shuts down from one that vanishes") func shuttingDown() throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.acceptSession()
      try peer.send([0xE0, 2, 0x8B, 0])
      #expect(waitUntil { session.recorder.reasons.count == 1 })
      session.stop()
      #expect(
        session.recorder.reasons.first?.description
          == "the broker closed the connection: Server shutting down")
    }
  }
}
