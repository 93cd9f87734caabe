import Decoding
import Ingestion
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Sources that change while a shard collects") struct SourceChangeTests {
  /// The sources of the fixture, and those of lines.
  private static func withLines(receivesRetainedAgain: Bool = false) throws -> ShardSettings {
    var settings = try ShardFixture.settings(limit: 1000)
    settings.sources.append(
      Source(.presence, template: try TopicTemplate("line/{factory}/{workshop}/{equipment}/connection")))
    settings.receivesRetainedAgain = receivesRetainedAgain
    return settings
  }

  private static func line(_ equipment: String, at seconds: Int64) -> Sent {
    Sent(
      topic: "line/F001/W01/\(equipment)/connection", payload: "online", at: seconds * 1000, retained: true)
  }

  private static func flagged(_ equipment: String, at seconds: Int64) -> Sent {
    var status = Sent.status(equipment, seconds)
    status.retained = true
    return status
  }

  /// The machines heard, those with an open session, and the numbers of flagged messages.
  private func heard(_ fixture: ShardFixture, at seconds: Int64 = 1000) throws -> [String] {
    let evidence = try fixture.evidence(at: seconds)
    return evidence.equipment.map { "\($0.key.equipment)\($0.sessionOpen ? " online" : "")" }
      + ["retained \(evidence.retainFlags.retained) live \(evidence.retainFlags.live)"]
  }

  @Test("Within a minute of a reload, flagged messages of new filters are retained, and all others live")
  func reload() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.shard.use(try Self.withLines(), probe: nil, at: morning + .seconds(100))
    try fixture.commit([Self.line("E1", at: 101), Self.flagged("E2", at: 102), Self.line("E3", at: 159)])
    #expect(try heard(fixture) == ["E2", "retained 2 live 1"])
    try fixture.commit([Self.line("E4", at: 160)])
    #expect(try heard(fixture, at: 161) == ["E2", "E4 online", "retained 2 live 2"])
  }

  @Test(
    "A resumed session delivers what is retained for the filters that it did not hold, and only for those")
  func resumed() throws {
    let fixture = try ShardFixture()
    try fixture.shard.use(try Self.withLines(), probe: nil, at: morning)
    fixture.shard.heldFilters = ["factory/#"]
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(100)).milliseconds)
    try fixture.commit([Self.line("E1", at: 101), Self.flagged("E2", at: 102), Self.line("E3", at: 160)])
    #expect(try heard(fixture, at: 161) == ["E2", "E3 online", "retained 1 live 2"])
    // The filter is held from its grant on.
    fixture.shard.heldFilters = ["factory/#", "line/#"]
    fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(200)).milliseconds)
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(201)).milliseconds)
    try fixture.commit([Self.line("E5", at: 202)])
    let found = try heard(fixture, at: 203)
    #expect(found.contains("E5 online"), "\(found)")
    #expect(found.last == "retained 1 live 3")
  }

  @Test("In MQTT 3.1.1 each subscription delivers what is retained for its filters: all at a connection")
  func everySubscription() throws {
    let fixture = try ShardFixture()
    let settings = try Self.withLines(receivesRetainedAgain: true)
    var before = settings
    before.sources.removeLast()
    try fixture.shard.use(before, probe: nil, at: morning)
    fixture.shard.heldFilters = ["factory/#"]
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(100)).milliseconds)
    try fixture.commit([Self.flagged("E1", at: 159), Self.flagged("E2", at: 160)])
    #expect(try heard(fixture) == ["E2", "retained 1 live 1"])
    try fixture.shard.use(settings, probe: nil, at: morning + .seconds(200))
    try fixture.commit([Self.line("E3", at: 201), Self.flagged("E4", at: 202)])
    #expect(try heard(fixture) == ["E2", "E4", "retained 2 live 2"])
  }

  @Test("A naming gives published names ids from its change on") func naming() throws {
    let fixture = try ShardFixture()
    func use(_ entries: [Naming.Entry], at seconds: Int64) throws {
      var settings = try ShardFixture.settings(limit: 1000)
      settings.naming = try Naming(entries)
      try fixture.shard.use(settings, probe: nil, at: morning + .seconds(seconds))
    }
    let lathe = Naming.Identity.published(factory: "F001", equipment: "车床 1")
    let plant = Naming.Entry(.published(factory: "Plant 9", equipment: ""), factory: "F009")
    try use([Naming.Entry(lathe, factory: "F001", equipment: "E1"), plant], at: 0)
    try fixture.commit([.status("车床 1", 1), .status("E5", 1, factory: "Plant 9"), .status("车床 2", 1)])
    try use([Naming.Entry(lathe, factory: "F001", equipment: "E2"), plant], at: 2)
    try fixture.commit([.status("车床 1", 3)])
    try use([], at: 4)
    try fixture.commit([.status("车床 1", 5)])
    let evidence = try fixture.evidence(at: 10)
    #expect(
      evidence.equipment.map { "\($0.key) \($0.readings != nil ? "read" : "refused")" } == [
        "F001/E1 read", "F001/E2 read", "F001/车床 1 refused", "F001/车床 2 refused", "F009/E5 read",
      ])
    // Each naming begins a stretch of the journal.
    #expect(try JournalReader(fixture.directory).outline(reaching: 0).openings.count == 3)
    // The message of the named factory is in that factory's part of the journal.
    var topics: [String] = []
    try JournalReader(fixture.directory).forEachRecord(
      ofFactories: ["F009"], fromDay: shanghai.day(at: morning), through: try Int64(fixture.blocks())
    ) { record, _ in
      if record.kind == .message { topics.append(String(decoding: record.topic, as: UTF8.self)) }
      return true
    }
    #expect(topics == ["factory/Plant 9/W01/E5/status"])
  }

  @Test("Messages of filters that are not in effect yet are stored, and neither counted nor refused")
  func notYet() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    fixture.shard.setAside([TopicFilter("line/#")])
    try fixture.commit([Self.line("E1", at: 100), .status("E2", 101)])
    #expect(try fixture.journaled().count == 2)
    #expect(fixture.shard.counters.rejected == 0)
    #expect(fixture.shard.counters.former == 1)
    #expect(try heard(fixture) == ["E2", "retained 0 live 0"])
  }

  @Test("Sources that cannot be journaled are not used: those before stay in effect, and the journal says so")
  func notJournaled() throws {
    let folder = try TemporaryDirectory("sources")
    let directory = StoreDirectory(folder.path + "/store")
    let store = FragileStore(
      SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)))
    let first = try DecoderSite.Configuration.first.settings()
    let shard = try Shard(
      store: store, settings: first, repairsFrom: directory, register: { [] }, emit: { _ in })
    func commit(_ topic: String, _ payload: String, at seconds: Int64) throws {
      var window = ShardFixture.window([Sent(topic: topic, payload: payload, at: seconds * 1000)])
      try shard.commit(&window)
    }
    try shard.connected(sessionPresent: false, at: morning.milliseconds)
    try commit("a/F1/W1/E1", "B 1 A1", at: 1)
    // Other sources, among them the decoder that knows a name.
    let turned = try DecoderSite.Configuration.turned.settings()
    store.failures = 1
    #expect(throws: StoreError.self) { try shard.use(turned, probe: nil, at: morning + .seconds(2)) }
    try commit("t/F1/W1/E2", "3 running", at: 3)
    try commit("a/F1/W1/E1", "D 1 4 running", at: 4)
    #expect(shard.counters.rejected == 0)
    func openings() throws -> [DecodingRules] {
      var rules: [DecodingRules] = []
      try JournalReader(directory).forEachVerifiedBlock { block in
        try block.forEachRecord {
          guard $0.kind == .sources else { return }
          rules.append(try DecodingRules(text: String(decoding: $0.payload, as: UTF8.self)))
        }
      }
      return rules
    }
    #expect(try openings() == [first.rules, first.rules])
    try shard.use(turned, probe: nil, at: morning + .seconds(5))
    #expect(try openings() == [first.rules, first.rules, turned.rules])
    // The name is still known.
    try commit("a/F1/W1/E1", "D 1 6 idle", at: 6)
    #expect(shard.counters.rejected == 0)
    // What cannot be read again is not used either.
    var tooMany = turned
    tooMany.sources = (0...1000).map { _ in turned.sources[0] }
    #expect(throws: DecodingRulesError.self) {
      try shard.use(tooMany, probe: nil, at: morning + .seconds(7))
    }
    try commit("a/F1/W1/E1", "D 1 8 idle", at: 8)
    #expect(shard.counters.rejected == 0)
    #expect(try openings().count == 3)
    try shard.finish()
  }
}
