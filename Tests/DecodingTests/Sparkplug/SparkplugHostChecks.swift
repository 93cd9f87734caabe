import Decoding
import Telemetry
import Testing

/// A check written after an assertion that the specification makes about host applications, and named after its id.
struct HostCheck: Sendable, CustomTestStringConvertible {
  var id: String
  var run: @Sendable () throws -> Void

  init(_ id: String, _ run: @escaping @Sendable () throws -> Void) {
    self.id = id
    self.run = run
  }

  var testDescription: String { id }
}

/// What a host says about itself in one connection, from an intended beginning to an intended end.
private struct Presence {
  static let topic = "spBv1.0/STATE/millwright"
  /// Times of the connect, of the granted subscriptions and of the end, in milliseconds.
  static let (connect, subscribed, end): (Int64, Int64, Int64) = (1000, 1250, 9000)

  var host = HostUnderTest()
  let will: SparkplugPublication
  let births: [SparkplugPublication]

  init() {
    will = host.session.connect(at: Timestamp(milliseconds: Self.connect))
    host.now = Timestamp(milliseconds: Self.subscribed)
    births = host.session.subscribed(at: host.now)
  }

  func birth() throws -> SparkplugPublication { try #require(births.first) }

  mutating func deaths() -> [SparkplugPublication] {
    host.session.stop(at: Timestamp(milliseconds: Self.end)).publications
  }

  mutating func death() throws -> SparkplugPublication { try #require(deaths().first) }

  static func payload(_ isOnline: Bool, _ timestamp: Int64) -> [UInt8] {
    Array("{\"online\":\(isOnline),\"timestamp\":\(timestamp)}".utf8)
  }
}

extension HostCheck {
  /// Session establishment, and what edge nodes make of it.
  static let establishment: [HostCheck] =
    [
      "tck-id-conformance-primary-host", "tck-id-intro-sparkplug-host-state", "tck-id-components-ph-state",
    ].map { id in
      HostCheck(id) {
        var presence = Presence()
        let said = try [presence.birth(), presence.will, presence.death()]
        #expect(said.map(\.topic) == Array(repeating: Presence.topic, count: 3))
        #expect(
          said.map { $0.payload.withUnsafeBytes { SparkplugState($0)?.isOnline } } == [true, false, false])
      }
    } + first + will + subscriptions + birth + nodes

  private static let first: [HostCheck] = [
    "tck-id-principles-birth-certificates-order", "tck-id-host-topic-phid-birth-message",
    "tck-id-message-flow-phid-sparkplug-subscription",
  ].map { id in
    HostCheck(id) {
      var host = HostUnderTest()
      _ = host.session.connect(at: host.now)
      // Nothing that happens before the subscriptions are granted has it publish anything.
      host.hears("NDATA", seq: 1)
      host.hears("NDATA", seq: 9)
      host.hears(topic: Presence.topic, payload: Presence.payload(false, 1))
      host.waits(.seconds(30))
      #expect(host.published == [])
      #expect(host.session.subscribed(at: host.now).map(\.topic) == [Presence.topic])
    }
  }

  private static let will: [HostCheck] =
    [
      "tck-id-operational-behavior-host-application-connect-will", "tck-id-host-topic-phid-death-required",
      "tck-id-payloads-state-will-message",
      "tck-id-operational-behavior-host-application-connect-will-topic",
      "tck-id-host-topic-phid-death-topic",
    ].map { HostCheck($0) { #expect(Presence().will.topic == Presence.topic) } }
    + [
      "tck-id-host-topic-phid-death-payload",
      "tck-id-operational-behavior-host-application-connect-will-payload",
      "tck-id-payloads-state-will-message-payload",
    ].map { HostCheck($0) { #expect(Presence().will.payload == Presence.payload(false, Presence.connect)) } }
    + [
      "tck-id-host-topic-phid-death-qos", "tck-id-operational-behavior-host-application-connect-will-qos",
      "tck-id-payloads-state-will-message-qos",
    ].map { HostCheck($0) { #expect(Presence().will.quality == 1) } }
    + [
      "tck-id-host-topic-phid-death-retain",
      "tck-id-operational-behavior-host-application-connect-will-retained",
      "tck-id-payloads-state-will-message-retain",
    ].map { HostCheck($0) { #expect(Presence().will.isRetained) } }
    + [
      HostCheck("tck-id-host-topic-phid-death-payload-timestamp-connect") {
        var host = Presence().host
        _ = host.session.disconnected()
        let second = host.session.connect(at: Timestamp(milliseconds: 5000))
        #expect(second.payload == Presence.payload(false, 5000))
      }
    ]

  private static let subscriptions: [HostCheck] = [
    "tck-id-host-topic-phid-birth-sub-required", "tck-id-payloads-state-subscribe",
  ].map { id in
    HostCheck(id) {
      #expect(
        Presence().host.session.filters == [
          Presence.topic, "spBv1.0/+/NBIRTH/+", "spBv1.0/+/NDEATH/+", "spBv1.0/+/NDATA/+",
          "spBv1.0/+/DBIRTH/+/+", "spBv1.0/+/DDEATH/+/+", "spBv1.0/+/DDATA/+/+",
        ])
    }
  }

  private static let birth: [HostCheck] =
    [
      "tck-id-host-topic-phid-birth-required",
      "tck-id-operational-behavior-host-application-connect-birth",
      "tck-id-message-flow-phid-sparkplug-state-publish",
    ].map { HostCheck($0) { #expect(Presence().births.count == 1) } }
    + [
      "tck-id-host-topic-phid-birth-topic",
      "tck-id-operational-behavior-host-application-connect-birth-topic",
    ].map {
      HostCheck($0) {
        let found = try Presence().birth()
        #expect(found.topic == Presence.topic)
      }
    }
    + [
      "tck-id-host-topic-phid-birth-payload",
      "tck-id-operational-behavior-host-application-connect-birth-payload",
      "tck-id-message-flow-phid-sparkplug-state-publish-payload", "tck-id-payloads-state-birth-payload",
      "tck-id-host-topic-phid-birth-payload-timestamp",
      "tck-id-message-flow-phid-sparkplug-state-publish-payload-timestamp",
    ].map {
      // The time is that of the will, not of the birth.
      HostCheck($0) {
        let found = try Presence().birth()
        #expect(found.payload == Presence.payload(true, Presence.connect))
      }
    }
    + [
      "tck-id-host-topic-phid-birth-qos", "tck-id-operational-behavior-host-application-connect-birth-qos",
    ].map {
      HostCheck($0) {
        let found = try Presence().birth()
        #expect(found.quality == 1)
      }
    }
    + [
      "tck-id-host-topic-phid-birth-retain",
      "tck-id-operational-behavior-host-application-connect-birth-retained",
    ].map {
      HostCheck($0) {
        let found = try Presence().birth()
        #expect(found.isRetained)
      }
    }
    + [
      HostCheck("tck-id-payloads-state-birth") {
        let birth = try Presence().birth()
        #expect(birth.topic == Presence.topic && birth.quality == 1 && birth.isRetained)
      },
      HostCheck("tck-id-message-flow-hid-sparkplug-state-message-delivered") {
        var presence = Presence()
        presence.host.hears(topic: Presence.topic, payload: Presence.payload(false, 900))
        #expect(presence.host.published == presence.births)
      },
    ]

  /// Edge nodes go silent after a statement that they do not accept.
  private static let nodes: [HostCheck] =
    [
      "tck-id-message-flow-edge-node-birth-publish-phid-wait",
      "tck-id-message-flow-edge-node-birth-publish-phid-wait-id",
      "tck-id-message-flow-edge-node-birth-publish-phid-wait-online",
    ].map { id in
      HostCheck(id) {
        let birth = try Presence().birth()
        #expect(birth.topic == Presence.topic)
        #expect(birth.payload.withUnsafeBytes { SparkplugState($0)?.isOnline } == true)
      }
    }
    + [
      "tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp",
      "tck-id-operational-behavior-edge-node-termination-host-offline-reconnect",
    ].map { id in
      HostCheck(id) {
        // The clock was set back after the death of the connection before.
        var presence = Presence()
        presence.host.hears(topic: Presence.topic, payload: Presence.payload(false, 7000))
        _ = presence.host.session.disconnected()
        _ = presence.host.session.connect(at: Timestamp(milliseconds: 2000))
        let births = presence.host.session.subscribed(at: Timestamp(milliseconds: 2100))
        #expect(births.map(\.payload) == [Presence.payload(true, 7000)])
      }
    }
    + [
      "tck-id-message-flow-edge-node-birth-publish-phid-offline",
      "tck-id-operational-behavior-edge-node-termination-host-offline",
      "tck-id-operational-behavior-edge-node-termination-host-offline-timestamp",
    ].map { id in
      HostCheck(id) {
        // Both deaths are no older than the birth, so that nodes accept them; the clock was set back before the end.
        var presence = Presence()
        #expect(presence.will.payload == Presence.payload(false, Presence.connect))
        let due = presence.host.session.stop(at: Timestamp(milliseconds: 500))
        #expect(due.publications.map(\.payload) == [Presence.payload(false, Presence.connect)])
      }
    }

  // MARK: Termination

  /// Session termination.
  static let termination: [HostCheck] = [
    HostCheck("tck-id-operational-behavior-host-application-termination") {
      var presence = Presence()
      #expect(presence.deaths().count == 1)
    },
    HostCheck("tck-id-operational-behavior-host-application-death-topic") {
      var presence = Presence()
      let found = try presence.death()
      #expect(found.topic == Presence.topic)
    },
    HostCheck("tck-id-operational-behavior-host-application-death-payload") {
      var presence = Presence()
      let found = try presence.death()
      #expect(found.payload == Presence.payload(false, Presence.end))
    },
    HostCheck("tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean") {
      var presence = Presence()
      let found = try presence.death()
      #expect(found.payload == Presence.payload(false, Presence.end))
    },
    HostCheck("tck-id-operational-behavior-host-application-death-qos") {
      var presence = Presence()
      let found = try presence.death()
      #expect(found.quality == 1)
    },
    HostCheck("tck-id-operational-behavior-host-application-death-retained") {
      var presence = Presence()
      let found = try presence.death()
      #expect(found.isRetained)
    },
    HostCheck("tck-id-operational-behavior-host-application-disconnect-intentional") {
      // Nothing is published between the death and DISCONNECT.
      var presence = Presence()
      _ = presence.deaths()
      presence.host.hears(topic: Presence.topic, payload: Presence.payload(false, Presence.end))
      presence.host.hears("NDATA", seq: 9)
      presence.host.waits(.seconds(30))
      #expect(presence.host.published == [] && presence.deaths() == [])
    },
  ]
}
