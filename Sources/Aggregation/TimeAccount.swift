import Register
import Storage
import Telemetry

/// Adds up what one equipment did while one row of the register held, for one line.
struct TimeAccount {
  let place: PeriodPlace
  let period: Period
  /// T.
  let horizon: Span
  /// Up to which horizon day totals are credited.
  let horizonMinimum: Span

  /// Time and states of the service days `service`, from the equipment's first reading on.
  func time(
    of evidence: PeriodEvidence, service: ClosedRange<CalendarDay>, stretches: () throws -> [StateInterval]
  ) rethrows -> TimeFigures {
    var figures = TimeFigures()
    guard let first = evidence.firstReading else { return figures }
    let span = instants(of: service)
    figures.inService = max(0, (span.upperBound - span.lowerBound).milliseconds)
    figures.hasCalendar = place.hasCalendar
    var next = 0
    var open: Timestamp?
    var exact: [Range<Timestamp>] = []
    for index in indices(of: service) {
      let day = place.days[index]
      guard day.end > first, day.start < span.upperBound else { continue }
      if case .whole(let observed, let planned) = day.kind, horizon == horizonMinimum, day.start >= first {
        if let from = open { exact.append(from..<day.start) }
        open = nil
        let number = period.firstDay + index
        while next < evidence.days.count, evidence.days[next].day < number { next += 1 }
        let totals =
          next < evidence.days.count && evidence.days[next].day == number
          ? evidence.days[next].totals : DayTotals()
        figures.add(totals, length: (day.end - day.start).milliseconds, observed: observed, planned: planned)
      } else if open == nil {
        open = max(day.start, first)
      }
    }
    if let from = open, from < span.upperBound { exact.append(from..<span.upperBound) }
    guard !exact.isEmpty else { return figures }
    let vouched = try Vouched(stretches(), horizon: horizon)
    for range in exact { add(vouched, within: range, to: &figures) }
    return figures
  }

  /// Meters, pieces and what else days count, of the service days; a day that the period's end cuts in the
  /// past is left out.
  func counts(of evidence: PeriodEvidence, service: ClosedRange<CalendarDay>) -> TimeFigures {
    var figures = TimeFigures()
    for day in evidence.days where service.contains(day.day) && day.day <= period.lastCountedDay {
      figures.readings += Int(day.totals.readings)
      figures.missing += Int(day.totals.missing)
      figures.meterResets += Int(day.totals.meterResets)
      figures.ties += Int(day.totals.ties)
      figures.energy += day.totals.energy
      figures.good += day.totals.good
      if evidence.hasGood, evidence.hasTotal {
        figures.countedGood += day.totals.good
        figures.countedTotal += day.totals.total
      }
    }
    figures.hasEnergy = evidence.hasEnergy
    return figures
  }

  /// Slots of `length` minutes from local midnight in which data was due, and in which it came. `evidence` is
  /// nil for an equipment never heard.
  func slots(
    of length: Int, _ evidence: PeriodEvidence?, service: ClosedRange<CalendarDay>
  ) -> (expected: Int, received: Int) {
    var sum = (expected: 0, received: 0)
    var next = 0
    let days = evidence?.days ?? []
    for index in indices(of: service) where period.firstDay + index <= period.lastCountedDay {
      let day = place.days[index]
      let number = period.firstDay + index
      while next < days.count, days[next].day < number { next += 1 }
      let minutes = next < days.count && days[next].day == number ? days[next].totals.minutes : MinuteSet()
      let slots = Int((day.end - day.start).milliseconds / 60_000) / length
      if case .whole(let observed, _) = day.kind {
        guard observed else { continue }
        sum.expected += slots
        sum.received += minutes.count(ofSlots: length, in: 0..<slots)
        continue
      }
      for slot in 0..<slots {
        let from = day.start + .minutes(Int64(slot * length))
        let until = from + .minutes(Int64(length))
        guard until <= period.until, place.unobserved.milliseconds(from: from, until: until) == 0,
          place.shutdowns.milliseconds(from: from, until: until) == 0
        else { continue }
        sum.expected += 1
        sum.received += minutes.count(ofSlots: length, in: slot..<slot + 1)
      }
    }
    return sum
  }

  // MARK: -

  private func indices(of service: ClosedRange<CalendarDay>) -> ClosedRange<Int> {
    Int(
      service.lowerBound.number - period.firstDay.number)...Int(
        service.upperBound.number - period.firstDay.number)
  }

  private func instants(of service: ClosedRange<CalendarDay>) -> Range<Timestamp> {
    let range = indices(of: service)
    let from = place.days[range.lowerBound].start
    return from..<max(from, min(place.days[range.upperBound].end, period.until))
  }

  /// Adds an exact range by the pieces of time that readings vouch for.
  private func add(_ vouched: Vouched, within range: Range<Timestamp>, to figures: inout TimeFigures) {
    var all = TimeFigures.Connectivity()
    var open = TimeFigures.Connectivity()
    var blindVouched: (all: Int64, open: Int64, planned: Int64) = (0, 0, 0)
    vouched.forEach(within: range) { from, until, state in
      let length = (until - from).milliseconds
      let work = place.planned.milliseconds(from: from, until: until)
      all.on += length
      open.on += length - place.shutdowns.milliseconds(from: from, until: until)
      blindVouched.all += place.unobserved.milliseconds(from: from, until: until)
      blindVouched.open += place.unobservedOpen.milliseconds(from: from, until: until)
      blindVouched.planned += place.unobservedPlanned.milliseconds(from: from, until: until)
      if state == .running {
        figures.running += length
        figures.plannedRunning += work
      }
      if state.isBusy { figures.plannedBusy += work }
    }
    let (from, until) = (range.lowerBound, range.upperBound)
    let length = (until - from).milliseconds
    all.unobserved = place.unobserved.milliseconds(from: from, until: until) - blindVouched.all
    all.off = length - all.on - all.unobserved
    open.unobserved = place.unobservedOpen.milliseconds(from: from, until: until) - blindVouched.open
    open.off =
      length - place.shutdowns.milliseconds(from: from, until: until) - open.on - open.unobserved
    figures.roundTheClock += all
    figures.connectivity += open
    let plannedUnobserved =
      place.unobservedPlanned.milliseconds(from: from, until: until) - blindVouched.planned
    figures.plannedUnobserved += plannedUnobserved
    figures.planned += place.planned.milliseconds(from: from, until: until) - plannedUnobserved
  }
}

extension TimeFigures {
  /// Adds a whole day by its totals.
  fileprivate mutating func add(_ totals: DayTotals, length: Int64, observed: Bool, planned isPlanned: Bool) {
    let on = totals.vouched
    let rest = length - on
    for split in [\TimeFigures.connectivity, \.roundTheClock] {
      self[keyPath: split].on += on
      if observed { self[keyPath: split].off += rest } else { self[keyPath: split].unobserved += rest }
    }
    let running = Int64(totals.states[.running])
    self.running += running
    guard isPlanned else { return }
    planned += observed ? length : on
    plannedUnobserved += observed ? 0 : rest
    plannedRunning += running
    for state in EquipmentState.allCases where state.isBusy { plannedBusy += Int64(totals.states[state]) }
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
