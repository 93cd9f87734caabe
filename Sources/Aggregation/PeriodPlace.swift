import Register
import Telemetry

/// What holds for all equipment of one line in a period: when it is planned to produce, shut down, and when
/// nobody listened. Worked out once for each line.
struct PeriodPlace {
  /// Whether a calendar says when the line is to produce.
  let hasCalendar: Bool
  let shutdowns: TimeRanges
  /// Planned and not shut down.
  let planned: TimeRanges
  let unobserved: TimeRanges
  /// Unobserved, and not shut down.
  let unobservedOpen: TimeRanges
  /// Unobserved while planned.
  let unobservedPlanned: TimeRanges
  /// By day of the period: whether its totals say it all.
  let days: [Day]

  /// How a day of the period is to be counted.
  struct Day {
    enum Kind {
      /// Observed or unobserved throughout, planned throughout or not at all, and no shutdown: totals do.
      case whole(observed: Bool, planned: Bool)
      /// Anything else: stretches are needed.
      case mixed
    }
    var kind: Kind
    var start: Timestamp
    var end: Timestamp
  }

  init(
    _ place: ProductionCalendar.Place, of calendar: ProductionCalendar?, period: Period,
    unobserved: TimeRanges
  ) {
    let range = period.firstDay...period.lastDay
    let hours = calendar?.planned(place, days: range, calendar: period.calendar)
    shutdowns = calendar?.effectiveShutdowns(place) ?? .none
    hasCalendar = hours != nil
    let planned = (hours ?? .none).subtracting(shutdowns)
    self.planned = planned
    self.unobserved = unobserved
    unobservedOpen = unobserved.subtracting(shutdowns)
    unobservedPlanned = unobserved.intersection(planned)
    var days: [Day] = []
    var day = period.firstDay
    while day <= period.lastDay {
      let start = period.calendar.start(of: day)
      let end = period.calendar.start(of: day + 1)
      let length = (end - start).milliseconds
      let blind = unobserved.milliseconds(from: start, until: end)
      let work = planned.milliseconds(from: start, until: end)
      let isWhole =
        end <= period.until && (blind == 0 || blind == length) && (work == 0 || work == length)
        && shutdowns.milliseconds(from: start, until: end) == 0
      days.append(
        Day(kind: isWhole ? .whole(observed: blind == 0, planned: work > 0) : .mixed, start: start, end: end))
      day = day + 1
    }
    self.days = days
  }
}
