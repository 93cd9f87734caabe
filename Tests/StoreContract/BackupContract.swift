import Foundation
import Register
import Storage
import Synchronization
import Telemetry
import Testing
import TestSupport

@Suite("Contract: backup") struct BackupContract {
  private static let day: Int64 = 86_400

  /// The window with a number: its block is the number + 3, after the sources and the connection.
  private static func window(_ number: Int64) -> [Sent] {
    [
      .status("E\(number % 5)", number * 60, number % 3 == 0 ? "idle" : "running"),
      .status("E1", number * 60 + 1, factory: "F002", extra: ",\"good\":\(number)"),
    ]
  }

  @Test("A copy opens, verifies, and has the original's journal, roots and figures", arguments: StoreKind.all)
  func same(kind: StoreKind) throws {
    let settings = JournalSettings(compactAfterDays: 0, pause: .zero)
    let fixture = try ContractFixture(kind, journal: settings)
    for number in 0..<40 as Range<Int64> { try fixture.commit(Self.window(number)) }
    try fixture.commit([.status("E1", Self.day)])
    try fixture.commit([.status("E1", Self.day * 2)])
    try fixture.keepDays(at: Self.day * 2 + 1)
    let writer = try fixture.store.registerWriter()
    _ = try writer.importSnapshot(
      RegisterRows(factories: [RegisteredFactory(id: "F001")], equipment: []), effectiveOn: firstDay,
      importedAt: morning,
      equipmentFile: RegisterFile(name: "e.csv", bytes: []), factoriesFile: nil)
    let expected = try fixture.listing(days: 3)
    let folder = try TemporaryDirectory("backup")
    let report = try fixture.store.backup(to: folder.path + "/copy")
    #expect(report.block == 46)
    #expect(report.messages == 82)
    #expect(report.closedDays == 2)
    #expect(report.register == 1)
    #expect(report.bytes > 10_000)
    let copy = kind.open(folder.path + "/copy")
    #expect(try copy.closedDays() == fixture.store.closedDays())
    #expect(try copy.registerReader().version() == 1)
    #expect(try ContractFixture.listing(of: copy, days: 3) == expected)
    // It is a store like any other: it goes on where the original was.
    let views = try copy.shard(.embedded, ContractFixture.options(settings))
    let shard = try ContractFixture.shard(views, copy)
    try shard.repairAll()
    try shard.finish()
    #expect(try ContractFixture.listing(of: copy, days: 3) == expected)
    views.release()
    let second = storeError { _ = try fixture.store.backup(to: folder.path + "/copy") }
    #expect(second?.kind == .refused)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["copy"])
  }

  @Test("A copy made while windows are committed is the store at one moment", arguments: StoreKind.all)
  func beside(kind: StoreKind) throws {
    let fixture = try ContractFixture(kind)
    for number in 0..<20 as Range<Int64> { try fixture.commit(Self.window(number)) }
    try fixture.shard.finish()
    let goesOn = Mutex(true)
    let failed = Mutex<String?>(nil)
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let writer = fixture
    Thread.detachNewThread {
      do {
        var number: Int64 = 20
        while goesOn.withLock({ $0 }), number < 900 {
          try writer.commit(Self.window(number))
          if number % 3 == 0 { try writer.shard.finish() }
          number += 1
        }
      } catch { failed.withLock { $0 = "\(error)" } }
      done.signal()
    }
    let folder = try TemporaryDirectory("backup")
    let report = try fixture.store.backup(to: folder.path + "/copy")
    goesOn.withLock { $0 = false }
    done.wait()
    #expect(failed.withLock { $0 } == nil)
    #expect(report.block >= 22)
    // The same windows, committed one after another.
    let witness = try ContractFixture(kind)
    for number in 0..<(report.block - 2) { try witness.commit(Self.window(number)) }
    let copy = kind.open(folder.path + "/copy")
    let views = try copy.shard(.embedded, ContractFixture.options())
    let shard = try ContractFixture.shard(views, copy)
    try shard.finish()
    #expect(try ContractFixture.listing(of: copy) == witness.listing())
    views.release()
  }

  @Test("A store that is not there, or damaged, is not copied", arguments: StoreKind.all)
  func refused(kind: StoreKind) throws {
    let folder = try TemporaryDirectory("backup")
    let unused = try kind.make()
    #expect(storeError { _ = try unused.store.backup(to: folder.path + "/a") }?.kind == .missing)
    let fixture = try ContractFixture(kind)
    for number in 0..<200 as Range<Int64> { try fixture.commit(Self.window(number)) }
    try fixture.shard.finish()
    fixture.views.release()
    try fixture.made.damage(.journal)
    #expect(storeError { _ = try fixture.store.backup(to: folder.path + "/b") }?.kind == .corrupt)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
