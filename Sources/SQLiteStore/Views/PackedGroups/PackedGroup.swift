import Journal
import Storage
import Telemetry

/// Content of the rows of one sender on a group's days, to be packed.
///
/// Totals: flags; which days have totals, as bits; for each day its totals, slots (``SlotCounts``) and minutes
/// (``MinuteRuns``); the alarms before the group, and each change of them. Stretches: the last before
/// the group; which days have stretches that begin on them, and on which of those messages are missing after
/// one, as bits; for each day its stretches, so that others are skipped. Integers are in base 128, signed ones
/// zigzag; instants are differences, the first of each column or day from 1970.
package struct PackedGroup {
  package var firstDay: CalendarDay
  /// Totals of days, ascending.
  package var days: [(day: CalendarDay, totals: DayTotals)] = []
  /// The meters the sender had when the last of its days ended; empty where no day is its.
  package var meters = Meters()
  /// The alarms' text when the group began.
  package var alarmsBefore = ""
  /// From when on which alarms were there, ascending.
  package var alarms: [(at: Timestamp, text: String)] = []
  /// The last stretch that began before the group.
  package var stretchBefore: StateInterval?
  /// Stretches that began in it, ascending.
  package var stretches: [StateInterval] = []

  /// A group of nothing.
  package init(firstDay: CalendarDay) { self.firstDay = firstDay }

  /// Whether there is anything to keep.
  package var isEmpty: Bool { days.isEmpty && alarms.isEmpty && stretches.isEmpty }

  /// Flags in the first byte of the totals.
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let energy = Flags(rawValue: 1)
    package static let good = Flags(rawValue: 2)
    package static let total = Flags(rawValue: 4)
    /// Sequence numbers show that messages are missing after one of the stretches.
    package static let gaps = Flags(rawValue: 8)
  }

  /// Flags in a stretch's first byte; its lowest three bits are the state and the next two the mode.
  struct StretchFlags: OptionSet, Sendable {
    let rawValue: UInt8
    static let isCut = StretchFlags(rawValue: 32)
    static let isLost = StretchFlags(rawValue: 64)
    static let isBySession = StretchFlags(rawValue: 128)
  }

  /// The bytes of the totals' column.
  package func packedTotals(_ calendar: LocalCalendar) -> [UInt8] {
    var column = ByteColumn()
    var flags: Flags = []
    if meters.energy != nil { flags.insert(.energy) }
    if meters.good != nil { flags.insert(.good) }
    if meters.total != nil { flags.insert(.total) }
    if stretchBefore?.lostUntil != nil || stretches.contains(where: { $0.lostUntil != nil }) {
      flags.insert(.gaps)
    }
    column.append(flags.rawValue)
    column.append(days.reduce(UInt64(0)) { $0 | bit(of: $1.day) })
    var byDay = ByteColumn()
    for (day, totals) in days {
      Self.append(DaySums(totals), to: &byDay)
      for count in Self.slots(totals, of: day, calendar) { byDay.append(count) }
      var minutes: [UInt8] = []
      MinuteRuns.append(totals.minutes, to: &minutes)
      byDay.append(minutes.count)
      byDay.append(contentsOf: minutes)
    }
    column.append(framed: byDay)
    column.append(framed: Self.column(alarmsBefore))
    column.append(alarms.count)
    var last: Int64 = 0
    for alarm in alarms {
      column.append(signed: alarm.at.milliseconds &- last)
      column.append(framed: Self.column(alarm.text))
      last = alarm.at.milliseconds
    }
    return column.bytes
  }

  /// The bytes of the stretches' column.
  package func packedStretches(_ calendar: LocalCalendar) -> [UInt8] {
    var column = ByteColumn()
    column.append(framed: Self.column([stretchBefore].compactMap(\.self)))
    var byDay: [(day: CalendarDay, stretches: [StateInterval])] = []
    for stretch in stretches {
      let day = calendar.day(at: stretch.from)
      if byDay.last?.day != day { byDay.append((day, [])) }
      byDay[byDay.count - 1].stretches.append(stretch)
    }
    column.append(byDay.reduce(UInt64(0)) { $0 | bit(of: $1.day) })
    column.append(
      byDay.reduce(UInt64(0)) { bits, one in
        one.stretches.contains { $0.lostUntil != nil } ? bits | bit(of: one.day) : bits
      })
    for one in byDay { column.append(framed: Self.column(one.stretches)) }
    return column.bytes
  }

  /// Whether the columns of another say the same of the time before the group.
  func precedes(totals: [UInt8], stretches: [UInt8]) throws -> Bool {
    let alarms = try PackedTotals.alarmsBefore(in: totals)
    var column = ByteColumn()
    column.append(framed: Self.column([stretchBefore].compactMap(\.self)))
    return alarms == Array(alarmsBefore.utf8) && stretches.starts(with: column.bytes)
  }

  private func bit(of day: CalendarDay) -> UInt64 {
    1 << UInt64(truncatingIfNeeded: Int64(day.number) - Int64(firstDay.number))
  }

  private static func column(_ stretches: [StateInterval]) -> ByteColumn {
    var column = ByteColumn()
    var last: Int64 = 0
    for stretch in stretches {
      var flags = StretchFlags(rawValue: stretch.state.rawValue | stretch.mode.rawValue << 3)
      if stretch.cut != nil { flags.insert(.isCut) }
      if stretch.lostUntil != nil { flags.insert(.isLost) }
      if stretch.vouching == .session { flags.insert(.isBySession) }
      column.append(flags.rawValue)
      column.append(signed: stretch.from.milliseconds &- last)
      column.append(signed: (stretch.last - stretch.from).milliseconds)
      if let cut = stretch.cut { column.append(signed: (cut - stretch.last).milliseconds) }
      if let lost = stretch.lostUntil { column.append(signed: (lost - stretch.last).milliseconds) }
      last = stretch.last.milliseconds
    }
    return column
  }

  /// The numbers in the order of their description, a byte that says if anything is odd, and that.
  private static func append(_ sums: DaySums, to column: inout ByteColumn) {
    var sums = sums
    sums.numbers.code(with: &column)
    let isOdd = sums.odd != MeterOddities()
    column.append(UInt8(isOdd ? 1 : 0))
    if isOdd { sums.odd.code(with: &column) }
  }

  /// Number of slots of a day with a reading, for each of ``SlotCounts/lengths``.
  private static func slots(_ totals: DayTotals, of day: CalendarDay, _ calendar: LocalCalendar) -> [Int] {
    let length = calendar.start(of: day + 1) - calendar.start(of: day)
    return SlotCounts.lengths.map { slot in
      totals.minutes.count(ofSlots: slot, in: 0..<Int(length.milliseconds / 60_000) / slot)
    }
  }

  private static func column(_ text: String) -> ByteColumn {
    var column = ByteColumn()
    column.append(contentsOf: text.utf8)
    return column
  }
}
