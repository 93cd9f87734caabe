import Decoding
import Telemetry
import Testing

@Suite("Order of Sparkplug messages")
struct SparkplugOrderTests {
  static let request = "spBv1.0/F001/NCMD/E1"

  /// A host that has heard a birth of E1 with number 0.
  static func born() -> HostUnderTest {
    var host = HostUnderTest.online()
    host.hears("NBIRTH", seq: 0)
    host.processed = []
    return host
  }

  @Test("tck-id-operational-behavior-host-reordering-param: the reorder timeout is a setting")
  func parameter() {
    var settings = SparkplugSession.Settings(hostID: "millwright", reorderTimeout: .seconds(2))
    #expect(SparkplugSession.Settings(hostID: "m").reorderTimeout == .seconds(5))
    settings.reorderTimeout = .seconds(2)
    var host = HostUnderTest(settings)
    _ = host.session.connect(at: host.now)
    _ = host.session.subscribed(at: host.now)
    host.hears("NBIRTH", seq: 0)
    host.hears("NDATA", seq: 2)
    host.waits(.milliseconds(1999))
    #expect(host.requests() == [])
    host.waits(.milliseconds(1))
    #expect(host.requests() == [Self.request])
  }

  @Test("tck-id-operational-behavior-host-reordering-start: a number out of order starts the wait")
  func start() {
    var host = Self.born()
    host.hears("NDATA", seq: 1)
    host.hears("DDATA", seq: 3, device: "D1")
    #expect(host.processed == ["NDATA/E1/1"])
    #expect(host.session.counters.gaps == 1)
    host.waits(.seconds(4))
    #expect(host.requests() == [])
  }

