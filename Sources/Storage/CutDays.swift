import Telemetry

/// Sums of senders on the day within which the period ends; only records before the end count.
public struct CutDays: Sendable {
  /// One sender's day as its records before the end make it.
  public struct Sender: Equatable, Sendable {
    public var totals: DayTotals
    /// Falls of its meters on the day, ascending.
    public var meterResets: [MeterReset]
    /// As it is at the end.
    public var timeline: Timeline
    /// The workshop in its last topic on the day; nil if nothing came on the day before the end.
    public var workshop: String?
    /// Optional fields that were left out of its readings on the day, each field and fault once.
    public var fieldErrors: [FieldErrorCount]

    /// A day's totals, falls and end.
    public init(
      totals: DayTotals, meterResets: [MeterReset], timeline: Timeline, workshop: String?,
      fieldErrors: [FieldErrorCount] = []
    ) {
      self.fieldErrors = fieldErrors
      self.totals = totals
      self.meterResets = meterResets
      self.timeline = timeline
      self.workshop = workshop
    }
  }

  /// A sender whose stored totals hold readings that came at the end or after it.
  public struct Candidate: Sendable {
    public var number: EquipmentNumber
    public var key: EquipmentKey
    /// As it entered the day.
    public var opening: Timeline
  }

  /// Folds the day again for some senders (ascending by key), from their records before an instant in the journal's
  /// blocks up to one.
  public typealias Fold =
    @Sendable (
      _ senders: [Candidate], _ day: CalendarDay, _ until: Timestamp, _ block: Int64
    ) throws -> [EquipmentNumber: Sender]

  public var day: CalendarDay
  /// The recomputed day by sender, where its stored totals count too much; nil if the journal has dropped the day.
  public var senders: [EquipmentNumber: Sender?] = [:]

  /// A day whose stored totals are all right.
  public init(day: CalendarDay) { self.day = day }

  /// Number of senders whose counts of the day are left out: the journal no longer has their messages.
  public var leftOut: Int { senders.values.count { $0 == nil } }
}

extension ViewsSnapshot {
  /// The day that the end of a period cuts, of senders that have readings after the end on it; nil where all that is
  /// stored counts.
  ///
  /// - Parameters:
  ///   - senders: whom, as this snapshot has them.
  ///   - until: the period's end, excluded.
  ///   - fold: nil where nobody can fold: then the day's counts are left out, as where the journal has dropped it.
  public func cutDays(
    of senders: SenderRows, until: Timestamp, calendar: LocalCalendar, fold: CutDays.Fold?
  ) throws -> CutDays? {
    let day = calendar.day(at: until - .milliseconds(1))
    guard until < calendar.start(of: day + 1) else { return nil }
    let candidates = try candidates(among: senders, day, until)
    guard !candidates.isEmpty else { return nil }
    var cut = CutDays(day: day)
    guard let fold, try ViewsBase.finalDay(of: directory).map({ $0 < day }) ?? true else {
      for candidate in candidates { cut.senders[candidate.number] = .some(nil) }
      return cut
    }
    let folded = try fold(candidates, day, until, cursor())
    for candidate in candidates { cut.senders[candidate.number] = .some(folded[candidate.number]) }
    return cut
  }

  private func candidates(
    among senders: SenderRows, _ day: CalendarDay, _ until: Timestamp
  ) throws -> [CutDays.Candidate] {
    let newest = try StatementReader(
      database, sql: "SELECT newest FROM closing WHERE equipment = ?1 AND day = ?2")
    return try senders.rows.compactMap { sender in
      guard let last = sender.stretch?.last, last >= until, sender.day >= day else { return nil }
      if sender.day > day {
        newest.bind(Int64(sender.number), Int64(day.number))
        let closed = try newest.first { try $0.optionalTimestamp(0) } ?? nil
        guard let closed, closed >= until else { return nil }
      }
      let opening = try closing(of: sender.number, before: day) ?? Timeline()
      return CutDays.Candidate(number: sender.number, key: sender.key, opening: opening.opening(day))
    }
  }
}
