import Foundation
import MQTT
import Synchronization
import TestSupport
import Testing

extension OverTheWire {
  @Suite("Connection trial") struct ConnectionTrialTests {
    @Test("A filter that is refused, and one granted at QoS 0 only, are told apart from one that is granted")
    func grants() throws {
      let peer = try ScriptedPeer()
      let found = Mutex<[ConnectionTrial.Grant]?>(nil)
      let done = DispatchSemaphore(value: 0)
      let port = peer.port
      Thread.detachNewThread {
        let grants = try? ConnectionTrial.run(
          BrokerEndpoint(port: port, clientID: "trial"), filters: ["a/#", "b/#", "c"])
        found.withLock { $0 = grants }
        done.signal()
      }
      try peer.acceptSession(sessionPresent: false, granting: [1, 0, 0x87])
      done.wait()
      let grants = try #require(found.withLock { $0 })
      #expect(grants.map(\.filter) == ["a/#", "b/#", "c"])
      #expect(grants.map(\.code) == [1, 0, 0x87])
      #expect(grants[0].refusal == nil)
      #expect(grants[1].refusal == "it grants only QoS 0")
      #expect(grants[2].refusal?.hasSuffix("(code 0x87)") == true)
    }

    @Test("A real broker grants it, and the session that it has stays") func realBroker() throws {
      let broker = try MosquittoBroker()
      let session = try RunningSession(settings(port: broker.port))
      #expect(waitUntil { session.recorder.connected == [false] })
      let grants = try ConnectionTrial.run(
        BrokerEndpoint(port: broker.port, clientID: "trial"), filters: ["factory/#"])
      #expect(grants.map(\.refusal) == [nil])
      try publish(["heard"], port: broker.port)
      #expect(waitUntil { session.recorder.payloads == ["heard"] })
      session.stop()
      #expect(session.recorder.connected == [false])
    }
  }
}
