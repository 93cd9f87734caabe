import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Replay") struct ReplayTests {
  @Test("Views built anew from the journal are the live ones, whatever came and however it was killed")
  func rebuilt() throws {
    for seed in 0..<25 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let fixture = try ShardFixture(unregisteredSenders: 4)
      try runRandomly(fixture, &random)
      try fixture.shard.repairAll()
      let live = try everything(fixture)
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
      }
      try fixture.restart()
      try fixture.shard.repairAll()
      let rebuilt = try everything(fixture)
      #expect(rebuilt.difference(from: live).isEmpty, "seed \(seed)")
    }
  }

  @Test("A claim that is asked to stop ends between two blocks, wherever, and the next goes on from there")
  func stopped() throws {
    var random = SeededGenerator(seed: 3)
    let fixture = try ShardFixture()
    try runRandomly(fixture, &random)
    try fixture.shard.repairAll()
    let live = try everything(fixture)
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    // One block more each time: views in progress are continued, and never contain half a block.
    var asked = 0
    for blocks in 0..<12 {
      asked = 0
      #expect(throws: ShardStopped.self) {
        let store = SQLiteShardStore(
          directory: fixture.directory, calendar: shanghai, horizonMinimum: .minutes(15))
        defer { store.release() }
        _ = try Shard(
          store: store, settings: ShardFixture.settings(limit: 1000), register: { [] },
          isStopping: {
            asked += 1
            return asked > blocks
          }, emit: { _ in })
      }
      #expect(asked == blocks + 1)
    }
    try fixture.restart()
    try fixture.shard.repairAll()
    #expect(try everything(fixture).difference(from: live).isEmpty)
  }

  @Test("What the register said when a message came is not judged anew") func registerChangesLater() throws {
    let folder = try TemporaryDirectory("register")
    let directory = StoreDirectory(folder.path + "/store")
    func open(knowing keys: Set<EquipmentKey>) throws -> (SQLiteShardStore, Shard) {
      let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
      let settings = try ShardFixture.settings(limit: 1)
      return (store, try Shard(store: store, settings: settings, register: { keys }, emit: { _ in }))
    }
    let (store, shard) = try open(knowing: [])
    var window = ShardFixture.window([.status("E1", 0), .status("E2", 1)])
    try shard.commit(&window)
    store.release()
    let (_, later) = try open(knowing: [EquipmentKey(factory: "F001", equipment: "E2")])
    try later.finish()
    let evidence = try ViewsReader(directory).evidence(asOf: morning + .seconds(9), period: morning..<morning)
    #expect(evidence.equipment.filter { $0.readings != nil }.map(\.key.equipment) == ["E1"])
    #expect(evidence.rejections.map(\.messages) == [1])
  }

  /// Everything of the views; the store is released.
  private func everything(_ fixture: ShardFixture) throws -> [String] {
    try fixture.stored.everything() + fixture.claimed().lines
  }

  private func runRandomly(_ fixture: ShardFixture, _ random: inout SeededGenerator) throws {
    func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }
    var seconds: Int64 = 0
    var sent: [Sent] = []
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    for _ in 0..<25 {
      seconds += 1 + Int64(random.next(400))
      let window = (0...random.next(7)).map { _ in message(at: seconds, sent, &random) }
      try fixture.commit(window)
      sent += window
      let repeated = window.map { Sent(topic: $0.topic, payload: $0.payload, at: (seconds + 5) * 1000) }
      switch random.next(6) {
      case 0:
        try fixture.restart()
        seconds += 5
        try fixture.shard.connected(sessionPresent: random.next(3) > 0, at: at(seconds))
        if random.next(2) == 0 { try fixture.commit(repeated) }
      case 1:
        fixture.shard.disconnected(reason: .closed("test"), at: at(seconds))
        seconds += 5
        try fixture.shard.connected(sessionPresent: true, at: at(seconds))
        if random.next(2) == 0 { try fixture.commit(repeated) }
      case 2:
        seconds += 11
        try fixture.shard.tick(now: at(seconds))
      default: break
      }
    }
  }

  private func message(at seconds: Int64, _ sent: [Sent], _ random: inout SeededGenerator) -> Sent {
    let equipment = "E\(random.next(6))"
    let state = random.next(2) == 0 ? "running" : "idle"
    switch random.next(10) {
    case 0: return .connection(equipment, "online", at: seconds)
    case 1: return .connection(equipment, "offline", at: seconds)
    case 2: return Sent(topic: "factory/F001/W01/\(equipment)/status", payload: "nul", at: seconds * 1000)
    case 3:
      var retained = Sent.status(equipment, seconds)
      retained.retained = true
      return retained
    case 4:
      guard let old = sent.randomElement(using: &random) else { return .status(equipment, seconds) }
      return Sent(topic: old.topic, payload: old.payload, at: seconds * 1000)
    case 5:
      var moved = Sent.status(equipment, seconds, state)
      moved.topic = "factory/F001/W0\(random.next(3))/\(equipment)/status"
      return moved
    default: return .status(equipment, seconds - Int64(random.next(20)), state, received: seconds)
    }
  }
}
