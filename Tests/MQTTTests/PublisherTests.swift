import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("A publisher") struct PublisherTests {
    private let will = Will(topic: "factory/F1/E1/connection", payload: Array("offline".utf8))

    @Test("knows which of its messages the broker took", arguments: [ProtocolVersion.v5, .v311])
    func acknowledgements(version: ProtocolVersion) throws {
      let broker = try MosquittoBroker()
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, protocolVersion: version, clientID: "p"),
        maximumInFlight: 10,
        keepsNumbers: true)
      try publisher.connect()
      for number in 0..<1000 {
        #expect(try publisher.publish(topic: "t", payload: [UInt8(number & 0xFF)]) == number)
        #expect(publisher.outstanding <= 10)
      }
      try publisher.drain(milliseconds: 10_000)
      #expect(publisher.accepted == 1000)
      #expect(publisher.refused == 0)
      #expect(publisher.outstanding == 0)
      #expect(publisher.takeAcceptedNumbers() == Array(0..<1000))
      #expect(publisher.takeAcceptedNumbers().isEmpty)
      publisher.disconnect()
    }

    @Test("leaves its will when it vanishes, not when it disconnects") func wills() throws {
      let broker = try MosquittoBroker()
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.connected == [false] })
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, clientID: "F1"), will: will)
      try publisher.connect()
      publisher.disconnect()
      try publisher.connect()
      try publisher.publish(topic: "factory/F1/status", payload: Array("alive".utf8))
      try publisher.drain(milliseconds: 5000)
      publisher.drop()
      #expect(waitUntil { session.recorder.messages.count >= 2 })
      session.stop()
      #expect(session.recorder.payloads == ["alive", "offline"])
    }

    @Test("counts what the access list refuses") func refused() throws {
      var options = MosquittoBroker.Options()
      options.users = ["F1": "one"]
      options.accessList = "pattern write factory/%u/#"
      let broker = try MosquittoBroker(options)
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, clientID: "F1", username: "F1", password: "one"))
      try publisher.connect()
      try publisher.publish(topic: "factory/F1/status", payload: [1])
      try publisher.publish(topic: "factory/F2/status", payload: [2])
      // mosquitto 2.0.11 may close the connection behind a refusal.
      try? publisher.drain(milliseconds: 5000)
      #expect(publisher.accepted == 1)
      #expect(publisher.refused == 1)
      publisher.disconnect()
    }

    @Test("sends again after the broker's crash what was not acknowledged") func brokerCrash() throws {
      let broker = try MosquittoBroker()
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, clientID: "p"), keepsNumbers: true)
      try publisher.connect()
      try publisher.publish(topic: "t", payload: [0])
      try publisher.drain(milliseconds: 5000)
      broker.kill()
      #expect(throws: DisconnectReason.self) {
        for _ in 0..<10 {
          try publisher.publish(topic: "t", payload: [1])
          try publisher.serve(milliseconds: 50)
        }
      }
      #expect(throws: DisconnectReason.self) { try publisher.connect() }
      let unacknowledged = publisher.outstanding
      #expect(unacknowledged > 0)
      try broker.start()
      try publisher.connect()
      try publisher.drain(milliseconds: 5000)
      #expect(publisher.accepted == 1 + unacknowledged)
      publisher.disconnect()
    }

    @Test("stays connected while it has nothing to say") func keepalive() throws {
      let broker = try MosquittoBroker()
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: broker.port, clientID: "p", keepalive: 5))
      try publisher.connect()
      try publisher.serve(milliseconds: 6000)
      #expect(broker.log.contains("Sending PINGRESP to p"))
      publisher.disconnect()
    }
  }
}
