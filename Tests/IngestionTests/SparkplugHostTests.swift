import Decoding
import Ingestion
import Journal
import MQTT
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

/// A shard with a Sparkplug source, and the host's session, driven as their sessions with the broker drive them.
private final class HostFixture {
  let folder: TemporaryDirectory
  let directory: StoreDirectory
  private(set) var store: SQLiteShardStore
  private(set) var shard: Shard
  private(set) var host: SparkplugHost
  private let sent = Outbox()

  /// What the host has handed to its session.
  private final class Outbox {
    var messages: [OutgoingMessage] = []
  }

  init() throws {
    folder = try TemporaryDirectory("sparkplug")
    directory = StoreDirectory(folder.path + "/store")
    (store, shard, host) = try Self.open(directory, sent)
  }

  private static func open(
    _ directory: StoreDirectory, _ sent: Outbox
  ) throws -> (SQLiteShardStore, Shard, SparkplugHost) {
    let store = SQLiteShardStore(
      directory: directory, calendar: shanghai, horizonMinimum: .minutes(15), journal: JournalSettings())
    store.keepsDaysWhenIdle = false
    let shard = try Shard(
      store: store, settings: try settings(["format": "sparkplug"]), repairsFrom: directory, register: { [] },
      emit: { _ in })
    let host = SparkplugHost(
      SparkplugSession.Settings(hostID: "millwright"), shard: shard,
      publish: {
        sent.messages.append($0)
        return sent.messages.count
      }, withdraw: { sent.messages = [] })
    return (store, shard, host)
  }

  private static func settings(_ keys: SettingsTree) throws -> ShardSettings {
    var problems: [SettingsProblem] = []
    let source = try #require(SourceFormats.source(keys, name: "s", &problems))
    return ShardSettings(sources: [source], calendar: shanghai, formats: SourceFormats.catalog)
  }

  /// Reads messages by another source from now on.
  func use(_ keys: SettingsTree, at milliseconds: Int64) throws {
    let instant = Timestamp(milliseconds: Self.instant(milliseconds))
    try shard.use(try Self.settings(keys), probe: nil, at: instant)
  }

  /// Loses everything in memory, as a kill does, and starts again on the same store.
  func restart() throws {
    store.release()
    (store, shard, host) = try Self.open(directory, sent)
  }

  static func instant(_ milliseconds: Int64) -> Int64 { morning.milliseconds + milliseconds }

  /// Connects both sessions; the host's birth is not kept.
  func connect(at milliseconds: Int64 = 0) throws {
    try shard.connected(sessionPresent: true, at: Self.instant(milliseconds))
    _ = host.will(connecting: Self.instant(milliseconds))
    try host.connected(sessionPresent: false, at: Self.instant(milliseconds))
    #expect(published() == ["spBv1.0/STATE/millwright"])
  }

  /// Topics of the messages published since the last call.
  func published() -> [String] {
    defer { sent.messages = [] }
    return sent.messages.map(\.topic)
  }

