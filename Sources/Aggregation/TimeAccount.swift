import Register
import Storage
import Telemetry

/// Adds up what one equipment did while one row of the register held, for one line.
struct TimeAccount {
  let place: PeriodPlace
  /// nil when nothing is missing.
  let lost: LostTime?
  let period: Period
  /// T.
  let horizon: Span
  /// Up to which horizon day totals are credited.
  let horizonMinimum: Span

  /// Time and states of the service days `service`, from the equipment's first reading on.
  func time(
    of evidence: PeriodEvidence, service: ClosedRange<CalendarDay>, stretches: StretchLookup
  ) throws -> TimeFigures {
    var figures = TimeFigures()
    guard let first = evidence.firstReading else { return figures }
    let span = instants(of: service)
    figures.inService = max(0, (span.upperBound - span.lowerBound).milliseconds)
    figures.hasCalendar = place.hasCalendar
    let isByTotals = horizon == horizonMinimum
    var next = 0
    var open: Timestamp?
    var exact: [Range<Timestamp>] = []
    var blind: [Range<Timestamp>] = []
    let indices = indices(of: service)
    var following = indices.lowerBound
    while following <= indices.upperBound {
      let index = following
      following += 1
      let day = place.days[index]
      guard day.end > first, day.start < span.upperBound else { continue }
      guard isByTotals, day.kind != .mixed, day.start >= first, !(lost?.touches(day) ?? false) else {
        if open == nil { open = max(day.start, first) }
        continue
      }
      if let from = open { exact.append(from..<day.start) }
      open = nil
      let number = period.firstDay + index
      while next < evidence.days.count, evidence.days[next].day < number { next += 1 }
      var length = (day.end - day.start).milliseconds
      var totals = DaySums()
      if next < evidence.days.count, evidence.days[next].day == number {
        totals = evidence.days[next].totals
        if evidence.days[next].count > 1 {
          following = index + Int(evidence.days[next].count)
          length = (place.days[following - 1].end - day.start).milliseconds
        }
      }
      switch day.kind {
      case .whole(let observed, let planned):
        figures.add(totals, length: length, blind: observed ? 0 : length, planned: planned)
      case .partly, .mixed:
        figures.add(totals, length: length, blind: place.unobserved(in: day, to: &blind), planned: false)
      }
    }
    if let from = open, from < span.upperBound { exact.append(from..<span.upperBound) }
    if !exact.isEmpty { try add(exact, stretches, to: &figures) }
    if !blind.isEmpty { figures.vouch(blind: try vouched(in: blind, stretches)) }
    return figures
  }

  /// Meters, pieces and what else days count, of the service days; a day that the period's end cuts in the
  /// past is left out.
  func counts(of evidence: PeriodEvidence, service: ClosedRange<CalendarDay>) -> TimeFigures {
    var figures = TimeFigures()
    let last = min(service.upperBound, period.lastCountedDay)
    var countedTotal: Int64 = 0
    for index in evidence.days.indices {
      let day = evidence.days[index].day
      guard day >= service.lowerBound, day <= last else { continue }
      figures.addCounts(of: evidence.days[index].totals)
      countedTotal.add(saturating: evidence.days[index].totals.total)
    }
    figures.hasEnergy = evidence.hasEnergy
    let most = max(figures.energy, figures.good, countedTotal)
    figures.saturated = most >= TimeFigures.saturation ? 1 : 0
    return figures
  }

  /// Minutes of the slots in which data is due by a declared interval.
  static func slotLength(_ interval: Span) -> Int { Int((interval.milliseconds + 59_999) / 60_000) }

  /// Slots of `length` minutes from local midnight in which data was due of an equipment never heard.
  func slotsExpected(of length: Int, service: ClosedRange<CalendarDay>) -> Int {
    let due = place.due(slots: length)
    return indices(of: service).reduce(0) { $0 + due[$1].count }
  }

  /// Slots of `length` minutes from local midnight in which data was due, and in which it came.
  func slots(
    of length: Int, _ evidence: PeriodEvidence, service: ClosedRange<CalendarDay>
  ) throws -> (expected: Int, received: Int) {
    var sum = (expected: 0, received: 0)
    let due = place.due(slots: length)
    var next = 0
    let indices = indices(of: service)
    var following = indices.lowerBound
    while following <= indices.upperBound {
      let index = following
      following += 1
      let lacking = lost.map { $0.touches(place.days[index]) } ?? false
      sum.expected += lacking ? lackingSlots(of: length, on: index).count : due[index].count
      let number = period.firstDay + index
      while next < evidence.days.count, evidence.days[next].day < number { next += 1 }
      guard next < evidence.days.count, evidence.days[next].day == number, due[index].count > 0 else {
        continue
      }
      sum.received +=
        lacking
        ? try received(length, lackingSlots(of: length, on: index), evidence, next)
        : try received(length, due[index], evidence, next)
    }
    return sum
  }

  private func received(
    _ length: Int, _ due: DueSlots, _ evidence: PeriodEvidence, _ index: Int
  ) throws -> Int {
    try evidence.received(slots: length, among: due.ranges, isWhole: due.isWhole, on: index)
  }

  /// The slots of a day that are due without those in which messages are missing.
  private func lackingSlots(of length: Int, on index: Int) -> DueSlots {
    let day = place.days[index]
    guard let lost, place.due(slots: length)[index].count > 0 else { return DueSlots() }
    return DueSlots(
      of: length, on: day, until: period.until, not: [place.unobserved, place.shutdowns, lost.lost])
  }

