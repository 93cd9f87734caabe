import GRDB
import Journal
import Storage
import Telemetry

/// The packed groups of one sender after another that reach into a period, and what is to be read from rows
/// because it is not packed.
final class PackedPeriod {
  /// Days, and the same as instants.
  struct Span {
    var days: ClosedRange<CalendarDay>
    var instants: Range<Timestamp>

    /// Number of days.
    var count: Int { Int(days.upperBound.number - days.lowerBound.number) + 1 }
  }
  enum Part {
    /// The group at this place of ``groups``.
    case packed(Int)
    case rows(Span)
  }
  private struct Group {
    var firstDay: CalendarDay
    /// Place among the period's groups.
    var place: Int
    var totals: Range<Int>
    var stretches: Range<Int>
    var flags: PackedGroup.Flags
  }

  /// Of the sender read last, ascending by day: together they are the period.
  private(set) var parts: [Part] = []
  private var number: EquipmentNumber = -1
  private var found: [Group] = []
  private var bytes: [UInt8] = []
  private let statement: StatementReader
  /// By place: the period's groups, as days and instants.
  private let groups: [Span]
  /// By place: when each day of the group begins.
  private let starts: [[Timestamp]]

  init(
    _ database: Database, days: ClosedRange<CalendarDay>, calendar: LocalCalendar
  ) throws {
    let stored = try Int32.fetchOne(
      database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'days_per_group'")
    let grouping = DayGroups(length: stored ?? DayGroups.standardLength)
    var spans: [Span] = []
    var first = grouping.firstDay(of: days.lowerBound)
    while first <= days.upperBound {
      let end = grouping.end(of: first)
      guard end > first else { break }
      spans.append(Span(days: first...end - 1, instants: calendar.start(of: first)..<calendar.start(of: end)))
      first = end
    }
    groups = spans
    starts = spans.map { span in
      (0..<span.count).map { calendar.start(of: span.days.lowerBound + $0) }
    }
    statement = try StatementReader(
      database, sql: "SELECT id, totals, stretches FROM packed_days WHERE id BETWEEN ?1 AND ?2 ORDER BY id")
  }

  /// Finds the groups of a sender.
  func read(_ number: EquipmentNumber) throws {
    forget()
    self.number = number
    guard let first = groups.first, let last = groups.last else { return }
    statement.bind(
      DayGroups.id(of: number, first.days.lowerBound), DayGroups.id(of: number, last.days.lowerBound))
    var next = 0
    while try statement.step() {
      let firstDay = DayGroups.firstDay(in: try statement.integer(0))
      var place = next
      while place < groups.count, groups[place].days.lowerBound < firstDay { place += 1 }
      guard place < groups.count, groups[place].days.lowerBound == firstDay else {
        throw StoreError(.corrupt, "a group of packed days begins on \(firstDay), which none can")
      }
      if place > next { parts.append(.rows(span(next..<place))) }
      parts.append(.packed(found.count))
      found.append(try keep(firstDay, place))
      next = place + 1
    }
    if next < groups.count { parts.append(.rows(span(next..<groups.count))) }
    bytes.appendPadding()
  }

  /// Lets go of the sender read last.
  func forget() {
    parts.removeAll(keepingCapacity: true)
    found.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Keeps the row at hand until the next sender's.
  private func keep(_ firstDay: CalendarDay, _ place: Int) throws -> Group {
    let start = bytes.count
    try statement.blob(1) { (blob) throws(StoreError) in bytes.append(contentsOf: blob) }
    let middle = bytes.count
    try statement.blob(2) { (blob) throws(StoreError) in bytes.append(contentsOf: blob) }
    let flags = PackedGroup.Flags(rawValue: start < middle ? bytes[start] : 0)
    return Group(
      firstDay: firstDay, place: place, totals: start..<middle, stretches: middle..<bytes.count, flags: flags)
  }

  private func span(_ places: Range<Int>) -> Span {
    let (first, last) = (groups[places.lowerBound], groups[places.upperBound - 1])
    return Span(
      days: first.days.lowerBound...last.days.upperBound,
      instants: first.instants.lowerBound..<last.instants.upperBound)
  }

  /// A group of the sender read last, as instants.
  func instants(of group: Int) -> Range<Timestamp> { groups[found[group].place].instants }

  /// The group of the sender read last that an instant lies in; nil when there is none.
  func group(at instant: Timestamp) -> Int? {
    found.lastIndex { groups[$0.place].instants.contains(instant) }
  }

  /// Adds a group's days, alarms and gaps that lie in the period.
  func read(
    _ group: Int, days: ClosedRange<CalendarDay>, range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    let group = found[group]
    try bytes.withUnsafeBytes { bytes in
      var totals = try PackedTotals(bytes, group.totals, firstDay: group.firstDay)
      try totals.readDays(in: days, into: &evidence)
      try totals.readAlarms(in: range, into: &evidence)
    }
    if group.flags.contains(.gaps) { try readGaps(group, in: range, into: &evidence) }
  }

  /// Adds the clock of a group's days with live readings that are among `days`.
  func readClocks(
    _ group: Int, in days: ClosedRange<CalendarDay>, into clocks: inout [ClockDay]
  ) throws {
    let group = found[group]
    try bytes.withUnsafeBytes { bytes in
      let totals = try PackedTotals(bytes, group.totals, firstDay: group.firstDay)
      try totals.readClocks(in: days, into: &clocks)
    }
  }

  /// Sequence gaps that a reading of the group shows. The stretch before it is the group's, or the last before.
  private func readGaps(
    _ group: Group, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    var stretches: [StateInterval] = []
    try bytes.withUnsafeBytes { bytes in
      var packed = try PackedStretches(bytes, group.stretches, of: number)
      try packed.appendLost(to: &stretches)
    }
    let instants = groups[group.place].instants
    for stretch in stretches {
      guard let lost = stretch.lostUntil, instants.contains(lost), lost > range.lowerBound,
        lost < range.upperBound
      else { continue }
      evidence.gaps.append(.init(last: stretch.last, cut: stretch.cut, until: lost))
    }
  }

  /// Appends a group's stretches that begin in a range, and the last before it.
  func readStretches(
    _ group: Int, in range: Range<Timestamp>, to stretches: inout [StateInterval]
  ) throws {
    let group = found[group]
    let starts = starts[group.place]
    var first = 0
    while first + 1 < starts.count, starts[first + 1] <= range.lowerBound { first += 1 }
    var end = first
    while end < starts.count, starts[end] < range.upperBound { end += 1 }
    try bytes.withUnsafeBytes { bytes in
      var packed = try PackedStretches(bytes, group.stretches, of: number)
      try packed.append(in: range, days: first..<max(first, end), to: &stretches)
    }
  }

  /// Meters that a sender had at the end of the newest group up to `day`, as far as groups tell.
  func meters(through day: CalendarDay) -> (energy: Bool, good: Bool, total: Bool) {
    var flags: PackedGroup.Flags = []
    for group in found where groups[group.place].days.upperBound <= day { flags.formUnion(group.flags) }
    return (flags.contains(.energy), flags.contains(.good), flags.contains(.total))
  }
}
