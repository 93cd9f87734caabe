import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Views") struct ViewsTests {
  /// A store whose only sender has these readings (seconds after `morning`, state) folded in order.
  private func store(
    _ readings: [(Int64, EquipmentState)], late: [Int64] = [], presence: [(Int64, Presence)] = []
  ) throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var fold = TimelineFold(horizonMinimum: .minutes(15), calendar: shanghai)
    var timelines: ContiguousArray = [Timeline()]
    var changes = ViewChanges()
    for (seconds, state) in readings {
      let time = morning + .seconds(seconds)
      for (at, presence) in presence where at < seconds && morning + .seconds(at) > timelines[0].newest {
        fold.fold(
          presence, at: morning + .seconds(at), received: morning + .seconds(at), of: 0, into: &timelines[0],
          changes: &changes.timelineChanges)
      }
      fold.fold(
        Reading(time: time, received: time, state: state), of: 0, into: &timelines[0],
        changes: &changes.timelineChanges)
    }
    for seconds in late {
      changes.timelineChanges.lateRecords.append(LateRecord(equipment: 0, at: morning + .seconds(seconds)))
    }
    let senders = [Sender(key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01")]
    changes.newSenders = senders[...]
    changes.changedEquipment = [0]
    try store.update(ViewUpdate(changes: changes, senders: senders, timelines: timelines, cursor: 0))
    return fixture
  }

  private func evidence(_ fixture: StoreFixture, at seconds: Int64) throws -> EquipmentEvidence? {
    let instant = morning + .seconds(seconds)
    return try ViewsReader(fixture.directory).evidence(asOf: instant, period: morning..<instant + .days(1))
      .equipment.first
  }

  @Test("What was known at an instant is found again later, from live and closed stretches") func asOf()
    throws
  {
    let fixture = try store([(0, .running), (60, .running), (120, .idle), (5000, .fault)])
    #expect(try evidence(fixture, at: -1)?.readings == nil)
    #expect(try evidence(fixture, at: 0)?.readings == .init(last: morning, state: .running))
    #expect(
      try evidence(fixture, at: 30)?.readings
        == .init(last: morning + .seconds(30), isExact: false, state: .running))
    #expect(try evidence(fixture, at: 119)?.readings == .init(last: morning + .seconds(60), state: .running))
    #expect(try evidence(fixture, at: 4999)?.readings == .init(last: morning + .seconds(120), state: .idle))
    #expect(try evidence(fixture, at: 9000)?.readings == .init(last: morning + .seconds(5000), state: .fault))
  }

  @Test("An offline cuts from its instant on, a later online opens a session") func sessions() throws {
    let fixture = try store(
      [(0, .running), (400, .running)], presence: [(100, .online), (200, .offline), (300, .online)])
    #expect(try evidence(fixture, at: 150)?.sessionOpen == true)
    #expect(try evidence(fixture, at: 199)?.readings?.cut == nil)
    #expect(try evidence(fixture, at: 200)?.readings?.cut == morning + .seconds(200))
    #expect(try evidence(fixture, at: 250)?.sessionOpen == false)
    #expect(try evidence(fixture, at: 250)?.lastOnline == morning + .seconds(100))
    #expect(try evidence(fixture, at: 350)?.sessionOpen == true)
  }

  @Test("A timeline read back is the one written") func liveRow() throws {
    let fixture = try store([(0, .running), (86_400, .idle)], presence: [(10, .online), (20, .offline)])
    let again = try fixture.store().claim()
    #expect(again.senders == [Sender(key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01")])
    let timeline = again.timelines[0]
    #expect(timeline.newest == morning + .seconds(86_400))
    #expect(timeline.state == .idle)
    #expect(timeline.lastOffline == morning + .seconds(20))
    #expect(timeline.cut == .distantFuture)
    #expect(timeline.totals.readings == 1)
    #expect(timeline.day.description == "2026-11-23")
  }

  @Test("A late record marks its own day; what it changes later is marked when that day is repaired")
  func repairDays() throws {
    let fixture = try store([(0, .running), (3 * 86_400, .running)], late: [86_400, 86_401, 60])
    let marked = try DatabaseQueue(path: fixture.directory.views).read {
      try Int32.fetchAll($0, sql: "SELECT day FROM repair ORDER BY day")
    }
    #expect(marked.map { CalendarDay(number: $0).description } == ["2026-11-22", "2026-11-23"])
    let reader = try ViewsReader(fixture.directory)
    #expect(try reader.evidence(asOf: morning, period: morning..<morning).repairsPending == 2)
  }

  @Test("Views of an earlier layout are not read, and are built anew by the next claim") func earlier() throws
  {
    let fixture = try store([(0, .running)])
    try DatabaseQueue(path: fixture.directory.views).write { database in
      try database.execute(
        sql: """
          DELETE FROM grdb_migrations WHERE identifier NOT IN ('1 views', '2 views by day');
          DROP TABLE interval; CREATE TABLE interval (equipment INTEGER, start INTEGER)
          """)
    }
    let refusal = #expect(throws: StoreError.self) { try ViewsReader(fixture.directory) }
    #expect(refusal?.description.contains("made by an earlier Millwright") == true)
    let state = try fixture.store().claim()
    #expect(state.senders.isEmpty)
    #expect(state.cursor == 0)
    _ = try ViewsReader(fixture.directory)
  }
}
