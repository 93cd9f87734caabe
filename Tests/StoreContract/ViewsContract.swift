import Foundation
import Ingestion
import Storage
import Synchronization
import Telemetry
import Testing

@Suite("Contract: views") struct ViewsContract {
  private static let day: Int64 = 86_400

  @Test("What is folded is read, at any instant", arguments: StoreKind.all) func folded(kind: StoreKind)
    throws
  {
    let fixture = try ContractFixture(kind)
    try fixture.commit([.status("E1", 0), .status("E1", 60), .status("E1", 120, "idle")])
    try fixture.commit([.status("E1", 240, "fault", extra: ",\"energy_kwh\":12.5")])
    try fixture.commit([.status("E1", 300, "fault", extra: ",\"energy_kwh\":13.75")])
    try fixture.shard.finish()
    func readings(at seconds: Int64) throws -> EquipmentEvidence.Readings? {
      try fixture.store.reader().evidence(asOf: morning + .seconds(seconds), period: morning..<morning)
        .equipment.first?.readings
    }
    #expect(try readings(at: -1) == nil)
    #expect(try readings(at: 0) == .init(last: morning, state: .running))
    #expect(try readings(at: 119) == .init(last: morning + .seconds(60), state: .running))
    #expect(try readings(at: 121) == .init(last: morning + .seconds(120), state: .idle))
    #expect(try readings(at: 400) == .init(last: morning + .seconds(300), state: .fault))
    let totals = try #require(try fixture.totals("E1"))
    #expect(totals.states[.running] == 120_000)
    #expect(totals.states[.idle] == 120_000)
    #expect(totals.readings == 5)
    #expect(totals.energy == 1250)
    let known = try fixture.store.reader().evidence(asOf: morning, factory: "F002", period: morning..<morning)
    #expect(known.equipment.isEmpty)
  }

  @Test("A kill loses nothing: the next claim folds what the views lack", arguments: StoreKind.all)
  func restart(kind: StoreKind) throws {
    let (killed, witness) = (try ContractFixture(kind), try ContractFixture(kind))
    for step in 0..<40 as Range<Int64> {
      let at = step * 5400
      let window: [Sent] = [
        .status("E1", at, step % 3 == 0 ? "idle" : "running", extra: ",\"good\":\(step * 7)"),
        .status("E2", at + 1, factory: "F002"), .status("E1", at - 4000, "fault", received: at + 2),
        Sent(topic: "factory/F001/W01/E3/status", payload: "?", at: at + 3),
      ]
      try killed.commit(window)
      try witness.commit(window)
      if step % 7 == 6 { try killed.restart() }
      if step % 5 == 4 { try killed.shard.tick(now: (morning + .seconds(at + 4)).milliseconds) }
    }
    try killed.shard.repairAll()
    try witness.shard.repairAll()
    let (found, expected) = (try killed.listing(days: 3), try witness.listing(days: 3))
    #expect(found == expected)
    #expect(expected.count > 20)
    #expect(try killed.journaled() == witness.journaled())
  }

  @Test(
    "Days with late messages wait, and are recomputed as if all had come in order", arguments: StoreKind.all)
  func repair(kind: StoreKind) throws {
    let (late, ordered) = (try ContractFixture(kind), try ContractFixture(kind))
    for at in [0, 600, 1200, Self.day, Self.day + 600] as [Int64] { try late.commit([.status("E1", at)]) }
    try late.commit([.status("E1", 900, "idle", received: Self.day + 601)])
    try late.shard.finish()
    func waiting() throws -> Int {
      try late.store.reader().evidence(asOf: morning, period: morning..<morning).repairsPending
    }
    #expect(try waiting() == 1)
    #expect(try late.totals("E1")?.states[.idle] == 0)
    try late.shard.repairAll()
    #expect(try waiting() == 0)
    for at in [0, 600] as [Int64] { try ordered.commit([.status("E1", at)]) }
    try ordered.commit([.status("E1", 900, "idle", received: Self.day + 601)])
    for at in [1200, Self.day, Self.day + 600] as [Int64] { try ordered.commit([.status("E1", at)]) }
    // 08:10 to 08:15 running, to 08:20 idle, and for the horizon minimum after 08:20 running.
    let totals = try #require(try late.totals("E1"))
    #expect(totals.states[.running] == (900 + 900) * 1000)
    #expect(totals.states[.idle] == 300_000)
    #expect(totals.readings == 4)
    #expect(try late.totals("E1", later: 1) == ordered.totals("E1", later: 1))
    // A restart in between changes nothing.
    try late.commit([.status("E1", 30, "fault", received: Self.day + 700)])
    try late.restart()
    try late.shard.repairAll()
    #expect(try late.totals("E1")?.states[.fault] == 570_000)
  }

