import Register
import Storage
import Telemetry

/// Adds up what one equipment did while one row of the register held, for one line.
struct TimeAccount {
  let place: PeriodPlace
  /// nil when nothing is missing.
  let lost: LostTime?
  let period: Period
  let horizons: Horizons
  /// Up to which horizon day totals are credited.
  let horizonMinimum: Span

  /// Time of the service days `service` of an equipment that was never heard.
  func neverHeard(_ service: ClosedRange<CalendarDay>) -> TimeFigures {
    var figures = TimeFigures()
    let span = instants(of: service)
    let (from, until) = (span.lowerBound, span.upperBound)
    figures.hasCalendar = place.hasCalendar
    figures.shutdown = place.shutdowns.milliseconds(from: from, until: until)
    figures.neverHeard.unobserved = place.unobservedOpen.milliseconds(from: from, until: until)
    figures.neverHeard.off = (until - from).milliseconds - figures.shutdown - figures.neverHeard.unobserved
    return figures
  }

  /// Time and states of the service days `service`, heard or not.
  func time(
    of evidence: PeriodEvidence?, service: ClosedRange<CalendarDay>, stretches: StretchLookup
  ) throws -> TimeFigures {
    guard let evidence, evidence.isHeard else { return neverHeard(service) }
    var figures = TimeFigures()
    let span = instants(of: service)
    figures.inService = (span.upperBound - span.lowerBound).milliseconds
    figures.shutdown = place.shutdowns.milliseconds(from: span.lowerBound, until: span.upperBound)
    figures.hasCalendar = place.hasCalendar
    var parts = Parts(sessions: evidence.sessions)
    var next = 0
    for index in indices(of: service) {
      let day = place.days[index]
      guard day.start < span.upperBound else { continue }
      guard isByTotals(day), let isOnline = parts.session(from: day.start, until: day.end) else {
        parts.openExact(at: day.start)
        continue
      }
      parts.closeExact(at: day.start)
      let number = period.firstDay + index
      while next < evidence.days.count, evidence.days[next].day < number { next += 1 }
      let length = (day.end - day.start).milliseconds
      var totals = DaySums()
      if next < evidence.days.count, evidence.days[next].day == number {
        totals = evidence.days[next].totals
      }
      switch day.kind {
      case .whole(let observed, let planned):
        figures.add(
          totals, length: length, blind: observed ? 0 : length, planned: planned, isOnline: isOnline)
      case .partly, .mixed:
        let blind = place.unobserved(in: day, to: &parts.blind[isOnline ? 1 : 0])
        figures.add(totals, length: length, blind: blind, planned: false, isOnline: isOnline)
      }
    }
    parts.closeExact(at: span.upperBound)
    if !parts.exact.isEmpty { try add(parts.exact, evidence.sessions, stretches, to: &figures) }
    for isOnline in [false, true] where !parts.blind[isOnline ? 1 : 0].isEmpty {
      figures.vouch(blind: try vouched(in: parts.blind[isOnline ? 1 : 0], stretches), isOnline: isOnline)
    }
    return figures
  }

  /// Whether the totals of a day say what its readings vouch for.
  private func isByTotals(_ day: PeriodPlace.Day) -> Bool {
    day.kind != .mixed && !(lost?.touches(day) ?? false)
      && horizons.isAlways(horizonMinimum, from: day.start, until: day.end)
  }

  /// Parts of a service that are added up by stretches, and unobserved ranges of days that are added up by totals.
  private struct Parts {
    let sessions: [Range<Timestamp>]
    /// The first session that may reach into the day at hand.
    private var next = 0
    private var open: Timestamp?
    private(set) var exact: [Range<Timestamp>] = []
    /// Of days without a session, and of those with one.
    var blind: [[Range<Timestamp>]] = [[], []]

    init(sessions: [Range<Timestamp>]) { self.sessions = sessions }

