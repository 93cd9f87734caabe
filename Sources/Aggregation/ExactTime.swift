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
  /// nil where nothing of the range is shut down.
  private var shutdowns: TimeRanges.Cursor?
  /// Unobserved; not shut down; planned; and the same of what is lost. nil where the range is observed.
  private var blind: (all: TimeRanges.Cursor, open: TimeRanges.Cursor, planned: TimeRanges.Cursor)?
  private var missing: (all: TimeRanges.Cursor, open: TimeRanges.Cursor, planned: TimeRanges.Cursor)?

  /// Milliseconds vouched for: in all, under planned shutdowns, and in unobserved time (in all, without shutdowns,
  /// in planned time).
  private struct Vouched {
    var all: Int64 = 0
    var shut: Int64 = 0
    var blind: (all: Int64, open: Int64, planned: Int64) = (0, 0, 0)
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
    if place.shutdowns.intersects(from: from, until: until) {
      shutdowns = TimeRanges.Cursor(place.shutdowns, from: from)
    }
    if place.unobserved.intersects(from: from, until: until) {
      blind = (
        TimeRanges.Cursor(place.unobserved, from: from), TimeRanges.Cursor(place.unobservedOpen, from: from),
        TimeRanges.Cursor(place.unobservedPlanned, from: from)
      )
    }
    if let lost, lost.lost.intersects(from: from, until: until) {
      missing = (
        TimeRanges.Cursor(lost.lost, from: from), TimeRanges.Cursor(lost.open, from: from),
        TimeRanges.Cursor(lost.planned, from: from)
      )
    }
  }

  /// Adds what stretches vouch for, each for [from, min(next from, last + T, cut)). They are ascending.
  mutating func add(_ stretches: [StateInterval], horizons: Horizons) {
    var index = first(of: stretches)
    while index < stretches.count, stretches[index].from < range.upperBound {
      let vouched = stretches.vouched(at: index, horizons: horizons, in: range)
      if !vouched.isEmpty {
        addSessions(until: vouched.lowerBound)
        add(vouched.lowerBound, vouched.upperBound, stretches[index].state, stretches[index].mode)
        reached = vouched.upperBound
      }
      index += 1
    }
  }

  /// The last stretch that begins at or before the range, or the first there is.
  private func first(of stretches: [StateInterval]) -> Int {
    var low = 0
    var high = stretches.count
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].from <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
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
    count(from, until, \.byReadings)
  }

  /// Adds what sessions vouch for between the last piece and the next, at `until`.
  private mutating func addSessions(until: Timestamp) {
    while session < sessions.count, sessions[session].lowerBound < until {
      let from = max(sessions[session].lowerBound, reached)
      let end = min(sessions[session].upperBound, until)
      if from < end { count(from, end, \.bySessions) }
      if sessions[session].upperBound > until { break }
      session += 1
    }
  }

  private mutating func count(
    _ from: Timestamp, _ until: Timestamp, _ vouched: WritableKeyPath<Self, Vouched>
  ) {
    self[keyPath: vouched].all += (until - from).milliseconds
    self[keyPath: vouched].shut += shutdowns?.milliseconds(from: from, until: until) ?? 0
    if blind != nil {
      self[keyPath: vouched].blind.all += blind?.all.milliseconds(from: from, until: until) ?? 0
      self[keyPath: vouched].blind.open += blind?.open.milliseconds(from: from, until: until) ?? 0
      self[keyPath: vouched].blind.planned += blind?.planned.milliseconds(from: from, until: until) ?? 0
    }
    if missing != nil {
      self[keyPath: vouched].blind.all += missing?.all.milliseconds(from: from, until: until) ?? 0
      self[keyPath: vouched].blind.open += missing?.open.milliseconds(from: from, until: until) ?? 0
      self[keyPath: vouched].blind.planned += missing?.planned.milliseconds(from: from, until: until) ?? 0
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
  /// Time for which the one at a place vouches within a range; empty if it does not.
  func vouched(at index: Int, horizons: Horizons, in range: Range<Timestamp>) -> Range<Timestamp> {
    var until = Swift.min(horizons.end(of: self[index]), range.upperBound)
    if index + 1 < count { until = Swift.min(until, self[index + 1].from) }
    if let cut = self[index].cut { until = Swift.min(until, cut) }
    let from = Swift.max(self[index].from, range.lowerBound)
    return from..<Swift.max(from, until)
  }
}
