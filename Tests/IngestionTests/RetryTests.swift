import Decoding
import Foundation
import Ingestion
import Journal
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Reading refused messages again") struct RetryTests {
  private static let everything = RefusedSelection(received: .distantPast ..< .distantFuture)

  /// The settings of the fixture, and with a source of lines.
  private static func settings(withLines: Bool = false) throws -> ShardSettings {
    var settings = try ShardFixture.settings(limit: 1000)
    if withLines {
      settings.sources.append(
        Source(.status, template: try TopicTemplate("line/{factory}/{workshop}/{equipment}/status")))
    }
    return settings
  }

  private static func line(
    _ equipment: String, _ seconds: Int64, _ state: String = "running", received: Int64? = nil
  ) -> Sent {
    let sent = Sent.status(equipment, seconds, state, received: received)
    return Sent(topic: sent.topic.replacing("factory/", with: "line/"), payload: sent.payload, at: sent.at)
  }

  /// A shard that accepted a message of E1, and refused two of lines and one with an unknown state.
  private func site() throws -> ShardFixture {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([.status("E1", 1), Self.line("E5", 2), .status("E6", 3, "bogus")])
    try fixture.commit([Self.line("E5", 4, "idle")])
    try fixture.shard.finish()
    return fixture
  }

  private func trial(
    _ fixture: ShardFixture, _ selection: RefusedSelection = everything, withLines: Bool = true
  ) throws -> RetryTrial.Outcome {
    try fixture.shard.finish()
    return try RetryTrial(settings: try Self.settings(withLines: withLines), store: fixture.directory)
      .run(selection)
  }

  private struct Figures: Equatable {
    var senders: [String]
    var readings: [Int]
    var refused: [String]
    var dump: [String]
  }

  /// What views built anew from the journal have, whatever the configuration is.
  private func rebuilt(_ fixture: ShardFixture, withLines: Bool = true) throws -> Figures {
    let views = fixture.folder.path + "/rebuilt.sqlite"
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: views + ending) }
    let place = StoreDirectory(fixture.directory, views: views)
    let store = RebuildStore(
      directory: place, calendar: shanghai, horizonMinimum: .minutes(15),
      through: try JournalReader(fixture.directory).head()
    ) { _, _ in }
    let shard = try Shard(
      store: store, settings: try Self.settings(withLines: withLines), repairsFrom: place,
      register: { [] }, emit: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
    return try figures(StoreReading(place, calendar: shanghai))
  }

  private func figures(_ stored: StoreReading) throws -> Figures {
    let senders = try stored.senders()
    return Figures(
      senders: senders, readings: try senders.map { try stored.readings(of: key(String($0.dropFirst(5)))) },
      refused: try stored.refusalCounts(), dump: try stored.everything())
  }

  /// Decides to read by the sources with lines.
  @discardableResult
  private func retry(
    _ fixture: ShardFixture, _ selection: RefusedSelection = everything, at seconds: Int64 = 100
  ) throws -> Int64 {
    let settings = try Self.settings(withLines: true)
    try fixture.shard.use(settings, probe: nil, at: morning + .seconds(seconds))
    return try fixture.shard.reread(
      RereadingScope(day: firstDay, refused: selection), at: morning + .seconds(seconds))
  }

  @Test("Messages that the present sources read count at their own times; those refused again stay refused")
  func sources() throws {
    let fixture = try site()
    #expect(
      try trial(fixture, withLines: false) == RetryTrial.Outcome(readable: 0, refused: 3, dropped: 0))
    #expect(
      try trial(fixture) == RetryTrial.Outcome(readable: 2, refused: 3, dropped: 0, day: firstDay))
    let before = try rebuilt(fixture)
    #expect(before.senders == ["F001/E1"])
    #expect(before.refused == ["unknownState 'state' 1", "unmatchedTopic '' 2"])
    try retry(fixture)
    let after = try rebuilt(fixture)
    #expect(after.senders == ["F001/E1", "F001/E5"])
    #expect(after.readings == [1, 2])
    #expect(after.refused == ["unknownState 'state' 1"])
    // The journal decides, and not the configuration.
    #expect(try rebuilt(fixture, withLines: false) == after)
  }

  @Test("Views that are replayed after a kill have them once, and a second decision changes nothing")
  func twice() throws {
    let fixture = try site()
    try retry(fixture)
    // Somebody ended the process before the views were built anew: the messages are still listed, and read again.
    try fixture.restart()
    #expect(try trial(fixture).readable == 2)
    try retry(fixture, at: 200)
    let rebuilt = try rebuilt(fixture)
    #expect(rebuilt.readings == [1, 2])
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    try fixture.shard.repairAll()
    #expect(try figures(fixture.stored) == rebuilt)
    #expect(try trial(fixture) == RetryTrial.Outcome(readable: 0, refused: 1, dropped: 0))
  }

  @Test("A message that arrived again meanwhile counts once, with its first receipt") func redelivered()
    throws
  {
    let fixture = try site()
    let settings = try Self.settings(withLines: true)
    fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(50)).milliseconds)
    try fixture.shard.use(settings, probe: nil, at: morning + .seconds(55))
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(60)).milliseconds)
    try fixture.commit([Self.line("E5", 2, received: 61), Self.line("E5", 4, "idle", received: 62)])
    try fixture.commit([Self.line("E5", 70, received: 70)])
    try fixture.shard.repairAll()
    #expect(try figures(fixture.stored).readings == [1, 3])
    #expect(try trial(fixture).readable == 2)
    try retry(fixture)
    let after = try rebuilt(fixture)
    #expect(after.readings == [1, 3])
    #expect(after.refused == ["unknownState 'state' 1"])
    // It comes once more after all that.
    try fixture.commit([Self.line("E5", 2, received: 110)])
    let again = try rebuilt(fixture)
    #expect(again.readings == [1, 3])
  }

  @Test("A selection leaves the others refused") func selection() throws {
    let fixture = try site()
    try fixture.commit([Self.line("E7", 86_400, received: 86_400)])
    func readable(_ change: (inout RefusedSelection) -> Void) throws -> [Int] {
      var selection = Self.everything
      change(&selection)
      let found = try trial(fixture, selection)
      return [found.readable, found.refused]
    }
    #expect(try readable { _ in } == [3, 4])
    #expect(try readable { $0.reason = .unknownState } == [0, 1])
    #expect(try readable { $0.reason = .unmatchedTopic } == [3, 3])
    #expect(try readable { $0.factory = "F002" } == [0, 0])
    #expect(try readable { $0.topic = "line/+/+/E5/#" } == [2, 2])
    let nextDay = shanghai.start(of: firstDay + 1)
    #expect(try readable { $0.received = nextDay..<Timestamp.distantFuture } == [1, 1])
    #expect(try readable { $0.received = Timestamp.distantPast..<nextDay } == [2, 3])
    var selection = Self.everything
    selection.topic = "line/+/+/E5/#"
    selection.received = Timestamp.distantPast..<(morning + .seconds(3))
    try retry(fixture, selection, at: 86_401)
    let after = try rebuilt(fixture)
    #expect(after.senders == ["F001/E1", "F001/E5"])
    #expect(after.readings == [1, 1])
    #expect(after.refused == ["unknownState 'state' 1", "unmatchedTopic '' 2"])
  }

  @Test("A message about a day before a bound stays refused") func finalDays() throws {
    let fixture = try site()
    var selection = Self.everything
    selection.eventsFrom = morning + .seconds(3)
    try retry(fixture, selection)
    let after = try rebuilt(fixture)
    #expect(after.senders == ["F001/E1", "F001/E5"])
    #expect(after.readings == [1, 1])
    #expect(after.refused == ["unknownState 'state' 1", "unmatchedTopic '' 1"])
  }

  @Test(
    "Decisions that say the same are one; a journal takes no more different ones than it can be read with")
  func manyDecisions() throws {
    let fixture = try site()
    for second in 0..<5 { try retry(fixture, at: 100 + Int64(second)) }
    #expect(try trial(fixture).readable == 2)
    #expect(try rebuilt(fixture).readings == [1, 2])
    for second in 0..<63 {
      var selection = Self.everything
      selection.topic = "line/\(second)"
      try retry(fixture, selection, at: 200 + Int64(second))
    }
    // All of one decision with the 63, and the trial.
    var selection = Self.everything
    selection.equipment = "E7"
    #expect(try trial(fixture, selection) == RetryTrial.Outcome())
    selection.equipment = nil
    selection.topic = "line/F001/#"
    let error = #expect(throws: StoreError.self) { try trial(fixture, selection) }
    #expect(error?.kind == .refused)
    #expect(error?.description.contains("takes no further ones") == true)
    #expect(try rebuilt(fixture).readings == [1, 2])
  }

  @Test("A later decision to read everything anew supersedes it") func superseded() throws {
    let fixture = try site()
    try retry(fixture)
    #expect(try rebuilt(fixture).readings == [1, 2])
    try fixture.shard.use(try Self.settings(), probe: nil, at: morning + .seconds(300))
    try fixture.shard.reread(from: firstDay, at: morning + .seconds(301))
    let after = try rebuilt(fixture)
    #expect(after.senders == ["F001/E1"])
    #expect(after.refused == ["unknownState 'state' 1", "unmatchedTopic '' 2"])
  }

  @Test("Late records of its day are repaired with it") func repaired() throws {
    let fixture = try site()
    try retry(fixture)
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    try fixture.shard.use(try Self.settings(withLines: true), probe: nil, at: morning + .seconds(400))
    try fixture.commit([Self.line("E5", 3, received: 401), Self.line("E1", 0, received: 402)])
    try fixture.shard.repairAll()
    let live = try figures(fixture.stored)
    #expect(live.readings == [2, 3])
    #expect(try rebuilt(fixture) == live)
  }

  @Test("A record that the decision cannot read beside good ones is listed under the decision's names")
  func badRecords() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    let payload = #"[{"id":"M1","s":"running"},{"id":"M2","s":"bogus"},{"s":"bogus"}]"#
    try fixture.commit([Sent(topic: "lists/Plant 9", payload: payload, at: 1000)])
    var problems: [SettingsProblem] = []
    var settings = try Self.settings()
    settings.sources.append(
      try #require(
        SourceFormats.source(
          [
            "format": "json", "topic": "lists/{factory}", "equipment": "/id", "timestamp": "receipt",
            "state": "/s",
          ], name: "source", &problems), "\(problems)"))
    settings.naming = try Naming([
      Naming.Entry(.published(factory: "Plant 9", equipment: ""), factory: "F009")
    ])
    try fixture.shard.use(settings, probe: nil, at: morning + .seconds(100))
    try fixture.shard.reread(
      RereadingScope(day: firstDay, refused: Self.everything), at: morning + .seconds(100))
    try fixture.shard.finish()
    let views = fixture.folder.path + "/rebuilt.sqlite"
    let place = StoreDirectory(fixture.directory, views: views)
    let store = RebuildStore(
      directory: place, calendar: shanghai, horizonMinimum: .minutes(15),
      through: try JournalReader(fixture.directory).head()
    ) { _, _ in }
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: place, register: { [] }, emit: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
    let stored = StoreReading(place, calendar: shanghai)
    #expect(try stored.senders() == ["F009/M1"])
    let rows = try stored.quarantined()
    #expect(rows.map { "\($0.factory)/\($0.equipment) \($0.excerpt)" } == ["F009/M2 #2 +1"])
  }

  @Test(
    "Records that were refused beside good ones are read again, each once; the good ones stay as they are")
  func records() throws {
    func source(_ states: SettingsTree) -> [SettingsTree] {
      [
        [
          "format": "json", "topic": "lists/{factory}", "equipment": "/id", "timestamp": "receipt",
          "state": ["at": "/s", "map": states],
        ]
      ]
    }
    let fixture = try FormatFixture(source(["run": "running"]))
    let payload = #"[{"id":"M1","s":"run"},{"id":"M2","s":"off"},{"id":"M3","s":"x"},{"id":"M4","s":"off"}]"#
    try fixture.hears("lists/F001", payload, at: 1)
    #expect(try fixture.stored.quarantined().map(\.excerpt) == ["#2 +2"])
    // The good record would have another state now.
    let later = source(["run": "idle", "off": "off"])
    try fixture.use(later, at: 100)
    func trial() throws -> RetryTrial.Outcome {
      try fixture.shard.finish()
      return try RetryTrial(settings: fixture.settings, store: fixture.directory).run(Self.everything)
    }
    #expect(try trial() == RetryTrial.Outcome(readable: 1, partlyRead: 1, day: firstDay))
    func states(_ stored: StoreReading) throws -> [String] {
      try ["M1", "M2", "M3", "M4"].map { name in
        let states = try stored.stretches(of: key(name)).map(\.state.name)
        return "\(name) \(try stored.readings(of: key(name))) \(states.joined(separator: ","))"
      }
    }
    for second in [101, 102] as [Int64] {
      try fixture.shard.reread(
        RereadingScope(day: firstDay, refused: Self.everything), at: morning + .seconds(second))
      let rebuilt = try fixture.rebuilt()
      #expect(try states(rebuilt) == ["M1 1 running", "M2 1 off", "M3 0 ", "M4 1 off"])
      #expect(try rebuilt.quarantined().map { "\($0.equipment) \($0.excerpt)" } == ["M3 #3"])
    }
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    #expect(try trial() == RetryTrial.Outcome(readable: 0, partlyRead: 1))
    // A late record has the day computed anew: the same events, from the journal.
    try fixture.hears("lists/F001", #"[{"id":"M2","s":"run"}]"#, at: 200)
    let live = try fixture.stored.everything()
    #expect(try fixture.rebuilt().everything().difference(from: live).isEmpty)
  }
}
