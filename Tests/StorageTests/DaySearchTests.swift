import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// How blocks are found among the files of many days.
@Suite("Days that hold a block") struct DaySearchTests {
  /// A store with a block `p1`, `p2` … of each of the days that are so many after the first.
  private func store(_ days: [Int]) throws -> StoreFixture {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for (index, day) in days.enumerated() {
      try StoreFixture.append(
        [("t", "p\(index + 1)")], at: morning + .days(Int64(day)), to: store, &builder)
    }
    store.release()
    return fixture
  }

  private func path(_ fixture: StoreFixture, _ day: Int) -> String {
    "\(fixture.directory.journal)/\(shanghai.day(at: morning) + day).sqlite"
  }

  private func payloads(
    _ reader: JournalReader, after number: Int64, through last: Int64 = .max
  ) throws -> [String] {
    var found: [String] = []
    try reader.forEachRecord(ofFactories: nil, after: number, through: last) { record, block in
      found.append("\(block) \(String(decoding: record.payload, as: UTF8.self))")
      return true
    }
    return found
  }

  private func expected(_ blocks: ClosedRange<Int>) -> [String] { blocks.map { "\($0) p\($0)" } }

  @Test("Every block is found between days without a file, and files that a crash left without a block")
  func gaps() throws {
    let fixture = try store([0, 1, 1, 4, 5, 6, 6, 6, 9])
    // A file without a byte, files without the block that the day follows, and days that began and have no block.
    for day in [2, 12] { try Data().write(to: URL(fileURLWithPath: path(fixture, day))) }
    for (day, opening) in [(3, nil), (7, 8), (8, nil), (10, 9), (11, nil)] as [(Int, Int64?)] {
      try FileManager.default.copyItem(atPath: path(fixture, 0), toPath: path(fixture, day))
      try DatabaseQueue(path: path(fixture, day)).write { database in
        try database.execute(sql: "DELETE FROM block")
        try database.execute(
          sql: opening == nil ? "DELETE FROM opening" : "UPDATE opening SET number = \(opening ?? 0)")
      }
    }
    let reader = JournalReader(fixture.directory)
    #expect(try reader.head() == 9)
    for number in 1...9 as ClosedRange<Int64> {
      #expect(try reader.block(number)?.number == number)
      #expect(try reader.head(at: number)?.lastReceived == reader.block(number)?.lastReceived)
      for last in number...9 {
        let wanted = Int(number)...Int(last)
        #expect(try payloads(reader, after: number - 1, through: last) == expected(wanted))
        var blocks: [Int64] = []
        try reader.forEachBlock(after: number - 1, through: last) { blocks.append($0.number) }
        #expect(blocks == Array(number...last))
      }
    }
    #expect(try reader.block(0) == nil)
    #expect(try reader.block(10) == nil)
    #expect(try reader.head(at: 10) == nil)
    #expect(try payloads(reader, after: 9) == [])
    #expect(try (1...9).map { try reader.block(before: 9, holding: $0) } == Array((0...8).reversed()))
  }

  @Test("For an old block few of the later days are opened, and for a new one none of the earlier")
  func opened() throws {
    let fixture = try store(Array(0..<40))
    /// The days without whose files something cannot be read.
    func needed(_ read: (JournalReader) throws -> Void) throws -> [Int] {
      try read(JournalReader(fixture.directory))
      return try (0..<40).filter { day in
        let file = URL(fileURLWithPath: path(fixture, day))
        let bytes = try Data(contentsOf: file)
        try Data(repeating: 0x78, count: bytes.count).write(to: file)
        let error = storeError { try read(JournalReader(fixture.directory)) }
        try bytes.write(to: file)
        return error != nil
      }
    }
    let search = [0, 1, 2, 4, 8, 24, 32, 36, 38, 39]
    #expect(try needed { _ = try $0.block(1) } == search)
    #expect(try needed { _ = try $0.head(at: 1) } == search)
    #expect(try needed { try $0.forEachBlock(after: 0, through: 4) { _ in } } == (search + [3]).sorted())
    #expect(try needed { _ = try payloads($0, after: 0, through: 4) } == (search + [3]).sorted())
    #expect(try needed { _ = try $0.block(40) } == [39])
    #expect(try needed { _ = try $0.head(at: 39) } == [38, 39])
    #expect(try needed { _ = try $0.head() } == [39])
    #expect(try needed { _ = try $0.block(before: 40, holding: 3) } == [37, 38, 39])
  }

