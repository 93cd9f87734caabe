import Register
import Telemetry

/// What holds for all equipment of one line in a period: when it is planned to produce, shut down, and when
/// nobody listened. Worked out once for each line.
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
  /// By day of the period: whether its totals say it all.
  let days: [Day]
  private let period: Period
  /// By their length, once they were asked for.
  private var slots: [Int: [DueSlots]] = [:]

  /// How a day of the period is to be counted.
  struct Day {
    enum Kind: Equatable {
      /// Observed or unobserved throughout, planned throughout or not at all, and no shutdown: totals do.
      case whole(observed: Bool, planned: Bool)
      /// Not observed throughout, neither planned nor shut down: totals do, but for what readings vouch for
      /// while nobody listened.
      case partly
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
    self.period = period
    self.unobserved = unobserved
    unobservedOpen = unobserved.subtracting(shutdowns)
    unobservedPlanned = unobserved.intersection(planned)
    var days: [Day] = []
    var start = period.from
    for offset in 0...Int(period.lastDay.number - period.firstDay.number) {
      let end = period.calendar.start(of: period.firstDay + (offset + 1))
      let kind =
        end <= period.until ? Self.kind(start, end, unobserved, planned, shutdowns) : .mixed
      days.append(Day(kind: kind, start: start, end: end))
      start = end
    }
    self.days = days
  }

  /// By day of the period: the slots of `length` minutes in which data was due of equipment whose messages
  /// are not missing.
  func due(slots length: Int) -> [DueSlots] {
    if let known = slots[length] { return known }
    let due = days.indices.map { index in
      period.firstDay + index <= period.lastCountedDay
        ? DueSlots(of: length, on: days[index], until: period.until, not: [unobserved, shutdowns])
        : DueSlots()
    }
    slots[length] = due
    return due
  }

  /// Whether the days at some places are all observed, or all not, and their totals say it all.
  func areAlike(_ indices: ClosedRange<Int>) -> Bool {
    guard case .whole(let observed, let planned) = days[indices.lowerBound].kind else { return false }
    return indices.allSatisfy { index in
      if case .whole(observed, planned) = days[index].kind { true } else { false }
    }
  }

  /// How a day that is over is to be counted.
  private static func kind(
    _ start: Timestamp, _ end: Timestamp, _ unobserved: TimeRanges, _ planned: TimeRanges,
    _ shutdowns: TimeRanges
  ) -> Day.Kind {
    let length = (end - start).milliseconds
    let blind = unobserved.milliseconds(from: start, until: end)
    let work = planned.milliseconds(from: start, until: end)
    guard work == 0 || work == length, !shutdowns.intersects(from: start, until: end) else { return .mixed }
    if blind == 0 || blind == length { return .whole(observed: blind == 0, planned: work > 0) }
    return work == 0 ? .partly : .mixed
  }
}

/// Slots of one day in which data was due: whole within the period, and neither unobserved nor shut down in
/// any part.
struct DueSlots {
  /// Slots by number from local midnight, ascending, disjoint.
  private(set) var ranges: [Range<Int>] = []
  private(set) var count = 0
  /// Whether they are all of the day.
  private(set) var isWhole = false

  /// None.
  init() {}

  /// The slots of `length` minutes of a day that lie before `until` and touch none of `excluded`.
  init(of length: Int, on day: PeriodPlace.Day, until: Timestamp, not excluded: [TimeRanges]) {
    let slots = Int((day.end - day.start).milliseconds / 60_000) / length
    let span = Int64(length) * 60_000
    let last = min(slots, Int((max(day.start, until) - day.start).milliseconds / span))
    guard last > 0 else { return }
    ranges = [0..<last]
    for excluded in excluded where excluded.intersects(from: day.start, until: day.end) {
      for range in excluded.ranges where range.lowerBound < day.end && range.upperBound > day.start {
        let first = (max(range.lowerBound, day.start) - day.start).milliseconds / span
        let end = ((min(range.upperBound, day.end) - day.start).milliseconds + span - 1) / span
        remove(Int(first)..<Int(end))
      }
    }
    count = ranges.reduce(0) { $0 + $1.count }
    isWhole = count == slots
  }

  private mutating func remove(_ removed: Range<Int>) {
    ranges = ranges.flatMap { range in
      [
        range.lowerBound..<max(range.lowerBound, min(range.upperBound, removed.lowerBound)),
        min(range.upperBound, max(range.lowerBound, removed.upperBound))..<range.upperBound,
      ].filter { !$0.isEmpty }
    }
  }
}

/// What is unknown of one equipment because its messages are missing, beside what was not observed anyway.
final class LostTime {
  let lost: TimeRanges
  /// Not shut down.
  let open: TimeRanges
  /// While planned.
  let planned: TimeRanges

  /// What of `lost` a line's equipment does not lack already; nil when nothing is left.
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
