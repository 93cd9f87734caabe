import Foundation
import GRDB
import SQLiteStore
import Storage
import Synchronization
import Telemetry
import Testing
import TestSupport

@Suite("Two readers of views") struct TwinSnapshotTests {
  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    let senders = [Sender(key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01")]
    var changes = ViewChanges()
    changes.newSenders = senders[...]
    try store.update(ViewUpdate(changes: changes, senders: senders, timelines: [Timeline()], cursor: 0))
    return fixture
  }

  @Test("They see the views at one moment, however often they are written") func oneMoment() throws {
    let fixture = try store()
    let reader = try ViewsReader(fixture.directory)
    let writer = try DatabaseQueue(path: fixture.directory.views)
    let goesOn = Mutex(true)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var day = 0
      while goesOn.withLock({ $0 }) {
        try? writer.write { try $0.execute(sql: "INSERT INTO repair VALUES (0, ?, 0)", arguments: [day]) }
        day += 1
      }
      ended.signal()
    }
    defer {
      goesOn.withLock { $0 = false }
      ended.wait()
    }
    @Sendable func repairs(_ views: any StoreSnapshot) throws -> Int {
      try views.overview(
        asOf: morning, factory: nil, period: morning..<morning
      ).repairsPending
    }
    var seen: Set<Int> = []
    var rounds = 0
    // On a busy machine the writer needs more rounds.
    while rounds < 200 || seen.count <= 20 && rounds < 100_000 {
      rounds += 1
      let (first, second) = try reader.snapshots(repairs, beside: repairs)
      #expect(first == second)
      seen.insert(first)
    }
    #expect(seen.count > 20, "the views were written meanwhile")
  }

  @Test("Each has a thread of its own while nothing is written") func twoThreads() throws {
    let fixture = try store()
    defer { withExtendedLifetime(fixture) {} }
    let reader = try ViewsReader(fixture.directory)
    @Sendable func thread(_: any StoreSnapshot) -> ObjectIdentifier { ObjectIdentifier(Thread.current) }
    // Made first, it cannot have the place of the other thread, which may have ended.
    let own = ObjectIdentifier(Thread.current)
    let (first, second) = try reader.snapshots(thread, beside: thread)
    #expect(first == own)
    #expect(second != own)
  }

  @Test("What either throws is thrown") func errors() throws {
    struct Refusal: Error, Equatable { var by: Int }
    let fixture = try store()
    defer { withExtendedLifetime(fixture) {} }
    let reader = try ViewsReader(fixture.directory)
    #expect(throws: Refusal(by: 1)) {
      try reader.snapshots({ _ in throw Refusal(by: 1) }, beside: { _ in 0 })
    }
    #expect(throws: Refusal(by: 2)) {
      try reader.snapshots({ _ in 0 }, beside: { _ in throw Refusal(by: 2) })
    }
  }

  @Test("Views that another file took the place of are read by one") func replaced() throws {
    let fixture = try store()
    let reader = try ViewsReader(fixture.directory)
    let (views, other) = (fixture.directory.views, fixture.directory.views + ".other")
    _ = try reader.copy(to: other)
    let copy = try DatabaseQueue(path: other)
    try copy.write { try $0.execute(sql: "INSERT INTO repair VALUES (0, 0, 0)") }
    try copy.close()
    #expect(rename(other, views) == 0)
    @Sendable func repairs(_ views: any StoreSnapshot) throws -> Int {
      try views.overview(
        asOf: morning, factory: nil, period: morning..<morning
      ).repairsPending
    }
    let (first, second) = try reader.snapshots(repairs, beside: repairs)
    #expect(first == 0)
    #expect(second == 0)
  }
}
