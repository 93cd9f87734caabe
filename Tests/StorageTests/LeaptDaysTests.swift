import Storage
import Foundation
import Journal
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Days of a clock that leapt") struct LeaptDaysTests {
  private let far = Timestamp("2099-01-01T08:00:00+08:00") ?? .distantPast

  /// A store with blocks 1–3 of a morning, 4–5 of a clock in 2099 and 6–7 of the morning again.
  private func leapt(_ fixture: StoreFixture, keeping settings: JournalSettings = JournalSettings()) throws
    -> SQLiteShardStore
  {
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for number in 1...3 { try append(number, morning + .seconds(Int64(number)), store, &builder) }
    for number in 4...5 { try append(number, far + .seconds(Int64(number)), store, &builder) }
    for number in 6...7 { try append(number, morning + .seconds(Int64(number)), store, &builder) }
    return store
  }

  private func append(
    _ number: Int, _ at: Timestamp, _ store: SQLiteShardStore, _ builder: inout BlockBuilder
  ) throws {
    try StoreFixture.append([("t", "p\(number)")], at: at, to: store, &builder)
  }

  private func files(_ fixture: StoreFixture) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.directory.journal)
      .filter { $0.hasSuffix(".sqlite") }.sorted()
  }

  /// Every payload with its block, read along the chain.
  private func chain(_ fixture: StoreFixture) throws -> (payloads: [String], head: SHA256Digest?) {
    var payloads: [String] = []
    var head: SHA256Digest?
    try JournalReader(fixture.directory).forEachVerifiedBlock { block in
      head = block.hash
      try block.forEachRecord {
        payloads.append("\(block.number) \(String(decoding: $0.payload, as: UTF8.self))")
      }
    }
    return (payloads, head)
  }

  private let all = (1...7).map { "\($0) p\($0)" }

  @Test(
    "Once the time is back the running collector files the far day's blocks under the day, the chain unchanged"
  )
  func whileRunning() throws {
    let fixture = try StoreFixture()
    let store = try leapt(fixture)
    #expect(try files(fixture) == ["2026-11-22.sqlite", "2099-01-01.sqlite"])
    let before = try chain(fixture)
    #expect(before.payloads == all)
    var said: [String] = []
    store.clock = { morning + .seconds(60) }
    store.notice = { said.append($0) }
    try store.tidy()
    #expect(try files(fixture) == ["2026-11-22.sqlite"])
    let after = try chain(fixture)
    #expect(after.payloads == all)
    #expect(after.head == before.head)
    #expect(said.count == 1)
    #expect(said.first?.contains("4 blocks of 2099-01-01 are filed under 2026-11-22 now") == true)
    // The journal continues, and the next day has a file of its own.
    var builder = try BlockBuilder()
    try append(8, morning + .seconds(70), store, &builder)
    try append(9, morning + .days(1), store, &builder)
    #expect(try files(fixture) == ["2026-11-22.sqlite", "2026-11-23.sqlite"])
    #expect(try chain(fixture).payloads == all + ["8 p8", "9 p9"])
    try store.check()
  }

  @Test("While the clock is still in 2099, or has leapt back, nothing is moved") func notYet() throws {
    for now in [far + .seconds(30), Timestamp(milliseconds: 0), morning - .days(3)] {
      let fixture = try StoreFixture()
      let store = try leapt(fixture)
      store.clock = { now }
      try store.tidy()
      #expect(try files(fixture) == ["2026-11-22.sqlite", "2099-01-01.sqlite"])
    }
  }

  @Test("Days up to 48 hours ahead stay") func permitted() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    try append(1, morning, store, &builder)
    try append(2, morning + .days(2), store, &builder)
    store.clock = { morning }
    try store.tidy()
    #expect(try files(fixture) == ["2026-11-22.sqlite", "2026-11-24.sqlite"])
    store.clock = { morning - .days(1) }
    try store.tidy()
    #expect(try files(fixture) == ["2026-11-22.sqlite", "2026-11-24.sqlite"])
  }

  @Test("The next start files them too, also after a crash that left them in both places") func atTheStart()
    throws
  {
    let fixture = try StoreFixture()
    let store = try leapt(fixture)
    let before = try chain(fixture)
    store.release()
    // The far day's file as a crash would leave it.
    let path = fixture.directory.journal + "/2099-01-01.sqlite"
    let kept = fixture.folder.path + "/kept.sqlite"
    let endings = ["", "-wal"].filter { FileManager.default.fileExists(atPath: path + $0) }
    for ending in endings { try FileManager.default.copyItem(atPath: path + ending, toPath: kept + ending) }
    for _ in 0..<2 {
      let next = fixture.store()
      next.clock = { morning + .days(40) }
      #expect(try next.claim().head == 7)
      next.release()
      #expect(try files(fixture) == ["2026-11-22.sqlite"])
      let after = try chain(fixture)
      #expect(after.payloads == all)
      #expect(after.head == before.head)
      for ending in endings { try FileManager.default.copyItem(atPath: kept + ending, toPath: path + ending) }
    }
  }

  @Test("Decades of blocks in one far day's file go to the days of their receipt") func distributed() throws {
    let fixture = try StoreFixture()
    let store = try leapt(fixture)
    var builder = try BlockBuilder()
    for number in 8...10 { try append(number, morning + .days(Int64(number)), store, &builder) }
    let before = try chain(fixture)
    store.release()
    let done = try JournalRepair.refile(fixture.directory, calendar: shanghai, now: morning + .days(20))
    #expect(done?.blocks == 7)
    #expect(done?.into.map(\.description) == ["2026-11-22", "2026-11-30", "2026-12-01", "2026-12-02"])
    #expect(
      try files(fixture) == [
        "2026-11-22.sqlite", "2026-11-30.sqlite", "2026-12-01.sqlite", "2026-12-02.sqlite",
      ])
    let after = try chain(fixture)
    #expect(after.payloads == before.payloads)
    #expect(after.head == before.head)
    #expect(try JournalRepair.refile(fixture.directory, calendar: shanghai, now: morning + .days(20)) == nil)
  }

  @Test("A day that has a root takes no more: the blocks go to the next, and a far day's root is set aside")
  func closedDays() throws {
    let fixture = try StoreFixture()
    let store = try leapt(fixture)
    var builder = try BlockBuilder()
    // The clock stays in 2099 for another day, so that the first far day is closed too.
    try append(8, far + .days(1), store, &builder)
    try store.tidy()
    #expect(waitUntil(600) { !store.isTidying })
    let closed = try DayRootStore(fixture.directory).all().map(\.root)
    #expect(closed.map(\.day.description) == ["2026-11-22", "2099-01-01"])
    let before = try chain(fixture)
    store.clock = { morning + .hours(1) }
    try store.tidy()
    #expect(try files(fixture) == ["2026-11-22.sqlite", "2026-11-23.sqlite"])
    let after = try chain(fixture)
    #expect(after.payloads == before.payloads)
    #expect(after.head == before.head)
    #expect(try DayRootStore(fixture.directory).all().map(\.root) == [closed[0]])
    #expect(try DayRootStore(fixture.directory).setAside().map(\.root) == [closed[1]])
    // The chain of roots continues from the last good day.
    try append(9, morning + .days(2), store, &builder)
    try append(10, morning + .days(3), store, &builder)
    store.clock = { morning + .days(3) }
    try store.tidy()
    #expect(waitUntil(600) { !store.isTidying })
    try store.tidy()
    #expect(waitUntil(600) { !store.isTidying })
    let roots = try DayRootStore(fixture.directory).all().map(\.root)
    #expect(roots.map(\.day.description) == ["2026-11-22", "2026-11-23", "2026-11-24"])
    #expect(roots[1].firstBlock == 4 && roots[1].lastBlock == 8)
    #expect(roots[1].previous == closed[0].root)
  }
}
