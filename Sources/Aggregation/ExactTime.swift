import Telemetry

/// Adds up one range of an equipment's time by the pieces of it that readings vouch for, where totals of days
/// would not do.
struct ExactTime {
  private let range: Range<Timestamp>
  private let place: PeriodPlace
  private let lost: LostTime?
  private var planned: TimeRanges.Cursor
  /// nil where nothing of the range is shut down.
  private var shutdowns: TimeRanges.Cursor?
  /// Unobserved; not shut down; planned; and the same of what is lost. nil where the range is observed.
  private var blind: (all: TimeRanges.Cursor, open: TimeRanges.Cursor, planned: TimeRanges.Cursor)?
  private var missing: (all: TimeRanges.Cursor, open: TimeRanges.Cursor, planned: TimeRanges.Cursor)?

  private var on: Int64 = 0
  private var onWhileShut: Int64 = 0
  private var blindVouched: (all: Int64, open: Int64, planned: Int64) = (0, 0, 0)
  private var running: Int64 = 0
  private var automaticRunning: Int64 = 0
  private var manualRunning: Int64 = 0
  private var plannedRunning: Int64 = 0
  private var plannedBusy: Int64 = 0

  init(_ range: Range<Timestamp>, of place: PeriodPlace, lost: LostTime?) {
    self.range = range
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
  mutating func add(_ stretches: [StateInterval], horizon: Span) {
    var index = first(of: stretches)
    while index < stretches.count, stretches[index].from < range.upperBound {
      var until = min(stretches[index].last + horizon, range.upperBound)
      if index + 1 < stretches.count { until = min(until, stretches[index + 1].from) }
      if let cut = stretches[index].cut { until = min(until, cut) }
      let from = max(stretches[index].from, range.lowerBound)
      if from < until { add(from, until, stretches[index].state, stretches[index].mode) }
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
    on += length
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
    onWhileShut += shutdowns?.milliseconds(from: from, until: until) ?? 0
    if blind != nil {
      blindVouched.all += blind?.all.milliseconds(from: from, until: until) ?? 0
      blindVouched.open += blind?.open.milliseconds(from: from, until: until) ?? 0
      blindVouched.planned += blind?.planned.milliseconds(from: from, until: until) ?? 0
    }
    if missing != nil {
      blindVouched.all += missing?.all.milliseconds(from: from, until: until) ?? 0
      blindVouched.open += missing?.open.milliseconds(from: from, until: until) ?? 0
      blindVouched.planned += missing?.planned.milliseconds(from: from, until: until) ?? 0
    }
  }

  /// Adds the whole range to `figures`, once every stretch was added.
  func close(into figures: inout TimeFigures) {
    let (from, until) = (range.lowerBound, range.upperBound)
    func sum(_ line: TimeRanges, _ own: TimeRanges?) -> Int64 {
      line.milliseconds(from: from, until: until) + (own?.milliseconds(from: from, until: until) ?? 0)
    }
    let length = (until - from).milliseconds
    var all = TimeFigures.Connectivity()
    all.on = on
    all.unobserved = sum(place.unobserved, lost?.lost) - blindVouched.all
    all.off = length - all.on - all.unobserved
    var open = TimeFigures.Connectivity()
    open.on = on - onWhileShut
    open.unobserved = sum(place.unobservedOpen, lost?.open) - blindVouched.open
    open.off = length - sum(place.shutdowns, nil) - open.on - open.unobserved
    figures.roundTheClock += all
    figures.connectivity += open
    let plannedUnobserved = sum(place.unobservedPlanned, lost?.planned) - blindVouched.planned
    figures.plannedUnobserved += plannedUnobserved
    figures.planned += sum(place.planned, nil) - plannedUnobserved
    figures.running += running
    figures.automaticRunning += automaticRunning
    figures.manualRunning += manualRunning
    figures.plannedRunning += plannedRunning
    figures.plannedBusy += plannedBusy
  }
}
