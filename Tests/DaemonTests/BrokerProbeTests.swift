import Daemon
import Foundation
import MQTT
import Testing
import TestSupport

extension WithBroker {
  @Suite("Broker probe") struct BrokerProbeTests {
    @Test("A broker that would serve the collector is found so, beside a collector that is connected")
    func served() throws {
      let site = try Site()
      let running = RunningCollector(try site.collector(try site.settings()))
      try running.awaitConnection()
      #expect(try BrokerProbe(try site.settings()).run() == .served)
      #expect(running.collector.status.broker.connections == 1)
      running.stop()
    }

    @Test("A user that the broker does not know is told, with what to change") func refused() throws {
      var options = MosquittoBroker.Options()
      options.users = ["collector": "secret"]
      let site = try Site(options)
      let found = try BrokerProbe(try site.settings()).run()
      guard case .refused(let problem) = found else { throw SupportError("\(found)") }
      #expect(problem.description.hasPrefix("the broker refused the connection: "))
      let other = "; if it does, let it connect (in other brokers: access rules, ACL)"
      #expect(
        problem.remedy.english
          == "give mqtt.username and mqtt.password_file a user that the broker knows" + other)
      try site.folder.write("password", "wrong\n")
      let wrong = try BrokerProbe(
        try site.settings(mqtt: ", username: collector, password_file: password")
      ).run()
      #expect(
        wrong.problems.map(\.remedy.english) == [
          "check the password of 'collector' (mqtt.password_file) and that the broker knows this user" + other
        ])
      try site.folder.write("password", "secret\n")
      #expect(
        try BrokerProbe(try site.settings(mqtt: ", username: collector, password_file: password")).run()
          == .served)
    }

    @Test("Nobody listening, and somebody who says nothing, end within the time for connecting")
    func unreachable() throws {
      let port = try freePort()
      let nobody = try BrokerProbe(BrokerEndpoint(port: port, clientID: "p"), filters: ["a/#"]).run()
      guard case .unreachable(let problem) = nobody else { throw SupportError("\(nobody)") }
      #expect(problem.description.contains("127.0.0.1 port \(port)"))
      #expect(problem.remedy.english.contains("listens at 127.0.0.1:\(port)"))
      let (listener, silent) = try listenOnLoopback()
      defer { close(listener) }
      let began = ContinuousClock.now
      let mute = try BrokerProbe(
        BrokerEndpoint(port: silent, clientID: "p", connectDeadline: 300), filters: ["a/#"]
      ).run()
      #expect(ContinuousClock.now - began < .seconds(30))
      guard case .unreachable(let silence) = mute else { throw SupportError("\(mute)") }
      #expect(silence.description.hasSuffix("did not answer as a broker within 300 ms"))
    }
  }
}