  // MARK: -

  private func indices(of service: ClosedRange<CalendarDay>) -> ClosedRange<Int> {
    Int(
      service.lowerBound.number - period.firstDay.number)...Int(
        service.upperBound.number - period.firstDay.number)
  }

  /// Service days as instants, up to the period's end.
  func instants(of service: ClosedRange<CalendarDay>) -> Range<Timestamp> {
    let range = indices(of: service)
    let from = place.days[range.lowerBound].start
    return from..<max(from, min(place.days[range.upperBound].end, period.until))
  }

  /// Adds exact ranges, ascending.
  private func add(
    _ ranges: [Range<Timestamp>], _ stretches: StretchLookup, to figures: inout TimeFigures
  ) throws {
    try forEach(ranges, stretches, within: .days(3)) { range, found in
      var exact = ExactTime(range, of: place, lost: lost)
      exact.add(found, horizon: horizon)
      exact.close(into: &figures)
    }
  }

  /// Milliseconds of ranges, ascending, that readings vouch for.
  private func vouched(in ranges: [Range<Timestamp>], _ stretches: StretchLookup) throws -> Int64 {
    var sum: Int64 = 0
    try forEach(ranges, stretches, within: .hours(3)) { range, found in
      for index in found.indices where found[index].from < range.upperBound {
        let next = index + 1 < found.count ? found[index + 1].from : .distantFuture
        let until = min(
          found[index].last + horizon, found[index].cut ?? .distantFuture, next, range.upperBound)
        sum += max(0, (until - max(found[index].from, range.lowerBound)).milliseconds)
      }
    }
    return sum
  }

  /// Calls `body` with each range and stretches that may vouch for it; those of ranges that lie not further apart
  /// than `distance` are looked up together.
  private func forEach(
    _ ranges: [Range<Timestamp>], _ stretches: StretchLookup, within distance: Span,
    _ body: (Range<Timestamp>, [StateInterval]) -> Void
  ) throws {
    var begin = 0
    while begin < ranges.count {
      var end = begin + 1
      while end < ranges.count, ranges[end].lowerBound - ranges[end - 1].upperBound < distance { end += 1 }
      let found = try stretches(ranges[begin].lowerBound..<ranges[end - 1].upperBound)
      for range in ranges[begin..<end] { body(range, found) }
      begin = end
    }
  }
}

extension PeriodPlace {
  /// Milliseconds of a day in which nobody listened; adds when.
  fileprivate func unobserved(in day: Day, to ranges: inout [Range<Timestamp>]) -> Int64 {
    var sum: Int64 = 0
    unobserved.forEach(from: day.start, until: day.end) { range in
      ranges.append(range)
      sum += (range.upperBound - range.lowerBound).milliseconds
    }
    return sum
  }
}

extension TimeFigures {
  /// Adds a day's messages, meters and pieces, after all days before it.
  fileprivate mutating func addCounts(of totals: DaySums) {
    readings.add(saturating: Int(totals.readings))
    missing.add(saturating: Int(totals.missing))
    ties.add(saturating: Int(totals.ties))
    energy.add(saturating: totals.energy)
    good.add(saturating: totals.good)
    countedGood.add(saturating: totals.good.subtractingSaturated(totals.odd.unpairedGood))
    countedTotal.add(saturating: totals.total.subtractingSaturated(totals.odd.unpairedTotal))
    meterResets.add(saturating: Int(totals.meterResets))
    meterGlitches.add(saturating: Int(totals.odd.glitches))
    goodAboveTotal.add(saturating: Int(totals.odd.goodAboveTotal))
    if totals.readings > 0 { fallingMeters = Int(totals.odd.openFalls) }
  }

  /// Adds days by their totals, of which `blind` milliseconds were not observed and nothing vouches for those,
  /// or the whole of them.
  fileprivate mutating func add(_ totals: DaySums, length: Int64, blind: Int64, planned isPlanned: Bool) {
    let states = totals.states
    let running = Int64(states[.running])
    let busy =
      running + Int64(states[.idle]) + Int64(states[.setup]) + Int64(states[.stopped]) + Int64(states[.fault])
    let on = busy + Int64(states[.maintenance]) + Int64(states[.off])
    // Of a day that nobody observed, what readings vouch for is known from them.
    let unobserved = blind == length ? length - on : blind
    let off = length - on - unobserved
    connectivity.on += on
    connectivity.off += off
    connectivity.unobserved += unobserved
    roundTheClock.on += on
    roundTheClock.off += off
    roundTheClock.unobserved += unobserved
    self.running += running
    automaticRunning += Int64(totals.automaticRunning)
    manualRunning += Int64(totals.manualRunning)
    guard isPlanned else { return }
    planned += length - unobserved
    plannedUnobserved += unobserved
    plannedRunning += running
    plannedBusy += busy
  }

  /// Takes into account that readings vouch for some of what was added as not observed.
  fileprivate mutating func vouch(blind vouched: Int64) {
    connectivity.off += vouched
    connectivity.unobserved -= vouched
    roundTheClock.off += vouched
    roundTheClock.unobserved -= vouched
  }
}

extension EquipmentState {
  /// Part of the actual unit busy time (AUBT, ISO 22400-2).
  var isBusy: Bool { self != .off && self != .maintenance }
}

extension Period {
  /// The last day whose totals count: a day that the end cuts in the past is known only as a whole.
  var lastCountedDay: CalendarDay {
    until >= calendar.start(of: lastDay + 1) || isClippedToNow ? lastDay : lastDay - 1
  }
}
