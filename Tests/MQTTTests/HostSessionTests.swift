import Foundation
import MQTT
import Synchronization
import TestSupport
import Testing

/// A handler that states its presence, as a Sparkplug host application does: a will of each attempt's own time, a first
/// message once it is subscribed, and a last one before DISCONNECT.
private struct StatingHandler: BrokerSessionHandler {
  let mailbox: Mailbox
  let attempts: Attempts

  final class Attempts: Sendable {
    let count = Mutex(0)
  }

  mutating func will(connecting: Int64) -> Will? {
    mailbox.withdraw()
    let number = attempts.count.withLock { count in
      count += 1
      return count
    }
    return Will(topic: "state", payload: Array("gone \(number)".utf8))
  }

  mutating func connected(sessionPresent: Bool, at: Int64) { state("here") }
  mutating func stopping(now: Int64) { state("leaving") }
  mutating func awaitsMore(_ window: borrowing Window) -> Bool { false }
  mutating func commit(_ window: inout Window) {}
  mutating func tick(now: Int64) {}
  mutating func disconnected(reason: DisconnectReason, at: Int64) {}

  private func state(_ text: String) {
    if let message = OutgoingMessage(topic: "state", payload: Array(text.utf8), retained: true) {
      mailbox.publish(message)
    }
  }
}

/// CONNECT of MQTT 5 or 3.1.1, as far as these tests look at it.
private struct Connect: Equatable {
  var isClean: Bool
  var willQuality: UInt8
  var willIsRetained: Bool
  var hasSessionExpiry: Bool
  var will: String

  init(_ body: [UInt8]) {
    let flags = body[7]
    isClean = flags & 2 != 0
    willQuality = flags & 4 == 0 ? 0xFF : flags >> 3 & 3
    willIsRetained = flags & 0x20 != 0
    let isV5 = body[6] == 5
    // Session expiry has the identifier 0x11. Only short properties occur here.
    let properties = isV5 ? Array(body[11..<11 + Int(body[10])]) : []
    hasSessionExpiry = properties.contains(0x11)
    var at = isV5 ? 11 + Int(body[10]) : 10
    func text() -> String {
      let length = Int(body[at]) << 8 | Int(body[at + 1])
      defer { at += 2 + length }
      return String(decoding: body[(at + 2)..<(at + 2 + length)], as: UTF8.self)
    }
    _ = text()
    if isV5 { at += 1 + Int(body[at]) }
    will = text() + " " + text()
  }
}

extension OverTheWire {
  @Suite("A session that states its presence") struct HostSessionTests {
    private func settings(_ peer: ScriptedPeer, _ version: ProtocolVersion) -> BrokerSettings {
      BrokerSettings(
        endpoint: BrokerEndpoint(port: peer.port, protocolVersion: version, clientID: "host"),
        subscriptions: ["state", "nodes/#"], cleanStart: true, subscriptionQuality: .atMostOnce,
        window: WindowLimits(linger: 0), backoff: Backoff(initial: 20, maximum: 100))
    }

    private func run(_ settings: BrokerSettings, _ mailbox: Mailbox) -> Gate {
      let ended = Gate()
      let thread = Thread {
        var handler = StatingHandler(mailbox: mailbox, attempts: StatingHandler.Attempts())
        do throws(BrokerSessionError) {
          var session = try BrokerSession.open(settings: settings, mailbox: mailbox)
          try session.run(handler: &handler)
        } catch { Issue.record("\(error)") }
        ended.open()
      }
      thread.start()
      return ended
    }

    /// A PUBLISH to a topic of five letters, as text: after the topic the id and, in MQTT 5, no properties.
    private func text(_ packet: ScriptedPeer.Packet, _ version: ProtocolVersion) -> String {
      String(decoding: packet.body[(version == .v5 ? 10 : 9)...], as: UTF8.self)
    }

    @Test(
      """
      tck-id-message-flow-phid-sparkplug-clean-session-311, tck-id-message-flow-phid-sparkplug-clean-session-50, \
      tck-id-host-topic-phid-birth-message, \
      tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean: it begins clean with a will of this attempt, \
      publishes first when it is subscribed, and last before DISCONNECT
      """, arguments: [ProtocolVersion.v5, .v311])
    func order(version: ProtocolVersion) throws {
      let peer = try ScriptedPeer()
      let mailbox = try Mailbox()
      let ended = run(settings(peer, version), mailbox)
      defer { mailbox.stop() }
      for attempt in 1...2 {
        try peer.accept()
        let connect = Connect(try peer.expect(ScriptedPeer.connect).body)
        #expect(connect.isClean)
        #expect(!connect.hasSessionExpiry)
        #expect(connect.willQuality == 1)
        #expect(connect.willIsRetained)
        #expect(connect.will == "state gone \(attempt)")
        try peer.send(version == .v5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0])
        let subscribe = try peer.expect(ScriptedPeer.subscribe).body
        // Nothing is published before the broker has granted the subscriptions, at QoS 0.
        #expect(peer.hearsNothing(for: 0.3))
        let id = [subscribe[0], subscribe[1]]
        try peer.send(version == .v5 ? [0x90, 5] + id + [0, 0, 0] : [0x90, 4] + id + [0, 0])
        let birth = try peer.expect(0x33)
        #expect(text(birth, version) == "here")
        if attempt == 1 { peer.hangUp() } else { try peer.send([0x40, 2, birth.body[7], birth.body[8]]) }
      }
      mailbox.stop()
      #expect(text(try peer.expect(0x33), version) == "leaving")
      try peer.expect(ScriptedPeer.disconnect)
      peer.hangUp()
      ended.wait()
    }
  }
}
