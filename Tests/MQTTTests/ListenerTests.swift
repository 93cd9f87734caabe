import MQTT
import Testing
import TestSupport

@Suite("A client that listens for a while") struct ListenerTests {
  private func listen(
    _ broker: MosquittoBroker, _ filters: [String], messages: Int, milliseconds: Int64 = 60_000
  ) throws -> [String] {
    let endpoint = BrokerEndpoint(port: broker.port, clientID: "listener")
    var heard: [String] = []
    var subscriptions = 0
    try Listener.run(endpoint, filters: filters, milliseconds: milliseconds, mailbox: Mailbox()) {
      subscriptions += 1
    } receive: { window in
      for index in 0..<window.count {
        heard.append(
          String(decoding: window.topic(index), as: UTF8.self) + (window.retained(index) ? " retained" : ""))
      }
      return heard.count < messages
    }
    #expect(subscriptions == 1)
    return heard.sorted()
  }

  private func publish(_ broker: MosquittoBroker, _ topics: [String]) throws {
    for topic in topics {
      try run(
        "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-r", "-t", topic, "-m", "1"])
    }
  }

  @Test("It hears what the broker retains, and ends when the receiver has enough") func retained() throws {
    let broker = try MosquittoBroker()
    try publish(broker, ["a/1", "a/2", "b/1"])
    #expect(try listen(broker, ["a/#"], messages: 2) == ["a/1 retained", "a/2 retained"])
    // The session left nothing behind, so that the next one hears the same.
    #expect(
      try listen(broker, ["#"], messages: 3) == ["a/1 retained", "a/2 retained", "b/1 retained"])
  }

  @Test("It ends when its time is over, or when it is told to stop") func ends() throws {
    let broker = try MosquittoBroker()
    #expect(try listen(broker, ["#"], messages: 1, milliseconds: 0) == [])
    let mailbox = try Mailbox()
    mailbox.stop()
    try Listener.run(
      BrokerEndpoint(port: broker.port, clientID: "listener"), filters: ["#"], milliseconds: 60_000,
      mailbox: mailbox
    ) {
    } receive: { _ in
      true
    }
  }

  @Test(
    "A filter that the broker refuses is named",
    .enabled(if: MosquittoBroker.canRefuseSubscriptions, "mosquitto has no plugin that refuses subscriptions")
  )
  func refused() throws {
    var options = MosquittoBroker.Options()
    options.refusedSubscriptions = ["#"]
    let broker = try MosquittoBroker(options)
    do {
      _ = try listen(broker, ["#"], messages: 1)
      Issue.record("the broker granted the filter")
    } catch let reason as DisconnectReason {
      #expect("\(reason)".contains("#"))
      guard case .subscriptionRefused(filter: "#", code: 0x87, _) = reason else {
        Issue.record("\(reason)")
        return
      }
    }
  }
}
