import Foundation
import MQTT
import Synchronization
import TestSupport
import Testing

/// Sessions on one thread of their own, stopped when the last reference to it goes.
private final class RunningGroup {
  let recorders: [Recorder]
  let mailboxes: [Mailbox]
  private let errors: Outcome

  private final class Outcome: Sendable {
    let errors = Mutex<[String]?>(nil)
  }

  init(_ settings: [BrokerSettings], beforeCommit: [@Sendable (Int) throws -> Void]) throws {
    let recorders = settings.map { _ in Recorder() }
    let mailboxes = try settings.map { _ in try Mailbox() }
    let outcome = Outcome()
    (self.recorders, self.mailboxes, errors) = (recorders, mailboxes, outcome)
    let thread = Thread {
      var group = SessionGroup()
      do throws(BrokerSessionError) {
        for index in settings.indices {
          group.add(
            try BrokerSession.open(settings: settings[index], mailbox: mailboxes[index]),
            handler: RecordingHandler(recorder: recorders[index], beforeCommit: beforeCommit[index]))
        }
        let errors = group.run().map { $0?.description ?? "" }
        outcome.errors.withLock { $0 = errors }
      } catch {
        outcome.errors.withLock { $0 = [error.description] }
      }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  deinit { for mailbox in mailboxes { mailbox.stop() } }

  /// What ended each session, empty for a requested stop; nil while one runs.
  var ended: [String]? { errors.errors.withLock { $0 } }

  func stop() {
    for mailbox in mailboxes { mailbox.stop() }
    #expect(waitUntil(20) { ended != nil }, "the sessions did not stop")
  }
}

extension OverTheWire {
  @Suite("Sessions on one thread") struct SessionGroupTests {
    @Test("One receives at QoS 1 what the other publishes; the other's will is published when it is cut off")
    func twoHandles() throws {
      let broker = try MosquittoBroker()
      let receiver = settings(port: broker.port, clientID: "receiver", linger: 5)
      var host = settings(port: broker.port, clientID: "host", filters: ["STATE/#"])
      host.will = { _ in Will(topic: "factory/STATE", payload: Array("offline".utf8)) }
      let group = try RunningGroup([receiver, host], beforeCommit: [{ _ in }, { _ in }])
      #expect(waitUntil { group.recorders.allSatisfy { $0.connected == [false] } })

      let sent = (0..<500).map { "m\($0)" }
      var numbers: [Int] = []
      for text in sent {
        let message = try #require(OutgoingMessage(topic: "factory/F1/status", payload: Array(text.utf8)))
        numbers.append(try #require(group.mailboxes[1].publish(message)))
      }
      #expect(waitUntil { group.recorders[1].outcomes.count == 500 })
      #expect(numbers.allSatisfy { group.recorders[1].outcomes[$0] == .accepted })
      #expect(waitUntil { group.recorders[0].count == 500 })
      #expect(group.recorders[0].payloads == sent)

      // The other way round, through both windows.
      try publish(["to the host"], to: "STATE/x", port: broker.port)
      #expect(waitUntil { group.recorders[1].payloads == ["to the host"] })

      var usurper = try Publisher.open(endpoint: BrokerEndpoint(port: broker.port, clientID: "host"))
      try usurper.connect()
      #expect(waitUntil { group.recorders[0].payloads.last == "offline" })
      usurper.disconnect()
      group.stop()
      #expect(group.recorders[0].reasons.map(\.description) == ["stopped on request"])
      #expect(group.ended?[0] == "")
    }

    @Test("Each keeps its acknowledgements until its own commit, and no session waits for another's broker")
    func ownWindows() throws {
      let peers = [try ScriptedPeer(), try ScriptedPeer()]
      var lingering = settings(port: peers[0].port, linger: 60_000)
      lingering.window.messages = 3
      let group = try RunningGroup(
        [lingering, settings(port: peers[1].port, clientID: "other")], beforeCommit: [{ _ in }, { _ in }])
      // The first broker accepts connections and says nothing for a while: the other is served.
      try peers[1].acceptSession()
      #expect(waitUntil { group.recorders[1].connected == [true] })
      try peers[1].send(ScriptedPeer.publish(id: 1, payload: "while the other connects"))
      #expect(try peers[1].expectAcknowledgements(1) == [1])
      try peers[0].acceptSession()
      #expect(waitUntil { group.recorders[0].connected == [true] })

      // The first one's window holds messages; the other's are committed and acknowledged meanwhile.
      try peers[0].send((1...2).flatMap { ScriptedPeer.publish(id: $0, payload: "held \($0)") })
      for id in 2...20 {
        try peers[1].send(ScriptedPeer.publish(id: id, payload: "m\(id)"))
        #expect(try peers[1].expectAcknowledgements(1) == [id])
      }
      #expect(group.recorders[0].commitsBegun == 0)
      try peers[0].send(ScriptedPeer.publish(id: 3, payload: "held 3"))
      #expect(try peers[0].expectAcknowledgements(3) == [1, 2, 3])
      #expect(group.recorders[0].payloads == ["held 1", "held 2", "held 3"])
      group.mailboxes[1].stop()
      try peers[1].expect(ScriptedPeer.disconnect)
      peers[1].hangUp()
      // One that has ended leaves the other running.
      try peers[0].send((4...6).flatMap { ScriptedPeer.publish(id: $0, payload: "held \($0)") })
      #expect(try peers[0].expectAcknowledgements(3) == [4, 5, 6])
      #expect(group.ended == nil)
      group.stop()
      #expect(group.ended == ["", ""])
    }

    @Test("A failed commit of one acknowledges nothing of it and leaves the other connected")
    func failedCommit()
      throws
    {
      let peers = [try ScriptedPeer(), try ScriptedPeer()]
      let group = try RunningGroup(
        peers.map { settings(port: $0.port) },
        beforeCommit: [{ number in if number == 0 { throw StoreFailure() } }, { _ in }])
      for peer in peers { try peer.acceptSession() }
      for peer in peers { try peer.send(ScriptedPeer.publish(id: 1, payload: "m")) }
      #expect(try peers[1].expectAcknowledgements(1) == [1])
      #expect(try peers[0].next() == nil, "nothing but the connection's end")
      try peers[0].acceptSession()
      try peers[0].send(ScriptedPeer.publish(id: 1, payload: "m"))
      #expect(try peers[0].expectAcknowledgements(1) == [1])
      try peers[1].send(ScriptedPeer.publish(id: 2, payload: "n"))
      #expect(try peers[1].expectAcknowledgements(1) == [2])
      withExtendedLifetime(peers) {
        #expect(group.recorders.map(\.reasons.count) == [1, 0])
      }
      group.stop()
    }

    @Test("The handler of one that has ended is freed while others run") func freed() throws {
      let mailboxes = [try Mailbox(), try Mailbox()]
      let unused = try ScriptedPeer()
      var group = SessionGroup()
      weak var first: Recorder?
      for (place, mailbox) in mailboxes.enumerated() {
        let recorder = Recorder()
        if place == 0 { first = recorder }
        group.add(
          try BrokerSession.open(settings: settings(port: unused.port), mailbox: mailbox),
          handler: RecordingHandler(recorder: recorder))
      }
      #expect(first != nil)
      mailboxes[0].stop()
      var wasFreed: Bool?
      let errors = group.run(ended: { place, _ in
        if place == 0 { mailboxes[1].stop() } else { wasFreed = first == nil }
      })
      #expect(errors.map { $0?.description } == [nil, nil])
      #expect(wasFreed == true)
    }

    @Test("One that another client takes over ends with its error, and the others go on") func takenOver()
      throws
    {
      let peers = [try ScriptedPeer(), try ScriptedPeer()]
      let group = try RunningGroup(
        peers.map { settings(port: $0.port) }, beforeCommit: [{ _ in }, { _ in }])
      for peer in peers { try peer.acceptSession() }
      try peers[0].send([0xE0, 2, 0x8E, 0])
      #expect(waitUntil { group.recorders[0].reasons.count == 1 })
      try peers[1].send(ScriptedPeer.publish(id: 1, payload: "m"))
      #expect(try peers[1].expectAcknowledgements(1) == [1])
      group.stop()
      #expect(
        group.ended == [
          "another client connected as 'collector'; give each collector its own client id", "",
        ])
    }
  }
}
