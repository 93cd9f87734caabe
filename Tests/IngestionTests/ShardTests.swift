import Ingestion
import Journal
import MQTT
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Shard") struct ShardTests {
  @Test("A window becomes journal, timelines and evidence") func window() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([
      .status("E1", 0), .connection("E1", "online", at: 1), .status("E2", 2, "fault"),
      .status("E1", 30, "idle"),
    ])
    let evidence = try fixture.evidence(at: 40)
    #expect(evidence.equipment.map(\.key.description) == ["F001/E1", "F001/E2"])
    #expect(evidence.equipment[0].readings == .init(last: morning + .seconds(30), state: .idle))
    #expect(evidence.equipment[0].sessionOpen)
    #expect(evidence.equipment[0].lastOnline == morning + .seconds(1))
    #expect(evidence.equipment[0].topicWorkshop == "W01")
    #expect(evidence.equipment[1].readings?.state == .fault)
    #expect(evidence.repairsPending == 0)
    #expect(try fixture.journaled().count == 4)
  }

  @Test("However fast very many senders come, the views are written before too much waits for them")
  func manySenders() throws {
    let fixture = try ShardFixture(unregisteredSenders: 600_000, inMemory: true)
    // 550,000 within one second: more than may wait.
    for window in 0..<110 {
      try fixture.commit(
        (0..<5000).map { .status("E\(window * 5000 + $0)", 0, received: 0) })
    }
    #expect(fixture.shard.counters.messages == 550_000)
    #expect(try fixture.evidence(at: 10).equipment.count == 550_000)
  }

  @Test("A few changes are in the views when the window is committed, many are gathered") func viewLag()
    throws
  {
    let fixture = try ShardFixture()
    func senders() throws -> Int {
      try ViewsReader(fixture.directory).evidence(asOf: morning + .minutes(1), period: morning..<morning)
        .equipment.count
    }
    // The first write makes the next one due half a second later.
    try fixture.commit([.status("A", 0)])
    try fixture.commit([.status("B", 0, received: 0)])
    #expect(try senders() == 2)
    try fixture.commit((0..<300).map { .status("E\($0)", 0) })
    #expect(try senders() == 2)
    try fixture.shard.tick(now: (morning + .seconds(1)).milliseconds)
    #expect(try senders() == 302)
  }

  @Test("A refused message is quarantined with its reason and place, and stops nothing") func quarantine()
    throws
  {
    let fixture = try ShardFixture()
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E1/status", payload: "{", at: 0),
      Sent(topic: "elsewhere", payload: "x", at: 0), .status("E2", 1, "dancing"), .status("E1", 2),
    ])
    try fixture.shard.finish()
    let quarantine = try QuarantineReader(fixture.directory)
    let newest = try quarantine.newest(10)
    #expect(newest.map(\.reason) == [.unknownState, .unmatchedTopic, .malformed])
    #expect(newest.map(\.record) == [2, 1, 0])
    #expect(newest.map(\.factory) == ["F001", "", "F001"])
    #expect(try quarantine.message(block: 2, record: 1)?.payload == Array("x".utf8))
    let evidence = try fixture.evidence(at: 10)
    #expect(evidence.rejections.map(\.messages) == [1, 1, 1])
    #expect(evidence.equipment.filter { $0.readings != nil }.map(\.key.equipment) == ["E1"])
    #expect(evidence.equipment[0].rejections == 1)
  }

  @Test("Someone whose every message is refused is known by that, and counts nowhere") func onlyRefused()
    throws
  {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E3", 0), .status("E1", 0, "working"), .status("E1", 1, "working")])
    let evidence = try fixture.evidence(at: 9)
    #expect(evidence.equipment.map(\.key.equipment) == ["E1", "E3"])
    var refused = EquipmentEvidence(key: .init(factory: "F001", equipment: "E1"), rejections: 2)
    refused.refusals = evidence.equipment[0].refusals
    #expect(evidence.equipment[0] == refused)
    #expect(refused.refusals.map(\.reason) == [.unknownState])
    #expect(refused.refusals.map(\.fault) == [.unknownWord])
    #expect(refused.refusals.map(\.messages) == [2])
  }

  @Test(
    "Ten thousand refused messages, identical ones too, are each counted once, and not again when replayed")
  func manyRefused() throws {
    let fixture = try ShardFixture()
    for window in 0..<10 as Range<Int64> {
      let refused = (0..<1000).map { number in
        Sent(topic: "factory/F001/W01/E1/status", payload: "nul\(number)", at: window)
      }
      try fixture.commit(refused + refused.prefix(20))
      try fixture.commit(Array(refused.prefix(7)))
    }
    try fixture.commit([.status("E1", 1)])
    #expect(try fixture.evidence(at: 2).rejections.map(\.messages) == [10_000])
    #expect(try fixture.evidence(at: 2).equipment[0].readings?.last == morning + .seconds(1))
  }

  @Test("What was committed but not acknowledged comes again and counts once", arguments: [false, true])
  func redelivery(killed: Bool) throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    let window: [Sent] = [
      .status("E1", 0), .connection("E2", "online", at: 1), Sent(topic: "bad", payload: "x", at: 1000),
      .connection("E2", "offline", at: 2), .status("E1", 3),
    ]
    try fixture.commit(window)
    if killed {
      try fixture.restart()
    } else {
      fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(4)).milliseconds)
    }
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(60)).milliseconds)
    let again = window.map { Sent(topic: $0.topic, payload: $0.payload, at: 61_000) }
    try fixture.commit(again + [.connection("E2", "online", at: 62)])
    let evidence = try fixture.evidence(at: 70)
    #expect(try fixture.journaled().count == 11)
    #expect(evidence.rejections.map(\.messages) == [1])
    #expect(evidence.repairsPending == 0)
    #expect(evidence.equipment.map(\.sessionOpen) == [false, true])
    #expect(try fixture.evidence(at: 30).equipment[1].sessionOpen == false)
    #expect(try fixture.evidence(at: 30).equipment[1].lastOnline == morning + .seconds(1))
  }

  @Test("A kill loses the views' lag and nothing else: catching up gives the same evidence") func catchUp()
    throws
  {
    let undisturbed = try ShardFixture()
    let killed = try ShardFixture()
    for step in 0..<30 as Range<Int64> {
      let window: [Sent] = [
        .status("E1", step * 60, step % 3 == 0 ? "idle" : "running"), .status("E2", step * 60 + 1),
        Sent(topic: "bad", payload: "\(step)", at: step * 60_000),
        .connection("E3", step % 2 == 0 ? "online" : "offline", at: step * 60),
      ]
      try undisturbed.commit(window)
      try killed.commit(window)
      if step % 7 == 3 { try killed.restart() }
    }
    let a = try undisturbed.evidence(at: 1500)
    let b = try killed.evidence(at: 1500)
    #expect(a.equipment == b.equipment)
    #expect(a.rejections.map(\.messages) == b.rejections.map(\.messages))
    #expect(a.journalHead == b.journalHead)
    #expect(try undisturbed.stored.everything() == killed.stored.everything())
    #expect(try undisturbed.claimed().lines == killed.claimed().lines)
  }

  @Test("Late, repeated and reordered readings: repeats change nothing, the late mark their day") func late()
    throws
  {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E1", 60), .status("E1", 0), .status("E1", 30), .status("E1", 60)])
    #expect(try fixture.evidence(at: 100).repairsPending == 0)
    try fixture.commit([.status("E1", 30), .status("E1", 0)])
    #expect(try fixture.evidence(at: 100).repairsPending == 0)
    try fixture.commit([.status("E1", 45)])
    #expect(try fixture.evidence(at: 100).repairsPending == 1)
    #expect(try fixture.evidence(at: 100).equipment[0].readings?.last == morning + .seconds(60))
  }

  @Test("A sender is in the workshop its newest message names, of several at an instant the last by name")
  func workshopOfNewest() throws {
    func status(_ seconds: Int64, _ workshop: String, _ state: String = "running") -> Sent {
      var sent = Sent.status("E1", seconds, state, received: 100)
      sent.topic = "factory/F001/\(workshop)/E1/status"
      return sent
    }
    let messages = [status(10, "W03"), status(20, "W01", "idle"), status(20, "W02"), status(15, "W09")]
    for (seed, isTogether) in (0..<20).map({ (UInt64($0), $0 % 2 == 0) }) {
      var random = SeededGenerator(seed: seed)
      let fixture = try ShardFixture()
      let shuffled = messages.shuffled(using: &random)
      for window in isTogether ? [shuffled] : shuffled.map({ [$0] }) { try fixture.commit(window) }
      #expect(try fixture.evidence(at: 200).equipment.map(\.topicWorkshop) == ["W02"])
    }
  }

  @Test("A retained message is journaled and is nobody's presence") func retained() throws {
    let fixture = try ShardFixture()
    var status = Sent.status("E1", 0)
    var online = Sent.connection("E2", "online", at: 0)
    status.retained = true
    online.retained = true
    try fixture.commit([status, online])
    #expect(try fixture.evidence(at: 10).equipment.isEmpty)
    #expect(try fixture.journaled().count == 2)
  }

  @Test(
    "Within a minute of a new subscription retained is retained; later, and in a resumed session, it is live")
  func keptFlags() throws {
    func heard(sessionPresent: Bool, at seconds: Int64) throws -> [String] {
      let fixture = try ShardFixture()
      try fixture.shard.connected(sessionPresent: sessionPresent, at: morning.milliseconds)
      var status = Sent.status("E1", seconds)
      status.retained = true
      try fixture.commit([status])
      return try fixture.evidence(at: seconds + 1).equipment.map(\.key.equipment)
    }
    #expect(try heard(sessionPresent: false, at: 59) == [])
    #expect(try heard(sessionPresent: false, at: 60) == ["E1"])
    #expect(try heard(sessionPresent: true, at: 1) == ["E1"])
  }

  @Test("Messages flagged retained are counted by factory and day, retained and live apart, once each")
  func retainFlags() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    func flagged(_ equipment: String, at seconds: Int64) -> Sent {
      var status = Sent.status(equipment, seconds)
      status.retained = true
      return status
    }
    let window = [flagged("E1", at: 1), flagged("E2", at: 2), flagged("E1", at: 70), .status("E1", 71)]
    try fixture.commit(window)
    // What comes again is the same messages.
    fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(80)).milliseconds)
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(90)).milliseconds)
    try fixture.commit(
      window.map { Sent(topic: $0.topic, payload: $0.payload, at: 91_000, retained: $0.retained) })
    try fixture.restart()
    let evidence = try fixture.evidence(at: 100)
    #expect(evidence.retainFlags.retained == 2)
    #expect(evidence.retainFlags.live == 1)
    let flags = try fixture.stored.overview(factory: "F001").retainFlags
    #expect([flags.retained, flags.live] == [2, 1])
    #expect(evidence.equipment.map(\.key.equipment) == ["E1"])
  }

  @Test("Of a past instant the workshop is that of the newest topic up to it", arguments: [false, true])
  func workshopThen(isLate: Bool) throws {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    func status(_ seconds: Int64, in workshop: String, received: Int64? = nil) -> Sent {
      var sent = Sent.status("E1", seconds, received: received)
      sent.topic = "factory/F001/\(workshop)/E1/status"
      return sent
    }
    let late = status(200, in: "W03", received: 2 * day + 1)
    try fixture.commit([status(100, in: "W01")])
    if !isLate { try fixture.commit([status(200, in: "W03")]) }
    try fixture.commit([status(day, in: "W01"), status(day, in: "W02"), status(2 * day, in: "W01")])
    if isLate { try fixture.commit([late]) }
    try fixture.shard.repairAll()
    try fixture.restart()
    func workshop(at seconds: Int64) throws -> String? {
      try fixture.evidence(at: seconds).equipment.first?.topicWorkshop
    }
    #expect(try workshop(at: day - 1) == "W03")
    #expect(try workshop(at: day) == "W02")
    #expect(try workshop(at: 2 * day - 1) == "W02")
    #expect(try workshop(at: 2 * day) == "W01")
  }

  @Test("A retained message without content is nothing") func cleared() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: true, at: morning.milliseconds)
    var cleared = Sent(topic: "factory/F001/W01/E1/status", payload: "", at: 1000)
    cleared.retained = true
    try fixture.commit([cleared])
    let evidence = try fixture.evidence(at: 2)
    #expect(evidence.equipment.isEmpty)
    #expect(evidence.rejections.isEmpty)
  }

  @Test("A refused message that comes twice at one instant is one") func refusedTwice() throws {
    let fixture = try ShardFixture()
    let bad = Sent.status("E1", 1, "dancing")
    try fixture.commit([bad, bad, .status("E1", 2, "dancing")])
    #expect(try fixture.evidence(at: 3).rejections.map(\.messages) == [2])
  }

  @Test("Connection messages of one instant rank online, then offline, however they come")
  func sameMillisecond() throws {
    let fixture = try ShardFixture()
    try fixture.commit([.connection("E1", "online", at: 5)])
    #expect(try fixture.evidence(at: 6).equipment[0].sessionOpen)
    try fixture.commit([.connection("E1", "offline", at: 5), .connection("E1", "online", at: 5)])
    #expect(try fixture.evidence(at: 6).equipment[0].sessionOpen == false)
    #expect(try fixture.sessionChanges(until: 6) == ["E1 online 5", "E1 offline 5"])
  }

  @Test("Senders the register does not know are bounded; what is beyond is quarantined") func senderLimit()
    throws
  {
    let fixture = try ShardFixture(unregisteredSenders: 3)
    try fixture.commit((1...5).map { .status("E\($0)", 0) })
    try fixture.commit((1...5).map { .status("E\($0)", 1) })
    let evidence = try fixture.evidence(at: 2)
    #expect(evidence.equipment.filter { $0.readings != nil }.map(\.key.equipment) == ["E1", "E2", "E3"])
    #expect(evidence.rejections.map(\.reason) == [.senderLimit])
    #expect(evidence.rejections.map(\.messages) == [4])
  }

  @Test(
    "Blindness is what lies between a disconnection, or the last record before a kill, and the next connection"
  )
  func observation() throws {
    let fixture = try ShardFixture()
    let shard = fixture.shard
    func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }
    try shard.connected(sessionPresent: false, at: at(0))
    try shard.tick(now: at(5))
    try shard.tick(now: at(11))
    shard.disconnected(reason: .closed("test"), at: at(15))
    try shard.connected(sessionPresent: true, at: at(100))
    try fixture.commit([.status("E1", 130)])
    try fixture.restart()
    try fixture.shard.connected(sessionPresent: true, at: at(200))
    try fixture.shard.tick(now: at(215))
    let observed = try fixture.evidence(at: 300).observed
    #expect(observed.map(\.from) == [0, 100, 200].map { morning + .seconds($0) })
    #expect(observed.map(\.until) == [15, 130, 215].map { morning + .seconds($0) })
  }

  @Test("A session the broker lost ends every equipment's session at our last observation") func lostSession()
    throws
  {
    let fixture = try ShardFixture()
    func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.connection("E1", "online", at: 10)])
    fixture.shard.disconnected(reason: .closed("test"), at: at(20))
    try fixture.shard.connected(sessionPresent: false, at: at(30))
    #expect(try fixture.evidence(at: 15).equipment[0].sessionOpen)
    #expect(try fixture.evidence(at: 40).equipment[0].sessionOpen == false)
    try fixture.commit([.connection("E1", "online", at: 50)])
    #expect(try fixture.evidence(at: 60).equipment[0].sessionOpen)
  }

  @Test("Views that could not be brought up to the journal are not written until they are")
  func halfCaughtUp() throws {
    let folder = try TemporaryDirectory("half")
    let directory = StoreDirectory(folder.path + "/store")
    let store = FailingStore(
      SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)))
    let shard = try Shard(
      store: store, settings: ShardFixture.settings(limit: 10), register: { [] }, emit: { _ in })
    func send(at seconds: Int64) throws {
      var window = ShardFixture.window([.status("E1", seconds)])
      try shard.commit(&window)
    }
    func tick(at seconds: Int64) throws { try shard.tick(now: (morning + .seconds(seconds)).milliseconds) }
    try send(at: 0)
    #expect(store.notes == ["claim", "block 2"])
    store.hasRebuiltViews = true
    try tick(at: 1)
    try send(at: 10)
    try tick(at: 11)
    try shard.finish()
    #expect(
      store.notes == [
        "claim", "block 2", "block 2", "claim", "failed", "claim", "block 3", "block 3",
      ])
    let evidence = try ViewsReader(directory).evidence(
      asOf: morning + .seconds(20), period: morning..<morning)
    #expect(evidence.equipment.map { $0.readings?.last } == [morning + .seconds(10)])
  }

  @Test("A store that fails leaves nothing behind: the same window again counts once") func failingStore()
    throws
  {
    let folder = try TemporaryDirectory("failing")
    let directory = StoreDirectory(folder.path + "/store")
    let store = FailingStore(
      SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)))
    let shard = try Shard(
      store: store, settings: ShardFixture.settings(limit: 10), register: { [] }, emit: { _ in })
    let messages: [Sent] = [.status("E1", 0), .connection("E1", "online", at: 1)]
    store.failures = 2
    for attempt in 0..<3 {
      var window = ShardFixture.window(messages)
      if attempt < 2 {
        #expect(throws: StoreError.self) { try shard.commit(&window) }
      } else {
        try shard.commit(&window)
      }
    }
    try shard.finish()
    let evidence = try ViewsReader(directory).evidence(asOf: morning + .seconds(9), period: morning..<morning)
    #expect(evidence.equipment.count == 1)
    #expect(evidence.equipment[0].readings?.last == morning)
    #expect(evidence.repairsPending == 0)
    var records = 0
    try JournalReader(directory).forEachVerifiedBlock { records += $0.records }
    // The sources, and both messages.
    #expect(records == 3)
  }
}