  /// Commits one window of the host's session.
  func hears(
    _ messages: [(topic: String, payload: [UInt8])], at milliseconds: Int64, isRetained: Bool = false
  ) throws {
    var window = Window()
    for message in messages {
      var topic = "spBv1.0/F001/" + message.topic
      topic.withUTF8 { topic in
        message.payload.withUnsafeBytes { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: payload, receivedAt: Self.instant(milliseconds),
            retained: isRetained)
        }
      }
    }
    try host.commit(&window)
  }

  static func payload(at milliseconds: Int64, seq: UInt8?, _ metrics: [[UInt8]] = []) -> [UInt8] {
    SparkplugMessage.payload(at: instant(milliseconds), seq: seq, metrics)
  }

  /// Births of the node E1 and its device M1 at the beginning.
  func born(at milliseconds: Int64 = 1000) throws {
    try hears(
      [
        ("NBIRTH/E1", Self.payload(at: milliseconds, seq: 0, [SparkplugMessage.session(4)])),
        (
          "DBIRTH/E1/M1",
          Self.payload(at: milliseconds, seq: 1, [SparkplugMessage.text("Status/State", alias: 1, "running")])
        ),
      ], at: milliseconds)
  }

  /// `heard`: when it is received; nil for its own time.
  func data(
    _ state: String, seq: UInt8, at milliseconds: Int64, heard: Int64? = nil, isRetained: Bool = false
  ) throws {
    try hears(
      [
        (
          "DDATA/E1/M1",
          Self.payload(at: milliseconds, seq: seq, [SparkplugMessage.text(nil, alias: 1, state)])
        )
      ],
      at: heard ?? milliseconds, isRetained: isRetained)
  }

  /// Topics in the journal, in order, without the first two levels.
  func journaled() throws -> [String] {
    var topics: [String] = []
    try JournalReader(directory).forEachVerifiedBlock { block in
      try block.forEachRecord { record in
        guard record.kind == .message else { return }
        let levels = String(decoding: record.topic, as: UTF8.self).split(separator: "/").dropFirst(2)
        topics.append(levels.joined(separator: "/"))
      }
    }
    return topics
  }

  /// The live timeline of F001/M1.
  func timeline() throws -> Timeline {
    try shard.finish()
    store.release()
    let state = try StoreReading(directory, calendar: shanghai).claimed(
      ShardOptions(calendar: shanghai, horizonMinimum: .minutes(15), journal: JournalSettings()))
    let place = try #require(state.senders.firstIndex { $0.key == key("M1") })
    return state.timelines[place]
  }
}

