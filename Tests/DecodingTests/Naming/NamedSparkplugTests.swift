import Decoding
import Telemetry
import TestSupport
import Testing

@Suite("Named Sparkplug devices") struct NamedSparkplugTests {
  private static let birth = [TestMetric("Status/State", alias: 1, type: 12, .string("running"))]

  private static func source(_ keys: SettingsTree = [:]) throws -> Source {
    var problems: [SettingsProblem] = []
    return try #require(
      SourceFormats.source(
        keys.completed(by: ["format": "sparkplug"]), name: "sources[0]", &problems), "\(problems)")
  }

  private static func naming(_ lines: [String]) throws -> Naming {
    try Naming(plainCSV: ([Naming.headings] + lines).joined(separator: "\n"))
  }

  /// A decoder with the router of its messages.
  private struct Reader {
    var decoder: SparkplugDecoder
    let router: Router

    init(_ source: Source, _ naming: Naming) throws {
      guard case .other(let name, let settings) = source.format else { throw UnknownFormat(name: "") }
      decoder = try #require(
        try SourceFormats.catalog.decoder(
          name, settings: settings, limits: DecodingLimits(), naming: naming) as? SparkplugDecoder)
      router = Router([source], naming: naming)
    }

    /// The events of a message as `FACTORY/EQUIPMENT KIND`, or the refusal.
    mutating func hears(_ topic: String, bdSeq: UInt64? = nil, _ metrics: [TestMetric] = []) -> [String] {
      let session = bdSeq.map { [TestMetric("bdSeq", type: 4, .long($0))] } ?? []
      let payload = sparkplugPayload(
        at: UInt64(sampleReceipt.milliseconds), seq: 0, session + metrics)
      var events = EventBuffer()
      _ = events.begin(message: 0)
      return Array("spBv1.0/\(topic)".utf8).withUnsafeBytes { topic in
        payload.withUnsafeBytes { payload in
          do throws(Rejection) {
            let route = try router.route(topic)
            let message = ReceivedMessage(
              topic: topic, levels: route.levels, payload: payload, received: sampleReceipt)
            try router.withNames(message, of: route, into: &events) { message, events throws(Rejection) in
              try decoder.decode(message, into: &events)
            }
            let key = router.key(of: route, in: topic)
            return events.events.map { event in
              let name = event.sender < 0 ? key.equipment : events.names[Int(event.sender)].equipment
              return "\(key.factory)/\(name) \(event.kind)"
            }
          } catch { return ["\(error.reason.name) \(error.detail) \(error.fault.name)"] }
        }
      }
    }
  }

  @Test("Group, edge node and device have ids, also in the death of a node that names no device")
  func devices() throws {
    var reader = try Reader(
      Self.source(), Self.naming(["F001,E1,,,,,厂 1,网关 A,车床:1", "F002,,,,,,厂 2"]))
    #expect(reader.hears("厂 1/NBIRTH/网关 A", bdSeq: 1) == [])
    #expect(
      reader.hears("厂 1/DBIRTH/网关 A/车床:1", Self.birth) == ["F001/E1 online", "F001/E1 reading"])
    #expect(
      reader.hears("厂 1/DDATA/网关 A/车床:1", [TestMetric(nil, alias: 1, .string("idle"))])
        == ["F001/E1 reading"])
    #expect(reader.hears("厂 1/DBIRTH/网关 A/M2", Self.birth) == ["F001/M2 online", "F001/M2 reading"])
    #expect(reader.hears("厂 1/DBIRTH/网关 A/x y", Self.birth) == ["unmatched_topic equipment not_an_id"])
    #expect(reader.hears("厂 1/NDEATH/网关 A", bdSeq: 1) == ["F001/M2 offline", "F001/E1 offline"])
    // The state is that of the register's factory.
    #expect(reader.decoder.states().map(\.factory) == ["F001"])
    #expect(reader.hears("厂 2/NBIRTH/W01", bdSeq: 1) == [])
    #expect(reader.hears("厂 2/DBIRTH/W01/M9", Self.birth) == ["F002/M9 online", "F002/M9 reading"])
    #expect(reader.hears("厂 3/NBIRTH/W01", bdSeq: 1) == ["unmatched_topic factory not_an_id"])
  }

  @Test("Edge nodes that are equipment, and names made by a pattern, have ids")
  func otherRules() throws {
    var nodes = try Reader(
      Self.source(["edge": "{equipment}", "device": "+"]), Self.naming(["F001,E7,,,,,厂 1,PLC 7"]))
    #expect(nodes.hears("厂 1/NBIRTH/PLC 7", bdSeq: 1, Self.birth) == ["F001/E7 online", "F001/E7 reading"])
    #expect(nodes.hears("厂 1/NDEATH/PLC 7", bdSeq: 1) == ["F001/E7 offline"])
    var pattern = try Reader(
      Self.source(["edge": "+", "device": "+", "equipment": "{edge}.{device}"]),
      Self.naming(["F001,E1,,,,,F001,Gw 1,M1", "F001,E2,F001,Gw2.M1"]))
    #expect(pattern.hears("F001/NBIRTH/Gw 1", bdSeq: 1) == [])
    #expect(
      pattern.hears("F001/DBIRTH/Gw 1/M1", Self.birth) == ["F001/E1 online", "F001/E1 reading"])
    #expect(
      pattern.hears("F001/DBIRTH/Gw2/M1", Self.birth) == ["F001/E2 online", "F001/E2 reading"])
    #expect(
      pattern.hears("F001/DBIRTH/Gw2/M2", Self.birth) == ["F001/Gw2.M2 online", "F001/Gw2.M2 reading"])
  }

  @Test("The line to add names group, edge node and device") func lines() throws {
    let naming = try Self.naming(["F001,,,,,,厂 1", "F002,E1,,,,,G2,Gw,D1"])
    func line(_ topic: String, _ keys: SettingsTree = [:]) throws -> String? {
      let router = Router([try Self.source(keys)], naming: naming)
      return Array("spBv1.0/\(topic)".utf8).withUnsafeBytes { router.namingLine(for: $0) }
    }
    #expect(try line("厂 1/DBIRTH/Gw/车床 1") == "F001,?,,,,,厂 1,Gw,车床 1")
    #expect(try line("G2/DDATA/Gw/D 2") == "F002,?,,,,,G2,Gw,D 2")
    #expect(try line("厂 3/NBIRTH/Gw") == "?,,,,,,厂 3,Gw")
    #expect(
      try line("厂 3/NBIRTH/Gw", ["edge": "{equipment}", "device": "+"]) == "?,?,,,,,厂 3,Gw")
    #expect(try line("厂 3/NCMD/Gw") == nil)
    // The factory of the source's settings, and not the group, even if its name is an id.
    let keys: SettingsTree = ["group": "+", "factory": "F009"]
    #expect(try line("SCADA/DBIRTH/Gw/D 2", keys) == "F009,?,,,,,SCADA,Gw,D 2")
    #expect(try line("厂 3/DBIRTH/Gw/D 2", keys) == "F009,?,,,,,厂 3,Gw,D 2")
    #expect(try line("厂 1/DBIRTH/Gw/D 2", keys) == "F001,?,,,,,厂 1,Gw,D 2")
  }

  @Test("A change of the naming forgets the births of what has other ids, and keeps those of others")
  func changes() throws {
    let source = try Self.source()
    let before = try Self.naming(["F001,E1,,,,,G1,N1,D1", "F001,E2,,,,,G1,N1,D2", "F002,E3,,,,,G2,N2,D3"])
    var reader = try Reader(source, before)
    for topic in ["G1/NBIRTH/N1", "G2/NBIRTH/N2"] { #expect(reader.hears(topic, bdSeq: 1) == []) }
    for topic in ["G1/DBIRTH/N1/D1", "G1/DBIRTH/N1/D2", "G2/DBIRTH/N2/D3"] {
      #expect(reader.hears(topic, Self.birth).count == 2)
    }
    // D2 has another id, N2 is in another factory.
    let after = try Self.naming(["F001,E1,,,,,G1,N1,D1", "F001,E4,,,,,G1,N1,D2", "F003,E3,,,,,G2,N2,D3"])
    var next = try Reader(source, after)
    for state in reader.decoder.states() { try next.decoder.restore(state) }
    next.decoder = next.decoder.forgettingRenamed(since: before)
    let data = [TestMetric("Status/State", type: 12, .string("idle"))]
    #expect(next.hears("G1/DDATA/N1/D1", data) == ["F001/E1 reading"])
    #expect(next.decoder.takeMissingBirths() == [])
    #expect(next.hears("G1/DDATA/N1/D2", data) == [])
    #expect(next.hears("G2/DDATA/N2/D3", data) == [])
    #expect(
      next.decoder.takeMissingBirths() == [
        SparkplugEdgeID(group: "G1", edge: "N1"), SparkplugEdgeID(group: "G2", edge: "N2"),
      ])
    #expect(next.decoder.states().map(\.factory) == ["F001", "F003"])
    // The state in the journal is that of the new ids.
    var replayed = try Reader(source, after)
    for state in next.decoder.states() { try replayed.decoder.restore(state) }
    #expect(replayed.decoder.states() == next.decoder.states())
    #expect(next.hears("G1/NBIRTH/N1", bdSeq: 2).isEmpty == false)
    #expect(next.hears("G1/DBIRTH/N1/D2", Self.birth) == ["F001/E4 online", "F001/E4 reading"])
  }

  @Test("Sessions that a changed source takes over have the ids of a naming that changed with it")
  func changedSource() throws {
    let before = try Self.naming(["F001,E1,,,,,G1,N1,D1", "F001,E2,,,,,G1,N1,D2", "F002,E3,,,,,G2,N2,D3"])
    var reader = try Reader(Self.source(), before)
    for topic in ["G1/NBIRTH/N1", "G2/NBIRTH/N2"] { #expect(reader.hears(topic, bdSeq: 1) == []) }
    for topic in ["G1/DBIRTH/N1/D1", "G1/DBIRTH/N1/D2", "G2/DBIRTH/N2/D3"] {
      #expect(reader.hears(topic, Self.birth).count == 2)
    }
    // D2 has another id, N2 is in another factory.
    let after = try Self.naming(["F001,E1,,,,,G1,N1,D1", "F001,E4,,,,,G1,N1,D2", "F003,E3,,,,,G2,N2,D3"])
    let changed = try Self.source(["counters": ["good": "Good"]])
    var next = try Reader(changed, after)
    next.decoder.continueSessions(of: reader.decoder)
    #expect(next.decoder.livingEdges == [SparkplugEdgeID(group: "G1", edge: "N1")])
    #expect(next.decoder.states().map(\.factory) == ["F001", "F003"])
    var replayed = try Reader(changed, after)
    for state in next.decoder.states() { try replayed.decoder.restore(state) }
    #expect(replayed.decoder.states() == next.decoder.states())
    #expect(next.hears("G1/NDEATH/N1", bdSeq: 1) == ["F001/E1 offline"])
    #expect(next.hears("G1/NBIRTH/N1", bdSeq: 2) == [])
    #expect(next.hears("G1/DBIRTH/N1/D2", Self.birth) == ["F001/E4 online", "F001/E4 reading"])
    #expect(next.hears("G2/NBIRTH/N2", bdSeq: 2) == [])
    #expect(next.hears("G2/DBIRTH/N2/D3", Self.birth) == ["F003/E3 online", "F003/E3 reading"])
  }
}
