import Decoding
import Foundation
import Ingestion
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

@Suite("Sources of mapped JSON") struct MappedJSONTests {
  /// A gateway that sends complete messages of several machines, and one that sends changes only.
  private func settings() throws -> ShardSettings {
    var problems: [SettingsProblem] = []
    let trees: [SettingsTree] = [
      [
        "format": "json", "topic": "line/{factory}", "each": "/machines", "equipment": "/id",
        "workshop": "$/shop", "timestamp": ["at": "$/time"],
        "state": ["at": "/s", "map": ["1": "running", "0": "idle", "9": "fault"]],
        "counters": ["good": "/n"], "alarms": "/a",
      ],
      [
        "format": "json", "topic": "plc/{equipment}", "factory": "F002", "timestamp": "receipt",
        "changes_only": "true",
        "state": [
          ["when": ["/alarm": "1"], "is": "fault"], ["when": ["/run": "1"], "is": "running"], ["is": "idle"],
        ],
      ],
    ]
    let sources = trees.compactMap { SourceFormats.source($0, name: "source", &problems) }
    try #require(problems.isEmpty && sources.count == 2, "\(problems)")
    return ShardSettings(sources: sources, limits: DecodingLimits(), calendar: shanghai)
  }

  private func messages(_ random: inout SeededGenerator, from second: Int64) -> [Sent] {
    var second = second
    return (0...random.next(9)).map { _ in
      second += 1 + Int64(random.next(200))
      if random.next(2) == 0 {
        let fields = [
          #""run":\#(random.next(2))"#, #""alarm":\#(random.next(2))"#, #""other":1"#, #""run":[1]"#,
        ]
        return Sent(
          topic: "plc/E\(random.next(3))", payload: "{\(fields[Int(random.next(4))])}", at: second * 1000)
      }
      let machines = (0...random.next(3)).map { _ in
        #"{"id":"M\#(random.next(4))","s":\#([0, 1, 9, 5][Int(random.next(4))]),"n":\#(second),"a":["A\#(random.next(2))"]}"#
      }
      let time = (morning + .seconds(second - Int64(random.next(90)))).milliseconds
      return Sent(
        topic: "line/F001",
        payload:
          #"{"time":\#(time),"shop":"W\#(random.next(2))","machines":[\#(machines.joined(separator: ","))]}"#,
        at: second * 1000)
    }
  }

  private func figures(_ directory: StoreDirectory) throws -> (dump: [String], counted: [String]) {
    let evidence = try ViewsReader(directory).evidence(
      asOf: morning + .days(2), period: morning - .days(1)..<morning + .days(2))
    let counted = evidence.equipment.filter { $0.readings != nil }.map(\.key.description)
    return (try StoreReading(directory, calendar: shanghai).everything(), counted)
  }

