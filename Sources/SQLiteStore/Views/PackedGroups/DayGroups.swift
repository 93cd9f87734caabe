import Telemetry

/// How local days are put together to be packed: so many neighbouring ones, from the first of each month on;
/// the last group of a month goes to its end. Months, quarters and years, of which reports are, are whole groups.
///
/// Once a sender has moved past a group of days, its rows of those days are packed into one more row, of a few bytes a
/// day: a report reads a month of a district from 4 rows a sender instead of some 500. The rows themselves stay, and are
/// read where a group is not packed. A packed group is a function of the rows of its days, and of the state when its
/// first day began.
package struct DayGroups: Equatable, Sendable {
  /// Days in a group, 1 to 28; in the last of a month up to as many again.
  package let length: Int32

  package static let standardLength: Int32 = 7

  package init(length: Int32) { self.length = min(max(1, length), 28) }

  /// The first day of the group that a day is in.
  package func firstDay(of day: CalendarDay) -> CalendarDay {
    let ofMonth = day.civil.day - 1
    return day - (ofMonth - group(ofMonth) * Int(length))
  }

  /// The day after a group's last.
  package func end(of firstDay: CalendarDay) -> CalendarDay {
    let (year, month, day) = firstDay.civil
    let next = group(day - 1) + 1
    let ofMonth = next < groups ? next * Int(length) : CalendarDay.length(ofMonth: month, year: year)
    return firstDay + (ofMonth - (day - 1))
  }

  /// Groups of a month.
  private var groups: Int { 28 / Int(length) }

  /// In which group of its month a day lies, both from 0.
  private func group(_ ofMonth: Int) -> Int { min(ofMonth / Int(length), groups - 1) }

  /// The key of a packed group: ascending by sender, then by day.
  package static func id(of equipment: EquipmentNumber, _ firstDay: CalendarDay) -> Int64 {
    Int64(equipment) << 32 | Int64(UInt32(bitPattern: firstDay.number) ^ 0x8000_0000)
  }

  /// The first day in a key.
  package static func firstDay(in id: Int64) -> CalendarDay {
    CalendarDay(number: Int32(bitPattern: UInt32(truncatingIfNeeded: id) ^ 0x8000_0000))
  }
}
