import Telemetry

/// Adds up one range of an equipment's time by the pieces of it that readings or sessions vouch for, where totals of
/// days would not do.
struct ExactTime {
  private let range: Range<Timestamp>
  private let sessions: [Range<Timestamp>]
  /// Up to where pieces were added.
  private var reached: Timestamp
  /// The first session that may reach past it.
  private var session = 0
  private let place: PeriodPlace
  private let lost: LostTime?
  private var planned: TimeRanges.Cursor
  private var unusual: Unusual

  /// Time of the range that is not simply observed: nil where there is none.
  private struct Unusual {
    var shutdowns: TimeRanges.Cursor?
    var blind: Blind?
    /// Lost by this equipment alone.
    var missing: Blind?
  }

  /// Time in which nobody listened: all of it, the part without shutdowns, and the planned part.
  private struct Blind {
    var all: TimeRanges.Cursor
    var open: TimeRanges.Cursor
    var planned: TimeRanges.Cursor
  }

  /// Milliseconds vouched for: in all, under planned shutdowns, and in unobserved time (in all, without shutdowns,
  /// in planned time).
  private struct Vouched {
    var all: Int64 = 0
    var shut: Int64 = 0
    var blind: (all: Int64, open: Int64, planned: Int64) = (0, 0, 0)

    /// Adds a piece after all before it.
    mutating func add(_ from: Timestamp, _ until: Timestamp, _ unusual: inout Unusual) {
      all += (until - from).milliseconds
      shut += unusual.shutdowns?.milliseconds(from: from, until: until) ?? 0
      add(from, until, &unusual.blind)
      add(from, until, &unusual.missing)
    }

    private mutating func add(_ from: Timestamp, _ until: Timestamp, _ part: inout Blind?) {
      guard part != nil else { return }
      blind.all += part?.all.milliseconds(from: from, until: until) ?? 0
      blind.open += part?.open.milliseconds(from: from, until: until) ?? 0
      blind.planned += part?.planned.milliseconds(from: from, until: until) ?? 0
    }
  }
  private var byReadings = Vouched()
  /// Vouched for by a session and by no reading.
  private var bySessions = Vouched()
  private var running: Int64 = 0
  private var automaticRunning: Int64 = 0
  private var manualRunning: Int64 = 0
  private var plannedRunning: Int64 = 0
  private var plannedBusy: Int64 = 0

  init(
    _ range: Range<Timestamp>, of place: PeriodPlace, lost: LostTime?, sessions: [Range<Timestamp>] = []
  ) {
    self.range = range
    self.sessions = sessions
    reached = range.lowerBound
    self.place = place
    self.lost = lost
    let (from, until) = (range.lowerBound, range.upperBound)
    planned = TimeRanges.Cursor(place.planned, from: from)
    unusual = Unusual()
    if place.shutdowns.intersects(from: from, until: until) {
      unusual.shutdowns = TimeRanges.Cursor(place.shutdowns, from: from)
    }
    if place.unobserved.intersects(from: from, until: until) {
      unusual.blind = Blind(
        all: TimeRanges.Cursor(place.unobserved, from: from),
        open: TimeRanges.Cursor(place.unobservedOpen, from: from),
        planned: TimeRanges.Cursor(place.unobservedPlanned, from: from))
    }
    if let lost, lost.lost.intersects(from: from, until: until) {
      unusual.missing = Blind(
        all: TimeRanges.Cursor(lost.lost, from: from), open: TimeRanges.Cursor(lost.open, from: from),
        planned: TimeRanges.Cursor(lost.planned, from: from))
    }
  }

  /// Adds what stretches vouch for, each for [from, min(next from, last + T, cut)). They are ascending.
  mutating func add(_ stretches: [StateInterval], horizons: Horizons) {
    stretches.forEachVouched(horizons: horizons, in: range) { index, vouched in
      addSessions(until: vouched.lowerBound)
      add(vouched.lowerBound, vouched.upperBound, stretches[index].state, stretches[index].mode)
      reached = vouched.upperBound
    }
  }

