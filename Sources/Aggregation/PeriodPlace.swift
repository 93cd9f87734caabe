import Register
import Telemetry

/// Data of a period that all equipment of one line shares: planned production, shutdowns, and times without
/// observation. Computed once per line.
final class PeriodPlace {
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
  /// Observed: when data was due; and of that what was not shut down.
  let observed: TimeRanges
  let observedOpen: TimeRanges
  /// By day of the period: whether its totals say it all.
  let days: [Day]

  /// Way in which a day of the period is counted.
  struct Day {
    enum Kind: Equatable {
      /// Observed or unobserved throughout, planned throughout or not at all, and no shutdown: totals do.
      case whole(observed: Bool, planned: Bool)
      /// Not observed throughout, neither planned nor shut down: totals do, but for what readings vouch for
      /// while nobody listened.
      case partly
      /// Observed throughout, planned in part and not shut down: totals do, but for what it did in planned time.
      case shifts
      /// Anything else: stretches are needed.
      case mixed
    }
    var kind: Kind
    var start: Timestamp
    var end: Timestamp
    /// Milliseconds that were observed, and of those without shutdowns.
    var observed: Int64
    var observedOpen: Int64
    /// Milliseconds that are planned.
    var planned: Int64
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
    let whole = period.from < period.until ? [period.from..<period.until] : []
    observed = TimeRanges(merging: whole).subtracting(unobserved)
    observedOpen = observed.subtracting(shutdowns)
    unobservedOpen = unobserved.subtracting(shutdowns)
    unobservedPlanned = unobserved.intersection(planned)
    var days: [Day] = []
    var start = period.from
    for offset in 0...Int(period.lastDay.number - period.firstDay.number) {
      let end = period.calendar.start(of: period.firstDay + (offset + 1))
      let kind =
        end <= period.until ? Self.kind(start, end, unobserved, planned, shutdowns) : .mixed
      days.append(
        Day(
          kind: kind, start: start, end: end, observed: observed.milliseconds(from: start, until: end),
          observedOpen: observedOpen.milliseconds(from: start, until: end),
          planned: planned.milliseconds(from: start, until: end)))
      start = end
    }
    self.days = days
  }

  /// Way in which a day that is over is counted.
  private static func kind(
    _ start: Timestamp, _ end: Timestamp, _ unobserved: TimeRanges, _ planned: TimeRanges,
    _ shutdowns: TimeRanges
  ) -> Day.Kind {
    let length = (end - start).milliseconds
    let blind = unobserved.milliseconds(from: start, until: end)
    let work = planned.milliseconds(from: start, until: end)
    guard !shutdowns.intersects(from: start, until: end) else { return .mixed }
    guard work == 0 || work == length else { return blind == 0 ? .shifts : .mixed }
    if blind == 0 || blind == length { return .whole(observed: blind == 0, planned: work > 0) }
    return work == 0 ? .partly : .mixed
  }
}

/// Unknown time of one equipment whose messages are missing, beyond the time that was not observed anyway.
final class LostTime {
  let lost: TimeRanges
  /// Not shut down.
  let open: TimeRanges
  /// While planned.
  let planned: TimeRanges

  /// The part of `lost` that is not unobserved already; nil if nothing is left.
  init?(_ lost: [Range<Timestamp>], beside line: PeriodPlace) {
    guard !lost.isEmpty else { return nil }
    let added = TimeRanges(merging: lost).subtracting(line.unobserved)
    guard !added.isEmpty else { return nil }
    self.lost = added
    open = line.shutdowns.isEmpty ? added : added.subtracting(line.shutdowns)
    planned = added.intersection(line.planned)
  }

  /// Whether any of a day is lost.
  func touches(_ day: PeriodPlace.Day) -> Bool { lost.intersects(from: day.start, until: day.end) }
}
