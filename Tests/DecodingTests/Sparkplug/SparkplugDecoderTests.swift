import Decoding
import Telemetry
import TestSupport
import Testing

/// A decoder of one Sparkplug source, as the journal's text of the source makes it.
struct SparkplugUnderTest {
  var decoder: SparkplugDecoder
  let router: Router
  private var events = EventBuffer()

  init(_ keys: SettingsTree = [:]) throws {
    let tree = keys.completed(by: ["format": "sparkplug"])
    var problems: [SettingsProblem] = []
    let source = try #require(SourceFormats.source(tree, name: "sources[0]", &problems), "\(problems)")
    let rules = try DecodingRules(text: DecodingRules(sources: [source], limits: DecodingLimits()).text)
    guard case .other(let name, let settings) = rules.sources[0].format else { throw UnknownFormat(name: "") }
    decoder = try #require(
      try SourceFormats.catalog.decoder(name, settings: settings, limits: rules.limits) as? SparkplugDecoder)
    router = Router(rules.sources)
  }

  /// Decodes a message; returns its events as `EQUIPMENT KIND TIME-RECEIPT`, or the refusal.
  mutating func take(_ topic: String, _ payload: [UInt8], at received: Timestamp = sampleReceipt) -> [String]
  {
    events.removeAll()
    _ = events.begin(message: 0)
    return Array(topic.utf8).withUnsafeBytes { topic in
      payload.withUnsafeBytes { payload in
        do throws(Rejection) {
          let route = try router.route(topic)
          try decoder.decode(
            ReceivedMessage(topic: topic, levels: route.levels, payload: payload, received: received),
            into: &events)
          return events.events.map { event in
            let equipment =
              event.sender < 0
              ? route.levels.equipment.text(in: topic) : events.names[Int(event.sender)].equipment
            return "\(equipment) \(event.kind) \((event.time - received).milliseconds)"
          }
        } catch { return ["\(error.reason.name) \(error.detail)"] }
      }
    }
  }

  mutating func hears(
    _ verb: String, _ edge: String = "E1", _ device: String? = nil, seq: UInt64 = 0, bdSeq: UInt64? = nil,
    at received: Timestamp = sampleReceipt, _ metrics: [TestMetric] = []
  ) -> [String] {
    let session = bdSeq.map { [TestMetric("bdSeq", type: 4, .long($0))] } ?? []
    return take(
      "spBv1.0/F001/\(verb)/\(edge)" + (device.map { "/\($0)" } ?? ""),
      sparkplugPayload(at: UInt64(received.milliseconds), seq: seq, session + metrics), at: received)
  }

  /// The readings of a message that states another time than its receipt.
  mutating func readings(
    _ verb: String, _ edge: String, _ device: String, stated: Timestamp,
    at received: Timestamp = sampleReceipt,
    _ metrics: [TestMetric]
  ) -> [Reading] {
    let payload = sparkplugPayload(at: UInt64(stated.milliseconds), seq: 0, metrics)
    _ = take("spBv1.0/F001/\(verb)/\(edge)/\(device)", payload, at: received)
    return events.events.filter { $0.kind == .reading }.map(\.reading)
  }

  static let birth = [
    TestMetric("Status/State", alias: 1, type: 12, .string("running")),
    TestMetric("Energy/Total", alias: 2, type: 10, .double(5)),
    TestMetric("Other", alias: 3, type: 3, .int(1)),
  ]

  /// A decoder that has heard the births of E1 and its device M1.
  static func born() throws -> SparkplugUnderTest {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: 3)
    _ = test.hears("DBIRTH", "E1", "M1", birth)
    return test
  }
}