  @Test("Views computed anew are those stored, and are taken over", arguments: StoreKind.all)
  func rebuild(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    for step in 0..<30 as Range<Int64> {
      try fixture.commit([
        .status("E\(step % 4)", step * 7200, step % 2 == 0 ? "running" : "stopped"),
        .status("E0", step * 7200 - 9000, "idle", received: step * 7200 + 1),
      ])
    }
    try fixture.shard.repairAll()
    let before = try fixture.listing(days: 3)
    #expect(try rebuild(fixture, rules: "a", before) == false, "the collector holds the store")
    #expect(fixture.views.hasRebuiltViews)
    try fixture.commit([.status("E9", 30 * 7200)])
    try fixture.restart()
    #expect(!fixture.views.hasRebuiltViews)
    #expect(try fixture.totals("E9", later: 2)?.readings == 1)
    fixture.views.release()
    // With nobody collecting they are in place at once.
    #expect(try rebuild(fixture, rules: "b", nil))
  }

  /// Computes the views anew and hands them over, as the command does; returns whether they are in place.
  private func rebuild(_ fixture: ContractFixture, rules: String, _ expected: [String]?) throws -> Bool {
    var blocks: [Int64] = []
    let options = ContractFixture.options()
    let rebuild = try fixture.store.rebuild(.embedded, options, rules: rules) { block, _ in
      blocks.append(block)
    }
    let second = storeError {
      _ = try fixture.store.rebuild(.embedded, options, rules: rules) { _, _ in }
    }
    #expect(second?.kind == .locked)
    let shard = try ContractFixture.shard(rebuild.shard, rebuild.store)
    try shard.repairAll()
    try shard.finish()
    #expect(blocks.last == rebuild.last)
    if let expected { #expect(try ContractFixture.listing(of: rebuild.store, days: 3) == expected) }
    return try rebuild.handOver()
  }

  @Test(
    "A snapshot and the parts of a district show one moment, however much is written",
    arguments: StoreKind.all)
  func snapshots(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    // Enough senders for a store to divide them; each window moves one of both ends of the alphabet.
    for first in stride(from: 0, to: 2400, by: 200) {
      try fixture.commit(
        (first..<first + 200).map { .status("E1", 0, factory: "F\(1000 + $0)", received: 1) })
    }
    try fixture.shard.finish()
    let reader = try fixture.store.reader()
    let goesOn = Mutex(true)
    let failed = Mutex<String?>(nil)
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let writer = fixture
    Thread.detachNewThread {
      var second: Int64 = 2
      do {
        while goesOn.withLock({ $0 }) {
          try writer.commit([
            .status("E1", second, factory: "F1000"), .status("E1", second, factory: "F3399"),
          ])
          try writer.shard.finish()
          second += 1
        }
      } catch { failed.withLock { $0 = "\(error)" } }
      done.signal()
    }
    @Sendable func newest(_ views: any StoreSnapshot, _ factory: String) throws -> Timestamp? {
      let senders = try views.senders(of: .one(factory))
      return try views.evidence(of: senders, asOf: morning + .days(1)).first?.readings?.last
    }
    var seen: Set<Timestamp?> = []
    var rounds = 0
    // As many rounds as the writer needs to write meanwhile, also on a busy machine.
    while rounds < 60 || seen.count <= 5, rounds < 100_000, failed.withLock({ $0 == nil }) {
      rounds += 1
      let (one, parts) = try reader.district {
        try newest($0, "F1000")
      } part: { views, scope in
        try ["F1000", "F3399"].filter { scope.contains($0) }.map { try newest(views, $0) }
      }
      #expect(parts.flatMap { $0 } == [one, one])
      let two = try reader.snapshot { (try newest($0, "F1000"), try newest($0, "F3399")) }
      #expect(two.0 == two.1)
      seen.insert(one)
    }
    goesOn.withLock { $0 = false }
    done.wait()
    #expect(failed.withLock { $0 } == nil)
    #expect(seen.count > 5, "the views were written meanwhile")
  }
}
