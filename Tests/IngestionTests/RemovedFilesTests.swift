import Foundation
import Ingestion
import Journal
import SQLiteStore
import Storage
import Telemetry
import TestSupport
import Testing

/// Files of a store that are taken away under a shard. A session ticks each second, so that what the next tick notices
/// is noticed within one.
@Suite("Files taken away under a shard") struct RemovedFilesTests {
  private static let day: Int64 = 86_400

  enum Mishap: CaseIterable { case deleted, renamed, replaced }

  @Test(
    "The next tick notices it, and nothing is acknowledged from then on",
    arguments: [
      "lock", "id", "views.sqlite", "views.sqlite-wal", "views.sqlite-shm", "register.sqlite", "roots.sqlite",
      "journal", "journal/2026-11-22.sqlite", "journal/2026-11-23.sqlite", "",
    ], Mishap.allCases)
  func noticed(file: String, mishap: Mishap) throws {
    // An earlier day that is replaced is noticed by the chain instead, whenever it is read.
    if file == "journal/2026-11-22.sqlite", mishap == .replaced { return }
    let fixture = try ShardFixture(journal: JournalSettings(compactAfterDays: 30, pause: .zero))
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([.status("E1", 0)])
    try fixture.commit([.status("E1", Self.day)])
    try fixture.keepDays(at: Self.day + 10)
    _ = try RegisterStore.open(directory: fixture.directory.path, readOnly: false)
    // What was made meanwhile is known after a tick, and a change of the journal's folder after two.
    for second in 11...13 as ClosedRange<Int64> { try tick(fixture, Self.day + second) }
    try fixture.commit([.status("E1", Self.day + 13)])
    #expect(waitUntil(600) { !fixture.store.isTidying })
    let path = file.isEmpty ? fixture.directory.path : "\(fixture.directory.path)/\(file)"
    #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    try befall(path, mishap, aside: fixture.folder.path + "/aside")
    let error = #expect(throws: StoreError.self) { try tick(fixture, Self.day + 14) }
    #expect(error?.kind == .removed)
    // Of a folder, the file in it that is written to is named first.
    let first = ["", "journal"].contains(file) ? "\(fixture.directory.journal)/2026-11-23.sqlite" : path
    let said = error?.description ?? ""
    #expect(said.hasPrefix("\(first) "), "\(said)")
    for second in 15...16 as ClosedRange<Int64> {
      let refused = #expect(throws: StoreError.self) {
        try fixture.commit([.status("E1", Self.day + second)])
      }
      #expect(refused?.kind == .removed)
    }
  }

  private func tick(_ fixture: ShardFixture, _ second: Int64) throws {
    try fixture.shard.tick(now: (morning + .seconds(second)).milliseconds)
  }

  private func befall(_ path: String, _ mishap: Mishap, aside: String) throws {
    let files = FileManager.default
    switch mishap {
    case .deleted: try files.removeItem(atPath: path)
    case .renamed: try files.moveItem(atPath: path, toPath: aside)
    case .replaced:
      try files.copyItem(atPath: path, toPath: aside)
      try files.removeItem(atPath: path)
      try files.moveItem(atPath: aside, toPath: path)
    }
  }
}