/// A store that refuses to commit as often as it is told, and notes what is done with its views.
private final class FailingStore: ShardStore {
  private let store: SQLiteShardStore
  var failures = 0
  /// Whether views built anew, which lack the whole journal, wait to be taken over; then the first write fails.
  var hasRebuiltViews = false
  private var failingUpdates = 0
  private var empty: ShardState?
  private(set) var notes: [String] = []

  init(_ store: SQLiteShardStore) { self.store = store }

  func claim(remembering: Int) throws -> ShardState {
    notes.append("claim")
    let state = try store.claim(remembering: remembering)
    guard let empty else {
      self.empty = state
      return state
    }
    if hasRebuiltViews { failingUpdates = 1 }
    hasRebuiltViews = false
    return empty
  }
  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    if failures > 0 {
      failures -= 1
      builder.reset()
      throw StoreError(.io, "the disk is full")
    }
    return try store.append(&builder, factoryID: factoryID)
  }
  func update(_ update: ViewUpdate) throws {
    if failingUpdates > 0 {
      failingUpdates -= 1
      notes.append("failed")
      throw StoreError(.io, "the disk is full")
    }
    notes.append("block \(update.cursor)")
    try store.update(update)
  }
  func release() { store.release() }
  func pendingRepairs(limit: Int) throws -> [PendingRepair] { try store.pendingRepairs(limit: limit) }
  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try store.forEachBlock(after: number, body)
  }
  func beginsDay(at received: Timestamp) -> Bool { store.beginsDay(at: received) }
  func outline(reaching number: Int64) throws -> JournalOutline { try store.outline(reaching: number) }
  func block(_ number: Int64) throws -> JournalBlock? { try store.block(number) }
}
