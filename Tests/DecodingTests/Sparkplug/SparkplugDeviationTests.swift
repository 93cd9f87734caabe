import Decoding
import Telemetry
import Testing

/// What nodes of published packages do that the specification does not have: see Tests/SparkplugNodes/README.md.
@Suite("Sparkplug nodes that deviate")
struct SparkplugDeviationTests {
  @Test(
    "A death of a later session ends the known one, too, and has the node asked whether it lives",
    arguments: [(3, 4), (3, 130), (255, 0), (200, 71), (300, 301)] as [(UInt64, UInt64)])
  func laterDeath(known: UInt64, ended: UInt64) throws {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: known)
    _ = test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth)
    #expect(test.hears("NDEATH", bdSeq: ended) == ["M1 offline 0"])
    #expect(test.decoder.counters.otherDeaths == 0)
    #expect(test.decoder.takeMissingBirths() == [SparkplugEdgeID(group: "F001", edge: "E1")])
    // A birth that comes by itself is not asked for.
    _ = test.hears("NBIRTH", bdSeq: ended)
    _ = test.hears("NDEATH", bdSeq: (ended + 1) % 256)
    _ = test.hears("NBIRTH", bdSeq: ended)
    #expect(test.decoder.takeMissingBirths() == [])
  }

  @Test(
    "A death of an earlier session changes nothing",
    arguments: [(3, 2), (3, 131), (0, 255), (71, 200), (301, 300)] as [(UInt64, UInt64)])
  func earlierDeath(known: UInt64, ended: UInt64) throws {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: known)
    _ = test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth)
    #expect(test.hears("NDEATH", bdSeq: ended) == [])
    #expect(test.decoder.counters.otherDeaths == 1)
    #expect(test.decoder.takeMissingBirths() == [])
  }

  @Test("Data with another name than the birth is read by its alias")
  func renamed() throws {
    var test = try SparkplugUnderTest(["state": ["at": "DATA/Status/State"]])
    _ = test.hears("NBIRTH", bdSeq: 3)
    let birth = [
      TestMetric("DATA/Status/State", alias: 1, type: 12, .string("idle")),
      TestMetric("DATA/Other", alias: 2, type: 12, .string("x")),
    ]
    #expect(test.hears("DBIRTH", "E1", "M1", birth) == ["M1 online 0", "M1 reading 0"])
    #expect(
      test.hears(
        "DDATA", "E1", "M1", at: sampleReceipt + .seconds(1),
        [TestMetric("Status/State", alias: 1, type: 12, .string("fault"))])
        == ["M1 reading 0"])
    for (name, alias) in [("Status/State", 2), ("Status/State", 3), ("Other", nil)] as [(String, UInt64?)] {
      #expect(
        test.hears("DDATA", "E1", "M1", [TestMetric(name, alias: alias, type: 12, .string("fault"))]) == [])
    }
    // An alias beside an unmapped name need not be one of the birth.
    #expect(test.decoder.takeMissingBirths() == [])
  }

  @Test("After a node's death, a decoder's wish waits for a birth that the node may send by itself")
  func wishAfterDeath() {
    let edge = SparkplugEdgeID(group: "F001", edge: "E1")
    var host = SparkplugOrderTests.born()
    host.waits(.seconds(10))
    for answers in [true, false] {
      host.hears("NDEATH", seq: nil)
      host.session.wantsBirth(of: edge, at: host.now)
      host.waits(.seconds(4))
      #expect(host.requests() == [])
      if answers { host.hears("NBIRTH", seq: 0) }
      host.waits(.seconds(1))
      #expect(host.requests() == (answers ? [] : [SparkplugOrderTests.request]))
    }
    // A node that speaks after its death is asked at once.
    host = SparkplugOrderTests.born()
    host.waits(.seconds(10))
    host.hears("NDEATH", seq: nil)
    host.hears("NDATA", seq: 2)
    host.session.wantsBirth(of: edge, at: host.now)
    host.ticks()
    #expect(host.requests() == [SparkplugOrderTests.request])
  }

  @Test("Births of devices that overtake their node's wait for it, in the order of their numbers")
  func overtakingBirths() {
    var host = HostUnderTest.online()
    host.hears("DBIRTH", seq: 2, device: "D2")
    host.hears("DBIRTH", seq: 1, device: "D1")
    #expect(host.processed == [])
    host.hears("NBIRTH", seq: 0)
    #expect(host.processed == ["NBIRTH/E1/0", "DBIRTH/E1/D1/1", "DBIRTH/E1/D2/2"])
    host.hears("DDATA", seq: 3, device: "D1")
    // The same after a loss; one birth comes even after the node's.
    host.hears("NDATA", seq: 5)
    host.waits(.seconds(5))
    #expect(host.requests() == [SparkplugOrderTests.request])
    host.processed = []
    host.hears("DBIRTH", seq: 2, device: "D2")
    host.hears("DDATA", seq: 6, device: "D1")
    host.hears("NBIRTH", seq: 0)
    #expect(host.processed == ["DDATA/E1/D1/6", "NBIRTH/E1/0"])
    host.hears("DBIRTH", seq: 1, device: "D1")
    #expect(host.processed.suffix(2) == ["DBIRTH/E1/D1/1", "DBIRTH/E1/D2/2"])
    host.waits(.seconds(20))
    #expect(host.requests() == [])
    #expect(host.session.counters.gaps == 2)
    #expect(host.session.counters.gapsFilled == 1)
  }

  @Test("A device's birth waits no longer than the reorder timeout, and not at all with the next number")
  func birthsWithoutNodes() {
    var host = HostUnderTest.online()
    host.hears("DBIRTH", seq: 40, device: "D1")
    host.waits(.seconds(4))
    #expect(host.processed == [])
    host.waits(.seconds(1))
    #expect(host.processed == ["DBIRTH/E1/D1/40"])
    host.hears("NDATA", seq: 41)
    host.hears("DBIRTH", seq: 42, device: "D2")
    #expect(host.processed.suffix(2) == ["NDATA/E1/41", "DBIRTH/E1/D2/42"])
    // A birth of the numbers before the node's birth counts before it, and so does one before the node's death.
    host.hears("DBIRTH", seq: 200, device: "D3")
    host.hears("NBIRTH", seq: 0)
    #expect(host.processed.suffix(2) == ["DBIRTH/E1/D3/200", "NBIRTH/E1/0"])
    host = HostUnderTest.online()
    host.hears("DBIRTH", seq: 1, device: "D1")
    host.hears("NDEATH", seq: nil)
    #expect(host.processed == ["DBIRTH/E1/D1/1", "NDEATH/E1"])
    // Too many are processed as they came; the end of the connection hands out those that wait.
    host = HostUnderTest.online()
    for number in 0...66 { host.hears("DBIRTH", seq: UInt64(number), device: "D\(number)") }
    #expect(host.processed.count == 65)
    host.process(host.session.disconnected())
    #expect(host.processed.count == 67)
    _ = host.session.connect(at: host.now)
    #expect(host.session.disconnected() == [])
  }
}
