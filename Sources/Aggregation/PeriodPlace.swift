import Register
import Telemetry

/// What holds for all equipment of one line in a period: when it is planned to produce, shut down, and when
/// nobody listened. Worked out once for each line, and for equipment whose messages are missing.
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
    planned = (hours ?? .none).subtracting(shutdowns)
    self.unobserved = unobserved
    unobservedOpen = unobserved.subtracting(shutdowns)
    unobservedPlanned = unobserved.intersection(planned)
    var days: [Day] = []
    var day = period.firstDay
    while day <= period.lastDay {
      let (start, end) = (period.calendar.start(of: day), period.calendar.start(of: day + 1))
      let kind =
        end <= period.until ? Self.kind(start, end, unobserved, planned, shutdowns) : .mixed
      days.append(Day(kind: kind, start: start, end: end))
      day = day + 1
    }
    self.days = days
  }

  /// The same line for one of its equipment of which, besides, `lost` is unknown.
  init(_ line: PeriodPlace, without lost: [Range<Timestamp>], period: Period) {
    shutdowns = line.shutdowns
    hasCalendar = line.hasCalendar
    planned = line.planned
    let unobserved = TimeRanges(merging: line.unobserved.ranges + lost)
    self.unobserved = unobserved
    unobservedOpen = unobserved.subtracting(shutdowns)
    unobservedPlanned = unobserved.intersection(planned)
    var days = line.days
    var next = 0
    for range in TimeRanges(merging: lost).ranges {
      while next < days.count, days[next].end <= range.lowerBound { next += 1 }
      while next < days.count, days[next].start < range.upperBound {
        if days[next].end <= period.until {
          days[next].kind = Self.kind(days[next].start, days[next].end, unobserved, planned, shutdowns)
        }
        next += 1
      }
      // The next range may begin on the day this one ends.
      next = max(0, next - 1)
    }
    self.days = days
  }

  /// How a day that is over is to be counted.
  private static func kind(
    _ start: Timestamp, _ end: Timestamp, _ unobserved: TimeRanges, _ planned: TimeRanges,
    _ shutdowns: TimeRanges
  ) -> Day.Kind {
    let length = (end - start).milliseconds
    let blind = unobserved.milliseconds(from: start, until: end)
    let work = planned.milliseconds(from: start, until: end)
    let isWhole =
      (blind == 0 || blind == length) && (work == 0 || work == length)
      && shutdowns.milliseconds(from: start, until: end) == 0
    return isWhole ? .whole(observed: blind == 0, planned: work > 0) : .mixed
  }
}