  @Test("A reader that is used again reads the files that are there then") func again() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    for number in 1...40 {
      let at = morning + .days(Int64(number - 1))
      try StoreFixture.append([("t", "p\(number)")], at: at, to: store, &builder)
    }
    let reader = JournalReader(fixture.directory)
    #expect(try payloads(reader, after: 0) == expected(1...40))
    #expect(try payloads(reader, after: 20) == expected(21...40))
    // Blocks that were added since, to the newest day and to one after it.
    for (number, day) in [(41, 39), (42, 40)] as [(Int, Int64)] {
      try StoreFixture.append([("t", "p\(number)")], at: morning + .days(day), to: store, &builder)
    }
    #expect(try payloads(reader, after: 38) == expected(39...42))
    #expect(try reader.outline(reaching: 0).days.map(\.firstBlock) == Array(1...40) + [42])
    store.release()
    // Days that were dropped since.
    #expect(try payloads(reader, after: 0, through: 3) == expected(1...3))
    for ending in ["", "-wal", "-shm"] { unlink(path(fixture, 0) + ending) }
    #expect(try payloads(reader, after: 0, through: 3) == expected(2...3))
    #expect(try reader.block(1) == nil)
    // Another file in the place of a day's.
    let other = fixture.folder.path + "/other.sqlite"
    try Data(repeating: 0x78, count: 8192).write(to: URL(fileURLWithPath: other))
    #expect(rename(other, path(fixture, 2)) == 0)
    #expect(storeError { _ = try payloads(reader, after: 0, through: 3) }?.kind == .corrupt)
  }

  @Test("Days that are dropped while a block of a later one is looked for do not hide it") func dropped()
    throws
  {
    let fixture = try store(Array(0..<12))
    // Listed, and not there any more when they are opened.
    for day in 0..<7 {
      for ending in ["", "-wal", "-shm"] { unlink(path(fixture, day) + ending) }
      try FileManager.default.createSymbolicLink(
        atPath: path(fixture, day), withDestinationPath: fixture.folder.path + "/dropped")
    }
    let reader = JournalReader(fixture.directory)
    for number in 8...12 as ClosedRange<Int64> {
      #expect(try reader.block(number)?.number == number)
      #expect(try payloads(reader, after: number - 1) == expected(Int(number)...12))
    }
    #expect(storeError { _ = try reader.block(3) }?.kind == .missing)
    // Afterwards the journal begins later.
    for day in 0..<7 { unlink(path(fixture, day)) }
    #expect(try reader.block(3) == nil)
    #expect(try payloads(reader, after: 0) == expected(8...12))
  }

  @Test("Blocks that a crash left in two files are read once") func twice() throws {
    let fixture = try StoreFixture()
    let store = fixture.store()
    _ = try store.claim()
    var builder = try BlockBuilder()
    let far = Timestamp("2099-01-01T08:00:00+08:00") ?? .distantPast
    for (index, at) in [morning, far, far, morning + .days(1)].enumerated() {
      try StoreFixture.append([("t", "p\(index + 1)")], at: at, to: store, &builder)
    }
    store.release()
    // The far day's file as a crash before its removal would leave it.
    let file = fixture.directory.journal + "/2099-01-01.sqlite"
    let kept = fixture.folder.path + "/kept.sqlite"
    try FileManager.default.copyItem(atPath: file, toPath: kept)
    let done = try JournalRepair.refile(fixture.directory, calendar: shanghai, now: morning + .days(1))
    #expect(done?.into.map(\.description) == ["2026-11-22", "2026-11-23"])
    try FileManager.default.copyItem(atPath: kept, toPath: file)
    let reader = JournalReader(fixture.directory)
    for number in 0...4 as ClosedRange<Int64> {
      #expect(try payloads(reader, after: number) == (number < 4 ? expected(Int(number + 1)...4) : []))
    }
  }

  @Test("A day that an earlier version wrote is read, though it lacks tables") func earlier() throws {
    let fixture = try store([0, 0, 1, 1])
    try DatabaseQueue(path: path(fixture, 0)).write { database in
      for table in ["part", "span", "closed", "sources"] { try database.execute(sql: "DROP TABLE \(table)") }
      try database.execute(
        sql: "DELETE FROM grdb_migrations WHERE identifier NOT IN ('1 blocks', '3 packet ids')")
    }
    let reader = JournalReader(fixture.directory)
    #expect(try payloads(reader, after: 0) == expected(1...4))
    #expect(try (1...4).map { try reader.block($0)?.number } == [1, 2, 3, 4])
    #expect(try reader.head(at: 2)?.hash != nil)
    #expect(try reader.outline(reaching: 0).days.map(\.firstBlock) == [1, 3])
    var verified: [Int64] = []
    try reader.forEachVerifiedBlock { verified.append($0.number) }
    #expect(verified == [1, 2, 3, 4])
    try DayRootStore.requireRoots(of: fixture.directory, all: true)
  }
}
