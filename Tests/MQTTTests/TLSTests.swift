import MQTT
import TestSupport
import Testing

extension OverTheWire {
  @Suite("Over TLS") struct TLSTests {
    private let directory: TemporaryDirectory
    private let authority: CertificateAuthority

    init() throws {
      directory = try TemporaryDirectory("tls")
      authority = try CertificateAuthority("authority", in: directory)
    }

    private func broker(names: String, clientCertificates: Bool = false) throws -> MosquittoBroker {
      var options = MosquittoBroker.Options()
      options.tls = try authority.issue("broker", alternativeName: names)
      options.requireClientCertificate = clientCertificates
      return try MosquittoBroker(options)
    }

    private func endpoint(_ broker: MosquittoBroker, clientID: String) -> BrokerEndpoint {
      BrokerEndpoint(
        host: "localhost", port: broker.port, clientID: clientID, tls: TLSSettings(caFile: authority.caFile))
    }

    @Test(
      "5,000 messages arrive without a stall, in windows that end inside a record", arguments: [1, 37, 5000])
    func noStall(window: Int) throws {
      let broker = try broker(names: "DNS:localhost")
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      settings.window = WindowLimits(messages: window, linger: 10)
      let first = try RunningSession(settings)
      #expect(waitUntil { first.recorder.connected == [false] })
      first.stop()
      var publisher = try Publisher.open(endpoint: endpoint(broker, clientID: "publisher"))
      try publisher.connect()
      for number in 0..<5000 {
        try publisher.publish(topic: "factory/F1/status", payload: Array("m\(number)".utf8))
      }
      try publisher.drain(milliseconds: 20_000)
      publisher.disconnect()
      #expect(publisher.accepted == 5000)
      let second = try RunningSession(settings)
      #expect(waitUntil(20) { second.recorder.messages.count >= 5000 })
      second.stop()
      #expect(second.recorder.payloads == (0..<5000).map { "m\($0)" })
      #expect(second.recorder.connected == [true])
      #expect(MQTTLibrary.isBuffered == MQTTLibrary.hasSocketBuffer)
    }

    @Test("a broker of another authority gets no connection") func wrongAuthority() throws {
      let broker = try broker(names: "DNS:localhost")
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      let other = try CertificateAuthority("other", in: directory)
      settings.endpoint.tls = TLSSettings(caFile: other.caFile)
      try expectRefused(settings, broker)
    }

    @Test("a broker with another host's certificate gets no connection") func wrongHost() throws {
      let broker = try broker(names: "DNS:broker.example,IP:192.0.2.1")
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      try expectRefused(settings, broker)
    }

    @Test("a broker without TLS gets no connection") func plainBroker() throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      settings.endpoint.connectDeadline = 1000
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.reasons.count >= 2 })
      session.stop()
      #expect(session.recorder.connected.isEmpty)
      #expect(!broker.log.contains("as collector"))
    }

    @Test("a client certificate is shown where the broker asks for one") func clientCertificate() throws {
      let broker = try broker(names: "DNS:localhost", clientCertificates: true)
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      let without = try RunningSession(settings)
      #expect(waitUntil { without.recorder.reasons.count >= 2 })
      without.stop()
      #expect(without.recorder.connected.isEmpty)
      let client = try authority.issue("client", alternativeName: "DNS:client")
      settings.endpoint.tls = TLSSettings(
        caFile: authority.caFile, certificateFile: client.certificateFile, keyFile: client.keyFile)
      let with = try RunningSession(settings)
      #expect(waitUntil { with.recorder.connected == [false] })
      with.stop()
    }

    private func expectRefused(_ settings: BrokerSettings, _ broker: MosquittoBroker) throws {
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.reasons.count >= 2 })
      session.stop()
      #expect(session.recorder.connected.isEmpty)
      #expect(!broker.log.contains("as collector"), "not even a CONNECT was sent")
      let first = try #require(session.recorder.reasons.first)
      guard case .tls = first else {
        Issue.record("not refused for its certificate: \(first)")
        return
      }
    }
  }
}