  @Test(
    "Records that cannot be read are in the quarantine with their place, and the others of the message count")
  func badRecords() throws {
    let folder = try TemporaryDirectory("json", inMemory: true)
    let directory = StoreDirectory(folder.path + "/store")
    func open() throws -> (SQLiteShardStore, Shard) {
      let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
      store.keepsDaysWhenIdle = false
      let shard = try Shard(
        store: store, settings: try settings(), repairsFrom: directory, register: { [] }, emit: { _ in })
      return (store, shard)
    }
    func quarantined() throws -> [String] {
      try StoreReading(directory, calendar: shanghai).quarantined().map {
        "\($0.record) \($0.reason.name) \($0.detail) \($0.fault.name) \($0.factory)/\($0.equipment) \($0.excerpt)"
      }
    }
    var (store, shard) = try open()
    let machines = #"{"id":"M1","s":1},{"id":"M2","s":5},{"id":"M3","s":0},{"s":1}"#
    var window = ShardFixture.window([
      Sent(
        topic: "line/F001", payload: #"{"time":\#(morning.milliseconds),"machines":[\#(machines)]}"#, at: 1000
      ),
      Sent(
        topic: "line/F001",
        payload: #"{"time":\#(morning.milliseconds + 1),"machines":[{"id":"M1","s":1}]}"#, at: 2000),
    ])
    try shard.commit(&window)
    try shard.finish()
    #expect(shard.counters.rejected == 0)
    store.release()
    let expected = ["0 unknown_state /s unknown_word F001/M2 #2 +1"]
    #expect(try quarantined() == expected)
    #expect(try figures(directory).counted == ["F001/M1", "F001/M3"])
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: directory.views + ending)
    }
    (store, shard) = try open()
    try shard.finish()
    store.release()
    #expect(try quarantined() == expected)
  }

  @Test(
    "A retry that refuses some records of a message names their factory, and the same retry is not offered again"
  )
  func retriedRecords() throws {
    let folder = try TemporaryDirectory("json", inMemory: true)
    let directory = StoreDirectory(folder.path + "/store")
    func open(_ settings: ShardSettings) throws -> (SQLiteShardStore, Shard) {
      let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
      store.keepsDaysWhenIdle = false
      let shard = try Shard(
        store: store, settings: settings, repairsFrom: directory, register: { [] }, emit: { _ in })
      return (store, shard)
    }
    func trial() throws -> RetryTrial.Outcome {
      try RetryTrial(settings: try settings(), store: directory)
        .run(RefusedSelection(received: .distantPast ..< .distantFuture))
    }
    var without = try settings()
    without.sources.removeAll { $0.template.description.hasPrefix("line/") }
    var (store, shard) = try open(without)
    var window = ShardFixture.window([
      Sent(
        topic: "line/F001",
        payload: #"{"time":\#(morning.milliseconds),"machines":[{"id":"M1","s":1},{"id":"M2","s":5}]}"#,
        at: 1000)
    ])
    try shard.commit(&window)
    try shard.finish()
    #expect(try trial().readable == 1)
    try shard.use(try settings(), probe: nil, at: morning + .seconds(100))
    _ = try shard.reread(
      RereadingScope(
        day: firstDay, refused: RefusedSelection(received: .distantPast ..< .distantFuture)),
      at: morning + .seconds(100))
    try shard.finish()
    store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: directory.views + ending)
    }
    (store, shard) = try open(try settings())
    try shard.repairAll()
    try shard.finish()
    #expect(
      try StoreReading(directory, calendar: shanghai).quarantined().map {
        "\($0.factory)/\($0.equipment) \($0.excerpt)"
      } == ["F001/M2 #2"])
    #expect(try trial() == RetryTrial.Outcome(readable: 0, partlyRead: 1))
    store.release()
  }

  @Test("Their machines are counted, and views built anew are the live ones") func rebuilt() throws {
    for seed in 0..<8 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let folder = try TemporaryDirectory("json", inMemory: true)
      let directory = StoreDirectory(folder.path + "/store")
      func open() throws -> (SQLiteShardStore, Shard) {
        let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
        store.keepsDaysWhenIdle = false
        let shard = try Shard(
          store: store, settings: try settings(), repairsFrom: directory, register: { [] }, emit: { _ in })
        return (store, shard)
      }
      var (store, shard) = try open()
      for round in 0..<20 as Range<Int64> {
        var window = ShardFixture.window(messages(&random, from: round * 2500))
        try shard.commit(&window)
        guard random.next(5) == 0 else { continue }
        store.release()
        (store, shard) = try open()
      }
      try shard.repairAll()
      try shard.finish()
      store.release()
      let live = try figures(directory)
      #expect(live.counted.contains("F001/M1") && live.counted.contains("F002/E1"), "\(live.counted)")
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: directory.views + ending)
      }
      (store, shard) = try open()
      try shard.repairAll()
      try shard.finish()
      store.release()
      let rebuilt = try figures(directory)
      #expect(rebuilt.dump.difference(from: live.dump).isEmpty, "seed \(seed)")
    }
  }
}
