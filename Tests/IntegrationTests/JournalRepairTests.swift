import Foundation
import Journal
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

/// `millwright journal repair` on a store whose clock once said 2099.
@Suite("Repair of the journal by command") struct JournalRepairTests {
  private let desk: RegisterDesk
  private let directory: StoreDirectory
  /// The day before yesterday, on which the store was used.
  private let day: CalendarDay

  init() throws {
    desk = try RegisterDesk()
    directory = StoreDirectory(desk.folder.file("store"))
    day = StoredDays.calendar.day(at: Timestamp(milliseconds: now())) - 2
    let morning = StoredDays.calendar.start(of: day) + .hours(8)
    let far = try #require(Timestamp("2099-01-01T08:00:00+08:00"))
    let store = SQLiteShardStore(
      directory: directory, calendar: StoredDays.calendar, horizonMinimum: .minutes(15))
    store.keepsDaysWhenIdle = false
    defer { store.release() }
    _ = try store.claim()
    var builder = try BlockBuilder()
    for number in 1...7 as ClosedRange<Int64> {
      // Blocks 4 and 5 come while the clock is wrong; the far day's file takes all that follow.
      let received = ((4...5).contains(number) ? far : morning) + .seconds(number)
      var (topic, payload) = ("t", "p\(number)")
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          builder.append(
            .message, flags: [], received: received, factory: 0, topic: UnsafeRawBufferPointer(topic),
            payload: UnsafeRawBufferPointer(payload))
        }
      }
      _ = try store.append(&builder, factoryID: { _ in "F001" })
    }
  }

  private var files: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: directory.journal)
        .filter { $0.hasSuffix(".sqlite") }.sorted()
    }
  }

  private var head: String {
    get throws {
      let verified = try desk.output("journal", "verify")
      return String(try #require(verified.firstMatch(of: #/head +([0-9a-f]{64})/#)?.output.1))
    }
  }

  @Test("It files the far day's blocks under their days and says so, once", arguments: ["en", "zh"])
  func repaired(language: String) throws {
    #expect(try files == ["\(day).sqlite", "2099-01-01.sqlite"])
    let before = try head
    #expect(
      try desk.output("journal", "repair", "--lang", language)
        == (language == "zh"
          ? "已将 2099-01-01 的 4 个日志块归入 \(day)，哈希链不变。\n"
          : "2099-01-01: 4 blocks are now filed under \(day); the chain is unchanged.\n"))
    #expect(try files == ["\(day).sqlite"])
    #expect(try head == before)
    #expect(try StoreReading(directory, calendar: StoredDays.calendar).payloads() == (1...7).map { "p\($0)" })
    #expect(
      try desk.output("journal", "repair", "--lang", language)
        == (language == "zh"
          ? "没有超前 48 小时以上的日志日，无需修复。\n"
          : "No day of the journal is more than 48 hours ahead of the clock.\n"))
    #expect(try head == before)
  }

  @Test("It waits for the collector to stop, and needs a store") func refused() throws {
    let collector = SQLiteShardStore(
      directory: directory, calendar: StoredDays.calendar, horizonMinimum: .minutes(15))
    _ = try collector.claim()
    let held = try desk.millwright("journal", "repair")
    #expect(held.status == 75 && held.output == "", "\(held.errors)")
    #expect(held.errors.contains("(process \(getpid()))"), "\(held.errors)")
    collector.release()
    #expect(try files == ["\(day).sqlite", "2099-01-01.sqlite"])
    let absent = try desk.millwright("journal", "repair", "--store", desk.folder.file("nothing"))
    #expect(absent.status == 66)
    #expect(absent.errors == "\(desk.folder.file("nothing")): no store here, or not yours to read\n")
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("nothing")))
  }
}