  private mutating func add(
    _ from: Timestamp, _ until: Timestamp, _ state: EquipmentState, _ mode: OperatingMode
  ) {
    let length = (until - from).milliseconds
    let work = planned.milliseconds(from: from, until: until)
    if state == .running {
      running += length
      plannedRunning += work
      switch mode {
      case .automatic: automaticRunning += length
      case .manual: manualRunning += length
      case .unstated: break
      }
    }
    if state.isBusy { plannedBusy += work }
    byReadings.add(from, until, &unusual)
  }

  /// Adds what sessions vouch for between the last piece and the next, at `until`.
  private mutating func addSessions(until: Timestamp) {
    while session < sessions.count, sessions[session].lowerBound < until {
      let from = max(sessions[session].lowerBound, reached)
      let end = min(sessions[session].upperBound, until)
      if from < end { bySessions.add(from, end, &unusual) }
      if sessions[session].upperBound > until { break }
      session += 1
    }
  }

  /// Adds the whole range to `figures`, once every stretch was added.
  mutating func close(into figures: inout TimeFigures) {
    addSessions(until: range.upperBound)
    let (from, until) = (range.lowerBound, range.upperBound)
    func sum(_ line: TimeRanges, _ own: TimeRanges?) -> Int64 {
      line.milliseconds(from: from, until: until) + (own?.milliseconds(from: from, until: until) ?? 0)
    }
    func split(_ length: Int64, _ on: Int64, _ unobserved: Int64) -> TimeFigures.Connectivity {
      var split = TimeFigures.Connectivity()
      split.on = on
      split.unobserved = unobserved
      split.off = length - on - unobserved
      return split
    }
    let length = (until - from).milliseconds
    let openLength = length - sum(place.shutdowns, nil)
    let (unobserved, unobservedOpen) = (
      sum(place.unobserved, lost?.lost), sum(place.unobservedOpen, lost?.open)
    )
    let (on, blind) = (byReadings.all + bySessions.all, byReadings.blind.all + bySessions.blind.all)
    figures.roundTheClock += split(length, on, unobserved - blind)
    let openOn = on - byReadings.shut - bySessions.shut
    figures.connectivity += split(
      openLength, openOn, unobservedOpen - byReadings.blind.open - bySessions.blind.open)
    figures.reporting += split(
      openLength, byReadings.all - byReadings.shut, unobservedOpen - byReadings.blind.open)
    figures.vouchedByReadings += byReadings.all
    figures.stateUnobserved += unobserved - byReadings.blind.all
    let plannedUnobserved = sum(place.unobservedPlanned, lost?.planned) - byReadings.blind.planned
    figures.plannedUnobserved += plannedUnobserved
    figures.planned += sum(place.planned, nil) - plannedUnobserved
    figures.running += running
    figures.automaticRunning += automaticRunning
    figures.manualRunning += manualRunning
    figures.plannedRunning += plannedRunning
    figures.plannedBusy += plannedBusy
  }
}

extension [StateInterval] {
  /// Calls `body` with the place of each that vouches for a part of a range, and with that part; ascending.
  @inline(__always)
  func forEachVouched(
    horizons: Horizons, in range: Range<Timestamp>,
    _ body: (_ index: Int, _ vouched: Range<Timestamp>) -> Void
  ) {
    // None before the last that begins by the range's beginning vouches beyond that one's first reading.
    var (index, high) = (0, count)
    while index < high {
      let middle = (index + high) / 2
      if self[middle].from <= range.lowerBound { index = middle + 1 } else { high = middle }
    }
    index = Swift.max(0, index - 1)
    while index < count, self[index].from < range.upperBound {
      let vouched = vouched(at: index, horizons: horizons, in: range)
      if !vouched.isEmpty { body(index, vouched) }
      index += 1
    }
  }

  /// Time for which the one at a place vouches within a range; empty if it does not.
  func vouched(at index: Int, horizons: Horizons, in range: Range<Timestamp>) -> Range<Timestamp> {
    var until = Swift.min(horizons.end(of: self[index]), range.upperBound)
    if index + 1 < count { until = Swift.min(until, self[index + 1].from) }
    if let cut = self[index].cut { until = Swift.min(until, cut) }
    let from = Swift.max(self[index].from, range.lowerBound)
    return from..<Swift.max(from, until)
  }
}
