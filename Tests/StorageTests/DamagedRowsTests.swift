import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Damaged rows, and files read by others") struct DamagedRowsTests {
  /// A store with one message in its journal and its sender in the views; nobody has claimed it.
  private func filled() throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    let block = try StoreFixture.append(
      [("factory/F001/W01/E1/status", "payload")], at: morning, to: store, &builder)
    var fold = TimelineFold(horizonMinimum: .minutes(15), calendar: shanghai)
    var timelines: ContiguousArray = [Timeline()]
    var changes = ViewChanges()
    fold.fold(
      Reading(time: morning, received: morning, state: .running), of: 0, into: &timelines[0],
      changes: &changes.timelineChanges)
    let senders = [Sender(key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01")]
    changes.newSenders = senders[...]
    changes.changedEquipment = [0]
    try store.update(ViewUpdate(changes: changes, senders: senders, timelines: timelines, cursor: block))
    store.release()
    return fixture
  }

  @Test(
    "A damaged row is refused as such, naming the file",
    arguments: [
      "UPDATE live_page SET timelines = x'00'", "UPDATE live_page SET timelines = x'01000000ff'",
      "UPDATE live_page SET timelines = substr(timelines, 1, 20)", "UPDATE live_page SET timelines = 'x'",
      "UPDATE equipment SET number = 7",
    ])
  func views(statement: String) throws {
    let fixture = try filled()
    let intact = fixture.store()
    _ = try intact.claim()
    intact.release()
    try DatabaseQueue(path: fixture.directory.views).write { try $0.execute(sql: statement) }
    let refusal = storeError { _ = try fixture.store().claim() }
    #expect(refusal?.kind == .corrupt)
    #expect(refusal?.description.contains("views.sqlite") == true)
  }

  @Test(
    "Equipment of a number that there cannot be is refused as damaged, by readers too",
    arguments: [-7, 1 << 40])
  func number(number: Int) throws {
    let fixture = try filled()
    try DatabaseQueue(path: fixture.directory.views).write {
      try $0.execute(sql: "UPDATE equipment SET number = ?", arguments: [number])
    }
    for read in [
      { _ = try ViewsReader(fixture.directory).evidence(asOf: morning, period: morning..<morning) },
      { try LiveRows.export(fixture.directory.views, to: fixture.folder.path + "/live.sqlite") },
    ] {
      let refusal = #expect(throws: StoreError.self) { try read() }
      #expect(refusal?.kind == .corrupt)
    }
  }

  @Test(
    "A damaged block is refused as such",
    arguments: [
      "UPDATE block SET records = -1", "UPDATE block SET records = 1000000000", "UPDATE block SET hash = 5",
      "UPDATE block SET content_bytes = -5", "UPDATE block SET content = NULL",
    ])
  func block(statement: String) throws {
    let fixture = try filled()
    let path = fixture.directory.journal + "/2026-11-22.sqlite"
    do {
      try DatabaseQueue(path: path).write { try $0.execute(sql: statement) }
    } catch {
      return  // The table itself does not take it.
    }
    #expect(throws: StoreError.self) { try JournalReader(fixture.directory).forEachVerifiedBlock { _ in } }
  }

  @Test("Someone who reads yesterday's file does not hold up today's") func readerOfClosedDay() throws {
    let fixture = try filled()
    let store = fixture.store()
    _ = try store.claim()
    var configuration = Configuration()
    configuration.readonly = true
    let reader = try DatabaseQueue(
      path: fixture.directory.journal + "/2026-11-22.sqlite", configuration: configuration)
    var builder = try BlockBuilder()
    try reader.read { database in
      _ = try Row.fetchCursor(database, sql: "SELECT * FROM block").next()
      try StoreFixture.append([("t", "p")], at: morning + .days(1), to: store, &builder)
    }
    var blocks = 0
    try JournalReader(fixture.directory).forEachVerifiedBlock { _ in blocks += 1 }
    #expect(blocks == 2)
  }
}
