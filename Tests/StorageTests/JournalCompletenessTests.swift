import Foundation
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("A journal that is not whole") struct JournalCompletenessTests {
  /// Blocks 1–3 on 2026-11-22 and 4–5 on the day after, all of them in the views.
  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for number in 1...5 {
      let at = morning + .days(number > 3 ? 1 : 0) + .seconds(Int64(number))
      try StoreFixture.append([("t", "p\(number)")], at: at, to: store, &builder)
    }
    try store.update(ViewUpdate(changes: ViewChanges(), senders: [], timelines: [], cursor: 5))
    store.release()
    return fixture
  }

  /// The missing blocks reported for the chain as it is found.
  private func missing(_ fixture: StoreFixture) throws -> [String] {
    let completeness = try JournalCompleteness(fixture.directory)
    var (opening, head): (Int64?, Int64?) = (nil, nil)
    try JournalReader(fixture.directory).forEachVerifiedBlock {
      head = $0.number
    } closed: { _, before, _, _ in
      opening = opening ?? before.number
    }
    return try completeness.missing(opening: opening, head: head)
  }

  private func remove(_ days: [String], _ fixture: StoreFixture) {
    for day in days {
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(fixture.directory.journal)/\(day).sqlite\(ending)")
      }
    }
  }

  @Test("One that is whole lacks nothing") func whole() throws { #expect(try missing(store()) == []) }

  @Test("Without its newest day it lacks the blocks that the views reflect") func newest() throws {
    let fixture = try store()
    remove(["2026-11-23"], fixture)
    #expect(
      try missing(fixture) == [
        "\(fixture.directory.journal): blocks 4–5 are missing (the views reflect them). Put the missing files back from a copy"
      ])
  }

  @Test("An emptied one lacks everything") func emptied() throws {
    let fixture = try store()
    remove(["2026-11-22", "2026-11-23"], fixture)
    #expect(
      try missing(fixture) == [
        "\(fixture.directory.journal): the journal is empty: blocks 1–5 are missing (the views reflect them). Put the missing files back from a copy"
      ])
  }

  @Test("Without its oldest day it lacks what retention did not drop") func oldest() throws {
    let fixture = try store()
    remove(["2026-11-22"], fixture)
    #expect(
      try missing(fixture) == [
        "\(fixture.directory.journal): blocks 1–3 are missing (retention did not drop them). Put the missing files back from a copy"
      ])
  }

  @Test("Without views the roots of closed days still tell") func roots() throws {
    let fixture = try store()
    let store = fixture.store()
    _ = try store.claim()
    try store.tidy()
    #expect(waitUntil(600) { !store.isTidying })
    store.release()
    #expect(try DayRootStore(fixture.directory).newest()?.root.day.description == "2026-11-22")
    for ending in ["", "-wal", "-shm"] { unlink(fixture.directory.views + ending) }
    remove(["2026-11-22", "2026-11-23"], fixture)
    #expect(
      try missing(fixture) == [
        "\(fixture.directory.journal): the journal is empty: blocks 1–3 are missing (2026-11-22 was closed with them (\(fixture.directory.roots))). Put the missing files back from a copy"
      ])
  }

  @Test("Roots that were opened before the first day was closed do not make it look as if they were deleted")
  func firstClosed() throws {
    let fixture = try store()
    let before = try DayRootStore(fixture.directory)
    #expect(try before.newest() == nil)
    let store = fixture.store()
    _ = try store.claim()
    try store.tidy()
    #expect(waitUntil(600) { !store.isTidying })
    store.release()
    try DayRootStore.requireRoots(of: fixture.directory, in: before)
    // Roots that are gone are missed all the same.
    for ending in ["", "-wal", "-shm"] { unlink(fixture.directory.roots + ending) }
    let error = try #require(throws: StoreError.self) {
      try DayRootStore.requireRoots(of: fixture.directory, in: before)
    }
    #expect(
      error.description
        == "\(fixture.directory.roots): lacks the root that 2026-11-22 was closed with: it was deleted, emptied or replaced; put it back from a copy"
    )
  }
}
