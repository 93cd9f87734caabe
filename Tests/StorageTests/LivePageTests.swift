import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Live pages") struct LivePageTests {
  private func bytes(_ timelines: [Timeline]) -> [UInt8] {
    LivePage.withEncoded(ContiguousArray(timelines)[...]) { Array($0) }
  }

  private func timeline(_ sender: EquipmentNumber, in page: [UInt8]) throws -> Timeline? {
    var padded = page
    padded.appendPadding()
    return try padded.withUnsafeBytes { try LivePage.timeline(of: sender, in: $0, count: page.count) }
  }

  @Test("A page is these bytes, so that stores stay readable") func format() throws {
    var timeline = Timeline()
    timeline.newest = Timestamp(milliseconds: 64)
    timeline.stretchStart = Timestamp(milliseconds: 62)
    timeline.state = .idle
    timeline.mode = .manual
    timeline.boot = 0x0102_0304_0506_0708
    timeline.firstHeard = Timestamp(milliseconds: 65)
    timeline.meters.energy = -1
    timeline.day = CalendarDay(number: 3)
    timeline.totals.states[.fault] = 200
    timeline.totals.skew = 0
    timeline.totals.minutes.insert(100)
    var early = Timeline()
    early.day = CalendarDay(number: 0)
    early.totals.minutes.insert(5)
    let page = bytes([Timeline(), timeline, early])
    #expect(
      page == [
        0, 0, 0, 0,  // Nothing was heard of the first.
        27, 0, 0, 0,
        // newest, stretch start, boot, first heard, energy meter; fault, skew, minutes.
        19, 8, 2, 8, 0, 0b0010_0001,
        0x80, 0x01, 3, 0x22, 8, 7, 6, 5, 4, 3, 2, 1, 2, 1, 6, 0x90, 0x03, 0, 4, 100, 0,
        // A state, a day and minutes as bits.
        10, 0, 0, 0, 0, 0, 0, 0, 0, 0b0010_0000, 7, 0, 3, 0b0010_0000,
      ])
    #expect(try self.timeline(0, in: page) == nil)
    #expect(try self.timeline(1, in: page) == timeline)
    #expect(try self.timeline(2, in: page) == early)
    #expect(try self.timeline(3, in: page) == nil)
  }

  @Test("Whatever timelines hold comes back", arguments: 0..<200 as Range<UInt64>) func roundTrip(
    seed: UInt64
  )
    throws
  {
    var random = SeededGenerator(seed: seed)
    let timelines = (0..<LivePage.senders).map { _ in Self.timeline(&random) }
    let page = bytes(timelines)
    for (sender, expected) in zip(EquipmentNumber(8)..., timelines) {
      #expect(try timeline(sender, in: page) == (expected.day.number == .min ? nil : expected))
    }
  }

  @Test("Eight that send every few minutes fit a page of SQLite's") func size() {
    var timeline = Timeline()
    timeline.newest = Timestamp(milliseconds: 1_796_000_000_000)
    timeline.day = CalendarDay(number: 20_780)
    timeline.boot = .max
    timeline.meters = Meters(energy: 1 << 40, good: 1 << 40, total: 1 << 40)
    for minute in stride(from: 0, to: 1440, by: 2) { timeline.totals.minutes.insert(minute) }
    #expect(timeline.totals.minutes.encoded.count == 1440)
    #expect(bytes(Array(repeating: timeline, count: LivePage.senders)).count == 1824)
  }

  @Test("Damaged bytes are refused or read as something else, and nothing is read beyond them")
  func damage() throws {
    var random = SeededGenerator(seed: 7)
    var refused = 0
    let lastReadable = LastReadable()
    for _ in 0..<20_000 {
      var page = bytes((0..<LivePage.senders).map { _ in Self.timeline(&random) })
      switch random.next(3) {
      case 0: page.removeLast(min(page.count, 1 + Int(random.next(40))))
      case 1: page[Int(random.next(UInt64(page.count)))] ^= 1 << UInt8(random.next(8))
      default: for index in page.indices { page[index] = UInt8(random.next(256)) }
      }
      do {
        try lastReadable.hold(page) { padded in
          for sender in 0..<EquipmentNumber(LivePage.senders) {
            _ = try LivePage.timeline(of: sender, in: padded, count: page.count)
          }
        }
      } catch {
        refused += 1
        #expect((error as? StoreError)?.kind == .corrupt)
      }
    }
    #expect(refused > 10_000)
  }

  /// A timeline of any values, many of them not there, some of them the least or greatest.
  private static func timeline(_ random: inout SeededGenerator) -> Timeline {
    func number(_ random: inout SeededGenerator) -> Int64 {
      switch random.next(5) {
      case 0: 0
      case 1: Int64(random.next(200)) - 100
      case 2: Int64(bitPattern: random.next(.max))
      case 3: .max
      default: .min
      }
    }
    func short(_ random: inout SeededGenerator) -> Int32 { Int32(truncatingIfNeeded: number(&random)) }
    func some<Value>(_ value: Value, _ random: inout SeededGenerator) -> Value? {
      random.next(2) == 0 ? nil : value
    }
    func instant(_ random: inout SeededGenerator) -> Timestamp { Timestamp(milliseconds: number(&random)) }
    var timeline = Timeline()
    guard random.next(4) != 0 else { return timeline }
    timeline.newest = instant(&random)
    timeline.stretchStart = instant(&random)
    timeline.cut = instant(&random)
    timeline.state = EquipmentState.allCases[Int(random.next(7))]
    timeline.mode = OperatingMode.allCases[Int(random.next(3))]
    timeline.sequence = some(UInt64(bitPattern: number(&random)), &random)
    timeline.boot = some(random.next(.max), &random)
    timeline.previousBoot = some(0, &random)
    timeline.alarms = UInt64(bitPattern: number(&random))
    timeline.lastOffline = instant(&random)
    timeline.lastOfflineReceived = instant(&random)
    timeline.offlinesSinceNewest = UInt8(random.next(256))
    timeline.lastOnline = instant(&random)
    timeline.firstHeard = instant(&random)
    timeline.firstReading = instant(&random)
    timeline.meters = Meters(
      energy: some(number(&random), &random), good: some(number(&random), &random),
      total: some(number(&random), &random))
    timeline.energyAt = instant(&random)
    timeline.meterMarks = MeterMarks(rawValue: UInt8(random.next(16)))
    func fall(_ random: inout SeededGenerator) -> MeterFall? {
      func point(_ random: inout SeededGenerator) -> MeterFall.Point {
        .init(value: number(&random), at: instant(&random), isFirstOfBoot: random.next(2) == 0)
      }
      let fall = MeterFall(
        first: point(&random), second: some(point(&random), &random), lastAt: some(instant(&random), &random))
      return some(fall, &random)
    }
    if random.next(2) == 0 {
      timeline.doubts.energy = fall(&random)
      timeline.doubts.good = fall(&random)
      timeline.doubts.total = fall(&random)
      timeline.doubts.restGood = number(&random)
      timeline.doubts.restTotal = number(&random)
      timeline.doubts.energyFirstAt = some(instant(&random), &random)
    }
    if random.next(2) == 0 {
      timeline.totals.odd.glitches = short(&random)
      timeline.totals.odd.goodAboveTotal = short(&random)
      timeline.totals.odd.openFalls = short(&random)
      timeline.totals.odd.unpairedGood = number(&random)
      timeline.totals.odd.unpairedTotal = number(&random)
    }
    timeline.day = CalendarDay(number: max(short(&random), .min + 1))
    for state in EquipmentState.allCases { timeline.totals.states[state] = short(&random) }
    timeline.totals.automaticRunning = short(&random)
    timeline.totals.manualRunning = short(&random)
    timeline.totals.readings = short(&random)
    timeline.totals.missing = short(&random)
    timeline.totals.meterResets = short(&random)
    timeline.totals.ties = short(&random)
    timeline.totals.bootReturns = short(&random)
    timeline.totals.energy = number(&random)
    timeline.totals.good = number(&random)
    timeline.totals.total = number(&random)
    timeline.totals.skew = some(max(number(&random), .min + 1), &random)
    var minute = 0
    for _ in 0..<random.next(4) * 200 {
      minute += 1 + Int(random.next(3))
      timeline.totals.minutes.insert(minute)
    }
    return timeline
  }
}

/// Bytes before memory that cannot be read: reading on ends the test.
private final class LastReadable {
  private static let size = 1 << 16
  private let start: UnsafeMutableRawPointer

  init() {
    start = mmap(nil, Self.size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mprotect(start + Self.size, Self.size, PROT_NONE)
  }

  deinit { munmap(start, Self.size * 2) }

  /// Lends `bytes` with their padding, of ones: no integer ends in it.
  func hold(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    let count = bytes.count + VarintCursor.padding
    let begin = start + (Self.size - count)
    begin.copyMemory(from: bytes, byteCount: bytes.count)
    memset(begin + bytes.count, 0xFF, VarintCursor.padding)
    try body(UnsafeRawBufferPointer(start: begin, count: count))
  }
}
