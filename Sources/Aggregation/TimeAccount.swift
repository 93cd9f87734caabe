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
    var next = evidence.places(of: service).lowerBound
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
      case .shifts:
        figures.add(totals, length: length, blind: 0, planned: false, isOnline: isOnline)
        figures.planned += day.planned
        if totals.states.busy > 0 {
          place.planned.forEach(from: day.start, until: day.end) { parts.addPlanned($0) }
        }
      case .partly, .mixed:
        let blind = place.unobserved(in: day, to: &parts.blind[isOnline ? 1 : 0])
        figures.add(totals, length: length, blind: blind, planned: false, isOnline: isOnline)
      }
    }
    parts.closeExact(at: span.upperBound)
    if !parts.read.isEmpty { try add(parts.read, evidence.sessions, stretches, to: &figures) }
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

  /// A range for which stretches are read.
  private struct Part {
    var range: Range<Timestamp>
    /// Whether it is planned time of days of which totals say everything else; else all of it is added up.
    var isPlan: Bool
  }

  /// Parts of a service that are added up by stretches, and unobserved ranges of days that are added up by totals.
  private struct Parts {
    let sessions: [Range<Timestamp>]
    /// The first session that may reach into the day at hand.
    private var next = 0
    private var open: Timestamp?
    /// Ascending.
    private(set) var read: [Part] = []
    /// Of days without a session, and of those with one.
    var blind: [[Range<Timestamp>]] = [[], []]

    init(sessions: [Range<Timestamp>]) { self.sessions = sessions }

    mutating func openExact(at instant: Timestamp) { if open == nil { open = instant } }

    mutating func closeExact(at instant: Timestamp) {
      if let from = open, from < instant { read.append(Part(range: from..<instant, isPlan: false)) }
      open = nil
    }

    mutating func addPlanned(_ range: Range<Timestamp>) { read.append(Part(range: range, isPlan: true)) }

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
    for index in evidence.places(of: service) {
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

  /// Adds parts, ascending, by the stretches that are read for them.
  private func add(
    _ parts: [Part], _ sessions: [Range<Timestamp>], _ stretches: StretchLookup,
    to figures: inout TimeFigures
  ) throws {
    try forEach(parts, \.range, stretches, within: .days(3)) { part, found in
      if part.isPlan { return addPlanned(part.range, found, to: &figures) }
      var exact = ExactTime(part.range, of: place, lost: lost, sessions: sessions)
      exact.add(found, horizons: horizons)
      exact.close(into: &figures)
    }
  }

  /// Adds what readings say of planned time.
  private func addPlanned(
    _ range: Range<Timestamp>, _ stretches: [StateInterval], to figures: inout TimeFigures
  ) {
    stretches.forEachVouched(horizons: horizons, in: range) { index, vouched in
      let length = (vouched.upperBound - vouched.lowerBound).milliseconds
      if stretches[index].state == .running { figures.plannedRunning += length }
      if stretches[index].state.isBusy { figures.plannedBusy += length }
    }
  }

  /// Milliseconds of ranges, ascending, that readings vouch for.
  private func vouched(in ranges: [Range<Timestamp>], _ stretches: StretchLookup) throws -> Int64 {
    var sum: Int64 = 0
    try forEach(ranges, \.self, stretches, within: .hours(3)) { range, found in
      found.forEachVouched(horizons: horizons, in: range) { _, vouched in
        sum += (vouched.upperBound - vouched.lowerBound).milliseconds
      }
    }
    return sum
  }

  /// Calls `body` with each part and stretches that may vouch for its range; those of ranges that lie not further apart
  /// than `distance` are looked up together.
  private func forEach<Element>(
    _ parts: [Element], _ range: (Element) -> Range<Timestamp>, _ stretches: StretchLookup,
    within distance: Span,
    _ body: (Element, [StateInterval]) -> Void
  ) throws {
    var begin = 0
    while begin < parts.count {
      let first = range(parts[begin])
      var until = first.upperBound
      var end = begin + 1
      while end < parts.count, range(parts[end]).lowerBound - until < distance {
        until = range(parts[end]).upperBound
        end += 1
      }
      let found = try stretches(first.lowerBound..<until)
      for part in parts[begin..<end] { body(part, found) }
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
    let busy = states.busy
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

extension InlineStates {
  /// Milliseconds of the actual unit busy time.
  fileprivate var busy: Int64 {
    Int64(self[.running]) + Int64(self[.idle]) + Int64(self[.setup]) + Int64(self[.stopped])
      + Int64(self[.fault])
  }
}
