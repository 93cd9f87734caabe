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

    @Test("a broker without TLS gets no connection, and its port is named") func plainBroker() throws {
      let broker = try MosquittoBroker()
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.reasons.count >= 3 })
      session.stop()
      #expect(session.recorder.connected.isEmpty)
      #expect(!broker.log.contains("as collector"))
      #expect(
        Set(session.recorder.reasons.prefix(3).map(\.description)) == [
          """
          localhost:\(broker.port) ended the connection before it answered over TLS: this port may expect connections \
          without TLS; set mqtt.port to the broker's port for TLS
          """
        ])
    }

    @Test(
      "a broker that expects TLS is not taken for one with another client of the same id",
      arguments: [ProtocolVersion.v311, .v5])
    func plainConnection(version: ProtocolVersion) throws {
      let broker = try broker(names: "DNS:localhost")
      var settings = settings(port: broker.port)
      settings.endpoint.protocolVersion = version
      let session = try RunningSession(settings)
      #expect(waitUntil { session.recorder.reasons.count >= 3 })
      session.stop()
      #expect(session.recorder.connected.isEmpty)
      #expect(
        Set(session.recorder.reasons.prefix(3).map(\.description)) == [
          """
          127.0.0.1:\(broker.port) ended the connection before it answered as a broker: this port may expect TLS \
          (mqtt.tls), or belong to another program (mqtt.port); or the broker, or a load balancer before it, takes no \
          more connections
          """
        ])
    }

    @Test(
      "an alert of TLS, another program's answer and a silent end are told from a broker's answer",
      arguments: [
        ([0x15, 3, 1, 0, 2, 2, 70], true), (Array("HTTP/1.1 400 ".utf8), true), ([], true),
        ([0x20, 0], false),
      ]
        as [([UInt8], Bool)])
    func otherAnswers(bytes: [UInt8], isForeign: Bool) throws {
      let peer = try ScriptedPeer()
      let session = try RunningSession(settings(port: peer.port))
      try peer.accept()
      try peer.expect(ScriptedPeer.connect)
      try peer.send(bytes)
      peer.hangUp()
      #expect(waitUntil { !session.recorder.reasons.isEmpty })
      session.stop()
      let first = try #require(session.recorder.reasons.first)
      if case .foreign(let host, let port, let overTLS) = first {
        #expect(isForeign && host == "127.0.0.1" && port == peer.port && !overTLS)
      } else {
        #expect(!isForeign, "\(first)")
      }
    }

    @Test("a client certificate is shown where the broker asks for one") func clientCertificate() throws {
      let broker = try broker(names: "DNS:localhost", clientCertificates: true)
      var settings = settings(port: broker.port)
      settings.endpoint = endpoint(broker, clientID: "collector")
      let without = try RunningSession(settings)
      #expect(waitUntil { without.recorder.reasons.count >= 4 })
      without.stop()
      #expect(without.recorder.connected.isEmpty)
      #expect(
        Set(without.recorder.reasons.prefix(4).map(\.description)) == [
          """
          localhost:\(broker.port) ended the connection after the TLS handshake, before it answered: the broker may \
          require a certificate: set mqtt.tls.certificate_file and key_file
          """
        ])
      let client = try authority.issue("client", alternativeName: "DNS:client")
      settings.endpoint.tls = TLSSettings(
        caFile: authority.caFile, certificateFile: client.certificateFile, keyFile: client.keyFile)
      let with = try RunningSession(settings)
      #expect(waitUntil { with.recorder.connected == [false] })
      with.stop()
    }

    @Test(
      "another program's port is named in each attempt over TLS",
      arguments: [Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), []])
    func otherProgram(bytes: [UInt8]) throws {
      let peer = try ScriptedPeer()
      var settings = settings(port: peer.port)
      settings.endpoint.tls = TLSSettings(caFile: authority.caFile)
      let session = try RunningSession(settings)
      for _ in 1...3 {
        try peer.accept()
        try peer.send(bytes)
        peer.hangUp()
      }
      #expect(waitUntil { session.recorder.reasons.count >= 3 })
      session.stop()
      for reason in session.recorder.reasons.prefix(3) {
        guard case .foreign(host: "127.0.0.1", port: peer.port, overTLS: true) = reason else {
          Issue.record("not taken for another program: \(reason)")
          continue
        }
      }
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
