import Telemetry

/// Range by which a base is advanced: days of event time, and blocks.
struct BaseDays {
  /// Numbers of the first and the last day.
  var firstDay: Int64
  var lastDay: Int64
  /// The same as instants.
  var start: Int64
  var end: Int64
  /// The last block before the range.
  var blocksAfter: Int64
  /// The last block of the range.
  var blocksThrough: Int64

  /// The days after `final`, or from the beginning without it, through `day`.
  init(
    after final: CalendarDay?, through day: CalendarDay, calendar: LocalCalendar, blocksAfter: Int64,
    blocksThrough: Int64
  ) {
    firstDay = final.map { Int64($0.number) + 1 } ?? Int64(Int32.min)
    start = final.map { calendar.start(of: $0 + 1).milliseconds } ?? .min
    lastDay = Int64(day.number)
    end = calendar.start(of: day + 1).milliseconds
    self.blocksAfter = blocksAfter
    self.blocksThrough = blocksThrough
  }
}
