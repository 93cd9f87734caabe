import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// Milliseconds UTC, `minutes` after `morning`.
private func at(_ minutes: Int64) -> Int64 { (morning + .minutes(minutes)).milliseconds }

@Suite("A collector that is connected and hears nothing") struct HearingTests {
  /// A reading, or a word of presence, `minutes` after `morning`.
  private func reading(_ equipment: String, _ minutes: Int64) -> Sent { .status(equipment, minutes * 60) }
  private func said(_ equipment: String, _ word: String, _ minutes: Int64) -> Sent {
    .connection(equipment, word, at: minutes * 60)
  }

  private func connected(resumed: Bool = true, at minutes: Int64 = 0) throws -> ShardFixture {
    let fixture = try ShardFixture(inMemory: true, judgesSilence: true)
    try fixture.shard.connected(sessionPresent: resumed, at: at(minutes))
    return fixture
  }

  /// Lets a connection be noted once a minute.
  private func wait(_ fixture: ShardFixture, _ minutes: ClosedRange<Int64>) throws {
    for minute in minutes { try fixture.shard.tick(now: at(minute)) }
  }

  /// What was observed, in minutes, the same after the views are built anew.
  private func observed(_ fixture: ShardFixture) throws -> [[Int64]] {
    func read() throws -> [[Int64]] {
      try fixture.shard.finish()
      return try ViewsReader(fixture.directory).snapshot { views in
        try views.observed(in: morning - .days(1)..<morning + .days(2)).map {
          [($0.from - morning).milliseconds / 60_000, ($0.until - morning).milliseconds / 60_000]
        }
      }
    }
    let live = try read()
    let silences = try fixture.stored.overview().silences
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try fixture.restart()
    #expect(try read() == live)
    #expect(try fixture.stored.overview().silences == silences)
    return live
  }

  @Test("Silence after readings is not observed from the last message on, once it is longer than any horizon")
  func silent() throws {
    let fixture = try connected()
    try fixture.commit([reading("E1", 5)])
    try wait(fixture, 6...20)
    #expect(fixture.shard.deafSince == nil)
    try wait(fixture, 21...21)
    #expect(fixture.shard.deafSince == morning + .minutes(5))
    try wait(fixture, 22...240)
    #expect(try observed(fixture) == [[0, 5]])
  }

  @Test("It lasts until the first message, even a refused one, and is judged anew then") func ended() throws {
    let fixture = try connected()
    try fixture.commit([reading("E1", 5)])
    try wait(fixture, 6...60)
    try fixture.commit([Sent(topic: "factory/F001/W01/E1/status", payload: "{", at: 90 * 60_000)])
    #expect(fixture.shard.deafSince == nil)
    try wait(fixture, 91...100)
    #expect(try observed(fixture) == [[0, 5], [90, 100]])
  }

  @Test("A factory whose machines have all said offline is on holiday") func holiday() throws {
    let fixture = try connected()
    try fixture.commit([said("E1", "online", 1), reading("E2", 2), said("E1", "offline", 3)])
    try fixture.commit([said("E2", "offline", 4)])
    try wait(fixture, 5...600)
    #expect(fixture.shard.deafSince == nil)
    #expect(try observed(fixture) == [[0, 600]])
  }

  @Test("One that was still speaking when another said offline makes silence deafness") func oneLeft() throws
  {
    let fixture = try connected()
    try fixture.commit([reading("E1", 2), reading("E2", 3), said("E1", "offline", 4)])
    try wait(fixture, 5...60)
    #expect(fixture.shard.deafSince == morning + .minutes(4))
    #expect(try observed(fixture) == [[0, 4]])
  }

  @Test("One that had fallen silent long before does not") func longSilent() throws {
    let fixture = try connected()
    try fixture.commit([reading("E1", 2), reading("E2", 3)])
    try fixture.commit([said("E2", "offline", 18)])
    try wait(fixture, 19...60)
    #expect(fixture.shard.deafSince == nil)
    #expect(try observed(fixture) == [[0, 60]])
  }

  @Test("Where nothing was ever heard, or only what the broker had kept, nobody is missed") func never()
    throws
  {
    let fixture = try connected(resumed: false)
    try wait(fixture, 1...60)
    #expect(fixture.shard.deafSince == nil)
    let retained = try connected(resumed: false)
    try retained.commit([
      Sent(topic: "factory/F001/W01/E1/connection", payload: "online", at: 1000, retained: true)
    ])
    try wait(retained, 1...60)
    #expect(retained.shard.deafSince == nil)
    #expect(try observed(retained) == [[0, 60]])
  }

  @Test("Silence goes on over lost connections and kills; time away is none") func reconnects() throws {
    let fixture = try connected()
    try fixture.commit([reading("E1", 5)])
    try wait(fixture, 6...12)
    fixture.shard.disconnected(reason: .closed("test"), at: at(12))
    try fixture.restart()
    try fixture.shard.connected(sessionPresent: false, at: at(100))
    try wait(fixture, 101...108)
    #expect(fixture.shard.deafSince == nil)
    try wait(fixture, 109...109)
    #expect(fixture.shard.deafSince == morning + .minutes(5))
    try fixture.restart()
    try fixture.shard.connected(sessionPresent: true, at: at(120))
    #expect(fixture.shard.deafSince == morning + .minutes(5))
    try fixture.commit([reading("E1", 130)])
    try wait(fixture, 131...140)
    #expect(try observed(fixture) == [[0, 5], [130, 140]])
  }

  @Test("A machine does not become offline by it while its session stands; without one it is not known")
  func sessions() throws {
    let fixture = try connected()
    try fixture.commit([said("E1", "online", 1), reading("E1", 2), reading("E2", 3)])
    try wait(fixture, 4...300)
    let evidence = try fixture.evidence(at: 300 * 60)
    #expect(evidence.equipment.map(\.sessionOpen) == [true, false])
    #expect(
      evidence.silences == [
        Silence(since: morning + .minutes(3), until: morning + .minutes(300), stretch: 1)
      ])
  }
}
