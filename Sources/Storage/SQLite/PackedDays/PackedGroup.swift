import Telemetry

/// What rows say of one sender on a group's days, to be packed.
///
/// Totals: flags; which days have totals, as bits; for each the totals, slots counted (``SlotCounts``) and
/// minutes (``MinuteRuns``); the alarms before the group, and each change of them. Stretches: the last before
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

  /// What the first byte of the totals says.
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let energy = Flags(rawValue: 1)
    package static let good = Flags(rawValue: 2)
    package static let total = Flags(rawValue: 4)
    /// Sequence numbers show that messages are missing after one of the stretches.
    package static let gaps = Flags(rawValue: 8)
  }

  /// What a stretch's first byte says, beside the state in its lowest three bits and the mode in the next two.
  struct StretchFlags: OptionSet, Sendable {
    let rawValue: UInt8
    static let isCut = StretchFlags(rawValue: 32)
    static let isLost = StretchFlags(rawValue: 64)
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
    for (day, totals) in days { Self.append(totals, of: day, calendar, to: &column) }
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
      column.append(flags.rawValue)
      column.append(signed: stretch.from.milliseconds &- last)
      column.append(signed: (stretch.last - stretch.from).milliseconds)
      if let cut = stretch.cut { column.append(signed: (cut - stretch.last).milliseconds) }
      if let lost = stretch.lostUntil { column.append(signed: (lost - stretch.last).milliseconds) }
      last = stretch.last.milliseconds
    }
    return column
  }

  private static func append(
    _ totals: DayTotals, of day: CalendarDay, _ calendar: LocalCalendar, to column: inout ByteColumn
  ) {
    for state in EquipmentState.allCases { column.append(signed: Int64(totals.states[state])) }
    for value in [
      totals.automaticRunning, totals.manualRunning, totals.readings, totals.missing, totals.meterResets,
      totals.ties, totals.bootReturns,
    ] {
      column.append(signed: Int64(value))
    }
    for value in [totals.energy, totals.good, totals.total] { column.append(signed: value) }
    column.append(UInt8(totals.skew == nil ? 0 : 1))
    if let skew = totals.skew { column.append(signed: skew) }
    let length = calendar.start(of: day + 1) - calendar.start(of: day)
    for slot in SlotCounts.lengths {
      column.append(totals.minutes.count(ofSlots: slot, in: 0..<Int(length.milliseconds / 60_000) / slot))
    }
    var minutes: [UInt8] = []
    MinuteRuns.append(totals.minutes, to: &minutes)
    column.append(minutes.count)
    column.append(contentsOf: minutes)
  }

  private static func column(_ text: String) -> ByteColumn {
    var column = ByteColumn()
    column.append(contentsOf: text.utf8)
    return column
  }
}
