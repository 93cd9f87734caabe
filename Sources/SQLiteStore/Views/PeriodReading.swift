import GRDB
import Storage
import Telemetry

extension ViewsSnapshot {
  func forEachPeriod(
    of senders: StoredSenders, _ request: PeriodRequest,
    _ body: (PeriodEvidence, StretchLookup) throws -> Void
  ) throws -> [EquipmentEvidence] {
    let limits = try sessionLimits()
    let reader = try PeriodReader(database, limits, request)
    let reading = try SenderReading(database, at: request.asOf, limits)
    let cut = request.cut
    let clocks = try request.clocksOn.flatMap { $0.isEmpty ? nil : $0.lowerBound...$0.upperBound - 1 }
      .map { try ClockReading(database, days: $0, calendar: request.calendar) }
    return try reading.forEach(of: senders) { sender, refusals in
      try reader.read(sender)
      var evidence = reader.evidence
      evidence.energyTrace = { try reader.energyTrace(of: sender.number, from: $0) }
      if let clocks { evidence.earlierClocks = { try clocks.clocks(of: sender) } }
      try body(evidence) { try reader.stretches(in: $0) }
      let workshop = (cut?.senders[sender.number] ?? nil)?.workshop
      return try reading.evidence(of: sender, refusals: refusals, workshop: workshop) { instant in
        try reader.isPacked(instant) ? reader.ended(instant) : reading.ended(sender.number)
      } newest: {
        if let cut = cut?.senders[$0.number] ?? nil {
          return cut.timeline.hasReadings ? cut.timeline.newest : nil
        }
        return request.seeksNewest ? try newest(of: $0, at: request.asOf, request.calendar) : nil
      }
    }
  }

  /// The newest reading up to an instant, as the days that are over say; nil where they do not.
  private func newest(
    of sender: StoredSender, at instant: Timestamp, _ calendar: LocalCalendar
  ) throws -> Timestamp? {
    let day = calendar.day(at: instant)
    guard sender.day > day, let closed = try closing(of: sender.number, before: day + 1),
      closed.newest <= instant
    else { return nil }
    return closed.newest
  }
}

/// Reads sender after sender into one value, so that next to nothing is allocated for each: days that are over
/// from packed groups, where there are such, all else from rows.
private final class PeriodReader {
  private(set) var evidence = PeriodEvidence(key: EquipmentKey(factory: "", equipment: ""))
  private var live: StoredSender?
  /// Stretches looked up last; the array is kept to reuse its memory.
  private var found: [StateInterval] = []
  private let packed: PackedPeriod
  private let rows: PeriodRows
  private let sessions: SessionRows
  private let days: ClosedRange<CalendarDay>
  private let until: Timestamp
  private let range: Range<Timestamp>
  /// 00:00 after the last of the days.
  private let end: Timestamp
  private let calendar: LocalCalendar
  private let cut: CutDays?
  private let traces: EnergyTraceReading
  private var fold: TimelineFold

