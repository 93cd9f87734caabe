import Decoding
import Journal
import Storage
import Telemetry
import Testing

@Suite("Contract: journal") struct JournalContract {
  /// Adds one block with a message `t: payload` each.
  private func append(
    _ payloads: [String], to views: any ShardStore, day: Int64 = 0, builder: inout BlockBuilder
  ) throws -> Int64 {
    for payload in payloads {
      var (topic, payload) = ("t", payload)
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          builder.append(
            .message, flags: [], received: morning + .days(day), factory: 0,
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload), packetID: 7)
        }
      }
    }
    return try views.append(&builder, factoryID: { _ in "F001" })
  }

  @Test("An unused store is claimed empty", arguments: StoreKind.all) func unused(kind: StoreKind) throws {
    let made = try kind.make()
    #expect(try made.store.hasViews() == false)
    #expect(storeError { _ = try made.store.reader() }?.kind == .missing)
    let views = try made.store.shard(.embedded, ContractFixture.options())
    let state = try views.claim(remembering: 10)
    #expect(state.senders.isEmpty && state.timelines.isEmpty)
    #expect([state.cursor, state.head, state.remembered] == [0, 0, 0])
    #expect(state.observation == nil)
    #expect(try made.store.hasViews())
    #expect(try made.store.closedDays().isEmpty)
    views.release()
  }

  @Test("What was appended comes back as it was, and outlives the owner", arguments: StoreKind.all)
  func append(kind: StoreKind) throws {
    let made = try kind.make()
    let views = try made.store.shard(.embedded, ContractFixture.options())
    _ = try views.claim(remembering: 0)
    var builder = try BlockBuilder()
    #expect(try append(["a", "", "ü\u{0}b"], to: views, builder: &builder) == 1)
    #expect(builder.count == 0)
    #expect(try append(["c"], to: views, day: 1, builder: &builder) == 2)
    views.release()
    let again = try made.store.shard(.embedded, ContractFixture.options())
    let state = try again.claim(remembering: 0)
    #expect(state.head == 2)
    #expect(state.cursor == 0)
    var found: [String] = []
    try again.forEachBlock(after: 0) { block in
      #expect(block.packetIDs?.all == [UInt16](repeating: 7, count: block.records))
      try block.forEachRecord {
        found.append("\(block.number).\($0.index) \(String(decoding: $0.payload, as: UTF8.self))")
      }
    }
    #expect(found == ["1.0 a", "1.1 ", "1.2 ü\u{0}b", "2.0 c"])
    var later: [Int64] = []
    try again.forEachBlock(after: 1) { later.append($0.number) }
    #expect(later == [2])
    again.release()
  }

  @Test("A claim says where the newest records begin", arguments: StoreKind.all) func remembered(
    kind: StoreKind
  ) throws {
    let made = try kind.make()
    let views = try made.store.shard(.embedded, ContractFixture.options())
    _ = try views.claim(remembering: 0)
    var builder = try BlockBuilder()
    // Blocks of 1, 1, 2, 1 and 2 records, the last three on the second day.
    for (count, day) in [(1, 0), (1, 0), (2, 1), (1, 1), (2, 1)] as [(Int, Int64)] {
      _ = try append(Array(repeating: "p", count: count), to: views, day: day, builder: &builder)
    }
    try views.update(ViewUpdate(changes: ViewChanges(), senders: [], timelines: [], cursor: 5))
    views.release()
    for (records, after) in [(0, 5), (1, 4), (2, 4), (3, 3), (5, 2), (6, 1), (100, 0)] as [(Int, Int64)] {
      let again = try made.store.shard(.embedded, ContractFixture.options())
      #expect(try again.claim(remembering: records).remembered == after, "\(records)")
      again.release()
    }
  }

  @Test("Records of a factory are read without those of others", arguments: StoreKind.all)
  func byFactory(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    try fixture.commit([.status("E1", 1), .status("E2", 2, factory: "F002"), .status("E3", 3)])
    try fixture.commit([.status("E1", 4, factory: "F003"), .status("E1", 86_400)])
    func read(_ factories: Set<String>?, from day: CalendarDay? = nil, through last: Int64 = .max) throws
      -> [Int64]
    {
      var found: [Int64] = []
      let records = fixture.store.records()
      let after = try day.flatMap { try records.firstBlock(from: $0) }.map { $0 - 1 } ?? 0
      try records.forEachRecord(ofFactories: factories, after: after, through: last) { record, _ in
        if record.kind == .message { found.append((record.received - morning).milliseconds / 1000) }
        return found.count < 4
      }
      return found
    }
    #expect(try read(["F001"]) == [1, 3, 86_400])
    #expect(try read(["F002", "F003"]) == [2, 4])
    #expect(try read(nil) == [1, 2, 3, 4])
    #expect(try read(["F001"], from: firstDay + 1) == [86_400])
    #expect(try read(["F001"], through: 3) == [1, 3])
  }

  @Test("A journal that names other sources while it is verified holds", arguments: StoreKind.all)
  func openings(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    try fixture.commit([.status("E1", 1)])
    var kinds: [[JournalRecord.Kind]] = []
    try fixture.store.verifyJournal { block in
      if kinds.isEmpty {
        let changed = try ContractFixture.settings(limits: DecodingLimits(payload: 1000))
        try fixture.shard.use(changed, probe: nil, at: morning + .seconds(2))
        try fixture.shard.reread(from: firstDay, at: morning + .seconds(3))
        try fixture.commit([.status("E1", 4)])
      }
      kinds.append([])
      try block.forEachRecord { kinds[kinds.count - 1].append($0.kind) }
    }
    #expect(
      kinds == [[.sources], [.connected], [.message], [.sources], [.rereading, .sources], [.message]])
  }

  @Test("Refused messages are listed, and their payloads kept whole", arguments: StoreKind.all)
  func quarantine(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    let long = "{\"state\":\"" + String(repeating: "x", count: 600) + "\"}"
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E1/status", payload: "{", at: 1),
      Sent(topic: "factory/F001/W01/E1/status", payload: "{", at: 2),
      Sent(topic: "factory/F002/W01/E1/status", payload: long, at: 3),
    ])
    try fixture.shard.finish()
    let quarantine = try fixture.store.quarantine()
    let groups = try quarantine.groups(factory: nil, equipment: nil, reason: nil)
    #expect(groups.map(\.key.factory) == ["F001", "F002"])
    #expect(groups.map(\.refusal.messages) == [2, 1])
    #expect(try quarantine.groups(factory: "F002", equipment: nil, reason: nil).count == 1)
    let newest = try quarantine.newest(1, factory: nil, equipment: nil, reason: nil)
    #expect(newest.map(\.factory) == ["F002"])
    #expect(newest.first?.preview.count == Quarantined.previewBytes)
    let place = try #require(newest.first)
    let message = try #require(try quarantine.message(block: place.block, record: place.record))
    #expect(String(decoding: message.payload, as: UTF8.self) == long)
    #expect(try quarantine.message(block: 99, record: 0) == nil)
  }
}