@Suite("Sparkplug decoder")
struct SparkplugDecoderTests {
  @Test(
    """
    tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-offline, -ndeath-devices-offline: a node's \
    death ends the sessions of the node and of all of its devices at the host's time
    """)
  func nodeDeath() throws {
    var test = try SparkplugUnderTest.born()
    _ = test.hears("DBIRTH", "E1", "M2", [TestMetric("Status/State", alias: 9, .string("idle"))])
    _ = test.hears("NBIRTH", "E2", bdSeq: 3)
    _ = test.hears("DBIRTH", "E2", "M3", [TestMetric("Status/State", alias: 9, .string("idle"))])
    #expect(test.decoder.livingEdges.map(\.edge) == ["E1", "E2"])
    // The payload's time, an hour off, does not matter.
    let payload = sparkplugPayload(at: 1, [TestMetric("bdSeq", type: 4, .long(3))])
    #expect(test.take("spBv1.0/F001/NDEATH/E1", payload) == ["M1 offline 0", "M2 offline 0"])
    #expect(test.decoder.livingEdges.map(\.edge) == ["E2"])
  }

  @Test(
    """
    tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale, -ndeath-devices-tags-stale, \
    -ddeath-devices-tags-stale: after a death, metrics make no reading until the next birth
    """)
  func stale() throws {
    var test = try SparkplugUnderTest.born()
    let data = [TestMetric(alias: 2, .double(6))]
    #expect(test.hears("DDATA", "E1", "M1", data) == ["M1 reading 1"])
    #expect(test.hears("DDEATH", "E1", "M1") == ["M1 offline 0"])
    #expect(test.hears("DDATA", "E1", "M1", data) == [])
    #expect(test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth) == ["M1 online 1", "M1 reading 1"])
    #expect(test.hears("DDATA", "E1", "M1", data) == ["M1 reading 2"])
    _ = test.hears("NDEATH", bdSeq: 3)
    #expect(test.hears("DDATA", "E1", "M1", data) == [])
    #expect(test.decoder.counters.withoutBirth == 2)
  }

  @Test(
    """
    tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline: a device's death ends its \
    session at the payload's time, but not before its last message nor after the receipt
    """)
  func deviceDeath() throws {
    for (stated, expected) in [(-500, -500), (-90_000, -1000), (90_000, 0)] as [(Int64, Int64)] {
      var test = try SparkplugUnderTest.born()
      _ = test.hears("DDATA", "E1", "M1", at: sampleReceipt + .seconds(9), [TestMetric(alias: 2, .double(6))])
      let now = sampleReceipt + .seconds(10)
      let payload = sparkplugPayload(at: UInt64((now + .milliseconds(stated)).milliseconds), seq: 3)
      #expect(test.take("spBv1.0/F001/DDEATH/E1/M1", payload, at: now) == ["M1 offline \(expected)"])
    }
  }

  @Test(
    "tck-id-topics-nbirth-bdseq-matching, tck-id-payloads-ndeath-bdseq: a death of another session changes nothing"
  )
  func otherDeath() throws {
    var test = try SparkplugUnderTest.born()
    #expect(test.hears("NDEATH", bdSeq: 2) == [])
    #expect(test.hears("NDEATH") == [])
    #expect(test.decoder.counters.otherDeaths == 2)
    #expect(test.hears("NDEATH", bdSeq: 3) == ["M1 offline 0"])
  }