  init(_ database: Database, _ limits: SessionLimits, _ request: PeriodRequest) throws {
    let (days, until, calendar) = (request.days, request.until, request.calendar)
    let minimum = try Int64.fetchOne(
      database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'horizon_minimum_ms'")
    fold = TimelineFold(horizonMinimum: .milliseconds(minimum ?? 0), calendar: calendar)
    cut = request.cut
    traces = try EnergyTraceReading(database, days: days, until: until, calendar: calendar)
    packed = try PackedPeriod(database, days: days, calendar: calendar)
    rows = try PeriodRows(database)
    self.days = days
    self.until = until
    self.calendar = calendar
    range = calendar.start(of: days.lowerBound)..<until
    end = calendar.start(of: days.upperBound + 1)
    sessions = try SessionRows(database, limits, in: range, calendar: calendar)
  }

  func read(_ live: StoredSender) throws {
    self.live = live
    evidence.begin(live.key, firstReading: live.firstReading.flatMap { $0 < until ? $0 : nil })
    evidence.everVouchedBySession = live.everVouchedBySession
    try sessions.read(live, into: &evidence)
    // Of a sender that is heard from later on there is nothing to look for.
    guard live.silentUntil < end else {
      packed.forget()
      return evidence.finish()
    }
    try packed.read(live.number)
    for part in packed.parts {
      switch part {
      case .packed(let group):
        try packed.read(group, days: days, range: range, into: &evidence)
      case .rows(let span):
        // Nothing is there yet of days that the sender has not come to.
        guard span.days.lowerBound <= live.day else { continue }
        let instants = span.instants.clamped(to: range)
        try rows.readDays(of: live.number, in: span.days.clamped(to: days), into: &evidence)
        try rows.readAlarms(of: live.number, in: instants, into: &evidence)
        try rows.readGaps(of: live.number, in: instants, after: range.lowerBound, into: &evidence)
      }
    }
    if live.day <= days.upperBound { try readOpenDays(of: live.number) }
    let cutDay = cut?.senders[live.number]
    if let cut, let cutDay { evidence.replace(cut.day, by: cutDay?.totals) }
    evidence.finish()
    try readMeters(of: live)
    if let cut, let cutDay = cutDay ?? nil { replaceMeters(cutDay, on: cut.day) }
  }

  /// Has meters and their falls say what they did up to the end on the day that it cuts.
  private func replaceMeters(_ sender: CutDays.Sender, on day: CalendarDay) {
    let start = calendar.start(of: day)
    evidence.meterResets.removeAll { $0.at >= start }
    evidence.meterResets += sender.meterResets
    let meters = sender.timeline.meters
    evidence.hasEnergy = meters.energy != nil
    evidence.hasGood = meters.good != nil
    evidence.hasTotal = meters.total != nil
  }

  /// The energy trace of any sender, not only of the last one read.
  func energyTrace(of number: EquipmentNumber, from first: CalendarDay?) throws -> EnergyTrace {
    let first = first ?? days.lowerBound
    guard let sender = cut?.senders[number] else { return try traces.trace(of: number, from: first) }
    return try traces.trace(of: number, from: first, cut: sender?.timeline)
  }

  /// Reads the sender's meters and their falls.
  private func readMeters(of live: StoredSender) throws {
    (evidence.hasEnergy, evidence.hasGood, evidence.hasTotal) = (live.hasEnergy, live.hasGood, live.hasTotal)
    var known = packed.meters(through: days.upperBound)
    var falls = false
    for index in evidence.days.indices {
      known.energy = known.energy || evidence.days[index].totals.energy != 0
      known.good = known.good || evidence.days[index].totals.good != 0
      known.total = known.total || evidence.days[index].totals.total != 0
      falls = falls || evidence.days[index].totals.meterResets != 0
    }
    if falls { try rows.readMeterResets(of: live.number, in: range, into: &evidence) }
    // A meter that was packed, or has counted, was there; one that is there now may have come after the period.
    guard live.day > days.upperBound,
      (live.hasEnergy && !known.energy) || (live.hasGood && !known.good) || (live.hasTotal && !known.total)
    else { return }
    let then = try rows.meters(of: live.number, through: days.upperBound)
    evidence.hasEnergy = known.energy || then.energy != nil
    evidence.hasGood = known.good || then.good != nil
    evidence.hasTotal = known.total || then.total != nil
  }

  /// The open day as far as it has come, and the one its newest reading reaches into.
  private func readOpenDays(of number: EquipmentNumber) throws {
    guard var open = try rows.live(number) else { return }
    var changes = TimelineChanges()
    let last = min(days.upperBound, calendar.day(at: until - .milliseconds(1)))
    if open.day < last { fold.enterDay(last, of: number, in: &open, changes: &changes) }
    for closed in changes.closedDays where days.contains(closed.day) && !closed.totals.isEmpty {
      evidence.append(closed.totals, of: closed.day)
    }
    let totals = fold.credited(open, until: until)
    if days.contains(open.day), !totals.isEmpty { evidence.append(totals, of: open.day) }
  }

  /// ``StretchLookup`` of the sender read last.
  func stretches(in range: Range<Timestamp>) throws -> [StateInterval] {
    found.removeAll(keepingCapacity: true)
    guard let live else { return found }
    for part in packed.parts {
      switch part {
      case .packed(let group):
        guard packed.instants(of: group).overlaps(range) else { continue }
        try packed.readStretches(group, in: range, to: &found)
      case .rows(let span):
        guard span.instants.overlaps(range) else { continue }
        try rows.readStretches(of: live.number, in: span.instants.clamped(to: range), to: &found)
      }
    }
    if let open = live.stretch, open.from < range.upperBound { found.append(open) }
    return found
  }

  /// Whether an instant lies in a packed group of the sender read last.
  func isPacked(_ instant: Timestamp) -> Bool { packed.group(at: instant) != nil }

  /// The last stretch that began by an instant in a packed group, of those that have ended.
  func ended(_ instant: Timestamp) throws -> StateInterval? {
    guard let group = packed.group(at: instant) else { return nil }
    found.removeAll(keepingCapacity: true)
    try packed.readStretches(group, in: instant..<instant + .milliseconds(1), to: &found)
    return found.last { $0.from <= instant }
  }
}
