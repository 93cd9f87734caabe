import Storage
import Foundation
import GRDB
import Ingestion
import Journal
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Stores of earlier versions") struct EarlierLayoutTests {
  /// Turns a file into one without the newest layout, by SQL: nothing else makes tables of an earlier version.
  private func turnBack(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          DROP TABLE meter_reset;
          CREATE TABLE meter_reset (
            equipment INTEGER NOT NULL, at INTEGER NOT NULL, meter INTEGER NOT NULL, last INTEGER NOT NULL,
            value INTEGER NOT NULL, rebooted INTEGER NOT NULL,
            PRIMARY KEY (equipment, at, meter, value)) WITHOUT ROWID;
          DELETE FROM grdb_migrations WHERE identifier = '8 how readings arrive';
          """)
    }
    try queue.close()
  }

  @Test("Views are made anew from the journal by the next start") func views() throws {
    let fixture = try ShardFixture()
    for sender in 0..<30 as Range<Int64> {
      try fixture.commit([
        .status(
          "E\(sender)", sender, sender % 2 == 0 ? "running" : "fault", extra: #","energy_kwh":\#(sender)"#),
        .connection("E\(sender)", "offline", at: sender + 100),
      ])
    }
    let before = try fixture.claimed().timelines
    #expect(before.count == 30)
    try turnBack(fixture.directory.views)
    let refusal = #expect(throws: StoreError.self) { try ViewsReader(fixture.directory) }
    #expect(refusal?.description.contains("made by an earlier Millwright") == true)
    try fixture.restart()
    #expect(try fixture.claimed().timelines == before)
    try fixture.restart()
    try fixture.commit([.status("E29", 5000, "idle")])
    let last = try fixture.claimed().timelines.suffix(2)
    #expect(last.map(\.state) == [.running, .idle])
    #expect(last.map(\.meters.energy) == [28_000, 29_000])
  }

  @Test("What is kept aside of dropped days cannot be made anew, and is refused by name") func base() throws {
    let fixture = try ShardFixture(journal: JournalSettings(keptDays: 3, compactAfterDays: 0, pause: .zero))
    for day in 0..<8 as Range<Int64> {
      for sender in 0..<10 { try fixture.commit([.status("E\(sender)", day * 86_400)]) }
      try fixture.shard.finish()
      try fixture.keepDays(at: day * 86_400 + 1)
    }
    fixture.store.release()
    #expect(try fixture.directory.openingState(of: "F001")?.senders.compactMap(\.timeline).count == 10)
    try turnBack(fixture.directory.base)
    let refusal = #expect(throws: StoreError.self) { try fixture.restart() }
    #expect(refusal?.kind == .refused)
    #expect(refusal?.description.contains("base.sqlite: made by an earlier Millwright") == true)
  }
}
