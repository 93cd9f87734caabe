import Storage
import Foundation
import GRDB
import Ingestion
import Journal
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Days of the journal") struct DayKeepingTests {
  private static let day: Int64 = 86_400
  private static func settings(kept: Int = 90, compactAfter: Int = 0) -> JournalSettings {
    JournalSettings(keptDays: kept, compactAfterDays: compactAfter, pause: .zero)
  }

  /// Everything the journal holds, as it is read.
  private func records(_ fixture: ShardFixture) throws -> [String] {
    var found: [String] = []
    try JournalReader(fixture.directory).forEachVerifiedBlock { block in
      try block.forEachRecord { record in
        found.append(
          "\(block.number).\(record.index) \(record.kind) \(record.flags.rawValue) \(record.received.milliseconds) "
            + String(decoding: record.topic, as: UTF8.self) + " "
            + String(decoding: record.payload, as: UTF8.self))
      }
    }
    return found
  }

  private func rows(_ fixture: ShardFixture, _ day: String, _ table: String) throws -> Int {
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/\(day).sqlite")
    return try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") ?? -1 }
  }

  private func files(_ fixture: ShardFixture) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.directory.journal).sorted()
  }

  @Test("Small blocks of the open day are packed together, and read as they were") func packed() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<2100 as Range<Int64> {
      try fixture.commit([.status("E\(index % 7)", index), .status("E\(index % 5)", index, factory: "F002")])
    }
    let before = try records(fixture)
    try fixture.shard.tick(now: (morning + .seconds(2101)).milliseconds)
    let after = try records(fixture)
    let isSame = after == before
    #expect(isSame)
    #expect(try rows(fixture, "2026-11-22", "span") == 1)
    #expect(try rows(fixture, "2026-11-22", "block") < 40)
    // The head of a block inside the span is still found, and a restart goes on where it was.
    let block = try #require(try JournalReader(fixture.directory).block(1000))
    let hash = try #require(try JournalReader(fixture.directory).head(at: 1000)?.hash)
    #expect(block.number == 1000)
    let earlier = try #require(try JournalReader(fixture.directory).head(at: 999)?.hash)
    #expect(try block.computedHash(following: earlier) == hash)
    try fixture.restart()
    try fixture.commit([.status("E1", 3000)])
    #expect(try records(fixture).count == before.count + 1)
  }

  @Test("A closed day gets a root, and is compacted without a byte of it changing") func compacted() throws {
    let fixture = try ShardFixture(journal: Self.settings())
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<300 as Range<Int64> {
      try fixture.commit([.status("E\(index % 7)", index * 10), .status("E1", index * 10, factory: "F002")])
    }
    try fixture.commit([.status("E1", Self.day)])
    let before = try records(fixture)
    try fixture.keepDays(at: Self.day + 1)
    let isSame = try records(fixture).prefix(before.count) == before[...]
    #expect(isSame)
    #expect(try rows(fixture, "2026-11-22", "block") == 0)
    // F001, F002 and the connection.
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
    #expect(
      try queue.read { try String?.fetchAll($0, sql: "SELECT factory FROM part ORDER BY 1") } == [
        "", "F001", "F002",
      ])
    #expect(try files(fixture).filter { $0.hasPrefix("2026-11-22") } == ["2026-11-22.sqlite"])
    let root = try #require(try DayRootStore(fixture.directory).newest()?.root)
    #expect(root.day == CalendarDay("2026-11-22"))
    #expect(root.firstBlock == 1)
    #expect(root.lastBlock == 302)
    #expect(root.previous == .zero)
    // A late message of the closed day is repaired from the compacted file.
    try fixture.commit([.status("E1", 5, "idle", received: Self.day + 2)])
    try fixture.shard.repairAll()
    #expect(
      try fixture.query(
        """
        SELECT idle FROM day_total JOIN equipment ON number = day_total.equipment
        WHERE factory = 'F001' AND equipment.equipment = 'E1'
        """) == "5000\n")
  }

  @Test(
    "A label by which packed records are chosen cannot be altered unseen",
    arguments: [
      "UPDATE part SET factory = 'F003' WHERE factory = 'F001'",
      "UPDATE part SET factory = 'F002' WHERE factory = 'F001'", "DELETE FROM part WHERE factory = 'F001'",
      "UPDATE span SET last_received = last_received + 1", "UPDATE span SET records = records - 1",
    ])
  func alteredLabel(_ change: String) throws {
    let fixture = try ShardFixture(journal: Self.settings())
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for index in 0..<18 as Range<Int64> {
      try fixture.commit([.status("E1", index * 60), .status("E1", index * 60, factory: "F002")])
    }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    let totals = """
      SELECT readings FROM day_total JOIN equipment ON number = day_total.equipment
      WHERE factory = 'F001' ORDER BY day
      """
    #expect(try fixture.query(totals) == "18\n")
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    func alter(_ sql: String) throws { try DatabaseQueue(path: path).write { try $0.execute(sql: sql) } }
    try alter(change)
    // The repair of a late message refuses to choose by it: what was counted stays.
    try fixture.commit([.status("E1", 5, "idle", received: Self.day + 2)])
    #expect(throws: StoreError.self) { try fixture.shard.repairAll() }
    #expect(try fixture.query(totals) == "18\n")
    #expect(throws: StoreError.self) { try records(fixture) }
  }

  @Test("A label altered together with its seal is found by reading every block") func forgedSeal() throws {
    let fixture = try ShardFixture(journal: Self.settings())
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([.status("E1", 0), .status("E1", 0, factory: "F002")])
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    // Without a seal every part is read, as of a day that an earlier version packed.
    try DatabaseQueue(path: path).write {
      try $0.execute(sql: "UPDATE span SET seal = NULL")
      try $0.execute(sql: "UPDATE part SET factory = 'F003' WHERE factory = 'F001'")
    }
    var found = 0
    try JournalReader(fixture.directory).forEachRecord(ofFactories: ["F001"], fromDay: nil) { _, _ in
      found += 1
      return true
    }
    #expect(found == 2)
    #expect(throws: StoreError.self) { try records(fixture) }
  }

  @Test("Days beyond those kept are dropped, and a rebuild still gives what is stored") func dropped() throws
  {
    for seed in 0..<12 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let fixture = try ShardFixture(journal: Self.settings(kept: 3, compactAfter: Int(random.next(3))))
      try runDays(9, fixture, &random)
      #expect(try files(fixture).filter { $0.hasSuffix(".sqlite") }.count == 4, "seed \(seed)")
      #expect(try DayRootStore(fixture.directory).all().count == 8)
      let different = try differences(fixture)
      #expect(different == "", "seed \(seed)")
      // Without views the base is where the next start begins.
      let before = try fixture.query(
        "SELECT * FROM day_total ORDER BY 1, 2; SELECT * FROM live; SELECT * FROM interval")
      fixture.store.release()
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
      }
      try fixture.restart()
      try fixture.shard.repairAll()
      let after = try fixture.query(
        "SELECT * FROM day_total ORDER BY 1, 2; SELECT * FROM live; SELECT * FROM interval")
      #expect(before == after, "seed \(seed)")
    }
  }

  @Test("A message for a day that was dropped is refused, and stays refused") func refused() throws {
    let fixture = try ShardFixture(journal: Self.settings(kept: 3))
    var random = SeededGenerator(seed: 3)
    try runDays(8, fixture, &random)
    let finalDay = try #require(fixture.store.finalDay)
    // Kept longer from now on: by the clock alone the message would be taken.
    let settings = try ShardFixture.settings(limit: 1000, keptDays: 90)
    fixture.store.release()
    let store = SQLiteShardStore(
      directory: fixture.directory, calendar: shanghai, horizonMinimum: .minutes(15),
      journal: Self.settings(kept: 90))
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: fixture.directory, register: { [] }, report: { _ in })
    let late = (shanghai.start(of: finalDay) - morning).milliseconds / 1000 + 3600
    let now = 8 * Self.day
    var window = ShardFixture.window([
      .status("E1", late, received: now), .status("E1", late + Self.day, received: now + 1),
    ])
    try shard.commit(&window)
    try shard.repairAll()
    try shard.finish()
    let refused = try ViewsReader(fixture.directory).evidence(
      asOf: morning + .seconds(now), period: morning..<(morning + .seconds(now + 1))
    ).rejections.first { $0.reason == .tooLate }?.messages
    #expect(refused == 1)
    store.release()
    let different = try differences(fixture, isOpen: false)
    #expect(different == "")
  }

  @Test("A clock that leaps two years ahead and comes back drops nothing") func leap() throws {
    let fixture = try ShardFixture(journal: Self.settings(kept: 3))
    for day in 0..<4 as Range<Int64> { try fixture.commit([.status("E1", day * Self.day)]) }
    try fixture.keepDays(at: 3 * Self.day + 1)
    #expect(try files(fixture).filter { $0.hasSuffix(".sqlite") }.count == 4)
    for jump in [730, -730, 0, 1] as [Int64] {
      let at = (3 + jump) * Self.day + 10
      try fixture.commit([.status("E1", at)])
      try fixture.keepDays(at: at)
    }
    let kept = try files(fixture).filter { $0.hasSuffix(".sqlite") }
    #expect(
      kept == [
        "2026-11-22.sqlite", "2026-11-23.sqlite", "2026-11-24.sqlite", "2026-11-25.sqlite",
        "2028-11-24.sqlite",
      ])
    let different = try differences(fixture)
    #expect(different == "")
  }

  @Test("What a crash leaves between two steps is tidied up") func interrupted() throws {
    let fixture = try ShardFixture(journal: Self.settings(kept: 3))
    var random = SeededGenerator(seed: 5)
    try runDays(5, fixture, &random)
    let before = try records(fixture)
    let journal = fixture.directory.journal
    // Half a compacted file; the empty log beside a file that is compacted already.
    try Data("half".utf8).write(to: URL(fileURLWithPath: journal + "/2026-11-24.sqlite.compacting"))
    try Data().write(to: URL(fileURLWithPath: journal + "/2026-11-24.sqlite-wal"))
    // The dropped day's file is still there, though the base has it.
    fixture.store.release()
    let kept = try Data(contentsOf: URL(fileURLWithPath: journal + "/2026-11-23.sqlite"))
    try fixture.restart()
    try runDays(6, fixture, &random, from: 5)
    #expect(try files(fixture).first == "2026-11-24.sqlite")
    try kept.write(to: URL(fileURLWithPath: journal + "/2026-11-23.sqlite"))
    try fixture.restart()
    try fixture.keepDays(at: 5 * Self.day + 7200)
    #expect(
      try files(fixture).filter { !$0.hasPrefix("2026-11-27") && !$0.hasPrefix("2026-11-26") } == [
        "2026-11-24.sqlite", "2026-11-25.sqlite",
      ])
    #expect(try records(fixture).first == before.first { $0.hasPrefix(firstBlock(of: try records(fixture))) })
    let different = try differences(fixture)
    #expect(different == "")
  }

  private func firstBlock(of records: [String]) -> String {
    records.first.map { String($0.prefix { $0 != " " }) + " " } ?? ""
  }

  @Test("A byte flipped in a compacted day is found, also when the file is rewritten to match") func flipped()
    throws
  {
    let fixture = try ShardFixture(journal: Self.settings())
    for index in 0..<50 as Range<Int64> { try fixture.commit([.status("E1", index)]) }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    fixture.store.release()
    let queue = try DatabaseQueue(path: fixture.directory.journal + "/2026-11-22.sqlite")
    try queue.write { database in
      var content =
        try Data.fetchOne(database, sql: "SELECT content FROM part WHERE factory = 'F001'") ?? Data()
      content[content.count / 2] ^= 1
      try database.execute(sql: "UPDATE part SET content = ? WHERE factory = 'F001'", arguments: [content])
    }
    do {
      _ = try records(fixture)
      Issue.record("the flipped byte was not found")
    } catch let error as StoreError {
      #expect(error.kind == .corrupt)
      #expect(error.description.contains("2026-11-22.sqlite: blocks 1–51"))
    }
  }

  // MARK: -

  /// Days of messages of three machines, some of them late by up to a day, over connections that break.
  private func runDays(
    _ days: Int64, _ fixture: ShardFixture, _ random: inout SeededGenerator, from first: Int64 = 0
  ) throws {
    var energy = first * 100
    for day in first..<days {
      let start = day * Self.day
      try fixture.shard.connected(
        sessionPresent: random.next(3) > 0, at: (morning + .seconds(start)).milliseconds)
      var at = start
      for _ in 0..<12 {
        at += 1 + Int64(random.next(6000))
        var window: [Sent] = []
        for _ in 0...random.next(4) {
          energy += Int64(random.next(5)) - 1
          let late = random.next(4) == 0 && day > 0 ? Int64(random.next(80_000)) : 0
          let equipment = "E\(random.next(3))"
          switch random.next(9) {
          case 0: window.append(.connection(equipment, random.next(2) == 0 ? "online" : "offline", at: at))
          case 1:
            window.append(Sent(topic: "factory/F001/W01/\(equipment)/status", payload: "{]", at: at * 1000))
          default:
            window.append(
              .status(
                equipment, at - late, ["running", "idle", "fault"][Int(random.next(3))], received: at,
                extra: ",\"energy_kwh\":\(energy),\"seq\":\(at),\"alarms\":[\"A\(random.next(3))\"]"))
          }
        }
        try fixture.commit(window)
        try fixture.shard.tick(now: (morning + .seconds(at)).milliseconds)
        if random.next(9) == 0 {
          try fixture.restart()
          at += 20
          try fixture.shard.connected(
            sessionPresent: random.next(2) == 0, at: (morning + .seconds(at)).milliseconds)
        }
      }
      try fixture.keepDays(at: at + 1)
    }
  }

  /// Rows in which the stored views differ from what the journal, and what was kept aside, give.
  private func differences(_ fixture: ShardFixture, isOpen: Bool = true) throws -> String {
    if isOpen { try fixture.shard.finish() }
    let folder = try TemporaryDirectory("rebuilt")
    let directory = StoreDirectory(fixture.directory, views: folder.path + "/views.sqlite")
    let head = try JournalReader(fixture.directory).head()
    let store = RebuildStore(
      directory: directory, calendar: shanghai, horizonMinimum: .minutes(15), through: head,
      progress: { _, _ in })
    let shard = try Shard(
      store: store, settings: ShardFixture.settings(limit: 1000, keptDays: 90), repairsFrom: directory,
      register: { [] }, report: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
    var found: [String] = []
    try ViewsComparison(stored: fixture.directory.views, computed: directory.views).forEachDifference {
      found.append($0)
    }
    return found.prefix(5).joined(separator: "\n")
  }
}
