import Foundation
import Ingestion
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Messages that are odd") struct OddMessagesTests {
  private func status(_ equipment: String, _ members: String, at seconds: Int64) -> Sent {
    .status(equipment, seconds, extra: "," + members)
  }

  @Test("An optional field that cannot be read is left out and counted by sender, day, field and fault")
  func fieldErrors() throws {
    let fixture = try ShardFixture()
    try fixture.commit([
      status("E1", #""mode":"auto","seq":"5""#, at: 0), status("E1", #""mode":"Auto""#, at: 1),
      status("E2", #""alarms":[201],"energy_kwh":7.5"#, at: 2), .status("E3", 3),
    ])
    // A repeated message is the same reading.
    try fixture.commit([status("E2", #""alarms":[201],"energy_kwh":7.5"#, at: 2)])
    let evidence = try fixture.evidence(at: 10)
    #expect(evidence.equipment.filter { $0.readings != nil }.map(\.key.equipment) == ["E1", "E2", "E3"])
    #expect(evidence.rejections.isEmpty)
    let errors = try ViewsReader(fixture.directory).evidence(
      asOf: morning + .seconds(10), factory: "F001", period: morning..<morning + .seconds(10)
    ).fieldErrors
    #expect(
      errors == [
        FieldError(
          key: EquipmentKey(factory: "F001", equipment: "E1"), field: .mode, fault: .unknownWord, messages: 2,
          excerpt: #""auto""#),
        FieldError(
          key: EquipmentKey(factory: "F001", equipment: "E1"), field: .sequence, fault: .textNumber,
          messages: 1, excerpt: #""5""#),
        FieldError(
          key: EquipmentKey(factory: "F001", equipment: "E2"), field: .alarms, fault: .notTexts, messages: 1,
          excerpt: "[201]"),
      ])
    #expect(try fixture.claimed().timelines.map(\.meters.energy) == [nil, 7500, nil])
  }

  @Test("What is refused is known by sender, day and fault, up to the instant that is asked for")
  func refusals() throws {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E1/status", payload: #"{"timestamp":1,"state":"idle"}"#, at: 0),
      Sent(topic: "factory/F001/W01/E1/status", payload: #"{"timestamp":2,"state":"idle"}"#, at: 5000),
      .status("E1", 6, "runing"),
    ])
    try fixture.commit([.status("E1", day, "runing")])
    func refusals(until seconds: Int64, from: Int64 = 0) throws -> [SenderRefusal] {
      try fixture.shard.finish()
      let instant = morning + .seconds(seconds)
      return try ViewsReader(fixture.directory).evidence(
        asOf: instant, factory: "F001", period: morning + .seconds(from)..<instant + .milliseconds(1)
      ).refusals
    }
    func texts(_ refusals: [SenderRefusal]) -> [String] {
      refusals.map {
        "\($0.key) \($0.refusal.reason.name) \($0.refusal.fault.name) \($0.refusal.messages) \($0.refusal.excerpt)"
      }
    }
    #expect(
      try texts(refusals(until: day + 1)) == [
        "F001/E1 unknown_state unknown_word 2 \"runing\"", "F001/E1 missing_field other_key 2 timestamp",
      ])
    // At four seconds there was one message; on the second day another.
    #expect(try texts(refusals(until: 4)) == ["F001/E1 missing_field other_key 1 timestamp"])
    #expect(
      try texts(refusals(until: day + 1, from: day)) == ["F001/E1 unknown_state unknown_word 1 \"runing\""])
    let sender = try fixture.evidence(at: 4).equipment.map { "\($0.key) \($0.rejections)" }
    #expect(sender == ["F001/E1 1"])
  }

  @Test("Machines whose topics fit no source are senders of the factory their topic names") func lost() throws
  {
    let fixture = try ShardFixture()
    try fixture.commit(
      ["W01/CNC/01/status", "W01/CNC 01/status", "W01/数控车床1号/status", "W01/E1/extra"].map {
        Sent(topic: "factory/F001/\($0)", payload: "{}", at: 0)
      })
    let evidence = try fixture.evidence(at: 1)
    #expect(
      evidence.equipment.map { "\($0.key) \($0.rejections) \($0.refusals[0].excerpt)" } == [
        "F001/CNC 01 1 factory/F001/W01/CNC-01/status\nF001,?,F001,CNC 01",
        "F001/CNC/01 1 factory/F001/W01/CNC-01/status",
        "F001/E1 1 factory/F001/W01/E1/status",
        "F001/数控车床1号 1 factory/F001/W01/{equipment}/status\nF001,?,F001,数控车床1号",
      ])
    // The messages are in the factory's part of the journal.
    var factories: [String] = []
    try JournalReader(fixture.directory).forEachRecord(
      ofFactories: ["F001"], fromDay: shanghai.day(at: morning), through: 2
    ) { record, _ in
      factories.append(String(decoding: record.topic, as: UTF8.self))
      return true
    }
    #expect(factories.count == 4)
  }

  @Test("An empty message, which clears a retained one, is nothing") func cleared() throws {
    let fixture = try ShardFixture()
    try fixture.commit([
      Sent(topic: "factory/F001/W01/E1/status", payload: "", at: 0),
      Sent(topic: "factory/F001/W01/E1/connection", payload: "", at: 0),
      Sent(topic: "factory/F001/W01/E 1/connection", payload: "", at: 0),
      Sent(topic: "x", payload: "", at: 0),
    ])
    let evidence = try fixture.evidence(at: 1)
    #expect(evidence.equipment.isEmpty)
    #expect(evidence.rejections.isEmpty)
    #expect(try fixture.journaled() == ["", "", "", ""])
  }

  @Test(
    "Connections told at one instant and told again are the same live and replayed",
    arguments: 0..<12 as Range<UInt64>)
  func presence(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    var at: Int64 = 0
    for _ in 0..<40 {
      at += Int64(random.next(3))
      var window: [Sent] = []
      for _ in 0..<(1 + random.next(6)) {
        let word = random.next(2) == 0 ? "online" : "offline"
        let topic = "factory/F001/W01/E\(random.next(2))/connection"
        window.append(Sent(topic: topic, payload: word, at: at))
        at += Int64(random.next(2))
      }
      if random.next(4) == 0 { window.append(.status("E\(random.next(2))", at / 1000, received: at / 1000)) }
      try fixture.commit(window)
      if random.next(3) == 0 {
        try fixture.commit(window.map { Sent(topic: $0.topic, payload: $0.payload, at: at) })
      }
      if random.next(6) == 0 {
        try fixture.restart()
        try fixture.shard.connected(
          sessionPresent: random.next(2) == 0, at: (morning + .milliseconds(at)).milliseconds)
      }
    }
    try fixture.shard.repairAll()
    #expect(try fixture.differencesFromJournal() == [])
  }

  @Test(
    "Online, offline, online, offline within four milliseconds are two sessions; delivered again, they are no others",
    arguments: [true, false])
  func fourMilliseconds(isRedelivered: Bool) throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    let words = ["online", "offline", "online", "offline"]
    func window(_ at: [Int64]) -> [Sent] {
      zip(words, at).map { Sent(topic: "factory/F001/W01/E5/connection", payload: $0, at: $1) }
    }
    try fixture.commit(window([5000, 5001, 5002, 5003]))
    var expected = ["online 5000", "offline 5001", "online 5002", "offline 5003"]
    if isRedelivered {
      fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(10)).milliseconds)
      try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(60)).milliseconds)
      try fixture.commit(window([60_000, 60_000, 60_000, 60_000]))
    } else {
      // The device says the same again, on a connection that stands.
      try fixture.commit(window([5004, 5005, 5006, 5007]))
      expected += ["online 5004", "offline 5005", "online 5006", "offline 5007"]
    }
    let changes = try fixture.stored.sessionChanges(until: morning + .seconds(100))
    #expect(changes.map { "\($0.presence) \(($0.at - morning).milliseconds)" } == expected)
    #expect(try fixture.evidence(at: 100).equipment.map(\.sessionOpen) == [false])
    #expect(try fixture.differencesFromJournal() == [])
  }

  @Test("After random payloads the views are what the journal gives", arguments: 0..<6 as Range<UInt64>)
  func fuzzed(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &+ 100)
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    var at: Int64 = 0
    for _ in 0..<30 {
      var window: [Sent] = []
      for _ in 0..<20 {
        at += Int64(random.next(400))
        window.append(odd(at, &random))
      }
      if random.next(3) == 0, let again = window.randomElement(using: &random) { window.append(again) }
      try fixture.commit(window)
      if random.next(8) == 0 {
        try fixture.restart()
        at += 30
        try fixture.shard.connected(
          sessionPresent: random.next(2) == 0, at: (morning + .milliseconds(at)).milliseconds)
        if random.next(2) == 0 { try fixture.commit(window) }
      }
    }
    try fixture.shard.repairAll()
    #expect(try fixture.differencesFromJournal() == [])
  }

  /// A message with some wrong bytes.
  private func odd(_ at: Int64, _ random: inout SeededGenerator) -> Sent {
    let equipment = ["E1", "E2", "E 3", "数控"][Int(random.next(4))]
    if random.next(5) == 0 {
      let word = ["online", "OFFLINE\n", "offline", "onlin", "\0", ""][Int(random.next(6))]
      return Sent(topic: "factory/F001/W01/\(equipment)/connection", payload: word, at: at)
    }
    let members = [
      #""mode":"auto""#, #""seq":"5""#, #""seq":\#(at)"#, #""boot":7"#, #""alarms":[201]"#,
      #""alarms":["A1"]"#,
      #""energy_kwh":\#(at)"#, #""energy_kwh":1e400"#, #""good":-1"#, #""mode":"MANUAL""#,
    ]
    var payload = Array(
      Sent.status(
        equipment, at / 1000 - Int64(random.next(3)) * 40,
        ["running", "Idle", "runing"][Int(random.next(3))],
        extra: "," + (members.randomElement(using: &random) ?? members[0])
      ).payload.utf8)
    for _ in 0..<random.next(3) {
      payload[Int(random.next(UInt64(payload.count)))] = UInt8(truncatingIfNeeded: 32 + random.next(95))
    }
    let level = random.next(12) == 0 ? "extra/status" : "status"
    return Sent(
      topic: "factory/F001/W01/\(equipment)/\(level)", payload: String(decoding: payload, as: UTF8.self),
      at: at)
  }
}

extension ShardFixture {
  /// Rows in which the stored views differ from those computed from the journal.
  func differencesFromJournal() throws -> [String] {
    try shard.finish()
    let folder = try TemporaryDirectory("rebuilt")
    let computed = StoreDirectory(directory, views: folder.path + "/views.sqlite")
    let store = RebuildStore(
      directory: computed, calendar: shanghai, horizonMinimum: .minutes(15),
      through: try JournalReader(directory).head(), progress: { _, _ in })
    let shard = try Shard(
      store: store, settings: ShardFixture.settings(limit: 1000), repairsFrom: computed, register: { [] },
      emit: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
    var found: [String] = []
    try ViewsComparison(stored: directory.views, computed: computed.views).forEachDifference {
      if found.count < 5 { found.append($0) }
    }
    return found
  }
}