@Suite("Sparkplug host application") struct SparkplugHostTests {
  @Test("Messages are journaled in the order of their numbers, and a rebirth is requested after the commit")
  func order() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.data("idle", seq: 3, at: 2000)
    #expect(try site.journaled() == ["NBIRTH/E1", "DBIRTH/E1/M1"])
    try site.data("stopped", seq: 2, at: 1500, heard: 3000)
    #expect(try site.journaled().count == 4)
    #expect(try site.timeline().state == .idle)
  }

  @Test("An open gap is closed by the timeout: what was held is journaled, and the node is asked")
  func gap() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.data("idle", seq: 3, at: 2000)
    try site.host.tick(now: HostFixture.instant(6999))
    #expect(site.published() == [])
    #expect(try site.journaled().count == 2)
    try site.host.tick(now: HostFixture.instant(7000))
    #expect(try site.journaled().count == 3)
    #expect(site.published() == ["spBv1.0/F001/NCMD/E1"])
  }

  @Test("Data without a birth is journaled, makes nothing, and has the node asked; a replay asks nobody")
  func withoutBirth() throws {
    let site = try HostFixture()
    try site.connect()
    try site.data("idle", seq: 3, at: 6000)
    try site.host.tick(now: HostFixture.instant(7000))
    #expect(site.published() == ["spBv1.0/F001/NCMD/E1"])
    try site.restart()
    #expect(try site.journaled() == ["DDATA/E1/M1"])
    #expect(site.shard.takeMissingBirths() == [])
    #expect(site.shard.livingEdges == [])
  }

  @Test(
    "The shard counts what messages did not give and what the host did, and a replay does not count it again")
  func counts() throws {
    let site = try HostFixture()
    try site.connect()
    try site.data("idle", seq: 3, at: 6000)
    try site.host.tick(now: HostFixture.instant(7000))
    _ = site.published()
    #expect(site.shard.counters.sparkplug.decoding.withoutBirth == 1)
    #expect(site.shard.counters.sparkplug.session.rebirthRequests == 1)
    try site.born(at: 8000)
    // A metric whose alias no birth names, and a gap.
    let past = SparkplugMessage.text(alias: 9, "x", historical: HostFixture.instant(7500))
    try site.hears([("DDATA/E1/M1", HostFixture.payload(at: 9000, seq: 2, [past]))], at: 9000)
    try site.hears([("DDATA/E1/M1", HostFixture.payload(at: 9500, seq: 5))], at: 9500)
    var expected = SparkplugCounts()
    expected.decoding.withoutBirth = 1
    expected.decoding.unknownAliases = 1
    expected.session.rebirthRequests = 1
    expected.session.gaps = 1
    #expect(site.shard.counters.sparkplug == expected)
    try site.restart()
    #expect(site.shard.counters.sparkplug == SparkplugCounts())
  }

  @Test("After a kill, aliases are known from the journal; nodes are asked unless they send their birth")
  func restart() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.restart()
    #expect(site.shard.livingEdges == [SparkplugEdgeID(group: "F001", edge: "E1")])
    try site.connect(at: 10_000)
    try site.data("fault", seq: 90, at: 11_000)
    try site.host.tick(now: HostFixture.instant(15_000))
    #expect(site.published() == ["spBv1.0/F001/NCMD/E1"])
    #expect(try site.timeline().state == .fault)
  }

  @Test("Births in effect are in the first records of each later journal day")
  func nextDay() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    let day = Span.days(1).milliseconds
    try site.data("idle", seq: 2, at: day)
    var states = 0
    try JournalReader(site.directory).forEachVerifiedBlock { block in
      try block.forEachRecord { record in
        if record.kind == .decoderState { states += record.payload.isEmpty ? 0 : 1 }
      }
    }
    #expect(states == 1)
    #expect(try site.timeline().state == .idle)
  }

  @Test("A node's death ends its devices' sessions, also in views derived again")
  func death() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.hears(
      [("NDEATH/E1", HostFixture.payload(at: 0, seq: nil, [SparkplugMessage.session(4)]))], at: 5000)
    try site.restart()
    let timeline = try site.timeline()
    #expect(timeline.lastOffline == morning + .seconds(5))
    #expect(timeline.lastOnline == morning + .seconds(1))
    #expect(timeline.vouching.contains(.session))
  }

  @Test(
    "A node that dies while the host is away is not taken to be connected; its next birth opens its session")
  func deathUnheard() throws {
    func open(at milliseconds: Int64, _ happens: (HostFixture) throws -> Void) throws -> Bool? {
      let site = try HostFixture()
      try site.connect()
      try site.born()
      try happens(site)
      try site.shard.finish()
      let instant = morning + .milliseconds(milliseconds)
      let evidence = try ViewsReader(site.directory).evidence(asOf: instant, period: morning..<instant)
      return evidence.equipment.first { $0.key == key("M1") }?.sessionOpen
    }
    #expect(try open(at: 30_000) { _ in } == true)
    // The host loses its connection and comes back.
    func reconnect(_ site: HostFixture) throws {
      site.host.disconnected(reason: .closed("test"), at: HostFixture.instant(20_000))
      _ = site.host.will(connecting: HostFixture.instant(25_000))
      try site.host.connected(sessionPresent: false, at: HostFixture.instant(25_000))
    }
    #expect(try open(at: 30_000, reconnect) == false)
    let reborn = try open(at: 30_000) { site in
      try reconnect(site)
      try site.born(at: 26_000)
    }
    #expect(reborn == true)
    // The collector is killed and starts again.
    func restart(_ site: HostFixture) throws {
      try site.restart()
      try site.connect(at: 25_000)
    }
    #expect(try open(at: 30_000, restart) == false)
    let again = try open(at: 30_000) { site in
      try restart(site)
      try site.born(at: 26_000)
    }
    #expect(again == true)
    // Both connections are lost, and the host's comes back first: its nodes are asked for their births again.
    let first = try open(at: 30_000) { site in
      site.host.disconnected(reason: .closed("test"), at: HostFixture.instant(20_000))
      site.shard.disconnected(reason: .closed("test"), at: HostFixture.instant(20_000))
      _ = site.host.will(connecting: HostFixture.instant(22_000))
      try site.host.connected(sessionPresent: false, at: HostFixture.instant(22_000))
      _ = site.published()
      try site.born(at: 23_000)
      #expect(site.published() == [])
      try site.shard.connected(sessionPresent: true, at: HostFixture.instant(25_000))
      try site.data("idle", seq: 2, at: 26_000)
      try site.host.tick(now: HostFixture.instant(29_000))
      #expect(site.published() == ["spBv1.0/F001/NCMD/E1"])
    }
    #expect(first == false)
    // The shard's own connection alone says nothing of nodes.
    let ownConnection = try open(at: 30_000) { site in
      site.shard.disconnected(reason: .closed("test"), at: HostFixture.instant(20_000))
      try site.shard.connected(sessionPresent: true, at: HostFixture.instant(25_000))
    }
    #expect(ownConnection == true)
  }

  @Test("While the host's session is lost nothing is observed; it begins again with the session")
  func observation() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    site.host.disconnected(reason: .closed("test"), at: HostFixture.instant(20_000))
    for second in [25, 35, 45] as [Int64] { try site.shard.tick(now: HostFixture.instant(second * 1000)) }
    _ = site.host.will(connecting: HostFixture.instant(50_000))
    try site.host.connected(sessionPresent: false, at: HostFixture.instant(50_000))
    try site.shard.tick(now: HostFixture.instant(61_000))
    try site.shard.finish()
    site.store.release()
    let state = try StoreReading(site.directory, calendar: shanghai).claimed(
      ShardOptions(calendar: shanghai, horizonMinimum: .minutes(15), journal: JournalSettings()))
    let stretch = try #require(state.observation)
    #expect(stretch.number == 2)
    #expect(stretch.from == morning + .seconds(50))
    #expect(stretch.through == morning + .seconds(61))
  }

  @Test("Without other sources, probes of this and other collectors are known, and are nobody's messages")
  func probes() throws {
    let fixture = try HostFixture()
    try fixture.connect()
    var window = Window()
    for place in ["_millwright/store/0", "another/0"] {
      var topic = "factory/_millwright/\(place)/probe"
      topic.withUTF8 {
        window.append(
          topic: UnsafeRawBufferPointer($0), payload: UnsafeRawBufferPointer(start: nil, count: 0),
          receivedAt: HostFixture.instant(1000), retained: false)
      }
    }
    try fixture.shard.commit(&window)
    #expect(fixture.shard.counters.messages == 0)
    #expect(fixture.shard.counters.rejected == 0)
  }

  @Test("A stop hands over what was held, and publishes the death last")
  func stop() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.data("idle", seq: 3, at: 2000)
    try site.host.stopping(now: HostFixture.instant(3000))
    #expect(site.published() == ["spBv1.0/STATE/millwright"])
    #expect(try site.journaled().count == 3)
    try site.data("fault", seq: 9, at: 3500)
    #expect(try site.journaled().count == 4)
  }

  @Test("What the broker retains of a node is stored at once, and does not count")
  func retained() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.data("fault", seq: 90, at: 1500, heard: 2000, isRetained: true)
    #expect(try site.journaled().count == 3)
    try site.host.tick(now: HostFixture.instant(20_000))
    #expect(site.published() == [])
    #expect(try site.timeline().state == .running)
  }

  @Test("After a change of the source, deaths still end sessions, and nodes are asked for their births")
  func changedSource() throws {
    let site = try HostFixture()
    try site.connect()
    try site.born()
    try site.use(["format": "sparkplug", "counters": ["good": "Other"]], at: 2000)
    #expect(site.shard.livingEdges == [SparkplugEdgeID(group: "F001", edge: "E1")])
    try site.hears([("NDATA/E1", HostFixture.payload(at: 6500, seq: 2))], at: 6500)
    try site.host.tick(now: HostFixture.instant(7000))
    #expect(site.published() == ["spBv1.0/F001/NCMD/E1"])
    try site.hears(
      [("NDEATH/E1", HostFixture.payload(at: 0, seq: nil, [SparkplugMessage.session(4)]))], at: 8000)
    try site.restart()
    #expect(site.shard.livingEdges == [])
    #expect(try site.timeline().lastOffline == morning + .seconds(8))
  }
}
