import Storage
import Foundation
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

  @Test("Days beyond those kept are dropped, and a rebuild still gives what is stored") func dropped() throws
  {
    for seed in 0..<12 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let fixture = try ShardFixture(journal: Self.settings(kept: 3, compactAfter: Int(random.next(3))))
      try runDays(9, fixture, &random)
      #expect(try fixture.dayFiles().filter { $0.hasSuffix(".sqlite") }.count == 4, "seed \(seed)")
      #expect(try DayRootStore(fixture.directory).all().count == 8)
      let different = try fixture.differences()
      #expect(different == "", "seed \(seed)")
      // Without views the base is where the next start begins.
      let days = try #require(try fixture.stored.days())
      let before = try fixture.stored.figures(days) + fixture.claimed().lines
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
      }
      try fixture.restart()
      try fixture.shard.repairAll()
      let after = try fixture.stored.figures(days) + fixture.claimed().lines
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
      store: store, settings: settings, repairsFrom: fixture.directory, register: { [] }, emit: { _ in })
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
    let different = try fixture.differences(isOpen: false)
    #expect(different == "")
  }

  @Test("A clock that leaps two years ahead and comes back drops nothing") func leap() throws {
    let fixture = try ShardFixture(journal: Self.settings(kept: 3))
    for day in 0..<4 as Range<Int64> { try fixture.commit([.status("E1", day * Self.day)]) }
    try fixture.keepDays(at: 3 * Self.day + 1)
    #expect(try fixture.dayFiles().filter { $0.hasSuffix(".sqlite") }.count == 4)
    for jump in [730, -730, 0, 1] as [Int64] {
      let at = (3 + jump) * Self.day + 10
      try fixture.commit([.status("E1", at)])
      try fixture.keepDays(at: at)
    }
    let kept = try fixture.dayFiles().filter { $0.hasSuffix(".sqlite") }
    #expect(
      kept == [
        "2026-11-22.sqlite", "2026-11-23.sqlite", "2026-11-24.sqlite", "2026-11-25.sqlite",
        "2028-11-24.sqlite",
      ])
    let different = try fixture.differences()
    #expect(different == "")
  }

  @Test("What a crash leaves between two steps is tidied up") func interrupted() throws {
    let fixture = try ShardFixture(journal: Self.settings(kept: 3))
    var random = SeededGenerator(seed: 5)
    try runDays(5, fixture, &random)
    let before = try fixture.records()
    let journal = fixture.directory.journal
    // Half a compacted file; the empty log beside a file that is compacted already.
    try Data("half".utf8).write(to: URL(fileURLWithPath: journal + "/2026-11-24.sqlite.compacting"))
    try Data().write(to: URL(fileURLWithPath: journal + "/2026-11-24.sqlite-wal"))
    // The dropped day's file is still there, though the base has it.
    fixture.store.release()
    let kept = try Data(contentsOf: URL(fileURLWithPath: journal + "/2026-11-23.sqlite"))
    try fixture.restart()
    try runDays(6, fixture, &random, from: 5)
    #expect(try fixture.dayFiles().first == "2026-11-24.sqlite")
    try kept.write(to: URL(fileURLWithPath: journal + "/2026-11-23.sqlite"))
    try fixture.restart()
    try fixture.keepDays(at: 5 * Self.day + 7200)
    #expect(
      try fixture.dayFiles().filter { !$0.hasPrefix("2026-11-27") && !$0.hasPrefix("2026-11-26") } == [
        "2026-11-24.sqlite", "2026-11-25.sqlite",
      ])
    #expect(
      try fixture.records().first == before.first { $0.hasPrefix(firstBlock(of: try fixture.records())) })
    let different = try fixture.differences()
    #expect(different == "")
  }

  @Test("Compaction of payloads that are all different goes on where it was stopped, and ends")
  func compactionGoesOn() throws {
    let fixture = try ShardFixture(journal: Self.settings(compactAfter: 30))
    var random = SeededGenerator(seed: 5)
    for window in 0..<40 as Range<Int64> {
      try fixture.commit(
        (0..<50).map { _ in
          Sent(
            topic: "factory/F001/W01/E1/status",
            payload: (0..<10).map { _ in String(random.next(.max), radix: 16) }.joined(), at: window * 1000)
        })
    }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 1)
    fixture.store.release()
    let root = try #require(try DayRootStore(fixture.directory).newest()?.root)
    let records = try fixture.records()
    /// Compacts the day of a store until `most` spans are written; returns whether it is done, and their number.
    func compact(_ directory: StoreDirectory, most: Int = .max) throws -> (isDone: Bool, spans: Int) {
      var spans = 0
      let isDone = try DayCompaction(directory, root.day, spanBytes: 32 << 10).compact(expecting: root) {
        spans += 1
        return spans >= most
      }
      return (isDone, spans)
    }
    let copy = fixture.folder.path + "/copy"
    try FileManager.default.copyItem(atPath: fixture.directory.path, toPath: copy)
    let whole = try compact(StoreDirectory(copy))
    #expect(whole.isDone && whole.spans > 8)
    let path = "\(fixture.directory.journal)/\(root.day).sqlite"
    // Every start goes on behind the spans of the one before, so that there are as many in all.
    for most in [1, 2, 1] {
      #expect(try compact(fixture.directory, most: most) == (false, most))
      #expect(try fixture.records() == records)
    }
    #expect(try compact(fixture.directory) == (true, whole.spans - 4))
    #expect(try fixture.records() == records)
    // The next start finds nothing to do.
    let file = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(try compact(fixture.directory) == (false, 0))
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == file)
    #expect(!FileManager.default.fileExists(atPath: path + ".compacting"))
  }

  private func firstBlock(of records: [String]) -> String {
    records.first.map { String($0.prefix { $0 != " " }) + " " } ?? ""
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
}

extension ShardFixture {
  /// The first rows in which the stored views differ from what the journal, and what was kept aside, give.
  func differences(isOpen: Bool = true) throws -> String {
    if isOpen { try shard.finish() }
    let folder = try TemporaryDirectory("rebuilt")
    let views = StoreDirectory(directory, views: folder.path + "/views.sqlite")
    let store = RebuildStore(
      directory: views, calendar: shanghai, horizonMinimum: .minutes(15),
      through: try JournalReader(directory).head(), progress: { _, _ in })
    let shard = try Shard(
      store: store, settings: Self.settings(limit: 1000, keptDays: 90), repairsFrom: views,
      register: { [] }, emit: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
    var found: [String] = []
    try ViewsComparison(stored: directory.views, computed: views.views).forEachDifference { found.append($0) }
    return found.prefix(5).joined(separator: "\n")
  }
}