    mutating func openExact(at instant: Timestamp) { if open == nil { open = instant } }

    mutating func closeExact(at instant: Timestamp) {
      if let from = open, from < instant { exact.append(from..<instant) }
      open = nil
    }

    /// Whether a session was open on all of a day, or on nothing of it; nil for a part of it. Days are asked for
    /// in order.
    mutating func session(from: Timestamp, until: Timestamp) -> Bool? {
      while next < sessions.count, sessions[next].upperBound <= from { next += 1 }
      guard next < sessions.count, sessions[next].lowerBound < until else { return false }
      return sessions[next].lowerBound <= from && sessions[next].upperBound >= until ? true : nil
    }
  }

  /// Meters, pieces and what else days count, of the service days.
  func counts(of evidence: PeriodEvidence, service: ClosedRange<CalendarDay>) -> TimeFigures {
    var figures = TimeFigures()
    var countedTotal: Int64 = 0
    for index in evidence.days.indices where service.contains(evidence.days[index].day) {
      figures.addCounts(of: evidence.days[index].totals)
      countedTotal.add(saturating: evidence.days[index].totals.total)
    }
    figures.hasEnergy = evidence.hasEnergy
    let most = max(figures.energy, figures.good, countedTotal)
    figures.saturated = most >= TimeFigures.saturation ? 1 : 0
    return figures
  }

  // MARK: -

  func indices(of service: ClosedRange<CalendarDay>) -> ClosedRange<Int> {
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
    _ ranges: [Range<Timestamp>], _ sessions: [Range<Timestamp>], _ stretches: StretchLookup,
    to figures: inout TimeFigures
  ) throws {
    try forEach(ranges, stretches, within: .days(3)) { range, found in
      var exact = ExactTime(range, of: place, lost: lost, sessions: sessions)
      exact.add(found, horizons: horizons)
      exact.close(into: &figures)
    }
  }

  /// Milliseconds of ranges, ascending, that readings vouch for.
  private func vouched(in ranges: [Range<Timestamp>], _ stretches: StretchLookup) throws -> Int64 {
    var sum: Int64 = 0
    try forEach(ranges, stretches, within: .hours(3)) { range, found in
      for index in found.indices where found[index].from < range.upperBound {
        let vouched = found.vouched(at: index, horizons: horizons, in: range)
        sum += (vouched.upperBound - vouched.lowerBound).milliseconds
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
  /// or the whole of them; a session was open on all of them, or on nothing of them.
  fileprivate mutating func add(
    _ totals: DaySums, length: Int64, blind: Int64, planned isPlanned: Bool, isOnline: Bool
  ) {
    let states = totals.states
    let running = Int64(states[.running])
    let busy =
      running + Int64(states[.idle]) + Int64(states[.setup]) + Int64(states[.stopped]) + Int64(states[.fault])
    var split = Connectivity()
    split.on = busy + Int64(states[.maintenance]) + Int64(states[.off])
    // Of a day that nobody observed, what readings vouch for is known from them.
    split.unobserved = blind == length ? length - split.on : blind
    split.off = length - split.on - split.unobserved
    reporting += split
    vouchedByReadings += split.on
    stateUnobserved += split.unobserved
    self.running += running
    automaticRunning += Int64(totals.automaticRunning)
    manualRunning += Int64(totals.manualRunning)
    if isPlanned {
      planned += length - split.unobserved
      plannedUnobserved += split.unobserved
      plannedRunning += running
      plannedBusy += busy
    }
    if isOnline {
      split = Connectivity()
      split.on = length
    }
    connectivity += split
    roundTheClock += split
  }

  /// Takes into account that readings vouch for some of what was added as not observed.
  fileprivate mutating func vouch(blind vouched: Int64, isOnline: Bool) {
    reporting.off += vouched
    reporting.unobserved -= vouched
    stateUnobserved -= vouched
    guard !isOnline else { return }
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
