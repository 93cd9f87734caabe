import GRDB
import Journal
import Storage
import Telemetry

/// Reads the evidence of one sender's clock after another on some days: days that are over from packed groups, where
/// there are such, all else from rows.
final class ClockReading {
  private let days: ClosedRange<CalendarDay>
  /// 00:00 after the last of the days.
  private let end: Timestamp
  private let packed: PackedPeriod
  private let rows: StatementReader
  private let pages: LivePageReader

  init(_ database: Database, days: ClosedRange<CalendarDay>, calendar: LocalCalendar) throws {
    self.days = days
    end = calendar.start(of: days.upperBound + 1)
    packed = try PackedPeriod(database, days: days, calendar: calendar)
    rows = try StatementReader(
      database,
      sql: """
        SELECT skew, live_readings FROM day_total
        WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 AND skew IS NOT NULL ORDER BY day
        """)
    pages = try LivePageReader(database)
  }

  /// The sender's clock on each day with live readings, ascending.
  func clocks(of sender: StoredSender) throws -> [ClockDay] {
    // Of a sender that is heard from later on, or was last heard before, there is nothing to look for.
    guard sender.day >= days.lowerBound, sender.silentUntil < end else { return [] }
    var found: [ClockDay] = []
    try packed.read(sender.number)
    for part in packed.parts {
      switch part {
      case .packed(let group): try packed.readClocks(group, in: days, into: &found)
      case .rows(let span):
        guard span.days.lowerBound <= sender.day else { continue }
        try readRows(of: sender.number, in: span.days.clamped(to: days), into: &found)
      }
    }
    // The open day comes after all that are over.
    if days.contains(sender.day),
      let live = try pages.timeline(of: sender.number, withoutMinutes: true), let skew = live.totals.skew
    {
      found.append(ClockDay(skew: skew, live: Int(live.totals.live)))
    }
    return found
  }

  private func readRows(
    of number: EquipmentNumber, in days: ClosedRange<CalendarDay>, into clocks: inout [ClockDay]
  ) throws {
    rows.bind(Int64(number), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    while try rows.step() {
      let live: Int32 = try rows.amount(1)
      clocks.append(ClockDay(skew: try rows.integer(0), live: Int(live)))
    }
  }
}
