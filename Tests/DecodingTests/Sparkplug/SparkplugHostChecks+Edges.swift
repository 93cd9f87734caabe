import Decoding
import Telemetry
import Testing

/// A rebirth request and its only metric.
private struct Request {
  let publication: SparkplugPublication
  let instant: Timestamp
  let payload: SparkplugPayloadCopy

  struct SparkplugPayloadCopy {
    var timestamp: UInt64?
    var sequence: UInt64?
    var metrics = 0
    var name: String?
    var alias: UInt64?
    var datatype: UInt32?
    var isTrue = false
  }

  /// The request that a gap of edge node E1 ends in.
  init() throws {
    var host = SparkplugOrderTests.born()
    host.hears("NDATA", seq: 9)
    host.waits(.seconds(5))
    publication = try #require(host.published.first)
    #expect(host.published.count == 1)
    instant = host.now
    payload = try publication.payload.withUnsafeBytes { bytes in
      let payload = try SparkplugPayload(bytes)
      var copy = SparkplugPayloadCopy(timestamp: payload.timestamp, sequence: payload.sequence)
      var metrics = payload.metrics
      while let metric = try metrics.next() {
        copy.metrics += 1
        copy.name = metric.name.map { String(decoding: $0, as: UTF8.self) }
        copy.alias = metric.alias
        copy.datatype = metric.datatype
        if case .boolean(true) = metric.value { copy.isTrue = true }
      }
      return copy
    }
  }
}

extension HostCheck {
  /// Sending commands: the only one is the rebirth request.
  static let commands: [HostCheck] =
    [
      "tck-id-operational-behavior-data-commands-ncmd-verb", "tck-id-topics-ncmd-topic",
      "tck-id-operational-behavior-data-commands-ncmd-rebirth-verb",
    ].map {
      HostCheck($0) {
        let found = try Request()
        #expect(found.publication.topic == "spBv1.0/F001/NCMD/E1")
      }
    }
    + ["tck-id-payloads-ncmd-qos", "tck-id-payloads-ncmd-retain", "tck-id-topics-ncmd-mqtt"].map { id in
      HostCheck(id) {
        let publication = try Request().publication
        #expect(publication.quality == 0 && !publication.isRetained)
      }
    }
    + ["tck-id-topics-ncmd-timestamp", "tck-id-payloads-ncmd-timestamp"].map { id in
      HostCheck(id) {
        let request = try Request()
        #expect(request.payload.timestamp == UInt64(request.instant.milliseconds))
      }
    }
    + [
      HostCheck("tck-id-payloads-ncmd-seq") {
        let found = try Request()
        #expect(found.payload.sequence == nil)
      },
      HostCheck("tck-id-topics-ncmd-payload") {
        let found = try Request()
        #expect(found.payload.metrics == 1)
      },
    ]
    + [
      // By name and without an alias, which nodes must not give it; each node's birth has it.
      "tck-id-operational-behavior-data-commands-ncmd-rebirth-name",
      "tck-id-operational-behavior-data-commands-ncmd-metric-name", "tck-id-topics-nbirth-rebirth-metric",
      "tck-id-payloads-nbirth-rebirth-req",
      "tck-id-operational-behavior-data-commands-rebirth-name-aliases",
    ].map { id in
      HostCheck(id) {
        let payload = try Request().payload
        #expect(payload.name == "Node Control/Rebirth" && payload.alias == nil)
      }
    }
    + [
      "tck-id-operational-behavior-data-commands-ncmd-rebirth-value",
      "tck-id-operational-behavior-data-commands-ncmd-metric-value",
    ].map { id in
      HostCheck(id) {
        let payload = try Request().payload
        #expect(payload.isTrue && payload.datatype == 11)
      }
    }

  private static let data = [TestMetric(alias: 2, .double(6))]

  /// Edge session termination.
  static let edges: [HostCheck] =
    [
      "tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-offline",
      "tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-offline",
      // A leaving node says it itself, or has its will published: it is the same message.
      "tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt311",
      "tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50",
    ].map { id in
      HostCheck(id) {
        var test = try SparkplugUnderTest.born()
        _ = test.hears("DBIRTH", "E1", "M2", [TestMetric("Status/State", alias: 9, .string("idle"))])
        // At the host's time, whatever the payload states.
        let payload = sparkplugPayload(at: 1, [TestMetric("bdSeq", type: 4, .long(3))])
        #expect(test.take("spBv1.0/F001/NDEATH/E1", payload) == ["M1 offline 0", "M2 offline 0"])
        #expect(test.decoder.livingEdges == [])
      }
    }
    + [
      "tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale",
      "tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale",
    ].map { id in
      HostCheck(id) {
        var test = try SparkplugUnderTest.born()
        _ = test.hears("NDEATH", bdSeq: 3)
        #expect(test.hears("DDATA", "E1", "M1", data) == [] && test.hears("NDATA", "E1", nil, data) == [])
        #expect(test.decoder.counters.withoutBirth == 2)
      }
    }
    + [
      HostCheck(
        "tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline"
      ) {
        var test = try SparkplugUnderTest.born()
        let now = sampleReceipt + .seconds(10)
        let payload = sparkplugPayload(at: UInt64((now - .seconds(2)).milliseconds), seq: 3)
        #expect(test.take("spBv1.0/F001/DDEATH/E1/M1", payload, at: now) == ["M1 offline -2000"])
      },
      HostCheck(
        "tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale"
      ) {
        var test = try SparkplugUnderTest.born()
        _ = test.hears("DDEATH", "E1", "M1")
        #expect(test.hears("DDATA", "E1", "M1", data) == [])
      },
    ]
}

@Suite("Checks of a Sparkplug host application")
struct SparkplugHostCheckTests {
  private static let all =
    HostCheck.establishment + HostCheck.termination + HostCheck.commands + HostCheck.edges

  @Test("Checks written after the specification's assertions, by their ids", arguments: all)
  func holds(_ check: HostCheck) throws { try check.run() }

  @Test("Each id is checked once") func once() {
    #expect(Set(Self.all.map(\.id)).count == Self.all.count)
  }
}
