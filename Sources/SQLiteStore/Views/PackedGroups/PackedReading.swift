import Journal
import Storage
import Telemetry

/// Reads packed totals (``PackedGroup``) straight into evidence.
package struct PackedTotals {
  private let byDay: UnsafeRawBufferPointer
  private var rest: VarintCursor
  private let bytes: UnsafeRawBufferPointer
  private let firstDay: CalendarDay
  /// Days with totals.
  private let days: UInt64

  /// Totals in `range` of `bytes`, of which as many as ``VarintCursor/padding`` follow it.
  package init(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, firstDay: CalendarDay
  ) throws(StoreError) {
    rest = try VarintCursor(bytes, range)
    // The flags were read already.
    _ = rest.byte()
    days = rest.unsigned()
    byDay = try rest.framed()
    self.bytes = bytes
    self.firstDay = firstDay
  }

  /// The text of the alarms when the group of a column began.
  static func alarmsBefore(in column: [UInt8]) throws -> [UInt8] {
    var padded = column
    padded.appendPadding()
    return try padded.withUnsafeBytes { bytes in
      let totals = try PackedTotals(bytes, column.indices, firstDay: CalendarDay(number: 0))
      var rest = totals.rest
      let text = try rest.framed()
      return Array(text)
    }
  }

  /// Adds the days that are among `wanted`.
  package func readDays(
    in wanted: ClosedRange<CalendarDay>, into evidence: inout PeriodEvidence
  ) throws(StoreError) {
    try forEachDay { day, sums, slots, runs in
      if wanted.contains(day) { evidence.append(sums, of: day, runs: runs, slots: slots) }
    }
  }

  /// Adds the clock of the days with live readings that are among `wanted`.
  func readClocks(
    in wanted: ClosedRange<CalendarDay>, into clocks: inout [ClockDay]
  ) throws(StoreError) {
    try forEachDay { day, sums, _, _ in
      if wanted.contains(day), let skew = sums.skew {
        clocks.append(ClockDay(skew: skew, live: Int(sums.live)))
      }
    }
  }

  /// Reads each day, ascending.
  @inline(__always)
  private func forEachDay(
    _ body: (CalendarDay, DaySums, SlotCounts, UnsafeRawBufferPointer) -> Void
  ) throws(StoreError) {
    guard days != 0 else { return }
    var cursor = try VarintCursor(bytes, part: byDay)
    var rest = days
    while rest != 0 {
      let day = firstDay + rest.trailingZeroBitCount
      rest &= rest - 1
      let sums = Self.sums(&cursor)
      let slots = SlotCounts { UInt16(truncatingIfNeeded: cursor.unsigned()) }
      try cursor.check()
      body(day, sums, slots, try cursor.framed())
    }
  }

  /// Adds the alarms raised in `range`. To be called once.
  package mutating func readAlarms(
    in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws(StoreError) {
    var raised = RaisedAlarms(in: range, codes: evidence.codes)
    raised.begin(with: try rest.framed())
    var at: Int64 = 0
    for _ in 0..<(try rest.count(limit: Int(Int32.max))) {
      at &+= rest.signed()
      raised.change(to: try rest.framed(), at: Timestamp(milliseconds: at), into: &evidence.alarms)
    }
    try rest.check()
  }

  @inline(__always)
  private static func sums(_ cursor: inout VarintCursor) -> DaySums {
    var sums = DaySums()
    sums.numbers.code(with: &cursor)
    if cursor.byte() != 0 { sums.odd = oddities(&cursor) }
    return sums
  }

  @inline(never)
  private static func oddities(_ cursor: inout VarintCursor) -> MeterOddities {
    var odd = MeterOddities()
    odd.code(with: &cursor)
    return odd
  }
}

/// Finds alarms that are raised: codes that the change before did not have.
struct RaisedAlarms {
  /// The text of those that are there, by its number.
  private var active = 0
  private let range: Range<Timestamp>
  private let codes: AlarmBook

  /// Finds alarms raised in `range`; begins without active alarms.
  init(in range: Range<Timestamp>, codes: AlarmBook) {
    self.range = range
    self.codes = codes
  }

  /// The alarms of a text were there before.
  mutating func begin(with text: UnsafeRawBufferPointer) { active = codes.number(ofText: text) }

  /// Takes the alarms that are there from `at` on.
  @inline(__always)
  mutating func change(
    to text: UnsafeRawBufferPointer, at: Timestamp, into raised: inout [PeriodEvidence.Alarm]
  ) {
    let now = codes.number(ofText: text)
    if now != 0, range.contains(at) {
      codes.forEachCode(in: now, notIn: active) { raised.append(PeriodEvidence.Alarm(code: $0, at: at)) }
    }
    active = now
  }
}

/// Reads packed stretches (``PackedGroup``), of the days that are wanted and no others.
package struct PackedStretches {
  private var cursor: VarintCursor
  private let before: UnsafeRawBufferPointer
  /// Days with stretches, and those on which messages are missing after one, as bits.
  private let days: UInt64
  private let lost: UInt64
  private let bytes: UnsafeRawBufferPointer
  private let equipment: EquipmentNumber

  /// Stretches in `range` of `bytes`, of which as many as ``VarintCursor/padding`` follow it.
  package init(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, of equipment: EquipmentNumber
  ) throws(StoreError) {
    cursor = try VarintCursor(bytes, range)
    before = try cursor.framed()
    days = cursor.unsigned()
    lost = cursor.unsigned()
    try cursor.check()
    self.bytes = bytes
    self.equipment = equipment
  }

  /// Appends the stretches that begin in `range`, and the last before it; the days at places `wanted` of the
  /// group are those of the range. What does not begin after the last of `stretches` is left out: it is there.
  package mutating func append(
    in range: Range<Timestamp>, days wanted: Range<Int>, to stretches: inout [StateInterval]
  ) throws(StoreError) {
    let after = stretches.last?.from ?? .distantPast
    var earlier = before
    var last: StateInterval?
    var isBegun = false
    func begin() throws(StoreError) {
      guard !isBegun else { return }
      isBegun = true
      if last == nil { last = try self.last(of: earlier) }
      if let last, last.from > after { stretches.append(last) }
    }
    var rest = days
    search: while rest != 0, rest.trailingZeroBitCount < wanted.upperBound {
      let day = rest.trailingZeroBitCount
      rest &= rest - 1
      let block = try cursor.framed()
      if day < wanted.lowerBound {
        earlier = block
        continue
      }
      var blocks = try StretchCursor(bytes, block, of: equipment)
      while let stretch = try blocks.next() {
        if stretch.from >= range.upperBound { break search }
        if stretch.from <= range.lowerBound {
          last = stretch
          continue
        }
        try begin()
        if stretch.from > after { stretches.append(stretch) }
      }
    }
    try begin()
  }

  private func last(of block: UnsafeRawBufferPointer) throws(StoreError) -> StateInterval? {
    var cursor = try StretchCursor(bytes, block, of: equipment)
    var last: StateInterval?
    while let stretch = try cursor.next() { last = stretch }
    return last
  }

  /// Appends the stretch before the group and those of days on which messages are missing after one.
  mutating func appendLost(to stretches: inout [StateInterval]) throws(StoreError) {
    try decode(before, to: &stretches)
    var rest = days
    while rest != 0 {
      let bit = rest & ~(rest - 1)
      rest &= rest - 1
      let block = try cursor.framed()
      if lost & bit != 0 { try decode(block, to: &stretches) }
    }
  }

  private func decode(
    _ block: UnsafeRawBufferPointer, to stretches: inout [StateInterval]
  ) throws(StoreError) {
    let after = stretches.last?.from ?? .distantPast
    var cursor = try StretchCursor(bytes, block, of: equipment)
    while let stretch = try cursor.next() {
      if stretch.from > after { stretches.append(stretch) }
    }
  }
}

/// Reads the stretches of one block, one after another.
private struct StretchCursor {
  private var cursor: VarintCursor
  private var at: Int64 = 0
  private let equipment: EquipmentNumber

  init(
    _ bytes: UnsafeRawBufferPointer, _ block: UnsafeRawBufferPointer, of equipment: EquipmentNumber
  ) throws(StoreError) {
    self.equipment = equipment
    cursor = try VarintCursor(bytes, part: block)
  }

  @inline(__always)
  mutating func next() throws(StoreError) -> StateInterval? {
    if cursor.isAtEnd { return nil }
    let first = cursor.byte()
    let from = at &+ cursor.signed()
    let last = from &+ cursor.signed()
    guard let state = EquipmentState(rawValue: first & 7), let mode = OperatingMode(rawValue: first >> 3 & 3)
    else { throw StoreError(.corrupt, "a packed row's states are not what they must be") }
    var stretch = StateInterval(
      equipment: equipment, from: Timestamp(milliseconds: from), last: Timestamp(milliseconds: last),
      state: state, mode: mode,
      vouching: first & PackedGroup.StretchFlags.isBySession.rawValue == 0 ? .horizon : .session)
    if first & PackedGroup.StretchFlags.isCut.rawValue != 0 {
      stretch.cut = Timestamp(milliseconds: last &+ cursor.signed())
    }
    if first & PackedGroup.StretchFlags.isLost.rawValue != 0 {
      stretch.lostUntil = Timestamp(milliseconds: last &+ cursor.signed())
    }
    try cursor.check()
    at = last
    return stretch
  }
}
