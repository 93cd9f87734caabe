import Telemetry

/// How local days are put together to be packed: so many neighbouring ones, the first of a week being Monday.
///
/// What rows say of one sender on the days of a group, once it has moved past them, is kept a second time as
/// one row, in a few bytes a day: a report reads a month of a district from 5 rows a sender instead of some
/// 500. The rows stay what they are, and where a group is not packed they are read. A packed group is a
/// function of the rows of its days, and of what was the case when its first day began.
package struct DayGroups: Equatable, Sendable {
  /// Days in a group, 1 to 28.
  package let length: Int32

  package static let standardLength: Int32 = 7

  package init(length: Int32) { self.length = min(max(1, length), 28) }

  /// The first day of the group that a day is in.
  package func firstDay(of day: CalendarDay) -> CalendarDay {
    // 1970-01-01, day 0, was a Thursday. Days that dates cannot name are cut off.
    let fromMonday = (Int64(day.number) + 3) % Int64(length)
    let back = fromMonday < 0 ? fromMonday + Int64(length) : fromMonday
    return CalendarDay(number: Int32(clamping: Int64(day.number) - back))
  }

  /// The day after a group's last.
  package func end(of firstDay: CalendarDay) -> CalendarDay { firstDay + Int(length) }

  /// The key of a packed group: ascending by sender, then by day.
  package static func id(of equipment: EquipmentNumber, _ firstDay: CalendarDay) -> Int64 {
    Int64(equipment) << 32 | Int64(UInt32(bitPattern: firstDay.number) ^ 0x8000_0000)
  }

  /// The first day in a key.
  package static func firstDay(in id: Int64) -> CalendarDay {
    CalendarDay(number: Int32(bitPattern: UInt32(truncatingIfNeeded: id) ^ 0x8000_0000))
  }
}
