import Daemon
import Foundation
import MQTT
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

extension WithBroker {
  @Suite("A collector as a Sparkplug host application") struct SparkplugTests {
    private static let source = "{ format: sparkplug, host_id: park, reorder_timeout: 200ms }"

    private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// What the broker retains about the host.
    private func state(_ site: Site, of host: String = "park") throws -> String {
      try run(
        "mosquitto_sub",
        ["-p", "\(site.broker.port)", "-t", "spBv1.0/STATE/\(host)", "-C", "1", "-W", "20", "-F", "%r %p"]
      ).output
    }

    private func publish(_ site: Site, _ messages: [(topic: String, payload: [UInt8])]) throws {
      var publisher = try Publisher.open(
        endpoint: BrokerEndpoint(port: site.broker.port, clientID: "node"))
      try publisher.connect()
      for message in messages {
        try publisher.publish(topic: "spBv1.0/F001/" + message.topic, payload: message.payload)
      }
      try publisher.drain(milliseconds: 20_000)
      publisher.disconnect()
    }

    private func births(_ state: String) -> [(topic: String, payload: [UInt8])] {
      let time = now
      return [
        ("NBIRTH/W01", SparkplugMessage.payload(at: time, seq: 0, [SparkplugMessage.session(1)])),
        (
          "DBIRTH/W01/M1",
          SparkplugMessage.payload(at: time, seq: 1, [SparkplugMessage.text("Status/State", alias: 7, state)])
        ),
      ]
    }

    private func data(_ state: String, seq: UInt8) -> (topic: String, payload: [UInt8]) {
      (
        "DDATA/W01/M1",
        SparkplugMessage.payload(at: now, seq: seq, [SparkplugMessage.text(nil, alias: 7, state)])
      )
    }

    @Test(
      "It states its presence, reads births and data by alias, asks for a rebirth after a gap, and leaves")
    func life() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings(sources: [Site.status, Self.source]))
      let running = RunningCollector(collector)
      try running.awaitConnection()
      // The birth is retained once the subscriptions are granted.
      #expect(waitUntil(20) { (try? state(site))?.contains(#""online":true"#) == true })
      try publish(site, births("running") + [data("idle", seq: 2)])
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      let answer = try site.folder.write("commands", "")
      let commands = try start(
        "mosquitto_sub",
        ["-p", "\(site.broker.port)", "-t", "spBv1.0/+/NCMD/+", "-C", "1", "-W", "30", "-F", "%t %q %r"],
        output: .appending(to: answer))
      #expect(waitUntil(10) { site.broker.log.contains("spBv1.0/+/NCMD/+") })
      try publish(site, [data("fault", seq: 9)])
      #expect(commands.wait(seconds: 30) == .exited(0))
      #expect(try String(contentsOfFile: answer, encoding: .utf8) == "spBv1.0/F001/NCMD/W01 0 0\n")
      #expect(waitUntil(20) { collector.status.messages.total == 4 })
      #expect(collector.status.messages.refused == 0)
      // Other sources go on beside it.
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 5 })
      running.stop()
      #expect(running.ended == "")
      #expect(try state(site).hasPrefix(#"1 {"online":false,"timestamp":"#))
    }

    @Test("A reload adds the host application, changes its name, and removes it; machines are offline then")
    func reload() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      collector.reload(try site.settings(sources: [Site.status, Self.source]))
      #expect(waitUntil(20) { (try? state(site))?.contains(#""online":true"#) == true })
      try publish(site, births("running") + [data("idle", seq: 2)])
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      // Another name: the host says farewell by the old one first.
      let renamed = Self.source.replacing("host_id: park", with: "host_id: town")
      collector.reload(try site.settings(sources: [Site.status, renamed]))
      #expect(waitUntil(20) { (try? state(site, of: "town"))?.contains(#""online":true"#) == true })
      #expect(try state(site).hasPrefix(#"1 {"online":false,"timestamp":"#))
      try publish(site, births("running"))
      #expect(waitUntil(20) { collector.status.messages.total == 5 })
      collector.reload(try site.settings())
      #expect(waitUntil(20) { (try? state(site, of: "town"))?.contains(#""online":false"#) == true })
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 6 })
      #expect(collector.status.messages.refused == 0)
      #expect(!site.log.contains("restart the collector"))
      running.stop()
      #expect(running.ended == "")
      let evidence = try ViewsReader(site.store).evidence(
        asOf: .now, period: .now - .days(1) ..< .now)
      #expect(
        evidence.equipment.map { "\($0.key.equipment) \($0.sessionOpen)" } == ["E1 false", "M1 false"])
    }

    @Test("After the broker has restarted, it states its presence again")
    func reconnection() throws {
      let site = try Site()
      let settings = try site.settings(sources: [Self.source])
      let collector = try site.collector(settings)
      let running = RunningCollector(collector)
      try running.awaitConnection()
      #expect(waitUntil(20) { (try? state(site))?.contains(#""online":true"#) == true })
      // A broker that ends without a word; it retains nothing, and the host states its presence again.
      try site.broker.restart()
      #expect(waitUntil(40) { (try? state(site))?.contains(#""online":true"#) == true })
      running.stop()
    }
  }
}