  @Test("tck-id-operational-behavior-host-reordering-rebirth: an open gap ends in a rebirth request")
  func rebirth() {
    var host = Self.born()
    host.hears("DDATA", seq: 4, device: "D1")
    host.hears("NDATA", seq: 3)
    host.waits(.seconds(5))
    // What was held is processed in order.
    #expect(host.processed == ["NDATA/E1/3", "DDATA/E1/D1/4"])
    #expect(
      host.published == [
        SparkplugPublication.expected(Self.request, rebirthPayload(at: host.now))
      ])
    #expect(host.session.counters.gapsFilled == 0)
    // The stream goes on behind the gap.
    host.hears("NDATA", seq: 5)
    #expect(host.processed.last == "NDATA/E1/5")
  }

  @Test("tck-id-operational-behavior-host-reordering-success: a gap filled in time ends the wait")
  func success() {
    var host = Self.born()
    host.hears("NDATA", seq: 3)
    host.hears("NDATA", seq: 2)
    host.waits(.milliseconds(2500))
    host.hears("NDATA", seq: 1)
    #expect(host.processed == ["NDATA/E1/1", "NDATA/E1/2", "NDATA/E1/3"])
    host.waits(.seconds(20))
    #expect(host.requests() == [])
    #expect(host.session.counters.gapsFilled == 1)
  }

  @Test("A gap that is filled in part waits from its beginning")
  func partlyFilled() {
    var host = Self.born()
    host.hears("NDATA", seq: 2)
    host.hears("NDATA", seq: 4)
    host.waits(.seconds(3))
    host.hears("NDATA", seq: 1)
    #expect(host.processed == ["NDATA/E1/1", "NDATA/E1/2"])
    host.waits(.seconds(2))
    #expect(host.processed.last == "NDATA/E1/4")
    #expect(host.requests() == [Self.request])
  }

  @Test("Numbers go from 255 to 0, across messages of the node and its devices")
  func wrapping() {
    var host = HostUnderTest.online()
    host.hears("NBIRTH", seq: 254)
    host.hears("DBIRTH", seq: 255, device: "D1")
    host.hears("DDATA", seq: 0, device: "D1")
    host.hears("NDATA", seq: 2)
    host.hears("DDEATH", seq: 1, device: "D1")
    #expect(
      host.processed == [
        "NBIRTH/E1/254", "DBIRTH/E1/D1/255", "DDATA/E1/D1/0", "DDEATH/E1/D1/1", "NDATA/E1/2",
      ])
    host.waits(.seconds(20))
    #expect(host.requests() == [])
  }

  @Test("A birth may have any number; what was held before it is processed before it")
  func birth() {
    var host = Self.born()
    host.hears("NDATA", seq: 7)
    host.hears("NBIRTH", seq: 100)
    host.hears("NDATA", seq: 101)
    #expect(host.processed == ["NDATA/E1/7", "NBIRTH/E1/100", "NDATA/E1/101"])
    host.waits(.seconds(20))
    #expect(host.requests() == [])
  }

  @Test("tck-id-payloads-ddeath-seq-number: a device's death counts in the stream, a node's does not")
  func deaths() {
    var host = Self.born()
    host.hears("NDATA", seq: 2)
    host.hears("NDEATH", seq: nil)
    host.hears("NDATA", seq: 3)
    #expect(host.processed == ["NDATA/E1/2", "NDEATH/E1", "NDATA/E1/3"])
    host.waits(.seconds(20))
    #expect(host.requests() == [])
  }

  @Test("A number that was passed is processed as it comes")
  func late() {
    var host = Self.born()
    host.hears("NDATA", seq: 1)
    host.hears("NDATA", seq: 1)
    host.hears("NDATA", seq: 0)
    host.hears("NDATA", seq: 2)
    #expect(host.processed == ["NDATA/E1/1", "NDATA/E1/1", "NDATA/E1/0", "NDATA/E1/2"])
  }

  @Test(
    "A number far from the expected one shows a loss, whichever way it is nearer",
    arguments: [60, 128, 200, 240])
  func largeLosses(seq: UInt64) {
    var host = Self.born()
    host.hears("NDATA", seq: seq)
    #expect(host.processed == [])
    host.waits(.seconds(5))
    #expect(host.processed == ["NDATA/E1/\(seq)"])
    #expect(host.requests() == [Self.request])
    host.hears("NDATA", seq: seq + 1)
    #expect(host.processed.last == "NDATA/E1/\(seq + 1)")
  }

  @Test("A message without a valid number is processed as it comes, and counted")
  func withoutNumber() {
    var host = Self.born()
    host.hears("NDATA", seq: nil)
    host.hears("NDATA", seq: 256)
    host.hears(topic: "spBv1.0/F001/NDATA/E1", payload: [0xFF])
    #expect(host.processed == ["NDATA/E1", "NDATA/E1/256", "NDATA/E1"])
    #expect(host.session.counters.withoutSequence == 3)
  }

  @Test("Edge nodes do not wait for one another, also those of two groups with one name")
  func edges() {
    var host = Self.born()
    host.hears(topic: "spBv1.0/F002/NBIRTH/E1", payload: sparkplugPayload(seq: 9))
    host.hears("NDATA", seq: 2)
    host.hears(topic: "spBv1.0/F002/NDATA/E1", payload: sparkplugPayload(seq: 10))
    #expect(host.processed == ["NBIRTH/E1/9", "NDATA/E1/10"])
  }

  @Test("A node first heard by data is asked for a birth, once the time for its own is over")
  func withoutBirth() {
    var host = HostUnderTest.online()
    host.hears("DDATA", seq: 17, device: "D1")
    host.hears("DDATA", seq: 18, device: "D1")
    #expect(host.processed == ["DDATA/E1/D1/17", "DDATA/E1/D1/18"])
    host.waits(.seconds(4))
    #expect(host.requests() == [])
    host.waits(.seconds(1))
    #expect(host.requests() == [Self.request])
  }

  @Test("Known nodes are asked after a reconnection, unless they send their birth")
  func known() {
    var host = HostUnderTest.online(known: [
      SparkplugEdgeID(group: "F001", edge: "E1"), SparkplugEdgeID(group: "F001", edge: "E2"),
    ])
    host.hears("NBIRTH", "E2", seq: 0)
    host.waits(.seconds(60))
    #expect(host.requests() == [Self.request])
  }

  @Test("Requests to a node that does not answer become rare; an answer begins anew")
  func rate() {
    var host = HostUnderTest.online()
    var times: [Int64] = []
    let begin = host.now
    for second in 1...100 {
      host.hears("NDATA", seq: UInt64(second % 256))
      host.waits(.seconds(1))
      if !host.requests().isEmpty { times.append((host.now - begin).milliseconds / 1000) }
    }
    // After 5 s, and then 10, 20 and 40 s later.
    #expect(times == [5, 15, 35, 75])
    host.hears("NBIRTH", seq: 0)
    host.hears("NDATA", seq: 2)
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
    #expect(host.session.counters.rebirthRequests == 5)
  }

  @Test("A decoder's wish is answered in the next tick, but not right after a connection")
  func wish() {
    let edge = SparkplugEdgeID(group: "F001", edge: "E1")
    var host = Self.born()
    host.session.wantsBirth(of: edge, at: host.now)
    host.ticks()
    #expect(host.requests() == [])
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
    host.hears("NBIRTH", seq: 0)
    host.session.wantsBirth(of: edge, at: host.now)
    host.session.wantsBirth(of: edge, at: host.now)
    host.ticks()
    #expect(host.requests() == [Self.request])
    host.waits(.seconds(60))
    #expect(host.requests() == [])
  }

  @Test("Many nodes are asked in turns")
  func turns() {
    let edges = (0..<120).map { SparkplugEdgeID(group: "F001", edge: "E\($0)") }
    var host = HostUnderTest.online(known: edges)
    var counts: [Int] = []
    for _ in 0..<9 {
      host.waits(.seconds(1))
      counts.append(host.requests().count)
    }
    #expect(counts == [0, 0, 0, 0, 50, 50, 20, 0, 0])
  }

  @Test("A gap holds a bounded number of messages")
  func boundedCount() {
    var host = Self.born()
    for seq in 2...65 { host.hears("NDATA", seq: UInt64(seq)) }
    #expect(host.processed == [])
    host.hears("NDATA", seq: 2)
    #expect(host.processed.count == 65)
    #expect(host.processed.first == "NDATA/E1/2")
    #expect(host.processed.last == "NDATA/E1/65")
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
  }

  @Test("All gaps together hold a bounded number of bytes")
  func boundedBytes() {
    var host = HostUnderTest.online()
    let large = String(repeating: "x", count: 1 << 20)
    for edge in 0..<4 {
      host.hears("NBIRTH", "E\(edge)", seq: 0)
      host.processed = []
      host.hears(
        topic: "spBv1.0/F001/NDATA/E\(edge)",
        payload: sparkplugPayload(seq: 2, [TestMetric("x", .string(large))]))
    }
    #expect(host.processed == ["NDATA/E3/2"])
  }

  @Test("The end of a connection hands out what was held; the next connection begins anew")
  func disconnection() {
    var host = Self.born()
    host.hears("NDATA", seq: 3)
    host.hears("NDATA", seq: 2)
    host.process(host.session.disconnected())
    #expect(host.processed == ["NDATA/E1/2", "NDATA/E1/3"])
    _ = host.session.connect(at: host.now)
    _ = host.session.subscribed(at: host.now)
    host.hears("NDATA", seq: 40)
    #expect(host.processed.last == "NDATA/E1/40")
  }

  @Test("An intended end hands out what was held, too")
  func stop() {
    var host = Self.born()
    host.hears("NDATA", seq: 2)
    host.process(host.session.stop(at: host.now).messages)
    host.hears("NDATA", seq: 9)
    #expect(host.processed == ["NDATA/E1/2", "NDATA/E1/9"])
    host.waits(.seconds(60))
    #expect(host.requests() == [])
  }

  @Test("A clock that is set back ends waits instead of prolonging them")
  func clockSetBack() {
    var host = Self.born()
    host.waits(.seconds(10))
    host.hears("NDATA", seq: 2)
    host.now = host.now - .hours(1)
    host.ticks()
    #expect(host.processed == ["NDATA/E1/2"])
    #expect(host.requests() == [Self.request])
  }

  @Test("After a clock was set back, a node is asked again by the clock as it is now")
  func requestsAfterClockSetBack() {
    var host = Self.born()
    host.hears("NDATA", seq: 2)
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
    host.hears("NBIRTH", seq: 0)
    host.now = host.now - .hours(1)
    host.ticks()
    host.hears("NDATA", seq: 2)
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
    host.hears("NBIRTH", seq: 0)
    host.session.wantsBirth(of: SparkplugEdgeID(group: "F001", edge: "E1"), at: host.now)
    host.ticks()
    #expect(host.requests() == [Self.request])
  }

  @Test("The same after a clock that was set back between two connections")
  func requestsAfterClockSetBackWithoutConnection() {
    var host = Self.born()
    host.hears("NDATA", seq: 2)
    host.waits(.seconds(5))
    #expect(host.requests() == [Self.request])
    host.process(host.session.disconnected())
    host.now = host.now - .hours(1)
    _ = host.session.connect(at: host.now)
    _ = host.session.subscribed(at: host.now, known: [SparkplugEdgeID(group: "F001", edge: "E1")])
    host.waits(.seconds(10))
    #expect(host.requests() == [Self.request])
  }

  @Test("Retained messages are processed as they come, and are no part of a node's stream")
  func retained() {
    var host = Self.born()
    host.hears("NBIRTH", seq: 77, isRetained: true)
    host.hears("DDATA", seq: 200, device: "D1", isRetained: true)
    #expect(host.processed == ["NBIRTH/E1/77", "DDATA/E1/D1/200"])
    host.hears("NDATA", seq: 1)
    #expect(host.processed.last == "NDATA/E1/1")
    host.waits(.seconds(60))
    #expect(host.requests() == [])
  }

  @Test("A retained statement about the host is heard")
  func retainedState() {
    var host = Self.born()
    host.hears(
      topic: SparkplugSessionTests.stateTopic, payload: Array(#"{"online":false,"timestamp":1}"#.utf8),
      isRetained: true)
    #expect(host.requests() == [SparkplugSessionTests.stateTopic])
    #expect(host.processed == [])
  }

  @Test("The numbers of nodes with longer names than a source reads are not followed")
  func longNames() {
    var host = Self.born()
    for name in [String(repeating: "e", count: 256), String(repeating: "e", count: 257)] {
      host.processed = []
      host.hears("NBIRTH", name, seq: 0)
      host.hears("NDATA", name, seq: 2)
      #expect(host.processed.count == (name.utf8.count > 256 ? 2 : 1))
    }
    host.hears(
      topic: "spBv1.0/\(String(repeating: "g", count: 257))/NDATA/E1", payload: sparkplugPayload(seq: 9))
    host.processed = []
    host.waits(.seconds(60))
    #expect(host.requests() == ["spBv1.0/F001/NCMD/\(String(repeating: "e", count: 256))"])
  }

  @Test("Other topics and commands of other hosts are processed as they come")
  func otherTopics() {
    var host = Self.born()
    host.hears("NCMD", seq: nil)
    host.hears(topic: "factory/F001/W01/E1/status", payload: [])
    #expect(host.processed == ["NCMD/E1", "W01/E1/status"])
  }
}

extension SparkplugPublication {
  /// A command as tests expect it: QoS 0, not retained.
  static func expected(_ topic: String, _ payload: [UInt8]) -> SparkplugPublication {
    SparkplugPublication(topic: topic, payload: payload, quality: 0, isRetained: false)
  }
}