  @Test(
    "tck-id-payloads-name-requirement: metrics have names where there are no aliases; else data has aliases only"
  )
  func names() throws {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: 3)
    #expect(
      test.hears("DBIRTH", "E1", "M1", [TestMetric("Status/State", type: 12, .string("idle"))])
        == ["M1 online 0", "M1 reading 0"])
    #expect(
      test.hears("DDATA", "E1", "M1", [TestMetric("Status/State", .string("fault"))]) == ["M1 reading 1"])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric("Unknown", .string("fault"))]) == [])
    #expect(test.decoder.takeMissingBirths() == [])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: 4, .string("fault"))]) == [])
    #expect(test.decoder.takeMissingBirths() == [SparkplugEdgeID(group: "F001", edge: "E1")])
    #expect(test.decoder.takeMissingBirths() == [])
    #expect(test.decoder.counters.unknownAliases == 1)
  }

  @Test("An alias of another device is unknown: aliases are those of the whole edge node")
  func foreignAlias() throws {
    var test = try SparkplugUnderTest.born()
    _ = test.hears("DBIRTH", "E1", "M2", [TestMetric("Status/State", alias: 9, .string("idle"))])
    #expect(test.hears("DDATA", "E1", "M2", [TestMetric(alias: 1, .string("fault"))]) == [])
    #expect(test.decoder.takeMissingBirths().map(\.edge) == ["E1"])
    // A birth that takes an alias over takes it from the other device.
    _ = test.hears("DBIRTH", "E1", "M2", [TestMetric("Status/State", alias: 1, .string("idle"))])
    #expect(test.hears("DDATA", "E1", "M2", [TestMetric(alias: 1, .string("fault"))]) == ["M2 reading 1"])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: 1, .string("fault"))]) == [])
  }

  @Test(
    "Sparse and large aliases are found",
    arguments: [[0, 1, 2], [7, 1_000_000, .max], [5, 3, 4]] as [[UInt64]])
  func aliases(of numbers: [UInt64]) throws {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: 3)
    var birth = SparkplugUnderTest.birth
    for place in birth.indices { birth[place].alias = numbers[place] }
    _ = test.hears("DBIRTH", "E1", "M1", birth)
    #expect(
      test.hears("DDATA", "E1", "M1", [TestMetric(alias: numbers[0], .string("idle"))]) == ["M1 reading 1"])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: numbers[1], .double(7))]) == ["M1 reading 2"])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: numbers[2], .int(7))]) == [])
    #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: 6, .int(7))]) == [])
    #expect(test.decoder.counters.unknownAliases == 1)
  }

  @Test("Of equal aliases the last counts, in a birth and across the births of a node's devices")
  func equalAliases() throws {
    var random = SeededGenerator(seed: 0x5EED_1132)
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: 3)
    // For each alias its device, and whether it stands for the state.
    var expected: [UInt64: (device: Int, isState: Bool)] = [:]
    for round in 0..<100 {
      let device = round % 3
      expected = expected.filter { $0.value.device != device }
      var birth = [TestMetric("Status/State", type: 12, .string("idle"))]
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let (alias, isState) = (UInt64.random(in: 0..<16, using: &random), Bool.random(using: &random))
        birth.append(TestMetric(isState ? "Status/State" : "Other", alias: alias, type: 12, .string("idle")))
        expected[alias] = (device, isState)
      }
      _ = test.hears("DBIRTH", "E1", "M\(device)", birth)
      for alias in UInt64(0)..<16 {
        for device in 0..<3 where round >= 2 {
          let events = test.hears("DDATA", "E1", "M\(device)", [TestMetric(alias: alias, .string("idle"))])
          let isKnown = expected[alias].map { $0.device == device && $0.isState } ?? false
          #expect(!events.isEmpty == isKnown, "alias \(alias) of M\(device) in round \(round)")
        }
      }
    }
  }

  @Test("A field with several values in a message makes a reading of each, at its own time")
  func repeatedField() throws {
    var test = try SparkplugUnderTest.born()
    let now = UInt64(sampleReceipt.milliseconds)
    #expect(
      test.hears(
        "DDATA", "E1", "M1",
        [
          TestMetric(alias: 1, at: now - 300, .string("idle")),
          TestMetric(alias: 2, at: now - 250, .double(6)),
          TestMetric(alias: 1, at: now - 100, .string("fault")),
        ]) == ["M1 reading -250", "M1 reading -100"])
  }

  @Test("An equipment id goes to another device an hour after the last message of the first")
  func ownership() throws {
    var test = try SparkplugUnderTest.born()
    _ = test.hears("NBIRTH", "E2", bdSeq: 1)
    let birth = SparkplugUnderTest.birth
    let soon = sampleReceipt + .minutes(59)
    let later = sampleReceipt + .hours(1)
    #expect(test.hears("DBIRTH", "E2", "M1", at: soon, birth) == ["identity_mismatch device"])
    #expect(test.hears("DBIRTH", "E2", "M1", at: later, birth) == ["M1 online 0", "M1 reading 0"])
    #expect(test.decoder.takeMissingBirths() == [])
  }

  @Test("A device that lost its equipment id is refused, and its end does not end the session of the new one")
  func lostOwnership() throws {
    var test = try SparkplugUnderTest.born()
    let later = sampleReceipt + .hours(1)
    _ = test.hears("NBIRTH", "E2", bdSeq: 1, at: later)
    _ = test.hears("DBIRTH", "E2", "M1", at: later, SparkplugUnderTest.birth)
    let data = [TestMetric(alias: 1, .string("fault"))]
    #expect(test.hears("DDATA", "E1", "M1", at: later, data) == ["identity_mismatch device"])
    var restored = try SparkplugUnderTest()
    for state in test.decoder.states() { try restored.decoder.restore(state) }
    for var test in [test, restored] {
      #expect(test.hears("DDATA", "E1", "M1", at: later, data) == ["identity_mismatch device"])
      #expect(test.hears("NDEATH", bdSeq: 3, at: later) == [])
      #expect(test.hears("DDATA", "E2", "M1", at: later, data) == ["M1 reading 1"])
      #expect(test.hears("NDEATH", "E2", bdSeq: 1, at: later) == ["M1 offline 0"])
    }
  }

  @Test("A device whose birth was refused has its equipment id, because its metrics are known")
  func ownershipOfRefusedBirth() throws {
    var test = try SparkplugUnderTest()
    _ = test.hears("NBIRTH", bdSeq: 3)
    let broken = [TestMetric("Status/State", alias: 1, type: 12, .string("no such state"))]
    #expect(test.hears("DBIRTH", "E1", "M1", broken) == ["unknown_state Status/State"])
    _ = test.hears("NBIRTH", "E2", bdSeq: 1)
    #expect(test.hears("DBIRTH", "E2", "M1", SparkplugUnderTest.birth) == ["identity_mismatch device"])
  }

  @Test("After a clock was set back, births are not refused for the end of the session before")
  func birthAfterClockSetBack() throws {
    var test = try SparkplugUnderTest.born()
    #expect(test.hears("NDEATH", bdSeq: 3, at: sampleReceipt + .days(1)) == ["M1 offline 0"])
    _ = test.hears("NBIRTH", bdSeq: 4)
    #expect(test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth) == ["M1 online 0", "M1 reading 0"])
  }

  @Test("A decoder with other settings continues sessions: deaths end them, and births are missing")
  func continuedSessions() throws {
    let before = try SparkplugUnderTest.born()
    let keys: SettingsTree = ["counters": ["good": "Other"]]
    var test = try SparkplugUnderTest(keys)
    test.decoder.continueSessions(of: before.decoder)
    var restored = try SparkplugUnderTest(keys)
    for state in test.decoder.states() { try restored.decoder.restore(state) }
    for var test in [test, restored] {
      #expect(test.decoder.livingEdges.map(\.edge) == ["E1"])
      #expect(test.decoder.takeMissingBirths().map(\.edge) == ["E1"])
      #expect(test.hears("DDATA", "E1", "M1", [TestMetric(alias: 1, .string("idle"))]) == [])
      #expect(test.decoder.takeMissingBirths().map(\.edge) == ["E1"])
      #expect(test.hears("NDEATH", bdSeq: 3) == ["M1 offline 0"])
      #expect(test.decoder.livingEdges == [])
    }
    // Sessions under other equipment ids are others.
    var other = try SparkplugUnderTest(["device": "+", "equipment": "{edge}.{device}"])
    other.decoder.continueSessions(of: before.decoder)
    #expect(other.decoder.livingEdges == [])
    // A decoder with state keeps its own.
    var born = try SparkplugUnderTest()
    _ = born.hears("NBIRTH", "E2", bdSeq: 1)
    born.decoder.continueSessions(of: before.decoder)
    #expect(born.decoder.livingEdges.map(\.edge) == ["E2"])
  }

  @Test("An empty name is no name: the alias counts")
  func emptyName() throws {
    var test = try SparkplugUnderTest.born()
    #expect(
      test.hears("DDATA", "E1", "M1", [TestMetric("", alias: 1, .string("idle"))]) == ["M1 reading 1"])
  }

  @Test("Messages with one time are in the order of their numbers: the last one decides")
  func sameTime() throws {
    var test = try SparkplugUnderTest.born()
    let now = sampleReceipt + .seconds(1)
    let payloads = ["idle", "fault", "idle"].enumerated().map { place, state in
      sparkplugPayload(
        at: UInt64(now.milliseconds), seq: UInt64(place), [TestMetric(alias: 1, .string(state))])
    }
    let times = payloads.map { test.take("spBv1.0/F001/DDATA/E1/M1", $0, at: now) }
    #expect(times == [["M1 reading 0"], ["M1 reading 1"], ["M1 reading 2"]])
  }

  @Test("After a clock was set back, the newest message decides what is remembered")
  func memoryAfterClockSetBack() throws {
    var test = try SparkplugUnderTest.born()
    func data(_ metric: TestMetric, at milliseconds: Int64) -> [Reading] {
      test.readings("DDATA", "E1", "M1", stated: sampleReceipt + .milliseconds(milliseconds), [metric])
    }
    #expect(data(TestMetric(alias: 1, .string("fault")), at: 240_000).map(\.state) == [.fault])
    #expect(data(TestMetric(alias: 1, .string("idle")), at: 1000).map(\.state) == [.idle])
    #expect(data(TestMetric(alias: 2, .double(6)), at: 2000).map(\.state) == [.idle])
    // What the node had kept is older, although it is not marked as historical.
    #expect(data(TestMetric(alias: 1, .string("stopped")), at: -600_000).map(\.state) == [.stopped])
    #expect(data(TestMetric(alias: 2, .double(7)), at: 3000).map(\.state) == [.idle])
  }

  @Test("Values that decide the state together are kept until all of them have come")
  func conditionsInParts() throws {
    var test = try SparkplugUnderTest([
      "state": [
        ["when": ["Alarm": "1"], "is": "fault"], ["when": ["Run": "1"], "is": "running"], ["is": "idle"],
      ]
    ])
    _ = test.hears("NBIRTH", bdSeq: 3)
    #expect(test.hears("DBIRTH", "E1", "M1", []) == ["M1 online 0"])
    #expect(
      test.hears("DDATA", "E1", "M1", [TestMetric("Run", type: 11, .boolean(true))]) == [
        "missing_field Alarm"
      ])
    #expect(
      test.hears("DDATA", "E1", "M1", [TestMetric("Alarm", type: 11, .boolean(false))]) == ["M1 reading 0"])
  }

  @Test("The state continues in a decoder that restores it, whatever was heard; malformed states are refused")
  func states() throws {
    var random = SeededGenerator(seed: 0x5EED_1129)
    for _ in 0..<40 {
      var test = try SparkplugUnderTest()
      for _ in 0..<30 { _ = Self.randomMessage(&test, &random) }
      var restored = try SparkplugUnderTest()
      for state in test.decoder.states() { try restored.decoder.restore(state) }
      #expect(restored.decoder.states() == test.decoder.states())
      _ = (test.decoder.takeMissingBirths(), restored.decoder.takeMissingBirths())
      for _ in 0..<20 {
        var (a, b) = (random, random)
        #expect(Self.randomMessage(&test, &a) == Self.randomMessage(&restored, &b))
        random = a
      }
      #expect(restored.decoder.states() == test.decoder.states())
      #expect(restored.decoder.takeMissingBirths() == test.decoder.takeMissingBirths())
      #expect(restored.decoder.livingEdges == test.decoder.livingEdges)
    }
  }

  @Test("Births that take more than 4 MiB are stored in parts, and all of them are restored")
  func longStates() throws {
    var test = try SparkplugUnderTest()
    let metrics = (0..<20_000 as Range<UInt64>).map { TestMetric("m\($0)", alias: $0 * 1000, .int(1)) }
    for edge in 0..<70 { _ = test.hears("NBIRTH", "E\(edge)", bdSeq: 1, metrics) }
    let states = test.decoder.states()
    #expect(states.map(\.factory) == ["F001", "F001"])
    #expect(states.allSatisfy { $0.bytes.count <= DecoderState.mostBytes })
    var restored = try SparkplugUnderTest()
    for state in states { try restored.decoder.restore(state) }
    #expect(restored.decoder.livingEdges.count == 70)
    #expect(restored.decoder.states() == states)
  }

  /// A message of one of two nodes with three devices, whatever it may be.
  static func randomMessage(_ test: inout SparkplugUnderTest, _ random: inout SeededGenerator) -> [String] {
    let verbs = [
      "NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DBIRTH", "DDEATH", "DDATA", "DDATA", "DDATA", "DDATA",
    ]
    let verb = verbs[Int.random(in: 0..<verbs.count, using: &random)]
    let edge = Bool.random(using: &random) ? "E1" : "E2"
    let device = verb.hasPrefix("D") ? "M\(Int.random(in: 1...3, using: &random))" : nil
    var metrics: [TestMetric] = []
    for place in 0..<Int.random(in: 0...3, using: &random) {
      var metric = SparkplugUnderTest.birth[place]
      if !verb.hasSuffix("BIRTH") { (metric.name, metric.datatype) = (nil, nil) }
      metric.alias = metric.alias.map { $0 + UInt64(Int.random(in: 0...1, using: &random)) * 10 }
      metric.isHistorical = Int.random(in: 0..<8, using: &random) == 0 ? true : nil
      metric.quality = Int.random(in: 0..<8, using: &random) == 0 ? 0 : nil
      metrics.append(metric)
    }
    let received = sampleReceipt + .milliseconds(Int64.random(in: 0...5000, using: &random))
    return test.hears(
      verb, edge, device, bdSeq: verb.hasPrefix("N") ? UInt64.random(in: 0...2, using: &random) : nil,
      at: received,
      metrics)
  }

  @Test("50,000 mutations of a state are restored or refused, and never half restored")
  func mutatedStates() throws {
    var test = try SparkplugUnderTest.born()
    _ = test.hears("NBIRTH", "E2")
    let state = try #require(test.decoder.states().first)
    var random = SeededGenerator(seed: 0x5EED_1130)
    let empty = try SparkplugUnderTest().decoder
    var refused = 0
    for _ in 0..<50_000 {
      var decoder = empty
      let bytes = MutationTests.mutated(state.bytes, by: &random)
      do { try decoder.restore(DecoderState(factory: "F001", bytes: bytes)) } catch {
        refused += 1
        #expect(decoder.states() == [])
      }
    }
    #expect(refused > 1000)
  }

  @Test("50,000 mutated messages are decoded or refused, and the decoder goes on")
  func mutatedMessages() throws {
    var test = try SparkplugUnderTest.born()
    var random = SeededGenerator(seed: 0x5EED_1131)
    let samples = [
      ("NBIRTH/E1", sparkplugPayload(at: 1, seq: 0, [TestMetric("bdSeq", type: 4, .long(3))])),
      ("DBIRTH/E1/M1", sparkplugPayload(at: 1, seq: 1, SparkplugUnderTest.birth)),
      ("DDATA/E1/M1", sparkplugPayload(at: 1, seq: 2, [TestMetric(alias: 1, quality: 192, .string("idle"))])),
      ("DDEATH/E1/M1", sparkplugPayload(at: 1, seq: 3)),
      ("NDEATH/E1", sparkplugPayload([TestMetric("bdSeq", type: 4, .long(3))])),
    ]
    for _ in 0..<50_000 {
      let (topic, payload) = samples[Int.random(in: 0..<samples.count, using: &random)]
      _ = test.take("spBv1.0/F001/\(topic)", MutationTests.mutated(payload, by: &random))
    }
    _ = test.hears("NBIRTH", bdSeq: 77)
    #expect(test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth).last?.hasPrefix("M1 reading") == true)
  }
}
