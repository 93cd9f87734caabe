import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Packed days") struct PackedGroupsTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// 2026-11-23, a Monday.
  private let monday = CalendarDay(number: 20_780)

  /// With what may be read beyond the end, which must not matter.
  private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + Array(repeating: 0xAA, count: VarintCursor.padding)
  }

  @Test("Groups begin with each month; its last one goes to the month's end") func months() throws {
    func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }
    let groups = DayGroups(length: 7)
    for (text, first, end) in [
      ("2026-11-01", "2026-11-01", "2026-11-08"), ("2026-11-07", "2026-11-01", "2026-11-08"),
      ("2026-11-08", "2026-11-08", "2026-11-15"), ("2026-11-21", "2026-11-15", "2026-11-22"),
      ("2026-11-22", "2026-11-22", "2026-12-01"), ("2026-12-31", "2026-12-22", "2027-01-01"),
      ("2025-02-28", "2025-02-22", "2025-03-01"), ("2024-02-29", "2024-02-22", "2024-03-01"),
      ("1969-12-31", "1969-12-22", "1970-01-01"),
    ] {
      #expect(groups.firstDay(of: try day(text)) == (try day(first)), "\(text)")
      #expect(groups.end(of: try day(first)) == (try day(end)), "\(first)")
    }
  }

  @Test("Groups of any length follow one another without a gap", arguments: 1...28 as ClosedRange<Int32>)
  func withoutGap(length: Int32) {
    let groups = DayGroups(length: length)
    var first = groups.firstDay(of: monday - 400)
    while first < monday + 1200 {
      let end = groups.end(of: first)
      #expect(end.number - first.number >= length)
      #expect(end.number - first.number <= 31)
      for day in first.number..<end.number {
        #expect(groups.firstDay(of: CalendarDay(number: day)) == first)
      }
      #expect(groups.firstDay(of: end) == end)
      first = end
    }
  }

  @Test("The first and the last day there are have groups too") func ends() {
    let groups = DayGroups(length: 7)
    let (first, last) = (CalendarDay(number: .min), CalendarDay(number: .max))
    #expect(groups.firstDay(of: first) == first)
    #expect(groups.end(of: first) > first)
    #expect(groups.firstDay(of: groups.end(of: first) - 1) == first)
    #expect(groups.firstDay(of: last) < last)
    #expect(groups.end(of: groups.firstDay(of: last)) == last)
  }

  @Test("Keys go by sender, then by day, and say the day") func keys() {
    let days = [CalendarDay(number: .min), CalendarDay(number: -3), CalendarDay(number: 4), monday]
    let ids = [0, 1, 53_700].flatMap { (number: Int32) in days.map { DayGroups.id(of: number, $0) } }
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == 12)
    #expect(ids.prefix(4).map(DayGroups.firstDay) == days)
  }

  @Test("What is packed is read back") func roundTrip() throws {
    var group = PackedGroup(firstDay: monday)
    var full = DayTotals()
    for (place, state) in EquipmentState.allCases.enumerated() {
      full.states[state] = Int32(place * 9_000_000)
    }
    (full.automaticRunning, full.manualRunning) = (17, .max)
    (full.energy, full.good, full.total) = (.max, 0, 12_345_678_901)
    (full.readings, full.missing, full.meterResets, full.ties, full.bootReturns) = (1440, 3, 2, 1, 5)
    full.skew = -28_800_000
    for minute in [0, 1, 2, 30, 35, 40, 45, 1439] { full.minutes.insert(minute) }
    group.days = [(monday, full), (monday + 3, DayTotals()), (monday + 6, full)]
    group.meters = Meters(energy: 1, total: 0)
    group.alarmsBefore = "E1\u{1F}E2"
    let start = shanghai.start(of: monday)
    group.alarms = [(start + .hours(1), "E2\u{1F}E3"), (start + .hours(2), ""), (start + .hours(30), "E2")]
    group.stretchBefore = StateInterval(
      equipment: 9, from: start - .days(4), last: start - .hours(1), state: .off, mode: .unstated,
      lostUntil: start + .hours(1))
    group.stretches = [
      StateInterval(
        equipment: 9, from: start + .hours(1), last: start + .hours(1), state: .maintenance, mode: .manual),
      StateInterval(
        equipment: 9, from: start + .hours(2), last: start + .hours(3), cut: start + .hours(4),
        state: .running, mode: .automatic),
    ]

    var evidence = PeriodEvidence(key: EquipmentKey(factory: "F", equipment: "E"))
    let packed = group.packedTotals(shanghai)
    #expect(PackedGroup.Flags(rawValue: packed[0]) == [.energy, .total, .gaps])
    try padded(packed).withUnsafeBytes { bytes in
      var totals = try PackedTotals(bytes, packed.indices, firstDay: monday)
      try totals.readDays(in: monday...monday + 5, into: &evidence)
      try totals.readAlarms(in: start + .minutes(30)..<start + .days(1), into: &evidence)
    }
    #expect(evidence.days.map(\.day) == [monday, monday + 3])
    #expect(evidence.days.map(\.totals) == [DaySums(full), DaySums()])
    evidence.finish()
    #expect(try evidence.received(slots: 1, among: [0..<1440], isWhole: true, on: 0) == 8)
    #expect(try evidence.received(slots: 5, among: [0..<288], isWhole: true, on: 0) == 6)
    #expect(try evidence.received(slots: 5, among: [0..<288], isWhole: false, on: 0) == 6)
    #expect(try evidence.received(slots: 60, among: [0..<24], isWhole: true, on: 0) == 2)
    #expect(try evidence.received(slots: 1, among: [0..<1440], isWhole: true, on: 1) == 0)
    // E2 was there before, and its coming back lies outside the range.
    #expect(evidence.alarms.map { evidence.codes.codes[$0.code] } == ["E3"])
    #expect(evidence.alarms.map(\.at) == [start + .hours(1)])

    var stretches: [StateInterval] = []
    let columns = group.packedStretches(shanghai)
    try padded(columns).withUnsafeBytes {
      var packed = try PackedStretches($0, columns.indices, of: 9)
      try packed.append(in: start..<start + .days(7), days: 0..<7, to: &stretches)
    }
    #expect(stretches == [try #require(group.stretchBefore)] + group.stretches)
  }

  @Test("Of stretches those of the days asked for are read, and the last before them")
  func someDays() throws {
    let start = shanghai.start(of: monday)
    func stretch(_ hour: Int64) -> StateInterval {
      StateInterval(
        equipment: 3, from: start + .hours(hour), last: start + .hours(hour), state: .idle, mode: .manual)
    }
    var group = PackedGroup(firstDay: monday)
    group.stretchBefore = stretch(-30)
    // Two on the second day, one on the third, one on the sixth.
    group.stretches = [25, 26, 50, 122].map(stretch)
    let column = group.packedStretches(shanghai)
    func read(_ days: Range<Int>, hours range: Range<Int64>? = nil, after: [Int64] = []) throws
      -> [StateInterval]
    {
      let (from, until) = (
        range?.lowerBound ?? Int64(days.lowerBound) * 24, range?.upperBound ?? Int64(days.upperBound) * 24
      )
      var found = after.map(stretch)
      try padded(column).withUnsafeBytes {
        var packed = try PackedStretches($0, column.indices, of: 3)
        try packed.append(in: start + .hours(from)..<start + .hours(until), days: days, to: &found)
      }
      return found
    }
    #expect(try read(0..<7) == [-30, 25, 26, 50, 122].map(stretch))
    #expect(try read(0..<1) == [stretch(-30)])
    #expect(try read(1..<2) == [-30, 25, 26].map(stretch))
    #expect(try read(2..<3) == [26, 50].map(stretch))
    #expect(try read(3..<5) == [stretch(50)])
    #expect(try read(4..<6) == [50, 122].map(stretch))
    #expect(try read(6..<7) == [stretch(122)])
    // Of a part of a day nothing else is.
    #expect(try read(1..<2, hours: 24..<25) == [stretch(-30)])
    #expect(try read(1..<2, hours: 25..<26) == [stretch(25)])
    #expect(try read(1..<2, hours: 25..<27) == [25, 26].map(stretch))
    #expect(try read(1..<2, hours: 30..<31) == [stretch(26)])
    // What is there already is not added again.
    #expect(try read(0..<2, after: [-30]) == [-30, 25, 26].map(stretch))
    #expect(try read(3..<4, after: [50]) == [stretch(50)])
  }

  @Test("Integers of every length are read as they were written, at the end and before more")
  func integers() throws {
    let values: [UInt64] = (0..<64).flatMap { bits in
      let one: UInt64 = 1 << bits
      return [one - 1, one, one | one >> 1, one | 0x55]
    }
    for padding in [0, 3, 12] {
      for value in values {
        var bytes: [UInt8] = []
        bytes.appendVarint(value)
        let count = bytes.count
        bytes += Array(repeating: 0xFF, count: padding)
        try padded(bytes).withUnsafeBytes { bytes in
          var cursor = try VarintCursor(bytes, 0..<count + padding)
          #expect(cursor.unsigned() == value)
          #expect(try cursor.bytes(padding).count == padding)
          #expect(cursor.isAtEnd, "\(count) bytes")
          var short = try VarintCursor(bytes, 0..<count - 1)
          _ = short.unsigned()
          #expect(throws: StoreError.self) { try short.check() }
        }
      }
    }
  }

  @Test("Bytes that nothing packs to are refused, wherever they break off") func damage() throws {
    var group = PackedGroup(firstDay: monday)
    var totals = DayTotals()
    totals.minutes.insert(700)
    group.days = [(monday, totals)]
    group.alarms = [(shanghai.start(of: monday), "E1")]
    let bytes = group.packedTotals(shanghai)
    for count in 0..<bytes.count {
      var evidence = PeriodEvidence(key: EquipmentKey(factory: "F", equipment: "E"))
      #expect(throws: StoreError.self) {
        try padded(Array(bytes.prefix(count))).withUnsafeBytes { bytes in
          var totals = try PackedTotals(bytes, 0..<count, firstDay: monday)
          try totals.readDays(in: monday...monday, into: &evidence)
          try totals.readAlarms(in: .distantPast ..< .distantFuture, into: &evidence)
        }
      }
    }
    var stretches: [StateInterval] = []
    #expect(throws: StoreError.self) {
      // A stretch before the group, of the state 0, which there is not.
      try padded([3, 0, 0, 0, 0, 0]).withUnsafeBytes {
        var packed = try PackedStretches($0, 0..<6, of: 1)
        try packed.append(in: .distantPast ..< .distantFuture, days: 0..<7, to: &stretches)
      }
    }
  }

  @Test("Slots counted from packed minutes are those of the set", arguments: 0..<40 as Range<UInt64>)
  func slots(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var set = MinuteSet()
    var minute = Int(random.next(30))
    let step = [1, 1, 5, 10, 60][Int(random.next(5))]
    while minute < 1440 {
      set.insert(minute)
      minute += random.next(6) == 0 ? 1 + Int(random.next(90)) : step
    }
    var bytes: [UInt8] = []
    MinuteRuns.append(set, to: &bytes)
    var fromRow: [UInt8] = []
    try set.encoded.withUnsafeBytes { try MinuteRuns.append(row: $0, to: &fromRow) }
    #expect(bytes == fromRow)
    for length in [1, 2, 5, 7, 10, 60, 1440] {
      let slots = 1440 / length
      let middle = Int(random.next(UInt64(slots)))
      for due in [[0..<slots], [0..<middle], [middle..<slots], [0..<middle / 2, middle..<slots]] {
        let due = due.filter { !$0.isEmpty }
        let expected = due.reduce(0) { $0 + set.count(ofSlots: length, in: $1) }
        let found = try padded(bytes).withUnsafeBytes {
          try MinuteRuns.count(slots: length, among: due, in: $0, bytes.indices)
        }
        #expect(found == expected, "\(length) min among \(due)")
      }
    }
  }
}
