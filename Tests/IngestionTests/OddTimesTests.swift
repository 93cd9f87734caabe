import Foundation
import Ingestion
import Journal
import MQTT
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Odd times") struct OddTimesTests {
  private func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }

  @Test("A clock that leaps a day ahead and back neither hides what follows nor calls it observed")
  func clockLeap() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.connection("E1", "online", at: 86_400)])
    try fixture.commit([.connection("E1", "offline", at: 10)])
    try fixture.commit([.connection("E1", "online", at: 12)])
    fixture.shard.disconnected(reason: .closed("test"), at: at(30))
    #expect(try fixture.evidence(at: 20).equipment[0].sessionOpen)
    #expect(try fixture.evidence(at: 1000).observed.map(\.until) == [morning + .seconds(30)])
    try fixture.shard.connected(sessionPresent: true, at: at(2000))
    try fixture.commit([.connection("E1", "offline", at: 2001)])
    fixture.shard.disconnected(reason: .closed("test"), at: at(2010))
    #expect(
      try fixture.evidence(at: 9000).observed.map(\.until) == [30, 2010].map { morning + .seconds($0) })
    #expect(try fixture.evidence(at: 9000).equipment[0].sessionOpen == false)
  }

  @Test("A session lost right after an online was our last record ends that session too")
  func lossAtLastRecord() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.connection("E1", "online", at: 10)])
    try fixture.restart()
    try fixture.shard.connected(sessionPresent: false, at: at(30))
    #expect(try fixture.evidence(at: 40).equipment[0].sessionOpen == false)
  }

  @Test("While nobody listens no session vouches, until a resumed session tells what happened meanwhile")
  func nobodyListens() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.connection("E1", "online", at: 10), .connection("E2", "online", at: 11)])
    fixture.shard.disconnected(reason: .stopped, at: at(20))
    #expect(try fixture.evidence(at: 60).equipment.map(\.sessionOpen) == [true, true])
    #expect(try fixture.evidence(at: 81).equipment.map(\.sessionOpen) == [false, false])
    try fixture.shard.connected(sessionPresent: true, at: at(500))
    try fixture.commit([.connection("E2", "offline", at: 501)])
    #expect(try fixture.evidence(at: 510).equipment.map(\.sessionOpen) == [true, false])
    #expect(try fixture.evidence(at: 81).equipment.map(\.sessionOpen) == [true, true])
  }

  @Test("A day file left empty by a crash stops neither report nor collector") func emptyDay() throws {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E1", 0)])
    try fixture.shard.finish()
    try Data().write(to: URL(fileURLWithPath: fixture.directory.journal + "/2026-11-23.sqlite"))
    #expect(try fixture.evidence(at: 5).journalHead != nil)
    try fixture.restart()
    try fixture.restart()
    try fixture.commit([.status("E1", 86_400)])
    #expect(try fixture.journaled().count == 2)
  }

  @Test("Views can be built anew from what is left of the journal") func oldDaysGone() throws {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E1", 0)])
    try fixture.commit([.status("E1", 86_400)])
    try fixture.shard.finish()
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.journal + "/2026-11-22.sqlite" + ending)
    }
    // Dropped days do not concern a healthy store, nor one whose views were moved away.
    try fixture.restart()
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    #expect(try fixture.evidence(at: 86_401).equipment[0].readings?.last == morning + .seconds(86_400))
  }

  @Test("Counts of a faulty device stop at the greatest number instead of turning negative") func saturation()
    throws
  {
    let fixture = try ShardFixture()
    try fixture.commit([
      .status("E1", -3, extra: #","seq":1"#), .status("E1", -2, extra: #","seq":2"#),
      .status("E1", -1, extra: #","seq":3"#), .status("E1", 0, extra: #","seq":4,"energy_kwh":0"#),
      .status("E1", 1, extra: #","seq":3000000000,"energy_kwh":9000000000000000"#),
      .status("E1", 2, extra: #","seq":3000000001,"energy_kwh":0"#),
      .status("E1", 3, extra: #","seq":9000000001,"energy_kwh":9000000000000000"#),
    ])
    let totals = try #require(try fixture.stored.totals(of: key("E1"), on: firstDay))
    #expect(totals.missing == 2_147_483_647)
    #expect(totals.energy == 9_000_000_000_000_000_000)
  }
}
